// Sorted prefixes in, a table to look up in out. One sweep over the addresses: a prefix opens an interval inside its
// parent's and closes it at its end, where the parent's value holds again.
import { deeper, type Lpm4, type Lpm6 } from "./lpm.ts";
import type { PrefixRows } from "./route-run.ts";

/**
 * The value of one prefix, whose rows are `from` up to `to`, exclusive. `parent` is the value of the longest shorter
 * prefix that covers it, 0 if none does. Must be below 2^31.
 */
export type ValueFor = (parent: number, from: number, to: number) => number;

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

  /** Below 0 when the i-th interval begins before the address, 0 when at it. */
  compare(i: number, [high, low]: readonly [number, number]): number {
    return (this.bounds[3 * i] ?? 0) - high || (this.bounds[3 * i + 1] ?? 0) - low;
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

/** Rows of IPv4 must be sorted by address, then length; `valueFor` is called once per prefix, parents first. */
export function buildLpm4(rows: PrefixRows, valueFor: ValueFor): Lpm4 {
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
  return indexed4(sweep);
}

/** As `buildLpm4`, for IPv6. */
export function buildLpm6(rows: PrefixRows, valueFor: ValueFor): Lpm6 {
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
  return { ...indexed6(sweep), deepFrom: Uint32Array.from(deepFrom), deep: joined(deep) };
}

/** The bits below the index must fit 16, and beyond 18 the index leaves the cache sooner than it saves steps. */
const indexBits4 = { least: 16, most: 18 };
/** Below 13 what remains of 64 bits would not fit 16; beyond 20 an index costs more memory than its table. */
const indexBits6 = { least: 13, most: 20 };

function indexed4({ bounds, count }: Sweep): Lpm4 {
  const bits = bitsFor(count, indexBits4);
  const chunks = 2 ** bits;
  const size = 2 ** (32 - bits);
  const index = new Uint32Array(chunks + 1);
  const starts = new Uint16Array(count + chunks);
  const values = new Uint32Array(count + chunks);
  let written = 0;
  let at = 0;
  for (let chunk = 0; chunk < chunks; chunk++) {
    const [first, next] = [chunk * size, (chunk + 1) * size];
    index[chunk] = written;
    while (at + 1 < count && (bounds[3 * at + 3] ?? 0) <= first) at++;
    values[written++] = bounds[3 * at + 2] ?? 0;
    while (at + 1 < count && (bounds[3 * at + 3] ?? 0) < next) {
      at++;
      starts[written] = (bounds[3 * at] ?? 0) - first;
      values[written++] = bounds[3 * at + 2] ?? 0;
    }
  }
  index[chunks] = written;
  return { shift: 32 - bits, index, starts: starts.slice(0, written), values: values.slice(0, written) };
}

function indexed6(sweep: Sweep): Omit<Lpm6, "deep" | "deepFrom"> {
  const { bounds, count } = sweep;
  const bits = bitsFor(count, indexBits6);
  const chunks = 2 ** bits;
  const index = new Uint32Array(chunks + 1);
  const tops = new Uint32Array(count + chunks);
  const lows = new Uint16Array(count + chunks);
  const values = new Uint32Array(count + chunks);
  let written = 0;
  let at = 0;
  for (let chunk = 0; chunk < chunks; chunk++) {
    const first = chunkStart(chunk, bits);
    const next = chunkStart(chunk + 1, bits);
    index[chunk] = written;
    while (at + 1 < count && sweep.compare(at + 1, first) <= 0) at++;
    values[written++] = bounds[3 * at + 2] ?? 0;
    while (at + 1 < count && sweep.compare(at + 1, next) < 0) {
      at++;
      const [high, low] = [bounds[3 * at] ?? 0, bounds[3 * at + 1] ?? 0];
      tops[written] = ((high << (3 + bits)) | (low >>> (29 - bits))) >>> 0;
      lows[written] = low & (2 ** (29 - bits) - 1);
      values[written++] = bounds[3 * at + 2] ?? 0;
    }
  }
  index[chunks] = written;
  return {
    indexBits: bits,
    index,
    tops: tops.slice(0, written),
    lows: lows.slice(0, written),
    values: values.slice(0, written),
    outside: outsideOf(sweep),
  };
}

/** First two words of a chunk's first address: 001, the chunk's number, zeros. */
function chunkStart(chunk: number, bits: number): readonly [number, number] {
  const place = chunk * 2 ** (32 - bits);
  return [0x2000_0000 + Math.floor(place / 8), (place % 8) * 0x2000_0000];
}

/** The intervals below 2000::, and from 4000:: on. */
function outsideOf(sweep: Sweep): Uint32Array {
  const { bounds, count } = sweep;
  const kept: number[] = [];
  let covering = 0;
  for (let i = 0; i < count; i++) {
    const triple = bounds.subarray(3 * i, 3 * i + 3);
    if (sweep.compare(i, [0x4000_0000, 0]) <= 0) covering = triple[2] ?? 0;
    if (sweep.compare(i, [0x2000_0000, 0]) < 0) kept.push(...triple);
  }
  kept.push(0x4000_0000, 0, covering);
  for (let i = 0; i < count; i++) {
    if (sweep.compare(i, [0x4000_0000, 0]) > 0) kept.push(...bounds.subarray(3 * i, 3 * i + 3));
  }
  return Uint32Array.from(kept);
}

/** About two intervals a chunk, within the limits. */
function bitsFor(intervals: number, { least, most }: { least: number; most: number }): number {
  return Math.min(most, Math.max(least, Math.ceil(Math.log2(intervals)) + 1));
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
