// Bytes on their way between boxes. A box shares its fill rate among what it fetches, a source what it has to spare among
// those who fetch from it; each transfer goes at the lower of its two parts, until one of them changes. What a transfer
// cannot use of a part, the others do not get: a little slower than TCP would be, never faster than either end allows.
import { EventHeap } from "./event-heap.ts";

/** Source of a file: a box's bit, or the origin. */
export const originBit = -1;

export interface TransferOrder {
  readonly reader: number;
  readonly source: number;
  readonly kind: "peer" | "tier" | "origin";
  /** What is still to be sent. */
  readonly bytes: number;
  /** What the one who asked calls it. */
  readonly key: string;
}

interface Transfer extends TransferOrder {
  done: number;
  /** Whole bytes that were told already. */
  told: number;
  rate: number;
  at: number;
  version: number;
}

/** Whole bytes since the last telling. */
export interface Moved {
  readonly reader: number;
  readonly source: number;
  readonly kind: "peer" | "tier" | "origin";
  readonly bytes: number;
}

/** Time in ms, rates in bit/s. */
export class Transfers {
  private readonly heap = new EventHeap<{ readonly transfer: Transfer; readonly version: number }>();
  private readonly readers = new Map<number, Set<Transfer>>();
  private readonly sources = new Map<number, Set<Transfer>>();
  private readonly readerRates = new Map<number, number>();
  private readonly sourceRates = new Map<number, number>();
  private moved: Moved[] = [];

  get firstAt(): number {
    return this.heap.firstAt;
  }

  start(order: TransferOrder, now: number): void {
    const transfer: Transfer = { ...order, done: 0, told: 0, rate: 0, at: now, version: 0 };
    membersOf(this.readers, order.reader).add(transfer);
    membersOf(this.sources, order.source).add(transfer);
    this.share(order.reader, order.source, now);
  }

  /** Ends a transfer before its time; whole bytes that came over, undefined when there is none of that name. */
  stop(reader: number, key: string, now: number): number | undefined {
    const transfer = [...membersOf(this.readers, reader)].find((one) => one.key === key);
    if (transfer === undefined) return undefined;
    settle(transfer, now);
    this.tell(transfer, Math.floor(transfer.done));
    this.drop(transfer, now);
    return transfer.told;
  }

  setReaderRate(reader: number, bps: number, now: number): void {
    if (this.readerRates.get(reader) === bps) return;
    this.readerRates.set(reader, bps);
    for (const transfer of membersOf(this.readers, reader)) this.rerate(transfer, now);
  }

  setSourceRate(source: number, bps: number, now: number): void {
    if (this.sourceRates.get(source) === bps) return;
    this.sourceRates.set(source, bps);
    for (const transfer of membersOf(this.sources, source)) this.rerate(transfer, now);
  }

  /** The first transfer that is complete at this moment; undefined when none is. */
  complete(now: number): TransferOrder | undefined {
    while (this.heap.firstAt <= now) {
      const entry = this.heap.pop();
      if (entry === undefined || entry.version !== entry.transfer.version) continue;
      const { transfer } = entry;
      this.tell(transfer, transfer.bytes);
      this.drop(transfer, now);
      return transfer;
    }
    return undefined;
  }

  from(source: number): readonly TransferOrder[] {
    return [...membersOf(this.sources, source)];
  }

  to(reader: number): readonly TransferOrder[] {
    return [...membersOf(this.readers, reader)];
  }

  /** What moved since the last call, to the byte. */
  account(now: number): readonly Moved[] {
    for (const members of this.readers.values()) {
      for (const transfer of members) {
        settle(transfer, now);
        this.tell(transfer, Math.min(transfer.bytes, Math.floor(transfer.done)));
      }
    }
    const moved = this.moved;
    this.moved = [];
    return moved;
  }

  private tell(transfer: Transfer, upTo: number): void {
    const bytes = upTo - transfer.told;
    if (bytes <= 0) return;
    transfer.told = upTo;
    const { reader, source, kind } = transfer;
    this.moved.push({ reader, source, kind, bytes });
  }

  private drop(transfer: Transfer, now: number): void {
    transfer.version = -1;
    membersOf(this.readers, transfer.reader).delete(transfer);
    membersOf(this.sources, transfer.source).delete(transfer);
    this.share(transfer.reader, transfer.source, now);
  }

  private share(reader: number, source: number, now: number): void {
    const touched = new Set([...membersOf(this.readers, reader), ...membersOf(this.sources, source)]);
    for (const transfer of touched) this.rerate(transfer, now);
  }

  private rerate(transfer: Transfer, now: number): void {
    const reader = this.readerRates.get(transfer.reader) ?? Number.POSITIVE_INFINITY;
    const source = this.sourceRates.get(transfer.source) ?? Number.POSITIVE_INFINITY;
    const mine = reader / membersOf(this.readers, transfer.reader).size;
    const theirs = source / membersOf(this.sources, transfer.source).size;
    const rate = Math.min(mine, theirs);
    if (rate === transfer.rate) return;
    settle(transfer, now);
    transfer.rate = rate;
    transfer.version += 1;
    const left = Math.max(0, transfer.bytes - transfer.done);
    const takesMs = rate === Number.POSITIVE_INFINITY ? 0 : (left * 8000) / rate;
    this.heap.push(now + (left === 0 ? 0 : takesMs), { transfer, version: transfer.version });
  }
}

function settle(transfer: Transfer, now: number): void {
  const passed = now - transfer.at;
  if (passed > 0 && transfer.rate > 0) transfer.done += (transfer.rate * passed) / 8000;
  transfer.at = now;
}

function membersOf(index: Map<number, Set<Transfer>>, at: number): Set<Transfer> {
  const known = index.get(at);
  if (known !== undefined) return known;
  const members = new Set<Transfer>();
  index.set(at, members);
  return members;
}
