// Routes in columns: a log of what was said, and a run of what holds. A run is sorted and never changed; new events are
// sorted the same way and merged with it into the next run. Full tables have millions of rows, so nothing here is an
// object per route.
import type { IpPrefix } from "./address.ts";

/** Prefixes in columns. Word 0 of an address is its most significant; IPv4 has one word of 32 bits, IPv6 four. */
export interface PrefixRows {
  readonly family: 4 | 6;
  readonly count: number;
  /** words[w][row]. */
  readonly words: readonly Uint32Array[];
  readonly lengths: Uint8Array;
}

/** What a site says about one prefix. */
export interface RouteFacts {
  readonly asPathLength: number;
  readonly med: number;
  /** First AS of the path; 0 for an empty path. */
  readonly neighbourAs: number;
}

/** One route per prefix and site, sorted by address, length, site. */
export interface RouteRun extends PrefixRows {
  /** Row → position of its site in the table's list of sites. */
  readonly sites: Uint32Array;
  readonly pathLengths: Uint16Array;
  readonly meds: Uint32Array;
  readonly neighbours: Uint32Array;
}

/** Announcements and withdrawals in the order they came. */
export interface RouteLog extends RouteRun {
  /** 1 where the row is a withdrawal. */
  readonly gone: Uint8Array;
}

/** Most that a column holds: MED and AS are 32 bits (RFC 4271 §4.3, RFC 6793). */
export const columnLimits = { asPathLength: 0xffff, med: 0xffff_ffff, neighbourAs: 0xffff_ffff };

export function emptyRun(family: 4 | 6): RouteRun {
  return columns(family, 0);
}

/** A log that is being written. */
export class LogBook {
  private log: RouteLog;
  private count = 0;

  constructor(family: 4 | 6) {
    this.log = { ...columns(family, 64), gone: new Uint8Array(64) };
  }

  get rows(): number {
    return this.count;
  }

  /** `facts` undefined withdraws. */
  append(prefix: IpPrefix, site: number, facts: RouteFacts | undefined): void {
    if (this.count === this.log.lengths.length) this.log = withRoom(this.log, 2 * this.count);
    const { log } = this;
    const row = this.count++;
    for (const [word, column] of log.words.entries()) column[row] = wordOf(prefix, word);
    log.lengths[row] = prefix.length;
    log.sites[row] = site;
    log.pathLengths[row] = facts?.asPathLength ?? 0;
    log.meds[row] = facts?.med ?? 0;
    log.neighbours[row] = facts?.neighbourAs ?? 0;
    log.gone[row] = facts === undefined ? 1 : 0;
  }

  /** What was written so far. Columns are longer than `count`. */
  read(): RouteLog {
    return { ...this.log, count: this.count };
  }
}

/** The run after the log: of each prefix and site, what was said last. Both speak of sites by the same numbers. */
export function merged(run: RouteRun, log: RouteLog): RouteRun {
  if (log.count === 0) return run;
  const order = sortedRows(log);
  const out = columns(run.family, run.count + log.count);
  let written = 0;
  let old = 0;
  for (let i = 0; i < order.length; i++) {
    const row = order[i] ?? 0;
    const next = order[i + 1];
    // Equal rows stand in the order they came: only the last one speaks.
    if (next !== undefined && compared(log, row, log, next) === 0) continue;
    const place = firstNotBelow(run, old, log, row);
    copyRows(run, old, place, out, written);
    written += place - old;
    old = place < run.count && compared(run, place, log, row) === 0 ? place + 1 : place;
    if (log.gone[row] === 0) copyRows(log, row, row + 1, out, written++);
  }
  copyRows(run, old, run.count, out, written);
  return trimmed(out, written + run.count - old);
}

/** The same rows with every site under a new number. */
export function renumbered<T extends RouteRun>(run: T, numbers: Uint32Array): T {
  if (numbers.every((number, site) => number === site)) return run;
  const sites = new Uint32Array(run.count);
  for (let row = 0; row < run.count; row++) sites[row] = numbers[run.sites[row] ?? 0] ?? 0;
  return { ...run, sites };
}

/** 32 bits of an address; word 0 is the most significant. */
export function wordOf({ family, value }: Pick<IpPrefix, "family" | "value">, word: number): number {
  if (family === 4) return Number(value);
  return Number((value >> BigInt(96 - 32 * word)) & 0xffff_ffffn);
}

function columns(family: 4 | 6, count: number): RouteRun {
  return {
    family,
    count,
    words: Array.from({ length: family === 4 ? 1 : 4 }, () => new Uint32Array(count)),
    lengths: new Uint8Array(count),
    sites: new Uint32Array(count),
    pathLengths: new Uint16Array(count),
    meds: new Uint32Array(count),
    neighbours: new Uint32Array(count),
  };
}

