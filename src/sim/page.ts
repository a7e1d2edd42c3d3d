// The report of a run as one page that needs no other file.
import { escaped } from "#units/escaped.ts";
import { fillChart, gigabytes, heatChart, missChart, offloadChart, percent } from "./page-charts.ts";
import { flagsOf } from "./page-words.ts";
import type { DayResult } from "./results.ts";
import type { Scenario } from "./scenario.ts";
import type { ServerSummary, Summary } from "./tables.ts";

export interface PageFacts {
  readonly scenario: Scenario;
  readonly days: readonly DayResult[];
  readonly summary: Summary;
  /** The same region with other placements, where they were run. */
  readonly beside: readonly Summary[];
}

export function regionPage({ scenario, days, summary, beside }: PageFacts): string {
  const flags = flagsOf(scenario);
  const title = `${scenario.name}: ${summary.days} days, ${summary.placement}`;
  return [
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${escaped(title)}</title><style>${style}</style></head><body>`,
    `<header><h1>${escaped(scenario.name)}</h1><p>${escaped(lead(scenario, days, summary))}</p></header>`,
    cards(summary),
    ...(beside.length === 0 ? [] : [section("Beside other placements", compared([summary, ...beside]))]),
    section(
      "Offload",
      "<p>Bytes from appliances, of all that were asked for.</p>",
      figure(offloadChart(days, flags)),
    ),
    section("Misses", missWords, figure(missChart(days, flags))),
    section("Fill", fillWords, figure(fillChart(days, flags))),
    section("Utilisation", heatWords, figure(heatChart(days, flags))),
    section(
      "What happened",
      `<ol>${flags.map(({ at, words }) => `<li>day ${Math.floor(at)}, ${Math.round((at % 1) * 24)}:00 UTC: ${escaped(words)}</li>`).join("")}</ol>`,
    ),
    section("Servers", servers(summary.servers)),
    "</body></html>\n",
  ].join("\n");
}

const missWords = `<p>Bytes that did not come from the best site, of all that were asked for. ${key("content", "content: no box there holds the file, verified")}${key("health", "health: one holds it and is full, failed, drained or given no viewers")}${key("other", "other: control knew of none, or the session goes by routes of before")}</p>`;
const fillWords = `<p>What each server fetched. ${key("peer", "from peers of its site")}${key("tier", "from other sites")}${key("origin", "from the origin")}${key("budget", "what one night may bring; urgent files come on top")}</p>`;
const heatWords = `<p>The busiest hour of each quarter of a day: the darker, the nearer to what the box can send. ${key("failed", "no power")}${key("draining", "drained")}</p>`;

function key(name: string, words: string): string {
  return `<span class="key"><i class="${name}"></i>${words}</span> `;
}

function lead(scenario: Scenario, days: readonly DayResult[], { files, seed, placement }: Summary): string {
  const boxes = scenario.sites.reduce((sum, { servers: own }) => sum + own.length, 0);
  const dates = `${days[0]?.date ?? ""} to ${days.at(-1)?.date ?? ""}`;
  return `Simulated, ${dates}, seed ${seed}, placement ${placement}: ${scenario.sites.length} sites with ${boxes} boxes on the first day, ${files[0]} files that became ${files[1]}. Popularity, viewers and failures are made up; forecast, plan, fill, health gate and choice of the box are the machines of production. Sizes and rates are those of the scenario; the one that is built in has a fiftieth of real ones.`;
}

function cards({ percent: parts, offloadPercent, unservedPercent, bytes, fillBytes }: Summary): string {
  const filled = fillBytes.peer + fillBytes.tier + fillBytes.origin;
  const rows: readonly (readonly [string, string])[] = [
    [`${offloadPercent.toFixed(2)} %`, "offload: bytes from appliances"],
    [`${parts.hit.toFixed(2)} %`, "from the best site"],
    [`${parts.content.toFixed(2)} %`, "content misses"],
    [`${parts.health.toFixed(2)} %`, "health misses"],
    [`${parts.other.toFixed(2)} %`, "other misses"],
    [`${unservedPercent.toFixed(3)} %`, "served by nobody"],
    [gigabytes(bytes.asked), "asked for"],
    [gigabytes(filled), `filled, ${percent(filled > 0 ? fillBytes.origin / filled : 0)} from the origin`],
  ];
  return `<ul class="cards">${rows.map(([value, words]) => `<li><strong>${value}</strong>${words}</li>`).join("")}</ul>`;
}

function compared(all: readonly Summary[]): string {
  const rows = all.map((one) => [
    one.placement,
    ...[one.offloadPercent, one.percent.hit, one.percent.content, one.percent.health, one.percent.other],
    one.unservedPercent,
  ]);
  const head = ["placement", "offload %", "hit %", "content %", "health %", "other %", "unserved %"];
  return table(
    head,
    rows.map((row) => row.map((cell) => (typeof cell === "number" ? cell.toFixed(2) : cell))),
  );
}

function servers(all: readonly ServerSummary[]): string {
  const head = ["server", "site", "role", "fill a day, mean %", "most %", "budget %", "peak", "mean"];
  return table(
    head,
    all.map((one) => [
      ...[one.id, one.siteId, one.role, one.meanFillPercent.toFixed(2), one.mostFillPercent.toFixed(2)],
      ...[one.budgetPercent.toFixed(2), percent(one.peakUtilisation), percent(one.meanUtilisation)],
    ]),
  );
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const kinds = head.map((_, at) => (rows.some((row) => /^\D/.test(row[at] ?? "")) ? ` class="text"` : ""));
  const cells = (row: readonly string[], tag: string): string =>
    row.map((cell, at) => `<${tag}${kinds[at] ?? ""}>${escaped(cell)}</${tag}>`).join("");
  const body = rows.map((row) => `<tr>${cells(row, "td")}</tr>`).join("");
  return `<div class="wide"><table><thead><tr>${cells(head, "th")}</tr></thead><tbody>${body}</tbody></table></div>`;
}

function section(name: string, ...parts: readonly string[]): string {
  return `<section><h2>${name}</h2>${parts.join("")}</section>`;
}

function figure(drawing: string): string {
  return `<figure class="wide">${drawing}</figure>`;
}

/** The operator pages' colours (web/tokens.css), light or dark as the reader's system is. */
const style = `:root{color-scheme:light dark;--ground:#f3f6f7;--surface:#fff;--line:#d3dce1;--ink:#16202a;--soft:#475763;--accent:#0b6f77;--blue:#2c64bd;--green:#4d8a21;--sand:#a67600;--bad:#b1342a;--plum:#b84077}
@media(prefers-color-scheme:dark){:root{--ground:#0f1418;--surface:#171e24;--line:#2e3a44;--ink:#e8eef2;--soft:#a9b7c1;--accent:#5cc3c9;--blue:#6fa3ef;--green:#8cc265;--sand:#e9c46a;--bad:#f2867b;--plum:#e58bb0}}
html{background:var(--ground);color:var(--ink);font:15px/1.5 system-ui,sans-serif}body{max-width:72rem;margin:0 auto;padding:1.5rem}
section{background:var(--surface);border:1px solid var(--line);border-radius:.6rem;padding:1rem 1.2rem;margin:0 0 1.2rem}h1{font-size:1.5rem;margin:0}h2{font-size:1.15rem;margin:0}p{margin:.4rem 0}header p{color:var(--soft);max-width:80ch}
.cards{list-style:none;padding:0;display:grid;grid-template-columns:repeat(4,1fr);gap:.7rem;margin:1rem 0}.cards li{background:var(--surface);border:1px solid var(--line);border-radius:.6rem;padding:.6rem .9rem;font-size:.9rem}.cards strong{display:block;font-size:1.5rem;font-variant-numeric:tabular-nums}
.wide{overflow-x:auto}table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:.92rem}td,th{padding:.25rem .9rem .25rem 0;border-bottom:1px solid var(--line);text-align:right;white-space:nowrap}.text{text-align:left}@media(max-width:46rem){.cards{grid-template-columns:1fr 1fr}}
figure{margin:.6rem 0 0}svg{display:block;width:100%;min-width:44rem;height:auto}svg text{font-size:10.5px;fill:var(--soft)}.end{text-anchor:end}.mid{text-anchor:middle}.grid{stroke:var(--line);fill:none}
.line{fill:none;stroke:var(--accent);stroke-width:2}.dot{fill:var(--accent)}.flag path{stroke:var(--plum);stroke-dasharray:2 3;fill:none;opacity:.6}.flag circle{fill:var(--plum)}svg .flag text{fill:var(--surface);font-weight:600}
.content{fill:var(--blue);background:var(--blue)}.health{fill:var(--bad);background:var(--bad)}.other{fill:var(--sand);background:var(--sand)}
.peer{fill:var(--green);background:var(--green)}.tier{fill:var(--blue);background:var(--blue)}.origin{fill:var(--sand);background:var(--sand)}path.budget{stroke:var(--bad);stroke-width:1;fill:none}i.budget{background:var(--bad);height:2px}
.heat{fill:var(--accent)}.failed{fill:var(--bad);background:var(--bad)}.draining{fill:var(--sand);background:var(--sand)}svg .failed,svg .draining{fill-opacity:.45}
.key{display:inline-flex;align-items:center;gap:.35rem;margin-right:.9rem;font-size:.88rem;color:var(--soft)}.key i{width:.8rem;height:.8rem;border-radius:2px;flex:none}`;
