// When an appliance is told a new state. What it should hold, keys and denials: at once. Better sources, and what it need no
// longer keep for others, change with every report of every box: at once for who has nothing to fetch, else now and then.
import type { FillFile } from "#place/fill-facts.ts";
import type { BoxFill } from "#place/fill-plan.ts";
import type { Wanted, WantedFile } from "./desired.ts";

/** The state that an appliance was told last, with its number. */
export interface Told {
  readonly epoch: number;
  readonly core: string;
  readonly lines: Wanted["lines"];
  readonly monoMs: number;
  /** Of what was lacking then. What a thousand appliances hold would be gigabytes. */
  readonly sources: ReadonlyMap<string, WantedFile["sources"]>;
  readonly files: readonly FillFile[];
  /** How many times in a row it was told because it had nothing to fetch. */
  readonly times: number;
}

export interface TellFacts {
  readonly before: Told | undefined;
  readonly wanted: Wanted;
  readonly fill: Pick<BoxFill, "items">;
  /** What it has of what it was told, and the bytes that it may use. */
  readonly owned: ReadonlySet<string>;
  readonly storageBytes: number;
  readonly reportedEpoch: number;
  readonly newsMs: number;
  readonly monoMs: number;
}

/** A state is told at most once in so long for each of its files: 200,000 files are some 100 MB. Chosen by us. */
const perFileMs = 1;

/** The state before, when the agent has it and there is no news for it; else one with a higher number. */
export function tell(facts: TellFacts): { readonly told: Told; readonly isNews: boolean } {
  const { before, wanted, reportedEpoch } = facts;
  if (before === undefined || reportedEpoch > before.epoch || before.core !== wanted.core) {
    return { told: anew(facts, 0), isNews: true };
  }
  const isBehind = reportedEpoch !== before.epoch;
  if (!hasNews(before, wanted)) return { told: before, isNews: isBehind };
  const isHungry = isStarved(facts, before);
  const rest = restOf(before, facts.newsMs, isHungry) + wanted.content.files.length * perFileMs;
  if (!isBehind && facts.monoMs - before.monoMs < rest) return { told: before, isNews: false };
  return { told: anew(facts, isHungry ? before.times + 1 : 0), isNews: true };
}

/** Of sources, only those of files that are lacking count, and no order. */
function hasNews(before: Told, wanted: Wanted): boolean {
  for (const [id, line] of wanted.lines) if (line !== "" && line !== before.lines.get(id)) return true;
  for (const id of before.lines.keys()) if (!wanted.lines.has(id)) return true;
  return false;
}

/** Who lives from hand to mouth behind its fill master is told at once, then after 1 s, 3 s, 7 s: more files at a time. */
function restOf(before: Told, newsMs: number, isHungry: boolean): number {
  return isHungry ? Math.min(newsMs, 1000 * (2 ** Math.min(before.times, 20) - 1)) : newsMs;
}

/** Passes by whatever the agent says it has: after a restart of the control plane the old numbers must not mean another state. */
function anew({ before, wanted, fill, reportedEpoch, monoMs }: TellFacts, times: number): Told {
  const { core, lines, content } = wanted;
  const epoch = Math.max(before?.epoch ?? 0, reportedEpoch) + 1;
  const sources = sourcesOfLacking(content.files, fill);
  return { epoch, core, lines, monoMs, sources, files: fill.items.map(({ file }) => file), times };
}

/** The files of a state are in the order of the fill's items. */
function sourcesOfLacking(files: readonly WantedFile[], { items }: TellFacts["fill"]): Told["sources"] {
  const lacking = files.filter((_, at) => items[at]?.why === "add");
  return new Map(lacking.map((file) => [file.id, file.sources]));
}

/** It could fetch something by the new state, and nothing by the one that it has. */
function isStarved(facts: TellFacts, before: Told): boolean {
  const now = sourcesOfLacking(facts.wanted.content.files, facts.fill);
  const lacking = facts.fill.items.filter(({ why }) => why === "add");
  const room = (files: readonly FillFile[]): number =>
    files.reduce((free, file) => free - (facts.owned.has(file.id) ? file.sizeBytes : 0), facts.storageBytes);
  const [roomTold, roomNow] = [room(before.files), room(facts.fill.items.map(({ file }) => file))];
  const asTold = lacking.some(
    ({ file }) => file.sizeBytes <= roomTold && hasSource(before.sources.get(file.id), now.get(file.id)),
  );
  if (asTold) return false;
  return lacking.some(({ file }) => file.sizeBytes <= roomNow && hasSource(now.get(file.id)));
}

/** One that may be asked at once, and is still one now. */
function hasSource(sources: WantedFile["sources"] = [], now: WantedFile["sources"] = sources): boolean {
  return sources.some(
    ({ sourceId, baseUrl, afterMs = 0 }) =>
      afterMs === 0 && now.some((source) => source.sourceId === sourceId && source.baseUrl === baseUrl),
  );
}
