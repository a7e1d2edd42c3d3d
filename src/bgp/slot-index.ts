// The index of a hash table: from a hash to entry numbers, by linear probing. Entries live elsewhere, in typed arrays of
// the owner; so a table of a million prefixes costs a few octets each and gives the collector nothing to do.

export interface SlotIndex {
  /** 0: free; else entry number + 1. As many as a power of two. */
  slots: Uint32Array<ArrayBuffer>;
  used: number;
  /** The hash of an entry, asked for when slots move. */
  readonly hashOf: (entry: number) => number;
}

const leastSlots = 16;

export function slotIndex(hashOf: (entry: number) => number): SlotIndex {
  return { slots: new Uint32Array(leastSlots), used: 0, hashOf };
}

/** Adds an entry that is not in it. At most three quarters of the slots are used. */
export function addSlot(index: SlotIndex, hash: number, entry: number): void {
  if ((index.used + 1) * 4 > index.slots.length * 3) grow(index);
  put(index.slots, hash, entry);
  index.used += 1;
}

function put(slots: Uint32Array, hash: number, entry: number): void {
  const mask = slots.length - 1;
  let slot = hash & mask;
  while (slots[slot] !== 0) slot = (slot + 1) & mask;
  slots[slot] = entry + 1;
}

function grow(index: SlotIndex): void {
  const old = index.slots;
  index.slots = new Uint32Array(old.length * 2);
  for (const value of old) if (value !== 0) put(index.slots, index.hashOf(value - 1), value - 1);
  // Given back at once, not when the collector comes by.
  old.buffer.transfer(0);
}

/** Takes an entry out that is in it, and moves up those behind it that would not be found any more. */
export function removeSlot(index: SlotIndex, hash: number, entry: number): void {
  const { slots } = index;
  const mask = slots.length - 1;
  let hole = hash & mask;
  while (slots[hole] !== entry + 1) hole = (hole + 1) & mask;
  let next = (hole + 1) & mask;
  for (let value = slots[next]; value !== undefined && value !== 0; value = slots[next]) {
    const home = index.hashOf(value - 1) & mask;
    // It may move up when its home is not between the hole and itself.
    if (((next - home) & mask) >= ((next - hole) & mask)) {
      slots[hole] = value;
      hole = next;
    }
    next = (next + 1) & mask;
  }
  slots[hole] = 0;
  index.used -= 1;
}

/** Source: the finaliser of MurmurHash3 (A. Appleby, public domain). */
export function mixed(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
