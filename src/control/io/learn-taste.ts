// One learning of taste, in a worker thread.
import { Worker } from "node:worker_threads";
import type { Watched } from "#catalog/taste.ts";
import type { chosenTaste } from "#catalog/taste-choice.ts";

export interface TasteWork {
  readonly watched: readonly Watched[];
  readonly mostTitles: number;
  readonly neighbours: number;
  readonly seed: number;
}

export type Learned = ReturnType<typeof chosenTaste>;

/** @throws the signal's reason; what went wrong in the thread */
export async function learnTaste(work: TasteWork, signal: AbortSignal): Promise<Learned> {
  signal.throwIfAborted();
  const worker = new Worker(new URL("./taste-worker.ts", import.meta.url), { workerData: work });
  const { promise, resolve, reject } = Promise.withResolvers<Learned>();
  const onAbort = (): void => reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  worker.once("message", resolve);
  worker.once("error", reject);
  worker.once("exit", (code) => reject(new Error(`the thread that learns taste ended with ${code}`)));
  try {
    return await promise;
  } finally {
    signal.removeEventListener("abort", onAbort);
    await worker.terminate();
  }
}
