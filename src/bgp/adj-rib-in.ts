// What one neighbour announced and has not taken back (Adj-RIB-In of RFC 4271 §3.2), after the filters. UPDATE messages
// go in as octets; what changed comes out one prefix at a time.
import {
  type AttributeStore,
  addSet,
  attributeStore,
  compareSets,
  findSet,
  hashOctets,
  hold,
  release,
} from "./attribute-store.ts";
import { type Family, families } from "./family.ts";
import { type Rejection, type RouteFilter, rejectPath, rejectPrefix } from "./filter.ts";
import type { ProtocolError } from "./message.ts";
import { eachPrefix, type HeardPrefix, heardPrefix, type PrefixRun } from "./nlri.ts";
import { readAttributes } from "./path-attributes.ts";
import {
  eachPath,
  markStale,
  type PrefixTable,
  prefixTable,
  putPath,
  removePath,
  sweep,
} from "./prefix-table.ts";
import { splitUpdate, takeRoute, type UpdateParts, type UpdateTerms, updateParts } from "./update.ts";
import { judge } from "./update-verdict.ts";

export interface RibCounts {
  updates: number;
  announced: number;
  withdrawn: number;
  /** UPDATE messages whose prefixes were taken as withdrawn because of a broken attribute (RFC 7606). */
  treatedAsWithdraw: number;
  attributesDiscarded: number;
  /** UPDATE messages for a family that was not agreed on. */
  foreign: number;
  readonly rejected: Record<Rejection, number>;
}

export interface AdjRibIn {
  terms: UpdateTerms;
  readonly filter: RouteFilter;
  readonly seed: number;
  sets: AttributeStore;
  readonly tables: Readonly<Record<Family, PrefixTable>>;
  readonly counts: RibCounts;
  readonly parts: UpdateParts;
  readonly scratch: HeardPrefix;
}

/** Told of each prefix whose paths are not what they were. The prefix is only good during the call. */
export type Changed = (heard: HeardPrefix) => void;

export type Heard =
  | { readonly kind: "heard"; readonly endOfRib: Family | undefined; readonly flaw: string | undefined }
  | { readonly kind: "broken"; readonly error: ProtocolError };

const plainly: Heard = { kind: "heard", endOfRib: undefined, flaw: undefined };

/** `seed` keeps a neighbour from choosing prefixes that fall on one slot; any number will do, a random one best. */
export function adjRibIn(terms: UpdateTerms, filter: RouteFilter, seed: number): AdjRibIn {
  return {
    terms,
    filter,
    seed,
    sets: attributeStore(terms, seed),
    tables: { 4: prefixTable(4, seed), 6: prefixTable(6, seed) },
    counts: {
      updates: 0,
      announced: 0,
      withdrawn: 0,
      treatedAsWithdraw: 0,
      attributesDiscarded: 0,
      foreign: 0,
      rejected: { ...noRejections },
    },
    parts: updateParts(),
    scratch: heardPrefix(),
  };
}

const noRejections: Readonly<Record<Rejection, number>> = {
  "default-route": 0,
  bogon: 0,
  "too-short": 0,
  "too-long": 0,
  "own-as": 0,
  "first-as": 0,
  "too-many-paths": 0,
};

/** Takes in one UPDATE message, header included. */
export function hearUpdate(
  rib: AdjRibIn,
  bytes: Uint8Array,
  start: number,
  end: number,
  changed: Changed,
): Heard {
  const { parts, counts } = rib;
  const error = splitUpdate(bytes, start, end, rib.terms, parts);
  if (error !== undefined) return { kind: "broken", error };
  counts.updates += 1;
  if (parts.isForeign) counts.foreign += 1;
  for (const run of parts.withdrawn) {
    eachPrefix(run, rib.scratch, (heard) => {
      counts.withdrawn += 1;
      drop(rib, heard, changed);
    });
  }
  const hasAttributes = parts.keyLength > 0 || parts.flawed !== undefined;
  const flaw = parts.announced.length > 0 || hasAttributes ? hearAnnounced(rib, changed) : undefined;
  if (typeof flaw === "object") return { kind: "broken", error: flaw };
  if (parts.endOfRib === undefined && flaw === undefined) return plainly;
  return { kind: "heard", endOfRib: parts.endOfRib, flaw };
}

/** Takes in one prefix whose attributes lie at [start, end) of the same octets: a line of a dump. */
export function hearRoute(
  rib: AdjRibIn,
  run: PrefixRun,
  start: number,
  end: number,
  changed: Changed,
): Heard {
  takeRoute(rib.parts, run, start, end);
  const flaw = hearAnnounced(rib, changed);
  if (typeof flaw === "object") return { kind: "broken", error: flaw };
  return { kind: "heard", endOfRib: undefined, flaw };
}

