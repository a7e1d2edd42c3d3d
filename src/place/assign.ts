// Puts copies on boxes without ever exceeding a box: first copies of everything before second copies of anything, but
// for what is hot.
import { nobody } from "./columns.ts";
import type { Ranked } from "./ranked.ts";

/** Who holds what, as it grows: a list of boxes per rank, in the order they were taken. */
export interface Seats {
  readonly copies: Uint16Array;
  /** The first preferred box that had no room when this file came; `nobody` for most. */
  readonly spilledFrom: Uint16Array;
  readonly first: Int32Array;
  readonly last: Int32Array;
  next: Int32Array;
  box: Uint16Array;
  used: number;
}

export interface Wishes {
  /** By rank 1 where it keeps the boxes that hold it before others take their room. */
  readonly stays: Uint8Array;
  /** Writes the boxes a rank prefers, best first, and says how many. */
  preferred(rank: number, out: Uint16Array): number;
  /** Writes the boxes that held it yesterday, in yesterday's order, and says how many. */
  before(rank: number, out: Uint16Array): number;
  /** Where all these are full: what a box asks for it. The least gets it. */
  asks(rank: number, box: number): number;
}

export interface AssignOrder {
  readonly ranked: Ranked;
  /** By rank: whether it is to be placed at all. */
  readonly admitted: Uint8Array;
  /** By rank: copies that come before second copies of others. */
  readonly hot: Uint16Array;
  /** What each box has left. */
  readonly room: Float64Array;
  readonly minCopies: number;
  readonly wishes: Wishes;
}

interface Desk extends AssignOrder {
  readonly seats: Seats;
  readonly free: Float64Array;
  /** By box: 1 + the rank that was last seen there. */
  readonly mark: Uint32Array;
  readonly list: Uint16Array;
  /** No box has more room than this. */
  most: number;
}

/**
 * In passes over the files, densest first: one copy each (more of what is hot), then up to `minCopies` each; before each
 * pass what stays keeps its places. What room is left goes to copies that are there already, then to the densest, each on
 * as many boxes as can take it.
 */
export function assign(order: AssignOrder): Seats {
  const { ranked, admitted, hot, room } = order;
  const desk: Desk = {
    ...order,
    seats: emptySeats(ranked.count),
    free: room.slice(),
    mark: new Uint32Array(room.length),
    list: new Uint16Array(2 * room.length + 2),
    most: room.reduce((a, b) => Math.max(a, b), 0),
  };
  let smallest = Number.POSITIVE_INFINITY;
  for (let at = 0; at < ranked.count; at++) {
    if (admitted[at] === 1) smallest = Math.min(smallest, ranked.size[at] ?? 0);
  }
  const { stays } = order.wishes;
  const keep = (copies: (at: number) => number): void => {
    for (let at = 0; at < ranked.count; at++) if (stays[at] === 1) seatWhereHeld(desk, at, copies(at));
  };
  const isAnyKept = stays.includes(1);
  if (isAnyKept) keep((at) => hot[at] ?? 1);
  for (let at = 0; at < ranked.count; at++) if (admitted[at] === 1) seat(desk, at, hot[at] ?? 1, true);
  const usual = Math.min(order.minCopies, room.length);
  for (let copies = 2; copies <= usual; copies++) {
    if (isAnyKept) keep(() => copies);
    raise(desk, smallest, (at) => seat(desk, at, copies, true));
  }
  raise(desk, smallest, (at) => seatWhereHeld(desk, at, room.length));
  raise(desk, smallest, (at) => seat(desk, at, room.length, false));
  return desk.seats;
}

/** Each placed file's turn, densest first, while any box has room for the smallest. */
function raise(desk: Desk, smallest: number, turn: (rank: number) => void): void {
  measure(desk);
  const { ranked, admitted, seats } = desk;
  for (let at = 0; at < ranked.count && desk.most >= smallest; at++) {
    if (admitted[at] === 1 && (seats.copies[at] ?? 0) > 0) turn(at);
  }
}

