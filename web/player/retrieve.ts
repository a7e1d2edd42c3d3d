// Obeys play/retrieval.ts: makes the requests it asks for, tells it what came of them, and looks at the clock for it.
import type { Source } from "#play/failover.ts";
import {
  type Moment,
  newRetrieval,
  type Retrieval,
  type RetrievalCommand,
  type RetrievalEvent,
  stepRetrieval,
  type Wanted,
} from "#play/retrieval.ts";
import { type Expected, nothingToShow } from "#play/verify.ts";
import type { Attempted } from "./cmcd.ts";
import { Pacer } from "./pacer.ts";
import { type Body, type Transfer, transfer } from "./transfer.ts";

/** Deadlines are looked at this often; a hidden page's timers come once a second. */
const tickMs = 100;
/** Addresses whose answer was wrong, so that no cache gives the same again. The oldest go first. */
const keptWrong = 500;

export type Judged = Extract<RetrievalCommand, { readonly kind: "judge" }>;

export interface Arrived {
  readonly sourceId: string;
  readonly url: string;
  readonly startedMs: number;
  readonly body: Body;
  /** Bytes of all transfers of this player between this one's first and last. */
  readonly meanwhileBytes: number;
}

/** What several requests of one player share. */
export interface Pool {
  /** Bytes of all transfers so far. */
  bytes: number;
  readonly wrong: Set<string>;
  /** Told when paused requests should be made. */
  readonly wake: EventTarget;
  readonly pacer: Pacer;
}

export function newPool(): Pool {
  return { bytes: 0, wrong: new Set(), wake: new EventTarget(), pacer: new Pacer() };
}

export interface RetrieveOrder {
  readonly wanted: Wanted;
  readonly expected: Expected;
  /** The path inside the rendition's folder. */
  readonly file: string;
  readonly pool: Pool;
  readonly signal: AbortSignal;
  readonly sources: () => readonly Source[];
  readonly moment: () => Omit<Moment, "order">;
  readonly onHead: (headers: Record<string, string>) => void;
  readonly onBytes: (ms: number, bytes: number, remaining: number) => void;
  readonly onArrived: (arrived: Arrived) => void;
  /** What the next attempt says of itself behind its address: part of no key. */
  readonly query: () => string;
  /** An attempt that was not cancelled is over. */
  readonly onAttempted: (attempted: Omit<Attempted, "rendition" | "file">) => void;
  readonly onJudged: (judged: Judged) => void;
  /** All commands that concern more than this one request. */
  readonly onCommand: (command: RetrievalCommand) => void;
}

export type Retrieved =
  | {
      readonly kind: "served";
      readonly data: ArrayBuffer;
      readonly body: Body | undefined;
      readonly url: string;
    }
  /** Nobody wants it any more, or another rung is wanted instead. */
  | { readonly kind: "stopped" }
  | { readonly kind: "given-up" };

export function retrieve(order: RetrieveOrder): Promise<Retrieved> {
  return new Promise((resolve) => new Retrieving(order, resolve).begin());
}

class Retrieving {
  readonly #order: RetrieveOrder;
  readonly #resolve: (retrieved: Retrieved) => void;
  readonly #life = new AbortController();
  #state: Retrieval;
  /** Of the attempt under way. */
  #attempt = new AbortController();
  #arrived: Arrived | undefined;

  constructor(order: RetrieveOrder, resolve: (retrieved: Retrieved) => void) {
    this.#order = order;
    this.#resolve = resolve;
    this.#state = newRetrieval(order.wanted, performance.now());
  }

  begin(): void {
    const { signal } = this.#life;
    const ticking = setInterval(() => this.#step({ kind: "tick" }), tickMs);
    signal.addEventListener("abort", () => clearInterval(ticking), { once: true });
    this.#order.signal.addEventListener("abort", () => this.#end({ kind: "stopped" }), {
      once: true,
      signal,
    });
    this.#order.pool.wake.addEventListener("wake", () => this.#step({ kind: "online" }), { signal });
    if (this.#order.signal.aborted) this.#end({ kind: "stopped" });
    else this.#step({ kind: "begin" });
  }

