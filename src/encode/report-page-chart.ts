// The whole film as one picture: our rungs, the curve they were chosen from, and every baseline, quality over bitrate.
import { comparisons, shownFigures } from "./equal-terms.ts";
import {
  axes,
  type Frame,
  fixed,
  linePath,
  markPath,
  type Scales,
  type Shape,
  scalesFor,
} from "./report-page-axes.ts";
import type { FilmPoint, PageReport } from "./report-page-data.ts";
import { type Markup, markup, nothing } from "./report-page-markup.ts";
import { codecName, metricName, rateWords } from "./report-page-words.ts";

interface Series {
  readonly name: string;
  /** Class that gives it its colour and its kind of line. */
  readonly look: string;
  readonly shape: Shape;
  readonly points: readonly FilmPoint[];
  /** What each point is called. */
  readonly labels: readonly string[];
}

/** Drawn twice: words in a picture that is scaled to a telephone cannot be read. */
const wide: Frame = { width: 1080, height: 460, left: 34, right: 12, top: 10, bottom: 24 };
const narrow: Frame = { width: 380, height: 340, left: 30, right: 8, top: 8, bottom: 22 };
/** Curves with more points than this are lines without marks. */
const mostMarks = 14;

export function chartSection(report: PageReport): Markup {
  const series = seriesOf(report);
  const frontier = report.frontier ?? [];
  const name = metricName(report.metric);
  const keys = series.map(
    ({ name: words, look, shape, points }) =>
      markup`<li>${key(look, points.length > mostMarks ? undefined : shape)} ${words}</li>\n`,
  );
  const curve =
    frontier.length > 0
      ? markup`<li>${key("frontier", undefined)} Pareto frontier of the trials, which the rungs were chosen from</li>\n`
      : nothing;
  return markup`<section id="curves"><h2>Quality over bitrate</h2>
<p>Across: bits per second, logarithmic. Up: ${name}. Further up and to the left is better.</p>
<ul class="legend">
${keys}${curve}</ul>
<figure>
${drawing(series, frontier, name, wide, "only-wide")}
${drawing(series, frontier, name, narrow, "only-narrow")}
</figure>
</section>`;
}

function seriesOf(report: PageReport): readonly Series[] {
  const codecs = [...new Set(report.ladder.map((rung) => rung.codec))];
  const ourShapes: readonly Shape[] = ["circle", "square", "diamond", "triangle"];
  const ours = codecs.map((codec, index): Series => {
    const rungs = report.ladder.filter((rung) => rung.codec === codec);
    return {
      name: codecs.length === 1 ? "This ladder" : `This ladder in ${codecName(codec)}`,
      look: `ours ours-${index + 1}`,
      shape: ourShapes[index % ourShapes.length] ?? "circle",
      points: rungs.map((rung) => ({ ...shownFigures(rung), height: rung.height })),
      labels: rungs.map((rung) => rung.id),
    };
  });
  const shapes: Readonly<Record<string, Shape>> = {
    ...{ peertube: "cross", "netflix-2015": "plus", "fixed-ladder": "square" },
    ...{ "fixed-crf-native": "triangle", "per-title-hull": "diamond" },
  };
  const baselines = comparisons(report)
    .filter(({ points }) => points.length > 0)
    .map(({ name, title, points }): Series => {
      return {
        name: title,
        look: name,
        shape: shapes[name] ?? "cross",
        points,
        labels: points.map(pointWords),
      };
    });
  return [...baselines, ...ours];
}

function pointWords({ height, crf }: FilmPoint): string {
  return crf === undefined ? `${height} lines` : `${height} lines, CRF ${crf}`;
}

function drawing(
  series: readonly Series[],
  frontier: readonly FilmPoint[],
  quality: string,
  frame: Frame,
  shown: string,
): Markup {
  const points = series.flatMap((one) => one.points);
  const scales = scalesFor(
    frame,
    points.map((point) => point.bitrateBps),
    points.map((point) => point.quality),
  );
  const title = `${quality} over bitrate: ${series.map((one) => one.name).join("; ")}`;
  return markup`<svg class="${shown}" viewBox="0 0 ${frame.width} ${frame.height}" role="img"><title>${title}</title>
${axes(scales)}
${inside(scales, markup`<path class="line frontier" d="${linePath(placed(scales, frontier))}"/>`)}
${series.map((one) => seriesMarks(one, scales, quality))}
</svg>`;
}

/** A drawing within a drawing is cut off at its edge. */
function inside({ frame }: Scales, drawn: Markup): Markup {
  const { left, right, top, bottom, width, height } = frame;
  const [w, h] = [width - left - right, height - top - bottom];
  return markup`<svg x="${left}" y="${top}" width="${w}" height="${h}" viewBox="${left} ${top} ${w} ${h}">${drawn}</svg>`;
}

function seriesMarks({ look, shape, points, labels }: Series, scales: Scales, quality: string): Markup {
  const line = markup`<path class="line ${look}" d="${linePath(placed(scales, points))}"/>`;
  if (points.length > mostMarks) return line;
  const marks = points.map((point, index) => {
    const words = `${labels[index] ?? ""}: ${rateWords(point.bitrateBps)}, ${quality} ${point.quality.toFixed(1)}`;
    const path = markPath(shape, scales.x(point.bitrateBps), scales.y(point.quality), 4.5);
    return markup`<path class="mark ${look}" d="${path}"><title>${words}</title></path>`;
  });
  return markup`${line}${marks}${rungNames({ look, points, labels }, scales)}\n`;
}

/** Our own points are named where there is room, on the side where no baseline should be. */
function rungNames(
  { look, points, labels }: Pick<Series, "look" | "points" | "labels">,
  scales: Scales,
): Markup {
  if (!look.startsWith("ours") || scales.frame !== wide) return nothing;
  const names = points.map((point, index) => {
    const [x, y] = [scales.x(point.bitrateBps) - 7, scales.y(point.quality) - 9].map(fixed);
    return markup`<text class="name" x="${x ?? ""}" y="${y ?? ""}" text-anchor="end">${labels[index] ?? ""}</text>`;
  });
  return markup`${names}`;
}

function placed({ x, y }: Scales, points: readonly FilmPoint[]): readonly (readonly [number, number])[] {
  return [...points]
    .sort((a, b) => a.bitrateBps - b.bitrateBps)
    .map((point) => [x(point.bitrateBps), y(point.quality)]);
}

function key(look: string, shape: Shape | undefined): Markup {
  const mark =
    shape === undefined ? nothing : markup`<path class="mark ${look}" d="${markPath(shape, 15, 7, 4.5)}"/>`;
  return markup`<svg class="key" viewBox="0 0 30 14" aria-hidden="true"><path class="line ${look}" d="M1 7H29"/>${mark}</svg>`;
}
