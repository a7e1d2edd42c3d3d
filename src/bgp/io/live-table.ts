// The table that lookups use while events keep coming. Sorting, merging and compiling happen in a worker thread; the
// arrays of the next table come back in shared memory, and taking it into use is one assignment.
import { setTimeout as rest } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import {
  type CompiledTable,
  EventBook,
  emptyTable,
  type Refused,
  type RouteTable,
} from "#bgp/route-table.ts";
import type { RouteEvent } from "#model/network.ts";
import type { TableOrder } from "./table-worker.ts";

export interface LiveTableOrder {
  /** In force until the first rebuild. */
  readonly first?: RouteTable;
  /** Events wait this long for more of their kind before a table is built, ms; 0: not at all. */
  readonly quietMs: number;
  /** Hears when no new table can be made any more: the last one stays in force, and routes must be sent anew. */
  readonly onTrouble: (error: Error) => void;
}

/** Owns a worker thread from the first event until `close`. */
export class LiveTable {
  private table: CompiledTable;
  private book = new EventBook();
  private worker: Worker | undefined;
  private building = false;
  private failure: Error | undefined;
  private readonly waiting: (() => void)[] = [];
  private readonly ending = new AbortController();
  private resting = false;
  private holders = 0;

  private readonly order: LiveTableOrder;

  constructor(order: LiveTableOrder) {
    this.order = order;
    this.table = order.first ?? emptyTable;
  }

  /** Ask for it at each lookup: it is replaced, never changed. */
  get current(): CompiledTable {
    return this.table;
  }

  /** Events in order. What cannot be read is named with its number, and left out. */
  take(events: readonly RouteEvent[]): readonly Refused[] {
    const refused = this.book.take(events);
    if (this.book.rows > 0) void this.buildSoon();
    return refused;
  }

  /** Between `hold` and `release` no table is begun, so that what belongs together shows together. */
  hold(): void {
    this.holders += 1;
  }

  release(): void {
    this.holders -= 1;
    if (this.book.rows > 0) void this.buildSoon();
  }

  /** When every event taken so far is in the table. Rejects when the worker failed. */
  async settled(): Promise<void> {
    while (
      (this.building || this.book.rows > 0) &&
      this.failure === undefined &&
      !this.ending.signal.aborted
    ) {
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
    if (this.failure !== undefined) throw this.failure;
  }

  async close(): Promise<void> {
    this.ending.abort();
    this.wake();
    await this.worker?.terminate();
  }

  private async buildSoon(): Promise<void> {
    if (this.resting || this.building || this.holders > 0) return;
    const { quietMs } = this.order;
    this.resting = true;
    if (quietMs > 0) await rest(quietMs, undefined, { signal: this.ending.signal }).catch(() => undefined);
    this.resting = false;
    try {
      this.build();
    } catch (error) {
      this.fail(error);
    }
  }

  /** One build at a time: what comes meanwhile waits for the next. */
  private build(): void {
    if (this.building || this.holders > 0 || this.book.rows === 0) return;
    if (this.ending.signal.aborted || this.failure !== undefined) return;
    this.building = true;
    const batch = this.book.read();
    this.book = new EventBook();
    const logs = [batch.log4, batch.log6];
    const columns = logs.flatMap((log) => [
      ...log.words,
      log.lengths,
      log.sites,
      log.pathLengths,
      log.meds,
      log.neighbours,
      log.gone,
    ]);
    const order: TableOrder = { kind: "fold", batch };
    const worker = this.started();
    // A build under way keeps the program alive; waiting for events does not.
    worker.ref();
    worker.postMessage(
      order,
      columns.flatMap(({ buffer }) => (buffer instanceof ArrayBuffer ? [buffer] : [])),
    );
  }

  private started(): Worker {
    if (this.worker !== undefined) return this.worker;
    const worker = new Worker(new URL("./table-worker.ts", import.meta.url));
    this.worker = worker;
    worker.on("message", (table: CompiledTable) => this.swap(table));
    worker.on("error", (error) => this.fail(error));
    const { routes } = this.order.first ?? emptyTable;
    const begin: TableOrder = { kind: "begin", routes };
    worker.postMessage(begin);
    return worker;
  }

  private swap(table: CompiledTable): void {
    this.table = table;
    this.building = false;
    this.worker?.unref();
    this.wake();
    if (this.book.rows > 0) void this.buildSoon();
  }

  private fail(thrown: unknown): void {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    this.failure = error;
    this.building = false;
    this.wake();
    this.order.onTrouble(error);
  }

  private wake(): void {
    for (const resolve of this.waiting.splice(0)) resolve();
  }
}
