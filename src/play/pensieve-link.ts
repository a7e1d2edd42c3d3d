// The network of the Pensieve environment: periods of steady bandwidth that begin again when the last one is over.
//
// Source: fixed_env of "Neural Adaptive Video Streaming with Pensieve", SIGCOMM 2017. A request's bytes flow at once, at 0.95
// of the bandwidth (the share of payload in a packet), and 80 ms are added after the last one. Playing time and waiting move
// the same hand through the trace, but those 80 ms do not. The latencies of the trace are not asked.
import type { Trace } from "./sim-network.ts";

/** Bits of a segment per bit on the wire. */
const payloadShare = 0.95;
const roundTripMs = 80;

/** A hand in the trace: the period it is in, and how much of that is over. */
export interface PensieveHand {
  readonly period: number;
  readonly passedMs: number;
}

export const traceStart: PensieveHand = { period: 0, passedMs: 0 };

/** Fetches `bits`: how long it took, the round trip included, and where the hand stands then. */
export function fetchBits(
  trace: Trace,
  from: PensieveHand,
  bits: number,
): { readonly ms: number; readonly hand: PensieveHand } {
  let { period, passedMs } = from;
  let left = bits;
  let ms = 0;
  for (;;) {
    const { ms: lasts, kbps } = periodAt(trace, period);
    const flow = kbps * payloadShare;
    const room = (lasts - passedMs) * flow;
    if (left < room) {
      const spent = left / flow;
      return { ms: ms + spent + roundTripMs, hand: { period, passedMs: passedMs + spent } };
    }
    left -= room;
    ms += lasts - passedMs;
    period = (period + 1) % trace.kbps.length;
    passedMs = 0;
  }
}

/** Moves the hand on while the player waits. */
export function idle(trace: Trace, from: PensieveHand, waitMs: number): PensieveHand {
  let { period, passedMs } = from;
  let left = waitMs;
  for (;;) {
    const remains = periodAt(trace, period).ms - passedMs;
    if (remains > left) return { period, passedMs: passedMs + left };
    left -= remains;
    period = (period + 1) % trace.kbps.length;
    passedMs = 0;
  }
}

function periodAt(trace: Trace, period: number): { readonly ms: number; readonly kbps: number } {
  return { ms: trace.durationMs[period] ?? 0, kbps: trace.kbps[period] ?? 0 };
}
