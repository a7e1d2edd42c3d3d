// Fetches one file from one source into a partial file, going on where an earlier try ended. Says what happened;
// judges nothing but the size.
import { type FileHandle, open, rm, stat } from "node:fs/promises";
import type { FetchFailure } from "#edge/fill-state.ts";
import type { BytesPerSecond } from "#units/quantity.ts";
import type { RateGate } from "./rate-gate.ts";

export interface FetchOrder {
  readonly url: string;
  /** The partial file. */
  readonly path: string;
  readonly bytes: number;
  readonly stallMs: number;
  /** Slower over the stall time, and it is given up; 0 means never. */
  readonly floor: BytesPerSecond;
  readonly gate: RateGate;
  readonly isUrgent: boolean;
  readonly signal: AbortSignal;
}

export type Fetched =
  | { readonly kind: "arrived"; readonly received: number; readonly resumed: boolean }
  | {
      readonly kind: "failed";
      readonly received: number;
      readonly partialBytes: number;
      readonly why: FetchFailure;
      readonly detail: string;
    };

/** What came in, whatever happens to it. */
interface Progress {
  received: number;
  /** What lay there before counts for the whole. */
  resumed: boolean;
}

/** Read at once at most. */
const pieceBytes = 65_536;

type Body = ReadableStreamBYOBReader;

class Refusal extends Error {
  readonly why: FetchFailure;

  constructor(why: FetchFailure, detail: string) {
    super(detail);
    this.why = why;
  }
}

/** Failures of the local disk are thrown; those of the source are told. */
export async function fetchFile(order: FetchOrder): Promise<Fetched> {
  const have = await sizeOf(order.path);
  const start = have <= order.bytes ? have : 0;
  if (start !== have) await rm(order.path, { force: true });
  if (start === order.bytes && start > 0) return { kind: "arrived", received: 0, resumed: true };
  const progress: Progress = { received: 0, resumed: start > 0 };
  const handle = await open(order.path, "a");
  try {
    await download(order, handle, start, progress);
    return { kind: "arrived", received: progress.received, resumed: progress.resumed };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const partialBytes = await sizeOf(order.path);
    return {
      kind: "failed",
      received: progress.received,
      partialBytes,
      why: error.why,
      detail: error.message,
    };
  } finally {
    await handle.close();
  }
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    (found) => found.size,
    () => 0,
  );
}

async function download(
  order: FetchOrder,
  handle: FileHandle,
  start: number,
  progress: Progress,
): Promise<void> {
  const stall = new AbortController();
  const signal = AbortSignal.any([order.signal, stall.signal]);
  const { body, from } = await timed(order, stall, () => begin(order, start, signal));
  if (from !== start) {
    await handle.truncate(from);
    progress.resumed = false;
  }
  const pace = new Pace(order);
  let buffer = new ArrayBuffer(pieceBytes);
  for (let written = from; ; ) {
    const granted = await leaveFor(order, order.bytes - written);
    const asked = performance.now();
    const { done, value } = await timed(order, stall, () => body.read(new Uint8Array(buffer, 0, granted)));
    const length = value?.length ?? 0;
    order.gate.giveBack(Math.min(granted, order.bytes - written) - length);
    if (done) {
      if (written < order.bytes)
        throw new Refusal("unreachable", `it ended after ${written} of ${order.bytes} bytes`);
      return;
    }
    progress.received += length;
    written += length;
    if (written > order.bytes) {
      await handle.truncate(0);
      await giveUp(body, tooMuch(order));
    }
    const waitedMs = performance.now() - asked;
    await handle.appendFile(value);
    if (pace.isTooSlow(length, waitedMs)) await giveUp(body, tooSlow(order));
    buffer = value.buffer;
  }
}

