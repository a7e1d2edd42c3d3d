// The report of a simulation as one page: what each rule came to, and every session as a drawing. It needs no other file.
import { escaped } from "#units/escaped.ts";
import { sessionChart } from "./sim-chart.ts";
import { type Simulated, summaryTable } from "./sim-report.ts";
import type { Timeline } from "./sim-timeline.ts";
import type { Ladder } from "./types.ts";

export interface Drawn {
  readonly session: Simulated;
  readonly timeline: Timeline;
}

export interface PageFacts {
  readonly movie: string;
  readonly ladder: Ladder;
  readonly filmMs: number;
  readonly maxBufferMs: number;
  readonly sessions: readonly Simulated[];
  /** In the order of the page; fewer than `sessions` where there are too many to draw. */
  readonly drawn: readonly Drawn[];
}

export function simulationPage(facts: PageFacts): string {
  const { movie, sessions, drawn, ladder, maxBufferMs } = facts;
  const left = sessions.length - drawn.length;
  const title = `Rules on ${new Set(sessions.map((one) => one.trace)).size} traces: ${movie}`;
  return [
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${escaped(title)}</title><style>${style}</style></head><body>`,
    `<header><h1>${escaped(title)}</h1><p>${escaped(lead(facts))}</p></header>`,
    `<section><h2>By rule</h2>${table(summaryTable(sessions))}<p class="soft">${legend}</p></section>`,
    `<section><h2>Session by session</h2><p class="soft">${drawnWords(drawn.length, left)}</p>`,
    ...drawn.map(({ session, timeline }) =>
      [
        `<figure><figcaption><b>${escaped(session.rule)}</b> on ${escaped(session.trace)}: ${escaped(inWords(session))}</figcaption>`,
        sessionChart(timeline, ladder, maxBufferMs),
        "</figure>",
      ].join(""),
    ),
    "</section></body></html>\n",
  ].join("\n");
}

const legend =
  "Means of sessions. Stalled: share of the time of a session; pooled: of the time of all together. Change: kbit/s per segment. Score: utility − 5 × stalled. QoE: kbit/s per segment, less changes and waiting.";

function lead({ filmMs, maxBufferMs, ladder, sessions }: PageFacts): string {
  const rates = ladder.kbps.map((kbps) => Math.round(kbps)).join(", ");
  return `Simulated: ${sessions.length} sessions of ${Math.round(filmMs / 1000)} s with a buffer of ${maxBufferMs / 1000} s, on rungs of ${rates} kbit/s. One request at a time, on networks without slow start or other traffic.`;
}

function drawnWords(drawn: number, left: number): string {
  const all =
    "Network: what the trace carried (grey) and what each request measured. Rung: of each request, and a dot where one was given up. Buffer: what lay ready; red is a stall.";
  return left === 0 ? all : `${all} The first ${drawn} sessions are drawn, ${left} are left out.`;
}

function inWords({ metrics }: Simulated): string {
  const stalls =
    metrics.stalls === 0
      ? "no stall"
      : `${(metrics.stallMs / 1000).toFixed(1)} s stalled (${metrics.stalls} ×)`;
  const quality = metrics.meanQuality === undefined ? "" : `, VMAF ${metrics.meanQuality.toFixed(1)}`;
  return `${Math.round(metrics.meanKbps)} kbit/s${quality}, ${stalls}, ${metrics.switches} switches, score ${metrics.score.toFixed(3)}`;
}

function table([head = [], ...rows]: readonly (readonly string[])[]): string {
  const cells = (row: readonly string[], tag: string): string =>
    row.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join("");
  const body = rows.map((row) => `<tr>${cells(row, "td")}</tr>`).join("");
  return `<div class="wide"><table><thead><tr>${cells(head, "th")}</tr></thead><tbody>${body}</tbody></table></div>`;
}

/** The operator pages' colours (web/tokens.css), light or dark as the reader's system is. */
const style = `:root{color-scheme:light dark;--ground:#f3f6f7;--surface:#fff;--line:#d3dce1;--ink:#16202a;--soft:#475763;--buffer:#2c64bd;--throughput:#4d8a21;--rung:#a67600;--bad:#b1342a}
@media(prefers-color-scheme:dark){:root{--ground:#0f1418;--surface:#171e24;--line:#2e3a44;--ink:#e8eef2;--soft:#a9b7c1;--buffer:#4f9fe0;--throughput:#7bd389;--rung:#e9c46a;--bad:#f0655a}}
html{background:var(--ground);color:var(--ink);font:15px/1.5 system-ui,sans-serif}body{max-width:72rem;margin:0 auto;padding:1.5rem}
section{background:var(--surface);border:1px solid var(--line);border-radius:.6rem;padding:1rem;margin:0 0 1.2rem}h1{font-size:1.5rem}h2{font-size:1.15rem;margin:0}
.soft{color:var(--soft);font-size:.9rem}.wide{overflow-x:auto}table{border-collapse:collapse;font-variant-numeric:tabular-nums}
td,th{padding:.25rem .9rem .25rem 0;border-bottom:1px solid var(--line);text-align:right;white-space:nowrap}td:first-child,th:first-child{text-align:left}
figure{margin:1.2rem 0 0;break-inside:avoid}figcaption{font-size:.9rem}svg{display:block;width:100%;height:auto}
text{font-size:10px;fill:var(--soft)}.end{text-anchor:end}path{fill:none}.axis{stroke:var(--line)}.capacity{fill:var(--line)}.throughput{stroke:var(--throughput)}
.rung{stroke:var(--rung);stroke-width:1.4}.buffer{stroke:var(--buffer);fill:var(--buffer);fill-opacity:.18}.stall{fill:var(--bad);fill-opacity:.3}.abandoned{fill:var(--bad)}`;
