// Per shot: every trial, the hull, and what each rung chose on it. All shots share both axes, so that a still and an
// explosion can be compared at a glance.
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
import type { PagePoint, PageReport } from "./report-page-data.ts";
import { type Markup, markup, nothing } from "./report-page-markup.ts";
import { clockWords, codecName, metricName, plural, rateWords, timeWords } from "./report-page-words.ts";

/** More drawings make a page that nobody scrolls through and that is slow on a telephone. */
export const mostHulls = 48;

const frame: Frame = { width: 352, height: 250, left: 28, right: 8, top: 8, bottom: 20 };
const shapes: readonly Shape[] = ["circle", "square", "diamond", "triangle"];

interface Sheet {
  readonly report: PageReport;
  readonly scales: Scales;
  /** Low to high: their colours. */
  readonly heights: readonly number[];
  /** First to last: their shapes. */
  readonly codecs: readonly string[];
  readonly trials: ReadonlyMap<number, readonly PagePoint[]>;
}

export function hullSection(report: PageReport): Markup {
  const shown = drawnShots(report);
  if (shown.length === 0) return nothing;
  const sheet = sheetFor(report, shown);
  return markup`<section id="hulls"><h2>Shots: trials, hulls, choices</h2>
<p>Each shot was tried at several heights and CRFs. Only points on its convex hull are worth their bits; at one slope for the whole film, a rung takes from each shot the point where the next bit is worth the same. A rung has one height, so its choice may lie beside the hull over all heights. All drawings share both axes: bits per second across, ${metricName(report.metric)} up.</p>
${legend(sheet)}
${leftOut(report, shown)}
<ul class="hulls">
${shown.map((shot) => hullFigure(sheet, shot))}</ul>
</section>`;
}

/** All of them, or those that weigh most, in film order. */
export function drawnShots({ hulls, trials }: Pick<PageReport, "hulls" | "trials">): readonly number[] {
  const all = hulls.map((_, shot) => shot);
  if (all.length <= mostHulls) return all;
  const weight = new Map<number, number>();
  for (const { shot, bits } of trials) weight.set(shot, (weight.get(shot) ?? 0) + bits);
  const heaviest = all.sort((a, b) => (weight.get(b) ?? 0) - (weight.get(a) ?? 0) || a - b);
  return heaviest.slice(0, mostHulls).sort((a, b) => a - b);
}

function leftOut({ hulls }: PageReport, shown: readonly number[]): Markup {
  const rest = hulls.length - shown.length;
  if (rest === 0) return nothing;
  return markup`<p class="note">These are the ${plural(shown.length, "shot")} whose trials took most bits. The other ${plural(rest, "shot")} are left out here; their trials and hulls are in report.json beside this page, under <code>trials</code> and <code>hulls</code>.</p>`;
}

function sheetFor(report: PageReport, shown: readonly number[]): Sheet {
  const trials = new Map<number, PagePoint[]>(shown.map((shot) => [shot, []]));
  for (const trial of report.trials) trials.get(trial.shot)?.push(trial);
  const points = [
    ...[...trials.values()].flat(),
    ...shown.flatMap((shot) => [
      ...(report.hulls[shot] ?? []),
      ...chosen(report, shot).map((one) => one.point),
    ]),
  ];
  return {
    ...{ report, trials },
    scales: scalesFor(
      frame,
      points.map((point) => point.bitrateBps),
      points.map((point) => point.quality),
    ),
    heights: [...new Set(points.map((point) => point.height))].sort((a, b) => a - b),
    codecs: [...new Set(points.map((point) => point.codec ?? ""))],
  };
}

interface Choice {
  /** Counts the rungs from 1, as the ladder lists them. */
  readonly rung: number;
  readonly point: PagePoint;
}

/** What each rung took. Reports of before chosen points were written show those that were tried. */
function chosen({ ladder, trials }: PageReport, shot: number): readonly Choice[] {
  return ladder.flatMap((rung, index) => {
    const among = rung.points ?? trials.filter((trial) => trial.height === rung.height);
    const point = among.find((found) => found.shot === shot && found.crf === rung.crf[shot]);
    return point === undefined ? [] : [{ rung: index + 1, point }];
  });
}

function legend({ report, heights, codecs }: Sheet): Markup {
  const dot = (look: string, shape: Shape, r: number): Markup =>
    markup`<svg class="key" viewBox="0 0 14 14" aria-hidden="true"><path class="${look}" d="${markPath(shape, 7, 7, r)}"/></svg>`;
  const colours = heights.map(
    (height, index) => markup`<li>${dot(`vertex ${hue(index)}`, "circle", 5)} ${height} lines</li>\n`,
  );
  const kinds = codecs.length < 2 ? [] : codecs;
  const rungs = report.ladder.map(
    (rung, index) => markup`<li><b class="number">${index + 1}</b> ${rung.id}</li>\n`,
  );
  return markup`<ul class="legend">
<li>${dot("vertex any", "circle", 4)} tried, on the hull</li>
<li>${dot("between any", "circle", 2.2)} interpolated, on the hull</li>
<li>${dot("rejected any", "circle", 3.4)} tried and rejected</li>
<li>${dot("ring", "circle", 5.5)} chosen, with the rung's number</li>
</ul>
<ul class="legend">
${colours}${kinds.map((codec, index) => markup`<li>${dot("vertex any", shapeOf(index), 4.5)} ${codecName(codec)}</li>\n`)}</ul>
<ul class="legend">
${rungs}</ul>`;
}