/** How many bytes may be read next. Behind the last one nothing is to come, and one byte more is enough to see. */
async function leaveFor(order: FetchOrder, left: number): Promise<number> {
  if (left === 0) return 1;
  const granted = await order.gate.take(Math.min(left, pieceBytes), order.signal, order.isUrgent);
  if (granted === 0) throw new Refusal("cancelled", "it was stopped");
  return granted;
}

async function giveUp(body: Body, why: Refusal): Promise<never> {
  await body.cancel().catch(() => undefined);
  throw why;
}

function tooMuch({ bytes }: FetchOrder): Refusal {
  return new Refusal("wrong-size", `it sent more than the ${bytes} bytes that were published`);
}

function tooSlow({ floor }: FetchOrder): Refusal {
  return new Refusal("unreachable", `it sent less than ${floor} bytes a second`);
}

/** How fast a source is, in the time that it was waited for: what our own rate costs is not its fault. */
class Pace {
  readonly #order: FetchOrder;
  #bytes = 0;
  #waitedMs = 0;

  constructor(order: FetchOrder) {
    this.#order = order;
  }

  isTooSlow(bytes: number, waitedMs: number): boolean {
    this.#bytes += bytes;
    this.#waitedMs += waitedMs;
    if (this.#waitedMs < this.#order.stallMs) return false;
    const isTooSlow = this.#bytes < (this.#order.floor * this.#waitedMs) / 1000;
    this.#bytes = 0;
    this.#waitedMs = 0;
    return isTooSlow;
  }
}

/** Waits for the source, but not longer than a stall. What fails here is the source's failure. */
async function timed<T>(order: FetchOrder, stall: AbortController, work: () => Promise<T>): Promise<T> {
  const timer = setTimeout(() => stall.abort(), order.stallMs);
  try {
    return await work();
  } catch (error) {
    throw error instanceof Refusal ? error : lost(order, error);
  } finally {
    clearTimeout(timer);
  }
}

interface Begun {
  readonly body: Body;
  /** The file's byte that comes first. */
  readonly from: number;
}

async function begin(order: FetchOrder, start: number, signal: AbortSignal): Promise<Begun> {
  const headers = start > 0 ? { range: `bytes=${start}-` } : {};
  const answer = await fetch(order.url, { headers, signal, redirect: "error" });
  // A source that knows no ranges sends the whole: that is begun anew.
  const from = answer.status === 200 ? 0 : start;
  const complaint = judge(answer, from, order.bytes);
  if (complaint === undefined && answer.body !== null) {
    return { body: answer.body.getReader({ mode: "byob" }), from };
  }
  await answer.body?.cancel().catch(() => undefined);
  throw complaint ?? new Refusal("refused", "it sent nothing");
}

/** What is wrong with an answer's head: the status, a range that was not asked for, or a size that cannot lead to the file's. */
function judge(answer: Response, from: number, bytes: number): Refusal | undefined {
  if (answer.status >= 500) return new Refusal("unreachable", `it answered ${answer.status}`);
  if (answer.status !== (from > 0 ? 206 : 200)) return new Refusal("refused", `it answered ${answer.status}`);
  const range = answer.headers.get("content-range");
  const asked = `bytes ${from}-${bytes - 1}/`;
  if (from > 0 && range !== `${asked}${bytes}` && range !== `${asked}*`) {
    return new Refusal("refused", `it was asked for ${asked}${bytes} and answered with ${range}`);
  }
  const length = answer.headers.get("content-length");
  if (length !== null && Number(length) !== bytes - from) {
    return new Refusal("wrong-size", `it offered ${length} bytes where ${bytes - from} were published`);
  }
  return undefined;
}

function lost(order: FetchOrder, error: unknown): Refusal {
  if (order.signal.aborted) return new Refusal("cancelled", "it was stopped");
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const name = error instanceof Error ? error.name : "";
  const silent = name === "AbortError" || name === "TimeoutError";
  const words = cause instanceof Error ? cause.message : String(cause);
  return new Refusal("unreachable", silent ? `it was silent for ${order.stallMs} ms` : words);
}
