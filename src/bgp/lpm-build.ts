// Sorted prefixes in, a table to look up in out. One sweep over the addresses: a prefix opens an interval inside its
// parent's and closes it at its end, where the parent's value holds again.
import { deeper, type Lpm } from "./lpm.ts";
import type { PrefixRows } from "./route-run.ts";

/**
 * The value of one prefix, whose rows are `from` up to `to`, exclusive. `parent` is the value of the longest shorter
 * prefix that covers it, 0 if none does. Must be below 2^31.
 */
export type ValueFor = (parent: number, from: number, to: number) => number;

/** Rows must be sorted by address, then length; `valueFor` is called once per prefix, parents before children. */
export function buildLpm(rows: PrefixRows, valueFor: ValueFor): Lpm {
  return rows.family === 4 ? build4(rows, valueFor) : build6(rows, valueFor);
}

/** At most this many bits of index: 16 MiB, at which a full IPv4 table needs one step of search. */
const mostIndexBits = 22;

/** Open intervals, innermost last, over addresses of 64 bits in two words; and the bounds found so far. */
class Sweep {
  bounds: Uint32Array;
  count = 0;
  private readonly endHigh: number[] = [];
  private readonly endLow: number[] = [];
  private readonly values: number[];

  constructor(base: number, expected: number) {
    this.bounds = new Uint32Array(3 * (2 * expected + 1));
    this.values = [base];
    this.bound(0, 0, base);
  }

  get innermost(): number {
    return this.values.at(-1) ?? 0;
  }

  /** Closes what ends before this address. */
  closeBefore(high: number, low: number): void {
    while (this.endHigh.length > 0) {
      const endHigh = this.endHigh.at(-1) ?? 0;
      const endLow = this.endLow.at(-1) ?? 0;
      if (endHigh > high || (endHigh === high && endLow >= low)) return;
      this.close(endHigh, endLow);
    }
  }

  open(high: number, low: number, length: number, value: number): void {
    this.endHigh.push(length >= 32 ? high : (high | (0xffff_ffff >>> length)) >>> 0);
    this.endLow.push(
      length <= 32 ? 0xffff_ffff : length === 64 ? low : (low | (0xffff_ffff >>> (length - 32))) >>> 0,
    );
    this.values.push(value);
    this.bound(high, low, value);
  }

  closeAll(): void {
    while (this.endHigh.length > 0) this.close(this.endHigh.at(-1) ?? 0, this.endLow.at(-1) ?? 0);
  }

  private close(endHigh: number, endLow: number): void {
    this.endHigh.pop();
    this.endLow.pop();
    this.values.pop();
    if (endLow < 0xffff_ffff) this.bound(endHigh, endLow + 1, this.innermost);
    else if (endHigh < 0xffff_ffff) this.bound(endHigh + 1, 0, this.innermost);
  }

  /** From this address on, this value. Neighbours of the same value are one interval. */
  private bound(high: number, low: number, value: number): void {
    const { bounds } = this;
    const last = 3 * (this.count - 1);
    const replaces = this.count > 0 && bounds[last] === high && bounds[last + 1] === low;
    if (replaces) this.count--;
    if (this.count > 0 && bounds[3 * this.count - 1] === value) return;
    bounds[3 * this.count] = high;
    bounds[3 * this.count + 1] = low;
    bounds[3 * this.count + 2] = value;
    this.count++;
  }
}

function build4(rows: PrefixRows, valueFor: ValueFor): Lpm {
  const sweep = new Sweep(0, rows.count);
  const [addresses = new Uint32Array()] = rows.words;
  for (let from = 0; from < rows.count; ) {
    const to = endOfPrefix(rows, from);
    const address = addresses[from] ?? 0;
    sweep.closeBefore(address, 0);
    sweep.open(address, 0, rows.lengths[from] ?? 0, valueFor(sweep.innermost, from, to));
    from = to;
  }
  sweep.closeAll();
  const bounds = new Uint32Array(2 * sweep.count);
  for (let i = 0; i < sweep.count; i++) {
    bounds[2 * i] = sweep.bounds[3 * i] ?? 0;
    bounds[2 * i + 1] = sweep.bounds[3 * i + 2] ?? 0;
  }
  const { shift, index } = indexOf(sweep.count, (chunkTop, i) => (bounds[2 * i] ?? 0) <= chunkTop);
  return { shift, index, bounds, deepFrom: new Uint32Array(), deep: new Uint32Array() };
}

