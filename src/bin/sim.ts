// `millrace sim region`: a month of a delivery network in one process, with the machines of production. No server needed.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { defineCommand } from "citty";
import { writeWhole } from "#io/files.ts";
import { simFaults } from "#sim/faults.ts";
import { regionPage } from "#sim/page.ts";
import { Region } from "#sim/region.ts";
import { addLedgers, type DayResult, offloadOf } from "#sim/results.ts";
import { complaintsAbout, type Placement, placements, type Scenario } from "#sim/scenario.ts";
import { settingsOf } from "#sim/settings-of.ts";
import { dailyCsv, plansCsv, type Summary, serversCsv, summaryOf } from "#sim/tables.ts";
import { quick, scenarioOf, type Wishes } from "#sim/variation.ts";
import { Fault } from "#units/fault.ts";
import { scenarioFile } from "#wire/scenario.ts";
import { readJsonFile } from "./json-file.ts";
import { runProgram } from "./program.ts";
import { textTable } from "./table.ts";
import { refusedUsage, usageComplaints } from "./usage.ts";

const example =
  "millrace sim region [SCENARIO.json] [--days N] [--files N] [--seed N] [--placement hca|uniform|storage|throughput] [--beside NAMES] [--out DIR] [--json] [--quick]";

interface Wanted {
  readonly file: string | undefined;
  readonly wishes: Wishes;
  /** Run after it, for comparison. */
  readonly beside: readonly Placement[];
  readonly out: string | undefined;
  readonly json: boolean;
}

interface Run {
  readonly scenario: Scenario;
  readonly days: readonly DayResult[];
  readonly summary: Summary;
}

const regionCommand = defineCommand({
  meta: { name: "region", description: "Simulate sites, boxes and viewers of a region, day by day" },
  args: {
    scenario: {
      type: "positional",
      required: false,
      description: "JSON: what differs from the scenario that is built in (default: nothing)",
    },
    days: { type: "string", description: "Days to run (default: 30, or as the scenario says)" },
    files: { type: "string", description: "Files in the catalogue on the first day (default: 100000)" },
    seed: { type: "string", description: "Same seed, same run (default: 1)" },
    placement: { type: "string", description: `Who stores what: ${placements.join(", ")} (default: hca)` },
    beside: { type: "string", description: "Placements to run as well, for comparison, with commas between" },
    out: {
      type: "string",
      description: "Folder for daily.csv, servers.csv, plans.csv, summary.json, report.html",
    },
    json: { type: "boolean", default: false, description: "One JSON document on standard output" },
    quick: { type: "boolean", default: false, description: "A look: 8 days of 10000 files" },
  },
  run: async ({ args }) => {
    const beside = (args.beside ?? "").split(",").filter((name) => name !== "");
    const complaints = [
      ...usageComplaints(args, {
        options: ["scenario", "days", "files", "seed", "placement", "beside", "out", "json", "quick"],
        needed: [],
        words: 1,
      }),
      ...countComplaint("--days", args.days, 1, 366),
      ...countComplaint("--files", args.files, 5, 5_000_000),
      ...countComplaint("--seed", args.seed, 0, 2 ** 32 - 1),
      ...[...(args.placement === undefined ? [] : [args.placement]), ...beside].flatMap((name) =>
        placementOf(name) === undefined
          ? [`there is no placement "${name}"; wanted one of ${placements.join(", ")}`]
          : [],
      ),
      ...(args.out === "" ? ["--out: wanted a folder, found nothing"] : []),
    ];
    if (refusedUsage(complaints, example)) return;
    const wanted: Wanted = {
      file: args.scenario,
      wishes: {
        days: numberOf(args.days) ?? (args.quick ? quick.days : undefined),
        files: numberOf(args.files) ?? (args.quick ? quick.files : undefined),
        seed: numberOf(args.seed),
        placement: placementOf(args.placement),
      },
      beside: beside.flatMap((name) => placementOf(name) ?? []),
      out: args.out,
      json: args.json,
    };
    await runProgram((signal) => simulateAndTell(wanted, signal));
  },
});

export const simCommand = defineCommand({
  meta: { name: "sim", description: "A whole network in one process, seeded" },
  subCommands: { region: regionCommand },
});

