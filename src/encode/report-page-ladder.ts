// The ladder, and what it is worth beside each baseline: fewer bits at equal quality, more quality at equal bits.
import {
  type Comparison,
  commonQuality,
  comparisons,
  curveOf,
  plainCodec,
  qualityAt,
  rateAt,
  shownFigures,
  usualQuality,
} from "./equal-terms.ts";
import { fixed } from "./report-page-axes.ts";
import type { PageReport, PageRung } from "./report-page-data.ts";
import { type Column, type Markup, markup, nothing, type Part, table } from "./report-page-markup.ts";
import {
  changeWords,
  codecName,
  extent,
  metricName,
  originWords,
  plural,
  rangeWords,
  rateWords,
} from "./report-page-words.ts";

export function ladderSection(report: PageReport): Markup {
  const measured = report.ladder.every((rung) => rung.measured !== undefined);
  const quality = measured
    ? "Bitrate and quality are those of the finished pieces."
    : "Bitrates are those of the finished pieces; quality is what the trials predict for them.";
  return markup`<section id="ladder"><h2>Ladder</h2>
<p>One resolution per rung. The CRF varies from shot to shot, so that the next bit would improve every shot equally. ${quality}</p>
${ladderTable(report)}
${equalQuality(report)}
${equalBits(report)}
</section>`;
}

function ladderTable(report: PageReport): Markup {
  const { ladder, metric } = report;
  const columns: readonly Column[] = [
    { name: "Rung", kind: "text" },
    { name: "Codec", kind: "text" },
    { name: "Picture", kind: "figure" },
    { name: "Bitrate", kind: "figure" },
    { name: metricName(metric), kind: "figure" },
    { name: "CRF", kind: "figure" },
    { name: "CRF from shot to shot (up is finer)", kind: "drawing" },
  ];
  const rows = ladder.map((rung): readonly Part[] => {
    const { bitrateBps, quality } = shownFigures(rung);
    const size = `${rung.width}×${rung.height}`;
    return [
      rung.id,
      codecName(rung.codec),
      size,
      rateWords(bitrateBps),
      quality.toFixed(1),
      rangeWords(rung.crf),
      crfSteps(rung, report),
    ];
  });
  return table("The rungs, cheapest first", columns, rows);
}

const steps = { width: 300, height: 22 } as const;

/** The CRF over the film; all rungs on one scale. */
function crfSteps({ id, crf }: PageRung, { ladder, shots }: PageReport): Markup {
  const [low, high] = extent(ladder.flatMap((rung) => rung.crf));
  const frames = shots.at(-1)?.endFrame ?? 0;
  if (crf.length !== shots.length || frames === 0) return nothing;
  const path = crf.map((value, shot) => {
    const y = fixed(2 + ((value - low) / Math.max(1, high - low)) * (steps.height - 4));
    return `${shot === 0 ? `M0 ${y}` : `V${y}`}H${fixed(((shots[shot]?.endFrame ?? 0) / frames) * steps.width)}`;
  });
  return markup`<svg class="steps" viewBox="0 0 ${steps.width} ${steps.height}" preserveAspectRatio="none" role="img"><title>CRF of ${id} over the film, ${low} at the top, ${high} at the bottom</title><path class="line" d="${path.join("")}"/></svg>`;
}

/** What our ladder and a baseline need for the same quality. */
function equalQuality(report: PageReport): Markup {
  const ours = plainCurve(report);
  const wanted = usualQuality(report.metric.name, ours);
  const all = comparisons(report);
  if (all.length === 0) return nothing;
  const name = metricName(report.metric);
  const columns: readonly Column[] = [
    { name: "Baseline", kind: "text" },
    { name: "BD\u2011rate", kind: "figure" },
    { name: `At ${name}`, kind: "figure" },
    { name: "It needs", kind: "figure" },
    { name: "We need", kind: "figure" },
    { name: "Bits", kind: "figure" },
    { name: "What it is", kind: "sentence" },
  ];
  const rows = all.map((baseline) => [
    baseline.title,
    bdWords(baseline),
    ...bitsCells(ours, baseline, wanted),
    `${baseline.label}; ${pointsWords(baseline)}`,
  ]);
  return markup`<h3>Bits at equal quality</h3>
<p>Read off both curves at ${name} ${wanted}, or at the nearest quality that both reach${codecWords(report)}. Nothing is extrapolated: where the curves share no quality, no figure is given.</p>
${table("Bits at equal quality, beside each baseline", columns, rows)}`;
}

function bitsCells(
  ours: ReturnType<typeof plainCurve>,
  { points }: Comparison,
  wanted: number,
): readonly string[] {
  const theirs = curveOf(points);
  const quality = commonQuality(ours, theirs, wanted);
  const [a, b] = quality === undefined ? [] : [rateAt(ours, quality), rateAt(theirs, quality)];
  if (quality === undefined || a === undefined || b === undefined) return ["–", "–", "–", "–"];
  return [quality.toFixed(1), rateWords(b), rateWords(a), `${changeWords((a / b - 1) * 100)} %`];
}

/** What a baseline would look like at each of our rungs' bitrates. */
function equalBits(report: PageReport): Markup {
  const drawn = comparisons(report).filter((baseline) => baseline.points.length > 0);
  const codec = plainCodec(report.ladder);
  const rungs = report.ladder.filter((rung) => rung.codec === codec);
  if (drawn.length === 0) return nothing;
  const name = metricName(report.metric);
  const columns: readonly Column[] = [
    { name: "Rung", kind: "text" },
    { name: "Bitrate", kind: "figure" },
    { name, kind: "figure" },
    ...drawn.map(({ title }): Column => ({ name: title, kind: "figure" })),
  ];
  const rows = rungs.map((rung) => {
    const { bitrateBps, quality } = shownFigures(rung);
    return [rung.id, rateWords(bitrateBps), quality.toFixed(1), ...drawn.map((one) => gainWords(rung, one))];
  });
  return markup`<h3>Quality at equal bits</h3>
<p>How much more ${name} a rung has than each baseline at the rung's bitrate. “–”: the baseline has no such bitrate.</p>
${table("Quality at equal bits, beside each baseline", columns, rows)}`;
}

function gainWords(rung: PageRung, { points }: Comparison): string {
  const { bitrateBps, quality } = shownFigures(rung);
  const theirs = qualityAt(curveOf(points), bitrateBps);
  return theirs === undefined ? "–" : changeWords(quality - theirs);
}

function plainCurve({ ladder }: PageReport): ReturnType<typeof curveOf> {
  const codec = plainCodec(ladder);
  return curveOf(ladder.filter((rung) => rung.codec === codec).map(shownFigures));
}

function codecWords({ ladder }: PageReport): string {
  const codec = plainCodec(ladder);
  return codec === undefined || ladder.every((rung) => rung.codec === codec)
    ? ""
    : `; of our rungs, those in ${codecName(codec)}`;
}

function pointsWords({ points, measured }: Comparison): string {
  if (points.length === 0) return "not kept";
  return `${plural(points.length, "point")}, ${measured ? "all encoded" : "some predicted"}`;
}

function bdWords({ bdRatePercent, from }: Comparison): string {
  if (bdRatePercent === undefined) return "–";
  return bdRatePercent === null ? "not comparable" : `${changeWords(bdRatePercent)} %, ${originWords(from)}`;
}
