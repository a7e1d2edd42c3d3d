// A simulated network in front of a real one: says when bits that arrived would have arrived on a trace. What several requests
// carry at once goes through in the order in which it came.
import { carry, idle, type Link, newLink, type Trace } from "./sim-network.ts";

export interface Pipe {
  /** Bits that arrived at `nowMs` are through at the answer: never earlier, and not before what came earlier. */
  through(bits: number, nowMs: number): number;
  /** What a request waits for its first byte. */
  latencyMs(nowMs: number): number;
}

/** The trace begins at `beganMs` and begins again at its end. */
export function pipeOf(trace: Trace, beganMs: number): Pipe {
  const link = newLink(trace, () => undefined);
  return {
    through: (bits, nowMs) => {
      catchUp(link, nowMs - beganMs);
      carry(link, bits);
      return beganMs + link.nowMs;
    },
    latencyMs: (nowMs) => {
      catchUp(link, nowMs - beganMs);
      return trace.latencyMs[link.period] ?? 0;
    },
  };
}

/** Capacity that nobody used is gone. */
function catchUp(link: Link, nowMs: number): void {
  if (nowMs > link.nowMs) idle(link, nowMs - link.nowMs);
}
