// Holds back what the network brought, as if it had come over a slower one. The page's own simulation: appliances see a reader that
// takes its time.
import { type Pipe, pipeOf } from "#play/pipe.ts";
import type { Trace } from "#play/sim-network.ts";

/** Small enough that two requests share the pipe, and that a slow second is seen as one. Chosen by us. */
const sliceBytes = 4096;
/** Timers are no finer. */
const worthMs = 4;

export class Pacer {
  #pipe: Pipe | undefined;

  /** From now on; undefined: as the network is. What is held back already stays held back. */
  shape(trace: Trace | undefined): void {
    this.#pipe = trace === undefined ? undefined : pipeOf(trace, performance.now());
  }

  async head(signal: AbortSignal): Promise<void> {
    if (this.#pipe !== undefined) await rest(this.#pipe.latencyMs(performance.now()), signal);
  }

  /** The parts of a piece in their time. */
  async *parts(piece: Uint8Array, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < piece.byteLength; ) {
      const pipe = this.#pipe;
      const part = pipe === undefined ? piece.subarray(at) : piece.subarray(at, at + sliceBytes);
      at += part.byteLength;
      if (pipe !== undefined) {
        const nowMs = performance.now();
        const waitMs = pipe.through(part.byteLength * 8, nowMs) - nowMs;
        if (waitMs >= worthMs) await rest(waitMs, signal);
      }
      yield part;
    }
  }
}

function rest(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal.addEventListener("abort", stop, { once: true });
  });
}