function withRoom(log: RouteLog, capacity: number): RouteLog {
  const fresh = { ...columns(log.family, capacity), gone: new Uint8Array(capacity) };
  for (const [word, column] of fresh.words.entries()) column.set(log.words[word] ?? []);
  fresh.lengths.set(log.lengths);
  fresh.sites.set(log.sites);
  fresh.pathLengths.set(log.pathLengths);
  fresh.meds.set(log.meds);
  fresh.neighbours.set(log.neighbours);
  fresh.gone.set(log.gone);
  return fresh;
}

function trimmed(run: RouteRun, count: number): RouteRun {
  return {
    family: run.family,
    count,
    words: run.words.map((column) => column.slice(0, count)),
    lengths: run.lengths.slice(0, count),
    sites: run.sites.slice(0, count),
    pathLengths: run.pathLengths.slice(0, count),
    meds: run.meds.slice(0, count),
    neighbours: run.neighbours.slice(0, count),
  };
}

/** One row is set by hand: a view for each column would cost more than it. */
function copyRows(from: RouteRun, first: number, end: number, to: RouteRun, at: number): void {
  if (end - first === 1) copyRow(from, first, to, at);
  if (end - first <= 1) return;
  for (const [word, column] of to.words.entries()) {
    column.set(from.words[word]?.subarray(first, end) ?? [], at);
  }
  to.lengths.set(from.lengths.subarray(first, end), at);
  to.sites.set(from.sites.subarray(first, end), at);
  to.pathLengths.set(from.pathLengths.subarray(first, end), at);
  to.meds.set(from.meds.subarray(first, end), at);
  to.neighbours.set(from.neighbours.subarray(first, end), at);
}

function copyRow(from: RouteRun, row: number, to: RouteRun, at: number): void {
  for (let word = 0; word < to.words.length; word++) {
    const column = to.words[word];
    if (column !== undefined) column[at] = from.words[word]?.[row] ?? 0;
  }
  to.lengths[at] = from.lengths[row] ?? 0;
  to.sites[at] = from.sites[row] ?? 0;
  to.pathLengths[at] = from.pathLengths[row] ?? 0;
  to.meds[at] = from.meds[row] ?? 0;
  to.neighbours[at] = from.neighbours[row] ?? 0;
}

/** First row of the run, from `from` on, that is not below the log's row: steps that double, then halves. */
function firstNotBelow(run: RouteRun, from: number, log: RouteLog, row: number): number {
  let step = 1;
  let low = from;
  while (low + step <= run.count && compared(run, low + step - 1, log, row) < 0) {
    low += step;
    step *= 2;
  }
  let high = Math.min(run.count, low + step);
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compared(run, middle, log, row) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function compared(a: RouteRun, i: number, b: RouteRun, j: number): number {
  for (let word = 0; word < a.words.length; word++) {
    const apart = (a.words[word]?.[i] ?? 0) - (b.words[word]?.[j] ?? 0);
    if (apart !== 0) return apart;
  }
  return (a.lengths[i] ?? 0) - (b.lengths[j] ?? 0) || (a.sites[i] ?? 0) - (b.sites[j] ?? 0);
}

/** Below this a sort by comparison is quicker than clearing the counters of a radix sort. */
const fewRows = 4096;
const digits = 1 << 16;

/** Rows by address, length, site; equal ones stay in the order they came. */
function sortedRows(log: RouteLog): Uint32Array {
  const rows = Uint32Array.from({ length: log.count }, (_, row) => row);
  if (log.count < fewRows) return rows.sort((a, b) => compared(log, a, log, b) || a - b);
  let [from, to] = [rows, new Uint32Array(log.count)];
  for (const column of [log.sites, log.lengths, ...log.words.toReversed()]) {
    for (const shift of [0, 16]) {
      if (byDigit(column, shift, from, to)) [from, to] = [to, from];
    }
  }
  return from;
}

/** One pass of a least-significant-digit radix sort; false, with nothing written, when all digits are the same. */
function byDigit(
  column: Uint32Array | Uint8Array,
  shift: number,
  from: Uint32Array,
  to: Uint32Array,
): boolean {
  const places = new Uint32Array(digits + 1);
  for (const row of from) {
    const next = (((column[row] ?? 0) >>> shift) & 0xffff) + 1;
    places[next] = (places[next] ?? 0) + 1;
  }
  if (places.includes(from.length, 1)) return false;
  for (let digit = 1; digit <= digits; digit++) {
    places[digit] = (places[digit] ?? 0) + (places[digit - 1] ?? 0);
  }
  for (const row of from) {
    const digit = ((column[row] ?? 0) >>> shift) & 0xffff;
    const place = places[digit] ?? 0;
    to[place] = row;
    places[digit] = place + 1;
  }
  return true;
}
