// What it took and whether it pays: encodes, time per stage, and the plays after which saved traffic has repaid the work.
import { fixed } from "./report-page-axes.ts";
import type { Economics, PageReport, Saving, Stage } from "./report-page-data.ts";
import { type Column, type Markup, markup, nothing, type Part, table } from "./report-page-markup.ts";
import {
  amountWords,
  bytesWords,
  countWords,
  metricName,
  plural,
  sum,
  timeWords,
} from "./report-page-words.ts";
import { encodeSettings } from "./settings.ts";

export function workSection(report: PageReport): Markup {
  const { encodesRun, encodesReused, encodesExhaustive, wallSeconds, cpuSeconds, source, stages } = report;
  const all = encodesRun + encodesReused;
  const share =
    encodesExhaustive > 0 ? ` That is ${amountWords((all / encodesExhaustive) * 100)} % of` : " Beside";
  const reused = encodesReused > 0 ? `, and ${countWords(encodesReused)} reused from an earlier run` : "";
  const pace = source.durationSeconds > 0 ? cpuSeconds / source.durationSeconds : 0;
  const perSecond = encodesReused > 0 ? "" : `, ${amountWords(pace)} processor seconds per second of film`;
  return markup`<section id="work"><h2>Work</h2>
<p>${plural(encodesRun, "encode")} run in this run${reused}.${share} the ${countWords(encodesExhaustive)} that trying every whole CRF at every height would take. It took ${timeWords(wallSeconds)} by the clock and ${timeWords(cpuSeconds)} of processor time${perSecond}.</p>
${triedBar(all, encodesExhaustive)}
${stages === undefined || stages.length === 0 ? nothing : stageTable(stages)}
</section>`;
}

const barWidth = 240;

function triedBar(tried: number, exhaustive: number): Markup {
  if (exhaustive <= 0) return nothing;
  const width = Math.min(1, tried / exhaustive) * barWidth;
  return markup`<svg class="tried" viewBox="0 0 ${barWidth} 8" preserveAspectRatio="none" role="img"><title>${countWords(tried)} of ${countWords(exhaustive)} encodes</title><rect class="band" x="0" y="0" width="${barWidth}" height="8"/><rect class="cpu" x="0" y="0" width="${fixed(width)}" height="8"/></svg>`;
}

function stageTable(stages: readonly Stage[]): Markup {
  const columns: readonly Column[] = [
    { name: "Stage", kind: "text" },
    { name: "Jobs", kind: "figure" },
    { name: "of them reused", kind: "figure" },
    { name: "By the clock", kind: "figure" },
    { name: "Processors", kind: "figure" },
    { name: "Clock (line) and processors (bar)", kind: "drawing" },
  ];
  const longest = Math.max(1e-9, ...stages.flatMap((stage) => [stage.wallSeconds, stage.cpuSeconds]));
  const rows = stages.map(({ name, jobs, reused, wallSeconds, cpuSeconds }): readonly Part[] => [
    ...[name, countWords(jobs), countWords(reused), timeWords(wallSeconds), timeWords(cpuSeconds)],
    stageBar((wallSeconds / longest) * barWidth, (cpuSeconds / longest) * barWidth),
  ]);
  const total: readonly Part[] = [
    "all stages",
    countWords(sum(stages.map((stage) => stage.jobs))),
    countWords(sum(stages.map((stage) => stage.reused))),
    timeWords(sum(stages.map((stage) => stage.wallSeconds))),
    timeWords(sum(stages.map((stage) => stage.cpuSeconds))),
    "",
  ];
  return table("Time per stage", columns, [...rows, total]);
}

function stageBar(wall: number, cpu: number): Markup {
  return markup`<svg class="stage" viewBox="0 0 ${barWidth} 16" aria-hidden="true"><rect class="cpu" x="0" y="3" width="${fixed(cpu)}" height="10"/><path class="wall" d="M0 8H${fixed(wall)}M${fixed(Math.max(1, wall - 1))} 2V14"/></svg>`;
}