async function simulateAndTell(wanted: Wanted, signal: AbortSignal): Promise<void> {
  const file = wanted.file === undefined ? undefined : await readJsonFile(wanted.file, scenarioFile);
  const scenario = scenarioOf(file, wanted.wishes);
  const complaints = complaintsAbout(scenario);
  if (complaints.length > 0) throw new Fault(simFaults.badScenario, { complaints: complaints.join("; ") });
  if (wanted.out !== undefined) await mkdir(wanted.out, { recursive: true });
  // Left to itself V8 lets half a gigabyte of a region grow to two before it looks for garbage.
  setFlagsFromString(`--heap-growing-percent=${garbagePercent}`);
  const run = await simulate(scenario, signal);
  const beside: Summary[] = [];
  for (const placement of wanted.beside) {
    beside.push((await simulate({ ...scenario, placement }, signal)).summary);
  }
  if (wanted.out !== undefined) await write(wanted.out, run, beside);
  const document = { ...run.summary, beside };
  process.stdout.write(
    wanted.json ? `${JSON.stringify(document, null, 2)}\n` : asText(run, beside, wanted.out),
  );
}

/** Part of what is alive that may be added to it before garbage is looked for, percent. Chosen by us. */
const garbagePercent = 150;

async function simulate(scenario: Scenario, signal: AbortSignal): Promise<Run> {
  const region = new Region(scenario, settingsOf(scenario));
  const files = region.demand.catalogue.files;
  const days: DayResult[] = [];
  for (let result = region.nextDay(); result !== undefined; result = region.nextDay()) {
    days.push(result);
    process.stderr.write(`${progress(scenario, result)}\n`);
    await setImmediate();
    signal.throwIfAborted();
  }
  return { scenario, days, summary: summaryOf(scenario, days, [files, region.demand.catalogue.files]) };
}

function progress({ placement, days }: Scenario, { day, date, regions }: DayResult): string {
  const ledger = addLedgers(regions);
  const hit = ledger.asked > 0 ? (100 * ledger.hit) / ledger.asked : 100;
  return `${placement}, day ${day + 1} of ${days} (${date}): offload ${(100 * offloadOf(ledger)).toFixed(2)} %, best site ${hit.toFixed(2)} %`;
}

async function write(
  folder: string,
  { scenario, days, summary }: Run,
  beside: readonly Summary[],
): Promise<void> {
  const files: readonly (readonly [string, string])[] = [
    ["daily.csv", dailyCsv(scenario, days)],
    ["servers.csv", serversCsv(days)],
    ["plans.csv", plansCsv(days)],
    ["summary.json", `${JSON.stringify({ ...summary, beside }, null, 2)}\n`],
    ["report.html", regionPage({ scenario, days, summary, beside })],
  ];
  for (const [name, text] of files) await writeWhole(join(folder, name), text);
}

function asText({ summary }: Run, beside: readonly Summary[], out: string | undefined): string {
  const rows = [summary, ...beside].map(({ placement, offloadPercent, percent, unservedPercent }) => [
    placement,
    ...[offloadPercent, percent.hit, percent.content, percent.health, percent.other, unservedPercent].map(
      (value) => `${value.toFixed(2)} %`,
    ),
  ]);
  const servers = summary.servers.map((one) => [
    ...[one.id, one.role, `${one.meanFillPercent.toFixed(2)} %`, `${one.mostFillPercent.toFixed(2)} %`],
    ...[`${one.budgetPercent.toFixed(2)} %`, `${(100 * one.peakUtilisation).toFixed(0)} %`],
  ]);
  return `${[
    `Simulated: ${summary.days} days, ${summary.files[0]} files on the first, seed ${summary.seed}.`,
    textTable([
      ["placement", "offload", "hit", "content miss", "health miss", "other miss", "unserved"],
      ...rows,
    ]),
    `${summary.externalCopies.toFixed(4)} copies came into a site from outside for each file that it got.`,
    textTable([["server", "role", "fill a day", "at most", "budget", "peak"], ...servers]),
    ...(out === undefined ? [] : [`${join(out, "report.html")} has the pictures.`]),
  ].join("\n\n")}\n`;
}

function placementOf(name: string | undefined): Placement | undefined {
  return placements.find((one) => one === name);
}

function numberOf(text: string | undefined): number | undefined {
  return text === undefined || !/^\d+$/.test(text) ? undefined : Number(text);
}

function countComplaint(option: string, text: string | undefined, least: number, most: number): string[] {
  const value = numberOf(text);
  if (text === undefined || (value !== undefined && value >= least && value <= most)) return [];
  return [`${option}: wanted ${least}…${most}, found "${text}"`];
}
