// report.html: what the trials found, as one page without scripts or outside files.

interface PlotPoint {
  readonly height: number;
  readonly crf: number;
  readonly bitrateBps: number;
  readonly quality: number;
}

/** The part of report.json that is drawn. */
export interface ReportPage {
  readonly source: {
    readonly file: string;
    readonly width: number;
    readonly height: number;
    readonly fps: number;
    readonly frames: number;
    readonly durationSeconds: number;
  };
  readonly metric: { readonly name: string; readonly model: string };
  readonly effort: string;
  readonly shots: readonly { readonly startFrame: number; readonly endFrame: number }[];
  readonly trials: readonly (PlotPoint & { readonly shot: number })[];
  readonly hulls: readonly (readonly PlotPoint[])[];
  readonly ladder: readonly {
    readonly id: string;
    readonly width: number;
    readonly height: number;
    readonly bitrateBps: number;
    readonly vmaf: number;
    readonly crf: readonly number[];
  }[];
  readonly fixedLadder: readonly {
    readonly height: number;
    readonly crf: number;
    readonly bitrateBps: number;
    readonly vmaf: number;
  }[];
  readonly bdRatePercent: Readonly<Record<"fixedLadder" | "fixedCrfNative" | "perTitleHull", number | null>>;
  readonly encodesRun: number;
  readonly encodesReused: number;
  readonly encodesExhaustive: number;
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
}

const plot = { width: 300, height: 190, left: 34, bottom: 24, top: 10, right: 8 } as const;
const hues = [200, 28, 140, 285, 340, 60] as const;

const style = `:root{color-scheme:light dark;--line:#8884;--soft:#777}
body{font:15px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem;margin:0}h2{font-size:1.1rem;margin:2rem 0 .5rem}p{margin:.3rem 0}.soft{color:var(--soft)}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}td,th{padding:.2rem .8rem .2rem 0;text-align:right;border-bottom:1px solid var(--line)}
td:first-child,th:first-child{text-align:left}.plots{display:flex;flex-wrap:wrap;gap:1rem}figure{margin:0}figcaption{font-size:.85rem}
svg text{font:10px system-ui,sans-serif;fill:currentColor}svg .axis{stroke:var(--line)}svg .hull{fill:none;stroke:currentColor;stroke-width:1.5}`;

