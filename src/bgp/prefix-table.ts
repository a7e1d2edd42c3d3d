// The prefixes of one family that one neighbour announced, by prefix and path id, in typed arrays: some 20 octets for an
// IPv4 prefix, 40 for one of IPv6. Paths of one prefix share its hash, so they are found by walking one run of slots.
import { larger32 } from "./attribute-store.ts";
import type { Family } from "./family.ts";
import type { HeardPrefix } from "./nlri.ts";
import { addSlot, mixed, removeSlot, type SlotIndex, slotIndex } from "./slot-index.ts";

const free = 0;
const fresh = 1;
const stale = 2;
const nobody = 0xffffffff;

export interface PrefixTable {
  readonly family: Family;
  readonly seed: number;
  index: SlotIndex;
  /** One word per IPv4 entry, four per IPv6 entry. */
  words: Uint32Array<ArrayBuffer>;
  lengths: Uint8Array<ArrayBuffer>;
  /** Of a free entry: the next free one. */
  sets: Uint32Array<ArrayBuffer>;
  /** Only there once a path id other than 0 was heard. */
  pathIds: Uint32Array<ArrayBuffer> | undefined;
  states: Uint8Array<ArrayBuffer>;
  /** Entries handed out so far, the freed ones among them. */
  made: number;
  firstFree: number;
  count: number;
  staleCount: number;
}

/** What was there before; "full" when the prefix has as many paths as one may have. */
export type Put =
  | { readonly kind: "new" }
  | { readonly kind: "replaced"; readonly set: number }
  | { readonly kind: "full" };

const isNew: Put = { kind: "new" };
const isFull: Put = { kind: "full" };
/** Reused, so that replacing makes no garbage. */
const replaced = { kind: "replaced" as const, set: 0 };
const leastEntries = 64;
/** One prefix takes at most so many paths: a run of slots must stay short. */
export const mostPaths = 64;

export function prefixTable(family: Family, seed: number): PrefixTable {
  const table: PrefixTable = {
    family,
    seed,
    index: slotIndex((entry) => hashOfEntry(table, entry)),
    words: new Uint32Array(leastEntries * wordsOf(family)),
    lengths: new Uint8Array(leastEntries),
    sets: new Uint32Array(leastEntries),
    pathIds: undefined,
    states: new Uint8Array(leastEntries),
    made: 0,
    firstFree: nobody,
    count: 0,
    staleCount: 0,
  };
  return table;
}

function wordsOf(family: Family): number {
  return family === 4 ? 1 : 4;
}

function hashOfEntry({ words, lengths, family, seed }: PrefixTable, entry: number): number {
  return hashOf(words, entry * wordsOf(family), family, lengths[entry] ?? 0, seed);
}

function hashOf(words: Uint32Array, at: number, family: Family, length: number, seed: number): number {
  let hash = mixed((words[at] ?? 0) ^ seed) ^ length;
  if (family === 6) {
    hash = mixed(hash ^ (words[at + 1] ?? 0));
    if (length > 64) hash = mixed(hash ^ (words[at + 2] ?? 0)) ^ mixed((words[at + 3] ?? 0) ^ seed);
  }
  return mixed(hash);
}

/** Sets the path of a prefix; an entry that was stale is fresh again. */
export function putPath(table: PrefixTable, heard: HeardPrefix, set: number): Put {
  const hash = hashOf(heard.words, 0, table.family, heard.length, table.seed);
  const { slots } = table.index;
  const mask = slots.length - 1;
  let slot = hash & mask;
  let paths = 0;
  for (let value = slots[slot]; value !== undefined && value !== 0; value = slots[slot]) {
    const entry = value - 1;
    if (isPrefix(table, entry, heard)) {
      if ((table.pathIds?.[entry] ?? 0) === heard.pathId) return replace(table, entry, set);
      paths += 1;
    }
    slot = (slot + 1) & mask;
  }
  if (paths >= mostPaths) return isFull;
  const entry = newEntry(table, heard);
  table.sets[entry] = set;
  addSlot(table.index, hash, entry);
  return isNew;
}

function replace(table: PrefixTable, entry: number, set: number): Put {
  replaced.set = table.sets[entry] ?? 0;
  table.sets[entry] = set;
  if (table.states[entry] === stale) table.staleCount -= 1;
  table.states[entry] = fresh;
  return replaced;
}

/** The attribute set that the path had; undefined when it was not there. */
export function removePath(table: PrefixTable, heard: HeardPrefix): number | undefined {
  const entry = findEntry(table, heard);
  if (entry === undefined) return undefined;
  const set = table.sets[entry] ?? 0;
  removeEntry(table, entry);
  return set;
}

function findEntry(table: PrefixTable, heard: HeardPrefix): number | undefined {
  const { slots } = table.index;
  const mask = slots.length - 1;
  let slot = hashOf(heard.words, 0, table.family, heard.length, table.seed) & mask;
  for (let value = slots[slot]; value !== undefined && value !== 0; value = slots[slot]) {
    const entry = value - 1;
    if (isPrefix(table, entry, heard) && (table.pathIds?.[entry] ?? 0) === heard.pathId) return entry;
    slot = (slot + 1) & mask;
  }
  return undefined;
}

