// `millrace place`: the placement solver alone. A file of servers and demand in, a plan out; no server needed.
import { defineCommand } from "citty";
import type { FileDemand, PlacementPlan } from "#model/placement.ts";
import { placeFaults } from "#place/faults.ts";
import { plan } from "#place/plan.ts";
import { placeSettings } from "#place/settings.ts";
import { Fault } from "#units/fault.ts";
import { placeInput } from "#wire/topology.ts";
import { readJsonFile } from "./json-file.ts";
import { predictCommand } from "./place-predict.ts";
import { runProgram, settingsOf } from "./program.ts";
import { textTable } from "./table.ts";
import { refusedUsage, usageComplaints } from "./usage.ts";

interface Planned {
  readonly plan: PlacementPlan;
  readonly files: ReadonlyMap<string, FileDemand>;
}

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
  args: { input, copies, json },
  run: async ({ args }) => {
    const complaints = [
      ...usageComplaints(args, { options: ["copies", "json"], needed: ["input"], words: 1 }),
      ...copiesComplaint(args.copies),
    ];
    if (refusedUsage(complaints, "millrace place plan INPUT.json [--copies N] [--json]")) return;
    await runProgram(async () => {
      const planned = await planFile(args.input ?? "", args.copies);
      process.stdout.write(args.json ? asJson(planned.plan) : asText(planned));
    });
  },
});

const explainCommand = defineCommand({
  meta: { name: "explain", description: "Say why one file lies where it lies" },
  args: { input, file: { type: "string", description: "Id of the file" }, copies, json },
  run: async ({ args }) => {
    const complaints = [
      ...usageComplaints(args, { options: ["copies", "json"], needed: ["input", "file"], words: 1 }),
      ...copiesComplaint(args.copies),
    ];
    if (refusedUsage(complaints, "millrace place explain INPUT.json --file ID [--copies N] [--json]")) return;
    await runProgram(async () => {
      const planned = await planFile(args.input ?? "", args.copies);
      const placed = planned.plan.assignment.find((one) => one.fileId === args.file);
      if (placed === undefined) throw new Fault(placeFaults.noSuchFile, { id: args.file ?? "" });
      const where = placed.serverIds.length === 0 ? "no box" : placed.serverIds.join(", ");
      const text = `${placed.fileId}: ${placed.band}, on ${where}\n${placed.because}\n`;
      process.stdout.write(args.json ? `${JSON.stringify(placed, null, 2)}\n` : text);
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

async function planFile(path: string, copiesWanted: string | undefined): Promise<Planned> {
  const given = await readJsonFile(path, placeInput);
  const settings = settingsOf(placeSettings);
  const minCopies = copiesWanted === undefined ? settings.minCopies : Number(copiesWanted);
  const planning = plan({ ...given, minCopies }, settings);
  if (planning.kind === "refused") throw new Fault(placeFaults.planRefused, { because: planning.because });
  return { plan: planning.plan, files: new Map(given.files.map((one) => [one.id, one])) };
}

/** The `assignment` has the form that `previous` is read in: today's output is part of tomorrow's input. */
function asJson(made: PlacementPlan): string {
  const { cutoff, lambda, weights, head, predicted } = made;
  const assignment = Object.fromEntries(made.assignment.map((one) => [one.fileId, one.serverIds]));
  return `${JSON.stringify({ cutoff, lambda, weights, head, assignment, files: made.assignment, predicted }, null, 2)}\n`;
}

function asText({ plan: made, files }: Planned): string {
  const { predicted } = made;
  const servers = made.weights.map((weight, i) => {
    const load = predicted.servers[i];
    return [
      weight.serverId,
      weight.alpha.toFixed(3),
      weight.beta.toFixed(3),
      `${((load?.bytes ?? 0) / 1e6).toFixed(1)} MB`,
      `${(100 * (load?.trafficShare ?? 0)).toFixed(1)} %`,
    ];
  });
  const bands = (["head", "popular", "tail", "hole"] as const).map((band) => {
    const members = made.assignment.filter((one) => one.band === band);
    const bytes = members.reduce((sum, one) => sum + (files.get(one.fileId)?.sizeBytes ?? 0), 0);
    return [band, `${members.length}`, `${(bytes / 1e6).toFixed(1)} MB`];
  });
  return `${[
    textTable([["server", "popular α", "tail β", "stores", "of traffic"], ...servers]),
    textTable([["band", "files", "size"], ...bands]),
    `cutoff ${made.cutoff.toFixed(3)}, relaxation λ ${made.lambda.toFixed(3)}`,
    `reaches ${(100 * predicted.effectiveCapacity).toFixed(1)} % of the cluster's throughput before the first box is full`,
    `holes ${predicted.holePercent.toFixed(2)} % of traffic, to be filled ${(predicted.churnBytes / 1e6).toFixed(1)} MB`,
  ].join("\n\n")}\n`;
}
