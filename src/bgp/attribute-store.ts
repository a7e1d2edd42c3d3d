// Attribute sets, each kept once however many prefixes share it: its octets in one arena, its figures in typed arrays.
// A set is read when it is first heard; hearing it again costs a hash and a comparison.
import { hopsAlong, pathLength } from "./as-path.ts";
import { type AttributeTerms, type PathAttributes, readAttributes } from "./path-attributes.ts";
import { addSlot, mixed, removeSlot, type SlotIndex, slotIndex } from "./slot-index.ts";

export interface AttributeStore {
  readonly index: SlotIndex;
  readonly terms: AttributeTerms;
  readonly seed: number;
  arena: Uint8Array<ArrayBuffer>;
  arenaUsed: number;
  /** Octets of the arena that belong to nothing any more. */
  arenaDead: number;
  offsets: Uint32Array<ArrayBuffer>;
  sizes: Uint16Array<ArrayBuffer>;
  hashes: Uint32Array<ArrayBuffer>;
  /** How many prefixes have the set; 0: the number is free. */
  references: Uint32Array<ArrayBuffer>;
  pathLengths: Uint16Array<ArrayBuffer>;
  /** An absent MED counts as 0. */
  meds: Uint32Array<ArrayBuffer>;
  /** Numbers handed out so far, the freed ones among them. */
  made: number;
  readonly free: number[];
  /** The hops asked for last: prefixes of one message ask for the same. */
  lastHops: { readonly set: number; readonly hops: readonly number[] } | undefined;
}

export function attributeStore(terms: AttributeTerms, seed: number): AttributeStore {
  const hashes = new Uint32Array(64);
  const store: AttributeStore = {
    index: slotIndex((entry) => store.hashes[entry] ?? 0),
    // What is kept has been judged already.
    terms: { ...terms, areFlagsLoose: true },
    seed,
    arena: new Uint8Array(4096),
    arenaUsed: 0,
    arenaDead: 0,
    offsets: new Uint32Array(64),
    sizes: new Uint16Array(64),
    hashes,
    references: new Uint32Array(64),
    pathLengths: new Uint16Array(64),
    meds: new Uint32Array(64),
    made: 0,
    free: [],
    lastHops: undefined,
  };
  return store;
}

