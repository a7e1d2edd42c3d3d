// What a throughput carries: shared by the rules that ask the network as well as the buffer.
import { at } from "./ladder.ts";
import type { Ladder } from "./types.ts";

/**
 * The highest rung whose segment of `ms`, at its nominal rate, arrives in no more time than it plays.
 *
 * latency + ms · R_q / T ≤ ms. Source: Sabre and dash.js.
 */
export function carriedRung(ladder: Ladder, kbps: number, latencyMs: number, ms: number): number {
  for (let rung = ladder.kbps.length - 1; rung > 0; rung--) {
    if (latencyMs + (ms * at(ladder.kbps, rung)) / kbps <= ms) return rung;
  }
  return 0;
}