export function reportPage(report: ReportPage): string {
  const { source, metric } = report;
  const scale = metric.name === "vmaf" ? `VMAF (${metric.model})` : "SSIM × 100";
  const heights = [...new Set(report.trials.map((trial) => trial.height))].sort((a, b) => b - a);
  const sentences = [
    `${source.width}×${source.height}, ${source.fps.toFixed(3)} frames/s, ${source.frames} frames, ${source.durationSeconds.toFixed(1)} s, ${report.shots.length} shots; effort ${report.effort}.`,
    `${report.encodesRun} encodes run and ${report.encodesReused} reused, where trying every CRF would take ${report.encodesExhaustive}; ${report.wallSeconds.toFixed(1)} s, ${report.cpuSeconds.toFixed(1)} processor seconds.`,
  ];
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escaped(source.file)}: encode report</title><style>${style}</style>
<h1>${escaped(source.file)}</h1>
${sentences.map((sentence) => `<p class="soft">${sentence}</p>`).join("\n")}
<h2>Ladder</h2>
<p>One resolution per rung; the CRF varies per shot so that the next bit saves equally much everywhere. Quality is ${scale}.</p>
${ladderTable(report)}
<h2>Bits at equal quality</h2>
${savingsTable(report)}
<h2>Shots: trials and their convex hull</h2>
<p>${heights.map((height, index) => `<span style="color:${colour(index)}">●</span> ${height} lines`).join(" &nbsp; ")} &nbsp; across: kbit/s (logarithmic); up: ${scale}.</p>
<div class="plots">
${report.hulls.map((hull, shot) => hullPlot(report, hull, shot, heights)).join("\n")}
</div>
</html>
`;
}

function ladderTable({ ladder }: ReportPage): string {
  const rows = ladder.map(
    (rung) =>
      `<tr><td>${escaped(rung.id)}<td>${rung.width}×${rung.height}<td>${kbps(rung.bitrateBps)}<td>${rung.vmaf.toFixed(1)}<td>${rung.crf.slice(0, 40).join(" ")}${rung.crf.length > 40 ? " …" : ""}</tr>`,
  );
  return `<table><tr><th>rung<th>size<th>kbit/s<th>quality<th>CRF per shot</tr>\n${rows.join("\n")}\n</table>`;
}

function savingsTable({ bdRatePercent, fixedLadder }: ReportPage): string {
  const crf = fixedLadder[0]?.crf;
  const rows: readonly (readonly [string, number | null])[] = [
    [`a fixed ladder: every height at CRF ${crf ?? "–"}`, bdRatePercent.fixedLadder],
    ["full height at one CRF", bdRatePercent.fixedCrfNative],
    ["the best height and CRF for the film as a whole", bdRatePercent.perTitleHull],
  ];
  const cells = rows.map(([name, value]) => {
    const text =
      value === null ? "not comparable" : `${value > 0 ? "+" : "−"}${Math.abs(value).toFixed(1)} %`;
    return `<tr><td>${name}<td>${text}</tr>`;
  });
  return `<table><tr><th>compared with<th>bits (BD-rate)</tr>\n${cells.join("\n")}\n</table>`;
}

function hullPlot(
  report: ReportPage,
  hull: readonly PlotPoint[],
  shot: number,
  heights: readonly number[],
): string {
  const trials = report.trials.filter((trial) => trial.shot === shot);
  const rates = trials.map((trial) => Math.log10(trial.bitrateBps));
  const qualities = trials.map((trial) => trial.quality);
  const [left, right] = [Math.min(...rates), Math.max(...rates)];
  const low = Math.floor(Math.min(...qualities) / 10) * 10;
  const { width, height } = plot;
  const inner = { width: width - plot.left - plot.right, height: height - plot.top - plot.bottom };
  const x = (rate: number): string =>
    (plot.left + ((Math.log10(rate) - left) / Math.max(1e-9, right - left)) * inner.width).toFixed(1);
  const y = (quality: number): string =>
    (plot.top + ((100 - quality) / Math.max(1e-9, 100 - low)) * inner.height).toFixed(1);
  const dots = trials.map((trial) => {
    const title = `${trial.height} lines, CRF ${trial.crf}: ${kbps(trial.bitrateBps)} kbit/s, ${trial.quality.toFixed(1)}`;
    return `<circle cx="${x(trial.bitrateBps)}" cy="${y(trial.quality)}" r="3" fill="${colour(heights.indexOf(trial.height))}"><title>${title}</title></circle>`;
  });
  const line = hull.map((point) => `${x(point.bitrateBps)},${y(point.quality)}`).join(" ");
  const base = height - plot.bottom;
  const { startFrame = 0, endFrame = 0 } = report.shots[shot] ?? {};
  return `<figure><figcaption>shot ${shot + 1} <span class="soft">frames ${startFrame}–${endFrame - 1}</span></figcaption>
<svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="Trials and hull of shot ${shot + 1}">
<path class="axis" d="M${plot.left} ${plot.top}V${base}H${width - plot.right}" fill="none"/>
<text x="2" y="${plot.top + 8}">100</text><text x="2" y="${base}">${low}</text>
<text x="${plot.left}" y="${height - 8}">${kbps(10 ** left)}</text><text x="${width - plot.right}" y="${height - 8}" text-anchor="end">${kbps(10 ** right)}</text>
<polyline class="hull" points="${line}"/>${dots.join("")}</svg></figure>`;
}

function colour(index: number): string {
  return `hsl(${hues[index % hues.length] ?? 0} 70% 50%)`;
}

function kbps(bitsPerSecond: number): string {
  return (bitsPerSecond / 1000).toFixed(bitsPerSecond < 10_000 ? 1 : 0);
}

function escaped(text: string): string {
  const names: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return text.replaceAll(/[&<>"]/g, (sign) => names[sign] ?? sign);
}
