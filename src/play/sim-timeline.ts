// A session as curves over time: what lay ready, which rung was fetched, and what the network carried.
import type { Trace } from "./sim-network.ts";
import type { Request } from "./sim-player.ts";

export interface Point {
  readonly atMs: number;
  readonly value: number;
}

export interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Timeline {
  readonly endMs: number;
  /** Straight lines between the points. */
  readonly bufferMs: readonly Point[];
  /** Each value holds from its time to the next. */
  readonly rung: readonly Point[];
  /** Measured by each whole request. */
  readonly throughputKbps: readonly Point[];
  /** What the trace carried, as means of equal stretches. */
  readonly capacityKbps: readonly Point[];
  readonly stalls: readonly Stretch[];
  readonly abandoned: readonly number[];
}

/** A page is some 900 units wide: finer would not be seen. */
const capacityStretches = 300;

export function timelineOf(requests: readonly Request[], trace: Trace): Timeline {
  const bufferMs: Point[] = [{ atMs: 0, value: 0 }];
  const stalls: Stretch[] = [];
  for (const [index, request] of requests.entries()) {
    const { sentMs, ms, bufferAtRequestMs: ready } = request;
    const endMs = sentMs + ms;
    if (index > 0) bufferMs.push({ atMs: sentMs, value: ready });
    if (index > 0 && ms > ready) {
      bufferMs.push({ atMs: sentMs + ready, value: 0 });
      stalls.push({ fromMs: sentMs + ready, toMs: endMs });
    }
    bufferMs.push({ atMs: endMs, value: Math.max(0, ready - ms) }, { atMs: endMs, value: request.bufferMs });
  }
  const last = bufferMs.at(-1) ?? { atMs: 0, value: 0 };
  const endMs = last.atMs + last.value;
  bufferMs.push({ atMs: endMs, value: 0 });
  const whole = requests.filter((request) => request.abandonedTo === undefined);
  return {
    endMs,
    bufferMs,
    rung: whole.map((request) => ({ atMs: request.sentMs, value: request.rung })),
    throughputKbps: whole.map((request) => ({
      atMs: request.sentMs + request.ms,
      value: request.arrivedBits / Math.max(1e-9, request.ms - request.ttfbMs),
    })),
    capacityKbps: capacityOf(trace, endMs),
    stalls,
    abandoned: requests
      .filter((request) => request.abandonedTo !== undefined)
      .map((request) => request.sentMs + request.ms),
  };
}

/** Mean capacity of equal stretches from 0 to `endMs`; the trace begins again at its end. */
function capacityOf(trace: Trace, endMs: number): Point[] {
  const stretchMs = endMs / capacityStretches;
  if (!(stretchMs > 0)) return [];
  const points: Point[] = [];
  let period = 0;
  let leftMs = trace.durationMs[0] ?? 0;
  for (let i = 0; i < capacityStretches; i++) {
    let bits = 0;
    let wanted = stretchMs;
    while (wanted > leftMs) {
      bits += leftMs * (trace.kbps[period] ?? 0);
      wanted -= leftMs;
      period = (period + 1) % trace.durationMs.length;
      leftMs = trace.durationMs[period] ?? 0;
    }
    bits += wanted * (trace.kbps[period] ?? 0);
    leftMs -= wanted;
    points.push({ atMs: i * stretchMs, value: bits / stretchMs });
  }
  return points;
}