function hullFigure(sheet: Sheet, shot: number): Markup {
  const { report, scales } = sheet;
  const { startFrame = 0, endFrame = 0 } = report.shots[shot] ?? {};
  const choices = chosen(report, shot);
  const taken = choices.map(
    ({ rung, point }) =>
      markup`<li><b class="number">${rung}</b> ${point.height} lines, CRF ${point.crf}</li>`,
  );
  const [from, length] = [startFrame / report.source.fps, (endFrame - startFrame) / report.source.fps];
  return markup`<li><figure><figcaption><b>Shot ${shot + 1}</b> <span class="soft">from ${clockWords(from)}, ${timeWords(length)}, frames ${startFrame}–${endFrame - 1}</span></figcaption>
<svg viewBox="0 0 ${frame.width} ${frame.height}" role="img"><title>Trials and hull of shot ${shot + 1}</title>
${axes(scales)}
${hullLines(sheet, shot)}${trialMarks(sheet, shot)}${rings(sheet, choices)}
</svg>
<ul class="choices">${taken}</ul></figure></li>
`;
}

function hullLines({ report, scales, codecs }: Sheet, shot: number): readonly Markup[] {
  const hull = report.hulls[shot] ?? [];
  return codecs.flatMap((codec) => {
    const points = hull.filter((point) => (point.codec ?? "") === codec);
    if (points.length === 0) return [];
    const line = linePath(points.map((point) => [scales.x(point.bitrateBps), scales.y(point.quality)]));
    return [markup`<path class="hull" d="${line}"/>`];
  });
}

/** Rejected ones first, so that the hull lies on top. */
function trialMarks(sheet: Sheet, shot: number): Markup {
  const hull = sheet.report.hulls[shot] ?? [];
  const tried = sheet.trials.get(shot) ?? [];
  const onHull = new Set(hull.map(nameOf));
  const triedNames = new Set(tried.map(nameOf));
  const rejected = tried.filter((point) => !onHull.has(nameOf(point)));
  const between = hull.filter((point) => !triedNames.has(nameOf(point)));
  const vertices = hull.filter((point) => triedNames.has(nameOf(point)));
  return markup`${rejected.map((point) => mark(sheet, point, "rejected", 3.4))}${between.map((point) => mark(sheet, point, "between", 2.2))}${vertices.map((point) => mark(sheet, point, "vertex", 4))}`;
}

function mark(sheet: Sheet, point: PagePoint, look: string, r: number): Markup {
  const { scales, heights, codecs, report } = sheet;
  const at = [scales.x(point.bitrateBps), scales.y(point.quality)] as const;
  const path = markPath(shapeOf(codecs.indexOf(point.codec ?? "")), ...at, r);
  const words = `${point.height} lines, CRF ${point.crf}: ${rateWords(point.bitrateBps)}, ${metricName(report.metric)} ${point.quality.toFixed(1)}`;
  return markup`<path class="${look} ${hue(heights.indexOf(point.height))}" d="${path}"><title>${words}</title></path>`;
}

/** Rings that lie upon each other share their words: "4–6". */
function rings({ report, scales }: Sheet, choices: readonly Choice[]): readonly Markup[] {
  const placed = choices.map(({ rung, point }) => {
    return { rung, point, x: scales.x(point.bitrateBps), y: scales.y(point.quality) };
  });
  const drawn = placed.map(({ rung, point, x, y }) => {
    const words = `${report.ladder[rung - 1]?.id ?? rung} chose ${point.height} lines, CRF ${point.crf}`;
    return markup`<path class="ring" d="${markPath("circle", x, y, 6)}"><title>${words}</title></path>`;
  });
  const numbers = crowds(placed).map((crowd) => {
    const [first, last] = [crowd[0], crowd.at(-1)];
    if (first === undefined || last === undefined) return nothing;
    const words = first === last ? `${first.rung}` : `${first.rung}–${last.rung}`;
    return markup`<text class="number" x="${fixed(last.x + 7)}" y="${fixed(last.y + 14)}">${words}</text>`;
  });
  return [...drawn, ...numbers];
}

/** Nearer than this and two numbers would lie upon each other: they are wider than high. */
const crowded = { across: 24, up: 12 } as const;

function crowds<P extends { readonly x: number; readonly y: number }>(
  points: readonly P[],
): readonly (readonly P[])[] {
  const found: P[][] = [];
  for (const point of points) {
    const before = found.at(-1)?.at(-1);
    const isNear =
      before && Math.abs(point.x - before.x) < crowded.across && Math.abs(point.y - before.y) < crowded.up;
    if (isNear) found.at(-1)?.push(point);
    else found.push([point]);
  }
  return found;
}

function nameOf({ height, crf, codec }: PagePoint): string {
  return `${codec ?? ""} ${height} ${crf}`;
}

function hue(index: number): string {
  return `h${(Math.max(0, index) % 6) + 1}`;
}

function shapeOf(index: number): Shape {
  return shapes[Math.max(0, index) % shapes.length] ?? "circle";
}