  #step(event: RetrievalEvent): void {
    if (this.#life.signal.aborted) return;
    const moment = { ...this.#order.moment(), order: this.#order.sources().map((source) => source.sourceId) };
    const { state, commands } = stepRetrieval(this.#state, event, moment);
    this.#state = state;
    for (const command of commands) this.#obey(command);
  }

  #obey(command: RetrievalCommand): void {
    const { onJudged, onCommand, onArrived } = this.#order;
    switch (command.kind) {
      case "ask":
        void this.#ask(command.sourceId);
        return;
      case "cancel":
        this.#attempt.abort();
        return;
      case "judge":
        onJudged(command);
        return;
      case "deliver": {
        const arrived = this.#arrived;
        if (arrived === undefined) return;
        onArrived(arrived);
        const { body, url } = arrived;
        this.#end({ kind: "served", data: body.data, body, url });
        return;
      }
      case "skip":
        onCommand(command);
        this.#end({ kind: "served", data: nothingToShow.slice().buffer, body: undefined, url: "" });
        return;
      case "lower":
        onCommand(command);
        this.#end({ kind: "stopped" });
        return;
      case "give-up":
        onCommand(command);
        this.#end({ kind: "given-up" });
        return;
      case "outage":
      case "renew":
        onCommand(command);
        return;
    }
  }

  async #ask(sourceId: string): Promise<void> {
    const { sources, file, expected, pool, query, onHead, onBytes, onAttempted } = this.#order;
    const attempt = new AbortController();
    this.#attempt = attempt;
    const url = `${sources().find((source) => source.sourceId === sourceId)?.baseUrl ?? ""}${file}`;
    const startedMs = performance.now();
    const here = (): boolean => !attempt.signal.aborted;
    let cmsd: string | undefined;
    let [bytesBefore, got, lastMs, pending] = [pool.bytes, 0, startedMs, 0];
    const done = await transfer({
      url: url + query(),
      anew: pool.wrong.has(url),
      expected,
      signal: attempt.signal,
      pacer: pool.pacer,
      onHead: (headers) => {
        bytesBefore = pool.bytes;
        cmsd = headers["cmsd-dynamic"];
        onHead(headers);
        if (here()) this.#step({ kind: "answered" });
      },
      onBytes: (bytes, remaining) => {
        pool.bytes += bytes;
        got += bytes;
        pending += bytes;
        if (here()) this.#step({ kind: "bits", arrived: got * 8 });
        const nowMs = performance.now();
        if (remaining > 0 && nowMs - lastMs < tickMs) return;
        onBytes(nowMs - lastMs, pending, remaining);
        [pending, lastMs] = [0, nowMs];
      },
    });
    if (!here()) return;
    onAttempted({ sourceId, cmsd, ...timesOf(done, startedMs) });
    if (done.kind === "failed") {
      if (done.verdict === "corrupt") remember(pool.wrong, url);
      this.#step(done);
      return;
    }
    pool.wrong.delete(url);
    const meanwhileBytes = pool.bytes - bytesBefore;
    this.#arrived = { sourceId, url, startedMs, body: done.body, meanwhileBytes };
    this.#step({ kind: "served" });
  }

  #end(retrieved: Retrieved): void {
    if (this.#life.signal.aborted) return;
    this.#life.abort();
    this.#attempt.abort();
    this.#resolve(retrieved);
  }
}

function timesOf(done: Transfer, startedMs: number): Pick<Attempted, "status" | "ttfbMs" | "ms"> {
  if (done.kind === "served") return { status: done.body.status, ttfbMs: done.body.ttfbMs, ms: done.body.ms };
  return { status: done.status, ttfbMs: undefined, ms: performance.now() - startedMs };
}

function remember(wrong: Set<string>, url: string): void {
  wrong.add(url);
  const [oldest] = wrong;
  if (wrong.size > keptWrong && oldest !== undefined) wrong.delete(oldest);
}
