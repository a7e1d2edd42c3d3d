// A network as a trace: periods of constant rate that follow each other and begin again when the last one is over.
//
// A request pays one latency before its first bit, the latency of the moment: where a period ends meanwhile, the part not
// yet paid is paid at the next period's latency. Then bits flow at the period's rate; a period without any passes.
// Source: the network model of Sabre (UMass LIDS), "From Theory to Practice", MMSys 2018.
import { assert } from "#units/assert.ts";

/** 1 kbit/s is 1 bit per millisecond. */
export interface Period {
  readonly durationMs: number;
  readonly kbps: number;
  /** Paid once per request, before the first bit: a round trip. */
  readonly latencyMs: number;
}

/** Made by `traceOf` alone, which proves that it carries something. */
export interface Trace {
  readonly name: string;
  readonly durationMs: Float64Array;
  readonly kbps: Float64Array;
  readonly latencyMs: Float64Array;
}

export type TraceMade =
  | { readonly kind: "made"; readonly trace: Trace }
  | { readonly kind: "refused"; readonly because: string };

/** The trace, or what is wrong with it: a trace that never carries a bit would keep a player waiting for ever. */
export function traceOf(name: string, periods: readonly Period[]): TraceMade {
  if (periods.length === 0) return { kind: "refused", because: "it has no periods" };
  for (const [index, period] of periods.entries()) {
    const flaw = flawOf(period);
    if (flaw !== undefined) return { kind: "refused", because: `period ${index + 1}: ${flaw}` };
  }
  if (periods.every((period) => period.kbps === 0)) {
    return {
      kind: "refused",
      because: "its bandwidth is 0 throughout, so that no segment would ever arrive",
    };
  }
  const column = (of: (period: Period) => number): Float64Array => Float64Array.from(periods, of);
  return {
    kind: "made",
    trace: {
      name,
      durationMs: column((period) => period.durationMs),
      kbps: column((period) => period.kbps),
      latencyMs: column((period) => period.latencyMs),
    },
  };
}

function flawOf({ durationMs, kbps, latencyMs }: Period): string | undefined {
  if (!(durationMs > 0 && Number.isFinite(durationMs)))
    return `wanted a duration above 0 ms, found ${durationMs}`;
  if (!(kbps >= 0 && Number.isFinite(kbps))) return `wanted a bandwidth of 0 kbit/s or more, found ${kbps}`;
  if (!(latencyMs >= 0 && Number.isFinite(latencyMs)))
    return `wanted a latency of 0 ms or more, found ${latencyMs}`;
  return undefined;
}

/** Where a session stands on a trace. Changed in place: a session passes thousands of periods. */
export interface Link {
  readonly trace: Trace;
  /** Called when a period begins, except for the first. */
  readonly onPeriod: (period: number) => void;
  period: number;
  /** What is left of the period. */
  leftMs: number;
  nowMs: number;
  /** What `carryPart` carried, and in which time. */
  partBits: number;
  partMs: number;
}

export function newLink(trace: Trace, onPeriod: (period: number) => void): Link {
  assert(
    trace.kbps.some((kbps) => kbps > 0),
    `trace ${trace.name} carries nothing`,
  );
  return {
    trace,
    onPeriod,
    period: 0,
    leftMs: trace.durationMs[0] ?? 0,
    nowMs: 0,
    partBits: 0,
    partMs: 0,
  };
}

/** Lets one latency pass and says how long it took. */
export function payLatency(link: Link): number {
  let unpaid = 1;
  let took = 0;
  for (;;) {
    const latency = link.trace.latencyMs[link.period] ?? 0;
    const ms = unpaid * latency;
    if (ms <= link.leftMs) {
      pass(link, ms);
      return took + ms;
    }
    took += link.leftMs;
    unpaid -= link.leftMs / latency;
    nextPeriod(link);
  }
}

/** Carries `bits` and says how long it took. */
export function carry(link: Link, bits: number): number {
  let left = bits;
  let took = 0;
  for (;;) {
    const kbps = link.trace.kbps[link.period] ?? 0;
    const room = link.leftMs * kbps;
    if (left <= room && kbps > 0) {
      const ms = left / kbps;
      pass(link, ms);
      return took + ms;
    }
    took += link.leftMs;
    left -= room;
    nextPeriod(link);
  }
}

/**
 * Carries at most `bits`, and stops as soon as both `leastBits` arrived and `leastMs` passed: the next report of progress.
 *
 * Leaves what it carried in `partBits` and `partMs`.
 */
export function carryPart(link: Link, bits: number, leastBits: number, leastMs: number): void {
  const kbps = link.trace.kbps[link.period] ?? 0;
  const want = Math.min(bits, Math.max(leastBits, leastMs * kbps));
  if (kbps > 0 && want <= link.leftMs * kbps) {
    link.partBits = want;
    link.partMs = want / kbps;
    pass(link, link.partMs);
  } else carryAcross(link, bits, leastBits, leastMs);
}

/** The same where the period may end meanwhile: a twentieth of the cases, and several times the work. */
function carryAcross(link: Link, bits: number, leastBits: number, leastMs: number): void {
  let left = bits;
  let wantBits = leastBits;
  let wantMs = leastMs;
  link.partBits = 0;
  link.partMs = 0;
  while (left > 0 && (wantBits > 0 || wantMs > 0)) {
    const kbps = link.trace.kbps[link.period] ?? 0;
    const room = link.leftMs * kbps;
    const want = kbps > 0 ? Math.min(left, Math.max(wantBits, wantMs * kbps)) : 0;
    const staysHere = kbps > 0 ? want <= room : wantBits <= 0 && wantMs <= link.leftMs;
    const moved = staysHere ? want : room;
    const ms = !staysHere ? link.leftMs : kbps > 0 ? want / kbps : wantMs;
    link.partBits += moved;
    link.partMs += ms;
    if (staysHere) {
      pass(link, ms);
      return;
    }
    left -= moved;
    wantBits -= moved;
    wantMs -= ms;
    nextPeriod(link);
  }
}

/** Lets time pass without a request. */
export function idle(link: Link, ms: number): void {
  let left = ms;
  while (left > link.leftMs) {
    left -= link.leftMs;
    nextPeriod(link);
  }
  pass(link, left);
}

function pass(link: Link, ms: number): void {
  link.leftMs -= ms;
  link.nowMs += ms;
}

function nextPeriod(link: Link): void {
  link.nowMs += link.leftMs;
  link.period = link.period + 1 === link.trace.durationMs.length ? 0 : link.period + 1;
  link.leftMs = link.trace.durationMs[link.period] ?? 0;
  link.onPeriod(link.period);
}
