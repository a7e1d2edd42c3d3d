// `millrace place`: the placement solver alone. A file of servers and demand in, a plan out; no server needed.
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { defineCommand } from "citty";
import { writeWhole } from "#io/files.ts";
import { explainFile } from "#place/explain-file.ts";
import { explainServer } from "#place/explain-server.ts";
import { placeFaults } from "#place/faults.ts";
import { type PlanSummary, summaryOf } from "#place/summary.ts";
import { Fault } from "#units/fault.ts";
import { fileText, serverText } from "./place-explain-words.ts";
import { readHistory } from "./place-history.ts";
import { type Planned, planFile } from "./place-input.ts";
import { predictCommand } from "./place-predict.ts";
import { planText } from "./place-words.ts";
import { runProgram } from "./program.ts";
import { refusedUsage, usageComplaints } from "./usage.ts";

const input = {
  type: "positional",
  required: false,
  description:
    "JSON: {servers[{id, siteId, storageBytes, throughputBps}], files[{id, titleId, sizeBytes, playsPerDay}], previous?}",
} as const;
const copies = {
  type: "string",
  description: "Copies of each file where room allows (default: MILLRACE_PLACE_MIN_COPIES)",
} as const;
const json = {
  type: "boolean",
  default: false,
  description: "One JSON document on standard output",
} as const;

const planCommand = defineCommand({
  meta: { name: "plan", description: "Decide which box stores which file" },
  args: {
    input,
    copies,
    report: { type: "string", description: "Write the plan with its pictures: FILE.html, or a folder" },
    history: { type: "string", description: "Folder of earlier plans (--json) by name, for the report" },
    json,
  },
  run: async ({ args }) => {
    const complaints = [
      ...usageComplaints(args, {
        options: ["copies", "json", "report", "history"],
        needed: ["input"],
        words: 1,
      }),
      ...copiesComplaint(args.copies),
      ...(["report", "history"] as const)
        .filter((name) => args[name] === "")
        .map((name) => `--${name}: wanted a path`),
    ];
    const example =
      "millrace place plan INPUT.json [--copies N] [--report DIR|FILE.html [--history DIR]] [--json]";
    if (args.history !== undefined && args.report === undefined) {
      complaints.push("--history is drawn in a report: --report is missing");
    }
    if (refusedUsage(complaints, example)) return;
    await runProgram(async () => {
      const path = args.input ?? "";
      const history = args.history === undefined ? undefined : await readHistory(args.history);
      const planned = await planFile(path, args.copies);
      const { plan, servers, previous } = planned;
      const files = new Map(planned.files.map((file) => [file.id, file]));
      const summary = summaryOf({ plan, servers, files, previous });
      if (args.report !== undefined) await report({ to: args.report, path, planned, summary, history });
      process.stdout.write(args.json ? planJson(planned, summary) : planText(plan, summary));
    });
  },
});

const explainCommand = defineCommand({
  meta: { name: "explain", description: "Say why a file lies where it lies, or what a server holds" },
  args: {
    input,
    file: { type: "string", description: "Id of the file" },
    server: { type: "string", description: "Id of the server" },
    copies,
    json,
  },
  run: async ({ args }) => {
    const complaints = [
      ...usageComplaints(args, {
        options: ["copies", "json", "file", "server"],
        needed: ["input"],
        words: 1,
      }),
      ...copiesComplaint(args.copies),
    ];
    const [wantsFile, wantsServer] = [(args.file ?? "") !== "", (args.server ?? "") !== ""];
    if (wantsFile === wantsServer) complaints.push("wanted one of --file ID and --server ID");
    const example = "millrace place explain INPUT.json --file ID | --server ID [--copies N] [--json]";
    if (refusedUsage(complaints, example)) return;
    await runProgram(async () => {
      const planned = await planFile(args.input ?? "", args.copies);
      const text = wantsFile
        ? fileAnswer(planned, args.file ?? "", args.json)
        : serverAnswer(planned, args.server ?? "", args.json);
      process.stdout.write(text);
    });
  },
});

export const placeCommand = defineCommand({
  meta: { name: "place", description: "Who stores what: the nightly placement plan" },
  subCommands: { plan: planCommand, explain: explainCommand, predict: predictCommand },
});

function copiesComplaint(text: string | undefined): string[] {
  if (text === undefined || /^([1-9]|1[0-6])$/.test(text)) return [];
  return [`--copies: wanted 1…16, found "${text}"`];
}

function fileAnswer(planned: Planned, id: string, json: boolean): string {
  const before = planned.previous.get(id);
  const found = explainFile({ ...planned, before }, id);
  if (found === undefined) throw new Fault(placeFaults.noSuchFile, { id });
  return json ? asJson(found) : fileText(found);
}

function serverAnswer(planned: Planned, id: string, json: boolean): string {
  const found = explainServer(planned, id);
  if (found === undefined) throw new Fault(placeFaults.noSuchServer, { id });
  return json ? asJson(found) : serverText(found);
}

/** The `assignment` has the form that `previous` is read in: today's output is part of tomorrow's input. */
function planJson({ plan: made }: Planned, summary: PlanSummary): string {
  const { cutoff, lambda, weights, head, predicted, theory } = made;
  const assignment = Object.fromEntries(made.assignment.map((one) => [one.fileId, one.serverIds]));
  const { servers, bands } = summary;
  return asJson({
    ...{ cutoff, lambda, weights, head, assignment, files: made.assignment, predicted, theory },
    summary: { servers, bands },
  });
}

function asJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** A folder gets the plan beside the page: tomorrow's `previous`, and a day of its --history. */
async function report(order: {
  readonly to: string;
  readonly path: string;
  readonly planned: Planned;
  readonly summary: PlanSummary;
  readonly history: Awaited<ReturnType<typeof readHistory>> | undefined;
}): Promise<void> {
  const { to, planned, summary } = order;
  // Drawing needs Plot and a document: only whoever wants a page waits for them.
  const { placementPage } = await import("./place-page.ts");
  const page = await placementPage(order);
  const isFolder = !to.endsWith(".html") || (await isDirectory(to));
  const file = isFolder ? join(to, "report.html") : to;
  try {
    if (isFolder) await writeWhole(join(to, "plan.json"), planJson(planned, summary));
    await writeWhole(file, page);
  } catch (error) {
    const because = error instanceof Error ? error.message : String(error);
    throw new Fault(placeFaults.reportUnwritable, { because }, error);
  }
  process.stderr.write(`wrote ${file}\n`);
}

async function isDirectory(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isDirectory() === true;
}