/** All paths of a prefix, one after the other. */
export function eachPath(
  table: PrefixTable,
  heard: HeardPrefix,
  visit: (set: number, pathId: number) => void,
): void {
  const { slots } = table.index;
  const mask = slots.length - 1;
  let slot = hashOf(heard.words, 0, table.family, heard.length, table.seed) & mask;
  for (let value = slots[slot]; value !== undefined && value !== 0; value = slots[slot]) {
    const entry = value - 1;
    if (isPrefix(table, entry, heard)) visit(table.sets[entry] ?? 0, table.pathIds?.[entry] ?? 0);
    slot = (slot + 1) & mask;
  }
}

function isPrefix(table: PrefixTable, entry: number, heard: HeardPrefix): boolean {
  if (table.lengths[entry] !== heard.length) return false;
  const { words } = table;
  if (table.family === 4) return words[entry] === heard.words[0];
  const at = entry * 4;
  return (
    words[at] === heard.words[0] &&
    words[at + 1] === heard.words[1] &&
    words[at + 2] === heard.words[2] &&
    words[at + 3] === heard.words[3]
  );
}

function newEntry(table: PrefixTable, heard: HeardPrefix): number {
  let entry = table.firstFree;
  if (entry === nobody) {
    entry = table.made++;
    if (entry >= table.lengths.length) growEntries(table);
  } else table.firstFree = table.sets[entry] ?? nobody;
  const count = wordsOf(table.family);
  for (let w = 0; w < count; w++) table.words[entry * count + w] = heard.words[w] ?? 0;
  table.lengths[entry] = heard.length;
  table.states[entry] = fresh;
  if (heard.pathId !== 0 && table.pathIds === undefined) {
    table.pathIds = new Uint32Array(table.lengths.length);
  }
  if (table.pathIds !== undefined) table.pathIds[entry] = heard.pathId;
  table.count += 1;
  return entry;
}

function removeEntry(table: PrefixTable, entry: number): void {
  removeSlot(table.index, hashOfEntry(table, entry), entry);
  if (table.states[entry] === stale) table.staleCount -= 1;
  table.states[entry] = free;
  table.sets[entry] = table.firstFree;
  table.firstFree = entry;
  table.count -= 1;
}

function growEntries(table: PrefixTable): void {
  const size = Math.ceil(table.lengths.length * 1.4);
  table.words = larger32(table.words, size * wordsOf(table.family));
  table.sets = larger32(table.sets, size);
  if (table.pathIds !== undefined) table.pathIds = larger32(table.pathIds, size);
  table.lengths = larger8(table.lengths, size);
  table.states = larger8(table.states, size);
}

function larger8(old: Uint8Array<ArrayBuffer>, size: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(old.buffer.transfer(size));
}

/** Shows every path that is there. Nothing may be added or removed meanwhile. */
export function eachEntry(
  table: PrefixTable,
  into: HeardPrefix,
  visit: (heard: HeardPrefix, set: number) => void,
): void {
  for (let entry = 0; entry < table.made; entry++) {
    if (table.states[entry] === free) continue;
    visit(readEntry(table, entry, into), table.sets[entry] ?? 0);
  }
}

/** The same, one at a time; whatever is added, moved or removed in between may come as it was, as it is, or not at all. */
export function* entries(
  table: PrefixTable,
  into: HeardPrefix,
): Generator<{ readonly heard: HeardPrefix; readonly set: number }, void> {
  for (let entry = 0; entry < table.made; entry++) {
    if (table.states[entry] === free) continue;
    yield { heard: readEntry(table, entry, into), set: table.sets[entry] ?? 0 };
  }
}

function readEntry(table: PrefixTable, entry: number, into: HeardPrefix): HeardPrefix {
  const count = wordsOf(table.family);
  into.family = table.family;
  into.length = table.lengths[entry] ?? 0;
  into.pathId = table.pathIds?.[entry] ?? 0;
  for (let w = 0; w < count; w++) into.words[w] = table.words[entry * count + w] ?? 0;
  return into;
}

export function markStale(table: PrefixTable): void {
  for (let entry = 0; entry < table.made; entry++) {
    if (table.states[entry] === fresh) table.states[entry] = stale;
  }
  table.staleCount = table.count;
}

/** Removes all paths, or those still stale; shows each after it is gone. */
export function sweep(
  table: PrefixTable,
  which: "all" | "stale",
  into: HeardPrefix,
  gone: (heard: HeardPrefix, set: number) => void,
): void {
  if (which === "all") {
    eachEntry(emptied(table), into, gone);
    return;
  }
  if (table.staleCount === 0) return;
  for (let entry = 0; entry < table.made; entry++) {
    if (table.states[entry] !== stale) continue;
    const set = table.sets[entry] ?? 0;
    removeEntry(table, entry);
    gone(readEntry(table, entry, into), set);
  }
  if (table.count === 0) emptied(table);
}

/** Makes the table a new one, and returns what it held: taking a million paths out one by one would take a second. */
function emptied(table: PrefixTable): PrefixTable {
  const held = { ...table };
  // An index of its own: the new table's would ask that table for hashes.
  const index = slotIndex((entry) => hashOfEntry(table, entry));
  Object.assign(table, prefixTable(table.family, table.seed), { index });
  return held;
}
