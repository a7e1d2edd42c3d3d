// The table that steering looks viewers up in, while routes keep changing. This one folds events into the next table bit
// by bit on the main thread; whatever compiles tables elsewhere only has to keep the same promises.
import { fold, type RouteTable } from "#bgp/route-table.ts";
import type { RouteEvent } from "#model/network.ts";
import type { Clock } from "#units/clock.ts";

export interface RouteTables {
  /** Ask for it at each lookup: it is replaced, never changed. */
  readonly current: RouteTable;
  /** Between `hold` and `release` no table is made, so that what belongs together shows together. */
  hold(): void;
  take(events: readonly RouteEvent[]): void;
  release(): void;
  /** Resolves when everything that was taken shows. */
  settled(): Promise<void>;
  close(): void;
}

export interface SettlingOrder {
  readonly first: RouteTable;
  readonly settleMs: number;
  readonly settleMostMs: number;
  readonly clock: Clock;
}

export class SettlingTables implements RouteTables {
  private readonly order: SettlingOrder;
  private table: RouteTable;
  private upcoming: RouteTable;
  private holders = 0;
  private changedAtMs: number | undefined;
  private dueMs = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(order: SettlingOrder) {
    this.order = order;
    this.table = order.first;
    this.upcoming = order.first;
  }

  get current(): RouteTable {
    return this.table;
  }

  hold(): void {
    this.holders += 1;
  }

  take(events: readonly RouteEvent[]): void {
    if (events.length === 0) return;
    // Every prefix was read before it came here: nothing is refused.
    this.upcoming = fold(this.upcoming, events).table;
    const now = this.order.clock.monoMs();
    this.changedAtMs ??= now;
    this.dueMs = Math.min(now + this.order.settleMs, this.changedAtMs + this.order.settleMostMs);
  }

  release(): void {
    this.holders -= 1;
    if (this.timer === undefined) this.settle();
  }

  async settled(): Promise<void> {
    this.show();
  }

  close(): void {
    clearTimeout(this.timer);
    this.holders = Number.POSITIVE_INFINITY;
  }

  /** Looks again when it is due, as more may have come meanwhile. */
  private settle(): void {
    this.timer = undefined;
    if (this.holders > 0 || this.changedAtMs === undefined) return;
    const left = this.dueMs - this.order.clock.monoMs();
    if (left <= 0) this.show();
    else this.timer = setTimeout(() => this.settle(), left);
  }

  private show(): void {
    this.table = this.upcoming;
    this.changedAtMs = undefined;
  }
}
