// `millrace recommend evaluate`: how much more than popularity taste finds, on this installation's history or on a file's.
import { join, resolve } from "node:path";
import { defineCommand } from "citty";
import type { Watched } from "#catalog/taste.ts";
import { chooseRegularisation } from "#catalog/taste-choice.ts";
import { heldOutProfiles, type Score, tasteTrial } from "#catalog/taste-trial.ts";
import { controlSettings } from "#control/settings.ts";
import { openStores } from "#data/io/database.ts";
import { dataSettings } from "#data/settings.ts";
import { systemClock } from "#io/clock.ts";
import { Fault, type FaultTable } from "#units/fault.ts";
import { seededRandom } from "#units/random.ts";
import { readHistory } from "./history-file.ts";
import { homeFolder, runProgram, settingsOf } from "./program.ts";
import { textTable } from "./table.ts";
import { refusedUsage, usageComplaints } from "./usage.ts";

const faults = {
  tooLittle: {
    code: "history-too-little",
    status: 422,
    sentence:
      "Nothing can be said about taste yet: {because}. Some hundred profiles with five titles each are a start.",
  },
} as const satisfies FaultTable;

const example = "millrace recommend evaluate [HISTORY.csv|.ndjson] [--seed N] [--json]";
const dayMs = 86_400_000;
const heldOut = 0.2;
const hidden = 0.2;

const evaluateCommand = defineCommand({
  meta: {
    name: "evaluate",
    description: "Recall and NDCG of taste beside popularity, for profiles that the model has not seen",
  },
  args: {
    history: {
      type: "positional",
      required: false,
      description:
        "Lines of {profileId, titleId, atMs}, or columns; absent, the database, which nobody else may have open if embedded",
    },
    seed: { type: "string", description: "Same seed, same profiles held out (default: 1)" },
    json: { type: "boolean", default: false, description: "One JSON document on standard output" },
  },
  async run({ args }) {
    const seed = Number(args.seed ?? 1);
    const complaints = usageComplaints(args, { options: ["history", "seed", "json"], needed: [], words: 1 });
    if (!Number.isInteger(seed) || seed < 0)
      complaints.push(`--seed: wanted a whole number, found "${args.seed}"`);
    if (refusedUsage(complaints, example)) return;
    await runProgram((signal) => evaluate({ file: args.history, seed, json: args.json, signal }));
  },
});

export const recommendCommand = defineCommand({
  meta: { name: "recommend", description: "Taste learned from history: how good it is" },
  subCommands: { evaluate: evaluateCommand },
});

async function evaluate(order: {
  readonly file: string | undefined;
  readonly seed: number;
  readonly json: boolean;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { file, seed, json, signal } = order;
  const { tasteTitles: mostTitles, tasteNeighbours: neighbours, tastePlays } = settingsOf(controlSettings);
  const watched =
    file === undefined ? await fromDatabase(signal) : await readHistory(resolve(file), tastePlays);
  const taste = { mostTitles, neighbours };
  process.stderr.write(`${watched.length} watched titles; choosing λ\n`);
  const { asked } = heldOutProfiles(watched, heldOut, seededRandom(seed));
  const learning = watched.filter(({ profileId }) => !asked.has(profileId));
  const { regularisation } = chooseRegularisation({
    watched: learning,
    taste,
    random: () => seededRandom(seed + 1),
  });
  const trial = tasteTrial({
    ...{ watched, taste: { ...taste, regularisation }, heldOut, hidden },
    random: seededRandom(seed),
  });
  if (trial.kind === "too-little") throw new Fault(faults.tooLittle, { because: trial.because });
  const { kind, ...facts } = trial;
  if (json)
    process.stdout.write(`${JSON.stringify({ ...facts, regularisation, seed, ...taste }, null, 2)}\n`);
  else process.stdout.write(`${words({ ...facts, regularisation })}\n`);
}

async function fromDatabase(signal: AbortSignal): Promise<readonly Watched[]> {
  const settings = settingsOf(dataSettings);
  const { tasteDays, tastePlays } = settingsOf(controlSettings);
  const folder = join(homeFolder(), "db");
  const onNote = (text: string): void => void process.stderr.write(`${text}\n`);
  const stores = await openStores({ databaseUrl: settings.databaseUrl, folder, settings, signal, onNote });
  try {
    const sinceMs = systemClock.wallMs() - tasteDays * dayMs;
    return await stores.taste.watched({ sinceMs, most: tastePlays });
  } finally {
    await stores.close();
  }
}

function words(facts: {
  readonly profiles: number;
  readonly titles: number;
  readonly plays: number;
  readonly asked: number;
  readonly regularisation: number;
  readonly taste: Score;
  readonly popularity: Score;
}): string {
  const { profiles, titles, plays, asked, regularisation, taste, popularity } = facts;
  const row = (name: string, score: Score) => [
    name,
    ...[score.recall20, score.recall50, score.ndcg100].map((value) => value.toFixed(3)),
  ];
  const table = textTable([
    ["", "recall@20", "recall@50", "NDCG@100"],
    row("taste (EASE)", taste),
    row("popularity", popularity),
  ]);
  return `${profiles} profiles, ${titles} titles, ${plays} watched; ${asked} profiles asked; λ = ${regularisation}\n${table}`;
}