export function economicsSection(report: PageReport): Markup {
  const { economics } = report;
  if (economics === undefined) return nothing;
  const { against, prices, encodeCpuSeconds, encodeCost, isWhole } = economics;
  const least = isWhole
    ? ""
    : " It reused work of an earlier one, so the whole encode cost more, and the plays below are a lower bound.";
  const known = against.filter((saving) => saving.baselineCpuSeconds !== undefined).length;
  const unknown =
    known === against.length
      ? ""
      : " Where a baseline's own encode was not timed it counts as free, so its plays are too many rather than too few.";
  return markup`<section id="economics"><h2>Does it pay?</h2>
<p>${isWhole ? "The encode" : "This run"} took ${hours(encodeCpuSeconds)}: ${money(encodeCost, economics)}.${least}</p>
${against.length === 0 ? markup`<p>No baseline shares a quality with this ladder, so nothing can be said about plays.</p>` : savingTable(report, economics)}
<p class="formula">Plays until it pays = (encode cost of this ladder − encode cost of the baseline) ÷ (traffic saved per play × price of traffic), rounded up.</p>
<p>A play is the whole film once, both sides at the quality in the table; sound is left out, being the same on both sides.${unknown} What storage costs or saves is not counted.</p>
${priceTable(prices)}
</section>`;
}

function savingTable({ metric }: PageReport, economics: Economics): Markup {
  const columns: readonly Column[] = [
    { name: "Against", kind: "text" },
    { name: "Plays until it pays", kind: "figure" },
    { name: `At ${metricName(metric)}`, kind: "figure" },
    { name: "A play of the baseline", kind: "figure" },
    { name: "A play of this ladder", kind: "figure" },
    { name: "Saved per play", kind: "figure" },
    { name: "Worth, per 1,000 plays", kind: "figure" },
    { name: "Extra encode cost", kind: "figure" },
  ];
  const rows = economics.against.map((saving): readonly Part[] => [
    ...[
      saving.label,
      markup`<b>${playsWords(saving, economics.isWhole)}</b>`,
      saving.quality.toFixed(1),
      bytesWords(saving.baselineBytesPerPlay),
    ],
    ...[bytesWords(saving.bytesPerPlay), bytesWords(saving.bytesSavedPerPlay)],
    ...[money(1000 * saving.egressSavedPerPlay, economics), money(saving.extraEncodeCost, economics)],
  ]);
  return table("Traffic saved per play, and plays until it has paid for the encode", columns, rows);
}

function playsWords({ breakEvenPlays }: Saving, isWhole: boolean): string {
  if (breakEvenPlays === null) return "never";
  return isWhole ? countWords(breakEvenPlays) : `at least ${countWords(breakEvenPlays)}`;
}

/** The prices are anyone's own: where each comes from, and what it was. */
function priceTable({ currency, egressPerGb, cpuHour }: Economics["prices"]): Markup {
  const columns: readonly Column[] = [
    { name: "Setting", kind: "text" },
    { name: "Used here", kind: "figure" },
    { name: "Default", kind: "figure" },
    { name: "Range", kind: "figure" },
    { name: "What it is", kind: "sentence" },
  ];
  const rows = [
    { row: encodeSettings.priceEgress, value: egressPerGb },
    { row: encodeSettings.priceCpuHour, value: cpuHour },
  ].map(({ row, value }): readonly Part[] => [
    ...[markup`<code>${row.name}</code>`, `${amountWords(value)} ${currency} ${row.unit}`, `${row.default}`],
    ...[`${row.min} … ${countWords(row.max)}`, row.sentence],
  ]);
  return table("Prices these results rest on", columns, rows);
}

function money(amount: number, { prices }: Economics): string {
  return `${amountWords(amount)} ${prices.currency}`;
}

function hours(seconds: number): string {
  return `${amountWords(seconds / 3600)} processor hours`;
}
