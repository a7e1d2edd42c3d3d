// The table that steering looks viewers up in, while routes keep changing: when the next one is made. Making it is a worker
// thread's work.
import { LiveTable } from "#bgp/io/live-table.ts";
import { type CompiledTable, emptyTable, fold, type RouteTable } from "#bgp/route-table.ts";
import type { RouteEvent } from "#model/network.ts";
import { assert } from "#units/assert.ts";
import type { Clock } from "#units/clock.ts";

export interface SettlingOrder {
  readonly settleMs: number;
  readonly settleMostMs: number;
  readonly clock: Clock;
  /** Hears when no table can be made any more: the last one stays in force until `startAnew`. */
  readonly onTrouble: (error: Error) => void;
}

export class SettlingTables {
  private readonly order: SettlingOrder;
  /** Before `open`: what was taken, and the table made of it. */
  private early: RouteEvent[] = [];
  private first: RouteTable = emptyTable;
  private live: LiveTable | undefined;
  /** In force until the worker's first table. */
  private last: CompiledTable = emptyTable;
  private isSettling = false;
  private changedAtMs = 0;
  private dueMs = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(order: SettlingOrder) {
    this.order = order;
  }

  /** Ask for it at each lookup: it is replaced, never changed. */
  get current(): CompiledTable {
    const made = this.live?.current;
    return made === undefined || made === this.first ? this.last : made;
  }

  /** Everything that was taken shows from now on. Makes the table here and now, and so only before `open`. */
  flush(): void {
    assert(this.live === undefined, "nobody waits for the first table");
    // Every prefix was read before it came here: nothing is refused.
    this.first = fold(this.first, this.early).table;
    this.last = this.first;
    this.early = [];
  }

  /** From now on tables are made beside the lookups. */
  open(): void {
    if (this.live !== undefined) return;
    const { onTrouble } = this.order;
    this.live = new LiveTable({ first: this.first, quietMs: 0, onTrouble });
    this.hear(this.early.splice(0));
  }

  /** Forgets what was taken, but not the table in force. Take everything anew before the next `release`. */
  startAnew(): void {
    this.last = this.current;
    void this.live?.close();
    this.live = undefined;
    this.first = emptyTable;
    this.isSettling = false;
    clearTimeout(this.timer);
    this.timer = undefined;
    this.open();
  }

  /** Right after `startAnew`: no site hears anything any more. Else only a change replaces the table in force. */
  clear(): void {
    this.last = emptyTable;
  }

  /** Between `hold` and `release` no table is made, so that what belongs together shows together. */
  hold(): void {
    this.live?.hold();
  }

  take(events: readonly RouteEvent[]): void {
    if (events.length === 0) return;
    if (this.live === undefined) for (const event of events) this.early.push(event);
    else this.hear(events);
  }

  release(): void {
    this.live?.release();
  }

  async close(): Promise<void> {
    clearTimeout(this.timer);
    await this.live?.close();
  }

  private hear(events: readonly RouteEvent[]): void {
    const { live, order } = this;
    if (live === undefined || events.length === 0) return;
    const now = order.clock.monoMs();
    if (!this.isSettling) {
      this.isSettling = true;
      this.changedAtMs = now;
      live.hold();
    }
    live.take(events);
    this.dueMs = Math.min(now + order.settleMs, this.changedAtMs + order.settleMostMs);
    this.timer ??= setTimeout(() => this.settle(), this.dueMs - now);
  }

  /** Looks again when it is due, as more may have come meanwhile. */
  private settle(): void {
    this.timer = undefined;
    const left = this.dueMs - this.order.clock.monoMs();
    if (left > 0) {
      this.timer = setTimeout(() => this.settle(), left);
      return;
    }
    this.isSettling = false;
    this.live?.release();
  }
}