export function hashOctets(bytes: Uint8Array, length: number, seed: number): number {
  let hash = seed ^ length;
  let at = 0;
  for (; at + 4 <= length; at += 4) {
    const word =
      (bytes[at] ?? 0) |
      ((bytes[at + 1] ?? 0) << 8) |
      ((bytes[at + 2] ?? 0) << 16) |
      ((bytes[at + 3] ?? 0) << 24);
    hash = Math.imul(hash ^ word, 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  for (; at < length; at++) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x85ebca6b);
  return mixed(hash);
}

/** The number of a set that is kept already; undefined when it is new. */
export function findSet(
  store: AttributeStore,
  key: Uint8Array,
  length: number,
  hash: number,
): number | undefined {
  const { slots } = store.index;
  const mask = slots.length - 1;
  let slot = hash & mask;
  for (let value = slots[slot]; value !== undefined && value !== 0; value = slots[slot]) {
    const set = value - 1;
    if (store.hashes[set] === hash && store.sizes[set] === length && isEqual(store, set, key, length))
      return set;
    slot = (slot + 1) & mask;
  }
  return undefined;
}

function isEqual(store: AttributeStore, set: number, key: Uint8Array, length: number): boolean {
  const { arena } = store;
  const offset = store.offsets[set] ?? 0;
  for (let i = 0; i < length; i++) if (arena[offset + i] !== key[i]) return false;
  return true;
}

/** Keeps a new set. No prefix has it yet: `hold` it, or it is lost with the next `release`. */
export function addSet(
  store: AttributeStore,
  key: Uint8Array,
  length: number,
  hash: number,
  attributes: PathAttributes,
): number {
  const set = store.free.pop() ?? store.made++;
  if (set >= store.offsets.length) growColumns(store);
  store.offsets[set] = roomFor(store, length);
  store.arena.set(key.subarray(0, length), store.arenaUsed);
  store.arenaUsed += length;
  store.sizes[set] = length;
  store.hashes[set] = hash;
  store.references[set] = 0;
  if (store.lastHops?.set === set) store.lastHops = undefined;
  store.pathLengths[set] = Math.min(0xffff, pathLength(attributes.asPath ?? []));
  store.meds[set] = attributes.med ?? 0;
  addSlot(store.index, hash, set);
  return set;
}

export function hold(store: AttributeStore, set: number): void {
  store.references[set] = (store.references[set] ?? 0) + 1;
}

export function release(store: AttributeStore, set: number): void {
  const left = (store.references[set] ?? 0) - 1;
  store.references[set] = left;
  if (left === 0) dropSet(store, set);
}

/** Forgets a set that no prefix has. */
function dropSet(store: AttributeStore, set: number): void {
  removeSlot(store.index, store.hashes[set] ?? 0, set);
  store.arenaDead += store.sizes[set] ?? 0;
  store.sizes[set] = 0;
  store.free.push(set);
}

/** What all sets that some prefix has take. */
export function livingOctets({ arenaUsed, arenaDead }: AttributeStore): number {
  return arenaUsed - arenaDead;
}

/** All of a set, read again from its octets. */
export function attributesOf(store: AttributeStore, set: number): PathAttributes {
  const offset = store.offsets[set] ?? 0;
  return readAttributes(store.arena, offset, offset + (store.sizes[set] ?? 0), store.terms).attributes;
}

export function hopsOf(store: AttributeStore, set: number): readonly number[] {
  if (store.lastHops?.set === set) return store.lastHops.hops;
  const hops = hopsAlong(attributesOf(store, set).asPath ?? []);
  store.lastHops = { set, hops };
  return hops;
}

/** Shorter path, then lower MED: what steering ranks by; then by octets. Negative when `one` is better. */
export function compareSets(store: AttributeStore, one: number, other: number): number {
  const lengths = (store.pathLengths[one] ?? 0) - (store.pathLengths[other] ?? 0);
  const meds = (store.meds[one] ?? 0) - (store.meds[other] ?? 0);
  return lengths || meds || compareOctets(store, one, other);
}

function compareOctets({ arena, offsets, sizes }: AttributeStore, one: number, other: number): number {
  const [left = 0, right = 0] = [offsets[one], offsets[other]];
  const [mine = 0, its = 0] = [sizes[one], sizes[other]];
  for (let i = 0; i < Math.min(mine, its); i++) {
    const difference = (arena[left + i] ?? 0) - (arena[right + i] ?? 0);
    if (difference !== 0) return difference;
  }
  return mine - its;
}

/** Where `length` octets may be written; dead ones are cleared out when they are half of the arena. */
function roomFor(store: AttributeStore, length: number): number {
  if (store.arenaUsed + length <= store.arena.length) return store.arenaUsed;
  const size = Math.max(store.arena.length, Math.ceil((livingOctets(store) + length) * 1.5), 4096);
  const fresh = new Uint8Array(size);
  let used = 0;
  for (let set = 0; set < store.made; set++) {
    const octets = store.sizes[set] ?? 0;
    if (octets === 0) continue;
    const offset = store.offsets[set] ?? 0;
    // The set that the room is for has a size of its own only after this.
    fresh.set(store.arena.subarray(offset, offset + octets), used);
    store.offsets[set] = used;
    used += octets;
  }
  store.arena.buffer.transfer(0);
  store.arena = fresh;
  store.arenaUsed = used;
  store.arenaDead = 0;
  return used;
}

function growColumns(store: AttributeStore): void {
  const size = Math.ceil(store.offsets.length * 1.5);
  store.offsets = larger32(store.offsets, size);
  store.hashes = larger32(store.hashes, size);
  store.references = larger32(store.references, size);
  store.meds = larger32(store.meds, size);
  store.sizes = larger16(store.sizes, size);
  store.pathLengths = larger16(store.pathLengths, size);
}

/** The old array's memory goes at once, not when the collector comes by: it is what a full table costs most of. */
export function larger32(old: Uint32Array<ArrayBuffer>, size: number): Uint32Array<ArrayBuffer> {
  return new Uint32Array(old.buffer.transfer(size * 4));
}

function larger16(old: Uint16Array<ArrayBuffer>, size: number): Uint16Array<ArrayBuffer> {
  return new Uint16Array(old.buffer.transfer(size * 2));
}
