// What viewers asked for in vain, most missed first: the plan's mistakes, seen from the appliance.
//
// Any viewer with a token can ask for any name inside its title, so the list is bounded, and names that were made up must
// not push out what many miss. Space-Saving does that: a name that finds no room takes the place of the least missed one and
// inherits its count, with a note of how much of it is inherited. Whatever was missed more often than (all misses ÷ room) is
// in the list, and no count is too low. Source: Metwally, Agrawal, El Abbadi, "Efficient Computation of Frequent and
// Top-k Elements in Data Streams", ICDT 2005.

import { isServable } from "./nginx-config.ts";

export interface Miss {
  readonly titleId: string;
  readonly path: string;
  /** Since 1970. */
  readonly atMs: number;
}

export interface MissedFile {
  readonly titleId: string;
  readonly path: string;
  /** At most this often. */
  readonly count: number;
  /** At least this often: without what was inherited. */
  readonly atLeast: number;
  readonly sinceMs: number;
  readonly lastMs: number;
}

export interface MissList {
  /** By "title/path". */
  readonly files: ReadonlyMap<string, MissedFile>;
  /** All misses since the agent's start, of whatever file. */
  readonly total: number;
}

export interface ListLimits {
  readonly files: number;
  /** A file that nobody missed for so long is forgotten. */
  readonly forgetMs: number;
}

/** Chosen by us: twenty times what a report tells, so that a burst of made-up names is no loss. */
export const listLimits: ListLimits = { files: 1024, forgetMs: 86_400_000 };

export const noMisses: MissList = { files: new Map(), total: 0 };

export function record(list: MissList, misses: readonly Miss[], limits = listLimits): MissList {
  if (misses.length === 0) return list;
  const files = new Map(list.files);
  const latest = misses.reduce((last, { atMs }) => Math.max(last, atMs), 0);
  for (const [key, file] of files) if (latest - file.lastMs > limits.forgetMs) files.delete(key);
  const floor = { count: 0 };
  for (const miss of misses) count(files, miss, limits, floor);
  return { files, total: list.total + misses.length };
}

/** `floor`: no file was missed less often. It only rises, so that a flood of new names need not look at every file. */
function count(
  files: Map<string, MissedFile>,
  miss: Miss,
  limits: ListLimits,
  floor: { count: number },
): void {
  const { titleId, path, atMs } = miss;
  const key = `${titleId}/${path}`;
  const known = files.get(key);
  if (known !== undefined) {
    const lastMs = Math.max(known.lastMs, atMs);
    files.set(key, { ...known, count: known.count + 1, atLeast: known.atLeast + 1, lastMs });
    return;
  }
  const inherited = files.size < limits.files ? 0 : giveWay(files, floor);
  files.set(key, { titleId, path, count: inherited + 1, atLeast: 1, sinceMs: atMs, lastMs: atMs });
}

/** Takes the least missed one out and says how often it was missed. */
function giveWay(files: Map<string, MissedFile>, floor: { count: number }): number {
  let [least, fewest] = ["", Number.POSITIVE_INFINITY];
  for (const [key, file] of files) {
    if (file.count < fewest) [least, fewest] = [key, file.count];
    if (fewest <= floor.count) break;
  }
  floor.count = fewest;
  files.delete(least);
  return fewest;
}

/** The most missed, by what is certain; of equals, the one that is missed for longer. */
export function mostMissed(list: MissList, most: number): readonly MissedFile[] {
  const order = (a: MissedFile, b: MissedFile): number => b.atLeast - a.atLeast || a.sinceMs - b.sinceMs;
  return [...list.files.values()].sort(order).slice(0, most);
}

/**
 * The misses in lines of the access log: what viewers asked for with a good signature, and nginx had to refuse, send on or
 * pull. Another appliance's fill is no viewer. A path that no file can have is made up, and as long as a stranger likes.
 */
export function missesIn(lines: string): readonly Miss[] {
  const row =
    /^\{"time":([0-9]+(?:\.[0-9]+)?),"session":"(?!fill-)[^"\\]*","title":"([A-Za-z0-9][A-Za-z0-9._-]{0,63})","path":"([A-Za-z0-9._/-]+)","method":"(?:GET|HEAD)","status":[0-9]{3},"bytes":[0-9]+,"miss":"(?:none|redirect|pull)"/gm;
  return [...lines.matchAll(row)]
    .map(([, time = "0", titleId = "", path = ""]) => ({
      titleId,
      path,
      atMs: Math.round(Number(time) * 1000),
    }))
    .filter(({ path }) => isServable(path));
}