function build6(rows: PrefixRows, valueFor: ValueFor): Lpm {
  const sweep = new Sweep(0, rows.count);
  const deep: Uint32Array[] = [];
  const deepFrom = [0];
  const [word0 = new Uint32Array(), word1 = new Uint32Array()] = rows.words;
  for (let from = 0; from < rows.count; ) {
    const high = word0[from] ?? 0;
    const low = word1[from] ?? 0;
    sweep.closeBefore(high, low);
    const length = rows.lengths[from] ?? 0;
    if (length <= 64) {
      const to = endOfPrefix(rows, from);
      sweep.open(high, low, length, valueFor(sweep.innermost, from, to));
      from = to;
      continue;
    }
    // Shorter prefixes of the same /64 came before, so that the longer ones stand together.
    const to = endOfHalf(rows, from);
    const bounds = deepBounds(rows, from, to, sweep.innermost, valueFor);
    deep.push(bounds);
    sweep.open(high, low, 64, deeper + deepFrom.length - 1);
    deepFrom.push((deepFrom.at(-1) ?? 0) + bounds.length / 3);
    from = to;
  }
  sweep.closeAll();
  const bounds = sweep.bounds.slice(0, 3 * sweep.count);
  const { shift, index } = indexOf(sweep.count, (chunkTop, i) => {
    const [high, low] = [bounds[3 * i] ?? 0, bounds[3 * i + 1] ?? 0];
    // A chunk's first address has 001 before the 32 bits that number it.
    const top = 0x2000_0000 + Math.floor(chunkTop / 8);
    return high < top || (high === top && low <= (chunkTop % 8) * 0x2000_0000);
  });
  return { shift, index, bounds, deepFrom: Uint32Array.from(deepFrom), deep: joined(deep) };
}

/** The intervals of one /64 over the low 64 bits. */
function deepBounds(
  rows: PrefixRows,
  first: number,
  end: number,
  base: number,
  valueFor: ValueFor,
): Uint32Array {
  const sweep = new Sweep(base, end - first);
  const [, , word2 = new Uint32Array(), word3 = new Uint32Array()] = rows.words;
  for (let from = first; from < end; ) {
    const to = endOfPrefix(rows, from);
    const high = word2[from] ?? 0;
    const low = word3[from] ?? 0;
    sweep.closeBefore(high, low);
    sweep.open(high, low, (rows.lengths[from] ?? 0) - 64, valueFor(sweep.innermost, from, to));
    from = to;
  }
  sweep.closeAll();
  return sweep.bounds.slice(0, 3 * sweep.count);
}

/**
 * Chunk → last interval that begins at or before the chunk's first address. `begins` says whether interval i begins at or
 * before an address, given by the 32 bits that chunks are numbered by; 2^32 stands for the end.
 */
function indexOf(
  intervals: number,
  begins: (address: number, i: number) => boolean,
): Pick<Lpm, "shift" | "index"> {
  const bits = Math.min(mostIndexBits, Math.max(1, Math.ceil(Math.log2(intervals)) + 1));
  const index = new Uint32Array(2 ** bits + 1);
  let at = 0;
  for (let chunk = 0; chunk < index.length; chunk++) {
    while (at + 1 < intervals && begins(chunk * 2 ** (32 - bits), at + 1)) at++;
    index[chunk] = at;
  }
  return { shift: 32 - bits, index };
}

function endOfPrefix(rows: PrefixRows, from: number): number {
  let to = from + 1;
  while (
    to < rows.count &&
    rows.lengths[to] === rows.lengths[from] &&
    sameWords(rows, from, to, rows.words.length)
  ) {
    to++;
  }
  return to;
}

function endOfHalf(rows: PrefixRows, from: number): number {
  let to = from + 1;
  while (to < rows.count && sameWords(rows, from, to, 2)) to++;
  return to;
}

function sameWords(rows: PrefixRows, a: number, b: number, count: number): boolean {
  for (let word = 0; word < count; word++) {
    if (rows.words[word]?.[a] !== rows.words[word]?.[b]) return false;
  }
  return true;
}

function joined(parts: readonly Uint32Array[]): Uint32Array {
  const whole = new Uint32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
