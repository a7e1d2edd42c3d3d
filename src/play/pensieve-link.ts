// The network of the Pensieve environment: periods of steady bandwidth that begin again when the last one is over.
//
// Source: fixed_env of "Neural Adaptive Video Streaming with Pensieve", SIGCOMM 2017. A request's bytes flow at once, at 0.95
// of the bandwidth (the share of payload in a packet), and 80 ms are added after the last one. Playing time and waiting move
// the same hand through the trace, but those 80 ms do not.

/** Bits of a segment per bit on the wire. */
const payloadShare = 0.95;
const roundTripMs = 80;

export interface PensievePeriod {
  readonly ms: number;
  readonly kbps: number;
}

/** A hand in the trace: the period it is in, and how much of that is over. */
export interface PensieveHand {
  readonly period: number;
  readonly passedMs: number;
}

export const traceStart: PensieveHand = { period: 0, passedMs: 0 };

/** A trace as it is kept in text: "seconds Mbit/s" per line; a bandwidth holds from the line before to its own. */
export type PensieveTraceRead =
  | { readonly kind: "read"; readonly periods: readonly PensievePeriod[] }
  | { readonly kind: "refused"; readonly because: string };

/** The periods of a trace; the first line is where time begins. */
export function readPensieveTrace(text: string): PensieveTraceRead {
  const periods: PensievePeriod[] = [];
  let before: number | undefined;
  let carries = false;
  for (const [index, line] of text.trim().split("\n").entries()) {
    const columns = line.trim().split(/\s+/u).map(Number);
    const [seconds, mbit] = columns;
    if (seconds === undefined || mbit === undefined || columns.length !== 2) return refusal(index, line);
    if (!(Number.isFinite(seconds) && Number.isFinite(mbit) && mbit >= 0)) return refusal(index, line);
    if (before !== undefined) {
      if (seconds <= before)
        return { kind: "refused", because: `line ${index + 1} does not follow line ${index}` };
      periods.push({ ms: (seconds - before) * 1000, kbps: mbit * 1000 });
      carries ||= mbit > 0;
    }
    before = seconds;
  }
  if (!carries) return { kind: "refused", because: "no interval of it carries anything" };
  return { kind: "read", periods };
}

function refusal(index: number, line: string): PensieveTraceRead {
  const found = line.slice(0, 40);
  return { kind: "refused", because: `line ${index + 1} should be "seconds Mbit/s", found "${found}"` };
}

/** Fetches `bits`: how long it took, the round trip included, and where the hand stands then. */
export function fetchBits(
  periods: readonly PensievePeriod[],
  from: PensieveHand,
  bits: number,
): { readonly ms: number; readonly hand: PensieveHand } {
  let { period, passedMs } = from;
  let left = bits;
  let ms = 0;
  for (;;) {
    const { ms: lasts, kbps } = periodAt(periods, period);
    const flow = kbps * payloadShare;
    const room = (lasts - passedMs) * flow;
    if (left < room) {
      const spent = left / flow;
      return { ms: ms + spent + roundTripMs, hand: { period, passedMs: passedMs + spent } };
    }
    left -= room;
    ms += lasts - passedMs;
    period = (period + 1) % periods.length;
    passedMs = 0;
  }
}

/** Moves the hand on while the player waits. */
export function idle(periods: readonly PensievePeriod[], from: PensieveHand, waitMs: number): PensieveHand {
  let { period, passedMs } = from;
  let left = waitMs;
  for (;;) {
    const remains = periodAt(periods, period).ms - passedMs;
    if (remains > left) return { period, passedMs: passedMs + left };
    left -= remains;
    period = (period + 1) % periods.length;
    passedMs = 0;
  }
}

function periodAt(periods: readonly PensievePeriod[], index: number): PensievePeriod {
  return periods[index] ?? { ms: 0, kbps: 0 };
}