/** Up to so many copies on boxes that held it, where they cost nothing. */
function seatWhereHeld(desk: Desk, rank: number, copies: number): void {
  const { seats, list, wishes } = desk;
  const before = wishes.before(rank, list);
  if (before === 0 || (seats.copies[rank] ?? 0) >= copies) return;
  markHolders(desk, rank);
  for (let i = 0; i < before && (seats.copies[rank] ?? 0) < copies; i++) offer(desk, rank, list[i] ?? nobody);
}

function emptySeats(count: number): Seats {
  const pool = Math.max(16, count);
  return {
    copies: new Uint16Array(count),
    spilledFrom: new Uint16Array(count).fill(nobody),
    first: new Int32Array(count).fill(-1),
    last: new Int32Array(count).fill(-1),
    next: new Int32Array(pool),
    box: new Uint16Array(pool),
    used: 0,
  };
}

/**
 * Adds copies of one file up to a number: on preferred boxes, then on those that held it yesterday, so that what once
 * had to go elsewhere does not wander, then on whoever asks least.
 */
function seat(desk: Desk, rank: number, copies: number, wanted: boolean): void {
  const { wishes, seats, list } = desk;
  if ((seats.copies[rank] ?? 0) >= copies) return;
  markHolders(desk, rank);
  const preferred = wishes.preferred(rank, list);
  for (let i = 0; i < preferred && (seats.copies[rank] ?? 0) < copies; i++) {
    const box = list[i] ?? nobody;
    const refused = !offer(desk, rank, box);
    if (refused && wanted && seats.spilledFrom[rank] === nobody) seats.spilledFrom[rank] = box;
  }
  if ((seats.copies[rank] ?? 0) >= copies || desk.most < (desk.ranked.size[rank] ?? 0)) return;
  const before = wishes.before(rank, list);
  for (let i = 0; i < before && (seats.copies[rank] ?? 0) < copies; i++) offer(desk, rank, list[i] ?? nobody);
  if ((seats.copies[rank] ?? 0) < copies) seatAnywhere(desk, rank, copies);
}

function markHolders({ seats, mark }: Desk, rank: number): void {
  for (let entry = seats.first[rank] ?? -1; entry >= 0; entry = seats.next[entry] ?? -1) {
    mark[seats.box[entry] ?? 0] = rank + 1;
  }
}

/** False only where a box that does not hold it has no room. */
function offer(desk: Desk, rank: number, box: number): boolean {
  const { free, mark, seats } = desk;
  if (box === nobody || mark[box] === rank + 1) return true;
  const left = (free[box] ?? 0) - (desk.ranked.size[rank] ?? 0);
  if (left < 0) return false;
  free[box] = left;
  mark[box] = rank + 1;
  if (seats.used === seats.box.length) grow(seats);
  const entry = seats.used++;
  seats.box[entry] = box;
  seats.next[entry] = -1;
  const last = seats.last[rank] ?? -1;
  if (last < 0) seats.first[rank] = entry;
  else seats.next[last] = entry;
  seats.last[rank] = entry;
  seats.copies[rank] = (seats.copies[rank] ?? 0) + 1;
  return true;
}

function grow(seats: Seats): void {
  const size = Math.ceil(seats.box.length * 1.5);
  const [next, box] = [new Int32Array(size), new Uint16Array(size)];
  next.set(seats.next);
  box.set(seats.box);
  seats.next = next;
  seats.box = box;
}

function seatAnywhere(desk: Desk, rank: number, copies: number): void {
  const { free, mark, wishes, seats } = desk;
  const size = desk.ranked.size[rank] ?? 0;
  const able: { readonly box: number; readonly asks: number }[] = [];
  let least = Number.POSITIVE_INFINITY;
  const missing = copies - (seats.copies[rank] ?? 0);
  for (let box = 0; box < free.length; box++) {
    if ((free[box] ?? 0) < size || mark[box] === rank + 1) continue;
    const asks = wishes.asks(rank, box);
    if (missing === 1) {
      if (able.length > 0 && asks >= least) continue;
      least = asks;
      able.length = 0;
    }
    able.push({ box, asks });
  }
  if (able.length === 0) measure(desk);
  able.sort((a, b) => a.asks - b.asks || a.box - b.box);
  for (const { box } of able.slice(0, missing)) offer(desk, rank, box);
}

function measure(desk: Desk): void {
  desk.most = desk.free.reduce((a, b) => Math.max(a, b), 0);
}
