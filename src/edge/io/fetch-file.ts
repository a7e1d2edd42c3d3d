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

/** Counts what came in, whatever happens to it. */
interface Progress {
  received: number;
}

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
  const progress: Progress = { received: 0 };
  const handle = await open(order.path, "a");
  try {
    await download(order, handle, start, progress);
    return { kind: "arrived", received: progress.received, resumed: start > 0 };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (error.why === "wrong-size") await rm(order.path, { force: true });
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
  const body = await timed(order, stall, () => begin(order, start, signal));
  let written = start;
  const pace = new Pace(order);
  for (;;) {
    const asked = performance.now();
    const { done, value } = await timed(order, stall, () => body.read());
    if (done) break;
    if (pace.isTooSlow(value.length, performance.now() - asked)) {
      await body.cancel().catch(() => undefined);
      throw new Refusal("unreachable", `it sent less than ${order.floor} bytes a second`);
    }
    progress.received += value.length;
    if (written + value.length > order.bytes) {
      await body.cancel().catch(() => undefined);
      throw new Refusal("wrong-size", `it sent more than the ${order.bytes} bytes that were published`);
    }
    await handle.write(value);
    written += value.length;
    await order.gate.pass(value.length, order.signal);
  }
  if (written < order.bytes) {
    throw new Refusal("unreachable", `it ended after ${written} of ${order.bytes} bytes`);
  }
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

async function begin(
  order: FetchOrder,
  start: number,
  signal: AbortSignal,
): Promise<ReadableStreamDefaultReader<Uint8Array>> {
  const headers = start > 0 ? { range: `bytes=${start}-` } : {};
  const answer = await fetch(order.url, { headers, signal, redirect: "error" });
  const complaint = judge(answer, start, order.bytes);
  if (complaint === undefined && answer.body !== null) return answer.body.getReader();
  await answer.body?.cancel().catch(() => undefined);
  throw complaint ?? new Refusal("refused", "it sent nothing");
}

/** What is wrong with an answer's head: the status, or a size that cannot lead to the file's. */
function judge(answer: Response, start: number, bytes: number): Refusal | undefined {
  const expected = start > 0 ? 206 : 200;
  if (answer.status >= 500) return new Refusal("unreachable", `it answered ${answer.status}`);
  // A file shorter there than what we hold, or a source that knows no ranges: begun anew from the next try on.
  if (answer.status === 416 || (start > 0 && answer.status === 200)) {
    return new Refusal("wrong-size", `it does not go on at byte ${start}`);
  }
  if (answer.status !== expected) return new Refusal("refused", `it answered ${answer.status}`);
  const length = answer.headers.get("content-length");
  if (length !== null && Number(length) !== bytes - start) {
    return new Refusal("wrong-size", `it offered ${length} bytes where ${bytes - start} were published`);
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