/** A sentence when the message was taken as a withdrawal, an error when it ends the session. */
function hearAnnounced(rib: AdjRibIn, changed: Changed): string | ProtocolError | undefined {
  const { parts, sets, counts } = rib;
  const hash = hashOctets(parts.key, parts.keyLength, rib.seed);
  const isWhole = parts.flawed === undefined && parts.announced.length > 0;
  const known = isWhole ? findSet(sets, parts.key, parts.keyLength, hash) : undefined;
  if (known !== undefined) {
    announceAll(rib, known, changed);
    return undefined;
  }
  const reading = readAttributes(parts.key, 0, parts.keyLength, rib.terms);
  const verdict = judge(parts, reading);
  switch (verdict.kind) {
    case "broken":
      return verdict.error;
    case "withdrawn":
      counts.treatedAsWithdraw += 1;
      dropAll(rib, changed);
      return verdict.because;
    case "kept": {
      counts.attributesDiscarded += verdict.discarded;
      if (parts.announced.length === 0) return undefined;
      const because = rejectPath(reading.attributes, rib.filter, rib.terms.isExternal);
      if (because === undefined) {
        announceAll(rib, addSet(sets, parts.key, parts.keyLength, hash, reading.attributes), changed);
      } else counts.rejected[because] += dropAll(rib, changed);
      return undefined;
    }
  }
}

function announceAll(rib: AdjRibIn, set: number, changed: Changed): void {
  // Held while its prefixes come in: the first may be rejected, or take the place of the last one that had it.
  hold(rib.sets, set);
  for (const run of rib.parts.announced) {
    eachPrefix(run, rib.scratch, (heard) => announce(rib, heard, set, changed));
  }
  release(rib.sets, set);
}

function announce(rib: AdjRibIn, heard: HeardPrefix, set: number, changed: Changed): void {
  rib.counts.announced += 1;
  const because = rejectPrefix(heard, rib.filter);
  if (because !== undefined) {
    rib.counts.rejected[because] += 1;
    // What came before is replaced by what is not wanted (RFC 4271 §9, implicit withdrawal).
    drop(rib, heard, changed);
    return;
  }
  const put = putPath(rib.tables[heard.family], heard, set);
  if (put.kind === "full") {
    rib.counts.rejected["too-many-paths"] += 1;
    return;
  }
  hold(rib.sets, set);
  const before = put.kind === "replaced" ? put.set : undefined;
  if (before !== undefined) release(rib.sets, before);
  if (before !== set) changed(heard);
}

function drop(rib: AdjRibIn, heard: HeardPrefix, changed: Changed): void {
  const set = removePath(rib.tables[heard.family], heard);
  if (set === undefined) return;
  release(rib.sets, set);
  changed(heard);
}

/** Returns how many prefixes the message announced. */
function dropAll(rib: AdjRibIn, changed: Changed): number {
  let dropped = 0;
  for (const run of rib.parts.announced) {
    eachPrefix(run, rib.scratch, (heard) => {
      dropped += 1;
      drop(rib, heard, changed);
    });
  }
  return dropped;
}

/** The best of a prefix's paths: shortest AS path, then lowest MED; of equals one and the same, whoever came first. */
export function bestSet(rib: AdjRibIn, heard: HeardPrefix): number | undefined {
  let best: number | undefined;
  eachPath(rib.tables[heard.family], heard, (set) => {
    if (best === undefined || compareSets(rib.sets, set, best) < 0) best = set;
  });
  return best;
}

/** Everything of a family is doubtful until it is said again. */
export function staleFamily(rib: AdjRibIn, family: Family): void {
  markStale(rib.tables[family]);
}

/** Removes a family's paths, or those still stale. */
export function sweepFamily(rib: AdjRibIn, family: Family, which: "all" | "stale", changed: Changed): void {
  sweep(rib.tables[family], which, rib.scratch, (heard, set) => {
    release(rib.sets, set);
    changed(heard);
  });
}

/** What a family holds, stale paths among it. */
export function countOf(rib: AdjRibIn, family: Family): number {
  return rib.tables[family].count;
}

/**
 * A new session may read attributes otherwise than the last. Sets that stale paths still have are kept when it does not;
 * when it does, those paths go: octets would mean something else.
 */
export function changeTerms(rib: AdjRibIn, terms: UpdateTerms, changed: Changed): void {
  const { asOctets, isExternal } = rib.terms;
  if (terms.asOctets !== asOctets || terms.isExternal !== isExternal) {
    for (const family of families) sweepFamily(rib, family, "all", changed);
    rib.sets = attributeStore(terms, rib.seed);
  }
  rib.terms = terms;
}
