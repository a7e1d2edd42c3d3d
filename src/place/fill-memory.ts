// What is remembered of one box between its reports: what it was told, what it follows, and what it really has.
//
// A report and its answer are one exchange. Between two of them a box follows the state it reported, or the one that it was
// told since: what both want, it does not let go of.
import type { FillBox, FillFile, FillProgress } from "./fill-facts.ts";
import type { Night } from "./fill-night.ts";

/** File ids, each with the moment its title was published: the version. */
export type Wanted = ReadonlyMap<string, number>;

export interface BoxMemory {
  /** In the state that it was told last. */
  readonly told: Wanted;
  /** In the state that it said it follows; undefined while that is not known. */
  readonly followed: Wanted | undefined;
  /**
   * What it verified at some time and was told to hold ever since: after a restart an agent hashes everything anew, and
   * what is not hashed yet is not lost.
   */
  readonly owned: ReadonlySet<string>;
  /** Files that it was told to bring in for its cluster. */
  readonly leads: ReadonlySet<string>;
  readonly deferred: ReadonlySet<string>;
  readonly night: Night | undefined;
  readonly progress: FillProgress;
  /**
   * Whether what it reports is all it has. Not so for an agent that was at work before it was first heard of: it may be
   * hashing what it held all along.
   */
  readonly isSettled: boolean;
}

export const nothingKnown: BoxMemory = {
  told: new Map(),
  followed: undefined,
  owned: new Set(),
  leads: new Set(),
  deferred: new Set(),
  night: undefined,
  progress: "unknown",
  isSettled: false,
};

/** A report came. */
export function heardFrom(
  memory: BoxMemory,
  report: {
    readonly verified: Iterable<string>;
    /** "told": the last state it was told. "other": an older one, of this control plane or not. "none": no state at all. */
    readonly follows: "told" | "other" | "none";
    /** It neither fetches nor hashes. */
    readonly isIdle: boolean;
  },
): BoxMemory {
  const followed = report.follows === "told" ? memory.told : memory.followed;
  const owned = new Set(report.verified);
  if (followed !== memory.told) {
    for (const id of owned) if (isReplaced(id, followed, memory.told)) owned.delete(id);
  }
  for (const id of memory.owned) if (memory.told.has(id)) owned.add(id);
  const isSettled = memory.isSettled || report.isIdle || report.follows === "none";
  return { ...memory, owned, followed, isSettled };
}

/** The one state has another version of it than the other. */
function isReplaced(id: string, before: Wanted | undefined, after: Wanted): boolean {
  const [old, current] = [before?.get(id), after.get(id)];
  return old !== undefined && current !== undefined && old !== current;
}

/** It was told a new state. */
export function toldTo(
  memory: BoxMemory,
  items: readonly { readonly file: FillFile; readonly isMaster: boolean }[],
): BoxMemory {
  const told = new Map<string, number>();
  const leads = new Set<string>();
  const replaced = new Set<string>();
  for (const { file, isMaster } of items) {
    told.set(file.id, file.publishedAtMs);
    if (isMaster) leads.add(file.id);
    if (file.publishedAtMs !== (memory.told.get(file.id) ?? file.publishedAtMs)) replaced.add(file.id);
  }
  const owned =
    replaced.size === 0 ? memory.owned : new Set([...memory.owned].filter((id) => !replaced.has(id)));
  return { ...memory, told, leads, owned };
}

/** The box as others see it, from its own words and from what is remembered. */
export function seenBox(
  facts: Pick<
    FillBox,
    "id" | "siteId" | "clusterId" | "storageBytes" | "throughputBps" | "isHealthy" | "load"
  >,
  verified: ReadonlySet<string>,
  memory: BoxMemory,
  versionOf: (fileId: string) => number | undefined,
): FillBox {
  const { told, followed } = memory;
  const isOutdated = (id: string): boolean => {
    const version = followed?.get(id);
    return version !== undefined && version !== versionOf(id);
  };
  const wantsIt = (id: string, wanted: Wanted | undefined): boolean => {
    const version = wanted?.get(id);
    return version !== undefined && version === versionOf(id);
  };
  return {
    ...facts,
    holds: (id) => verified.has(id) && !isOutdated(id),
    secures: (id) => verified.has(id) && wantsIt(id, told) && wantsIt(id, followed),
    leads: (id) => memory.leads.has(id),
    defers: (id) => memory.deferred.has(id),
    progress: memory.progress,
  };
}

/** The box as its own plan sees it: what it hashes anew after a restart counts as held. */
export function ownBox(
  box: FillBox,
  memory: BoxMemory,
  versionOf: (fileId: string) => number | undefined,
): FillBox {
  const wanted = memory.followed ?? memory.told;
  const holds = (id: string): boolean => {
    if (!memory.owned.has(id)) return false;
    const version = wanted.get(id);
    return version === undefined || version === versionOf(id);
  };
  return { ...box, holds };
}
