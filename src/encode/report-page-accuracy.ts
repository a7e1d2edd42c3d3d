// Whether the plan came true: predicted against measured, and the dearest segment against the mean.

import { fixed } from "./report-page-axes.ts";
import type { PageReport, PageRung } from "./report-page-data.ts";
import { type Column, type Markup, markup, nothing, type Part, table } from "./report-page-markup.ts";
import { changeWords, metricName, rateWords } from "./report-page-words.ts";

/** How far a finished rung may be from its plan. Source: research, encoding §9 row 5. */
const mostRatePercent = 3;
const mostQuality = 1.5;
/** Of an older report, which does not say what its encoder held: a segment to its rung's mean. Source: research, encoding §10. */
const usualPeak = 2;

export function accuracySection(report: PageReport): Markup {
  const known = report.ladder.filter((rung) => rung.predicted !== undefined || rung.measured !== undefined);
  if (known.length === 0) return nothing;
  const qualityMeasured = known.some((rung) => rung.measured !== undefined);
  const missing = qualityMeasured
    ? ""
    : " In this run the finished pieces were weighed but not scored, so there is no measured quality and no peak.";
  return markup`<section id="accuracy"><h2>Predicted and measured</h2>
<p>A rung should come within ${mostRatePercent} % of its predicted bitrate and ${mostQuality} of its predicted quality; the grey band is that room.${missing}</p>
${accuracyTable(report, known)}
${peaks(known, report.peakRatio ?? usualPeak)}
</section>`;
}

function accuracyTable({ metric }: PageReport, rungs: readonly PageRung[]): Markup {
  const name = metricName(metric);
  const columns: readonly Column[] = [
    { name: "Rung", kind: "text" },
    { name: "Predicted", kind: "figure" },
    { name: "Measured", kind: "figure" },
    { name: "Difference", kind: "figure" },
    { name: `± ${mostRatePercent} %`, kind: "drawing" },
  ];
  const qualityColumns: readonly Column[] = [
    { name: `${name} predicted`, kind: "figure" },
    { name: "Measured", kind: "figure" },
    { name: "Difference", kind: "figure" },
    { name: `± ${mostQuality}`, kind: "drawing" },
  ];
  const scored = rungs.some((rung) => rung.measured !== undefined);
  const rows = rungs.map((rung): readonly Part[] => {
    const { predicted, measured } = rung;
    const bitrate = measured?.bitrateBps ?? rung.bitrateBps;
    const rate = predicted && (bitrate / predicted.bitrateBps - 1) * 100;
    const quality = predicted && measured && measured.quality - predicted.quality;
    const cells = [
      ...[rung.id, predicted ? rateWords(predicted.bitrateBps) : "–", rateWords(bitrate)],
      ...[rate === undefined ? "–" : `${changeWords(rate)} %`, gauge(rate, mostRatePercent)],
    ];
    if (!scored) return cells;
    return [
      ...cells,
      ...[predicted?.quality.toFixed(1) ?? "–", measured?.quality.toFixed(1) ?? "–"],
      ...[quality === undefined ? "–" : changeWords(quality), gauge(quality, mostQuality)],
    ];
  });
  return table("Each rung against its plan", scored ? [...columns, ...qualityColumns] : columns, rows);
}

const gaugeWidth = 120;

/** A dot beside the middle; the band is what is allowed, the ends are three times that. */
function gauge(difference: number | undefined, most: number): Markup {
  if (difference === undefined) return nothing;
  const middle = gaugeWidth / 2;
  const reach = middle - 6;
  const at = middle + Math.max(-1, Math.min(1, difference / (3 * most))) * reach;
  const fits = Math.abs(difference) <= most;
  const words = fits ? "within what is allowed" : "outside what is allowed";
  return markup`<svg class="gauge" viewBox="0 0 ${gaugeWidth} 16" role="img"><title>${words}</title><rect class="band" x="${fixed(middle - reach / 3)}" y="2" width="${fixed((2 * reach) / 3)}" height="12"/><path class="grid" d="M6 8H${gaugeWidth - 6}M${middle} 2V14"/><circle class="${fits ? "fits" : "misses"}" cx="${fixed(at)}" cy="8" r="4"/></svg>`;
}

function peaks(rungs: readonly PageRung[], most: number): Markup {
  const rows = rungs.flatMap(({ id, measured }): readonly (readonly Part[])[] => {
    if (measured === undefined || measured.bitrateBps <= 0) return [];
    const ratio = measured.peakBps / measured.bitrateBps;
    const cells = [id, rateWords(measured.bitrateBps), rateWords(measured.peakBps), `${ratio.toFixed(2)} ×`];
    return [[...cells, peakBar(ratio, most)]];
  });
  if (rows.length === 0) return nothing;
  const columns: readonly Column[] = [
    { name: "Rung", kind: "text" },
    { name: "Mean", kind: "figure" },
    { name: "Dearest segment", kind: "figure" },
    { name: "Ratio", kind: "figure" },
    { name: `up to ${most} ×`, kind: "drawing" },
  ];
  return markup`<h3>Segment peaks</h3>
<p>A segment that needs more than ${most} times its rung's mean empties a player's buffer just when the picture is busiest.</p>
${table("The dearest segment of each rung", columns, rows)}`;
}

/** The scale ends at twice the guard, whose line it shows. */
function peakBar(ratio: number, most: number): Markup {
  const scale = gaugeWidth / (2 * most);
  const width = Math.min(2 * most, ratio) * scale;
  const fits = ratio <= most * 1.005;
  return markup`<svg class="gauge" viewBox="0 0 ${gaugeWidth} 16" role="img"><title>${fits ? "within the guard" : "above the guard"}</title><rect class="band" x="0" y="3" width="${gaugeWidth}" height="10"/><rect class="${fits ? "fits" : "misses"}" x="0" y="3" width="${fixed(width)}" height="10"/><path class="mean" d="M${most * scale} 0V16"/></svg>`;
}
