// The Pensieve environment: a second simulator, simpler than ours, whose figures much of the literature is written in.
//
// Source: "Neural Adaptive Video Streaming with Pensieve", SIGCOMM 2017. The buffer may hold 60 s; what is over is played out in
// steps of 500 ms before the next request. Start-up counts as stall. A segment is worth R − 4.3·(seconds of stall) − |ΔR|, in
// Mbit/s. The first segment is not the rule's to choose.
import { at } from "./ladder.ts";
import { fetchBits, idle, type PensieveHand, traceStart } from "./pensieve-link.ts";
import type { NamedRule, RuleSession } from "./rule.ts";
import type { Trace } from "./sim-network.ts";
import type { Film } from "./types.ts";

export const pensieveBufferMs = 60_000;
const waitStepMs = 500;
const stallPrice = 4.3;

export interface PensieveOrder {
  readonly film: Film;
  readonly trace: Trace;
  readonly rule: NamedRule;
  /** Rung of the first segment: 1 (750 kbit/s) in published figures. */
  readonly firstRung: number;
}

/** One segment of a session. */
export interface PensieveStep {
  readonly rung: number;
  readonly kbps: number;
  readonly stallMs: number;
  /** |ΔR| to the segment before, in kbit/s. */
  readonly changeKbps: number;
  /** In Mbit/s. */
  readonly reward: number;
}

export function playPensieve(order: PensieveOrder): readonly PensieveStep[] {
  const { film } = order;
  const session = order.rule.begin(film, pensieveBufferMs);
  const steps: PensieveStep[] = [];
  let bufferMs = 0;
  let hand = traceStart;
  let last = order.firstRung;
  for (const segment of film.segments.durationMs.keys()) {
    const rung = segment === 0 ? order.firstRung : ask(session, film, segment, bufferMs, last);
    const fetched = fetchSegment(order, session, hand, { segment, rung, bufferMs });
    steps.push(stepOf(film, rung, last, fetched.stallMs));
    ({ hand, bufferMs } = fetched);
    last = rung;
  }
  return steps;
}

function ask(session: RuleSession, film: Film, segment: number, bufferMs: number, lastRung: number): number {
  const choice = session.decide({
    segment,
    bufferMs,
    maxBufferMs: pensieveBufferMs,
    lastRung,
    estimateKbps: undefined,
    latencyMs: 0,
    minRung: 0,
    maxRung: film.ladder.kbps.length - 1,
    sinceSeek: segment,
  });
  return choice.rung;
}

interface Fetched {
  readonly stallMs: number;
  readonly bufferMs: number;
  readonly hand: PensieveHand;
}

function fetchSegment(
  order: PensieveOrder,
  session: RuleSession,
  from: PensieveHand,
  request: { readonly segment: number; readonly rung: number; readonly bufferMs: number },
): Fetched {
  const { segment, rung } = request;
  const bits = at(at(order.film.segments.bits, segment), rung);
  const { ms, hand } = fetchBits(order.trace, from, bits);
  const filled = Math.max(0, request.bufferMs - ms) + at(order.film.segments.durationMs, segment);
  const waitMs = Math.ceil(Math.max(0, filled - pensieveBufferMs) / waitStepMs) * waitStepMs;
  session.downloaded({
    segment,
    rung,
    bits,
    ms,
    ttfbMs: 0,
    bufferAtRequestMs: request.bufferMs,
    bufferMs: filled,
    abandonedTo: undefined,
    replacement: false,
  });
  if (waitMs > 0) session.delayed(waitMs);
  return {
    stallMs: Math.max(0, ms - request.bufferMs),
    bufferMs: filled - waitMs,
    hand: waitMs > 0 ? idle(order.trace, hand, waitMs) : hand,
  };
}

function stepOf(film: Film, rung: number, last: number, stallMs: number): PensieveStep {
  const kbps = at(film.ladder.kbps, rung);
  const changeKbps = Math.abs(kbps - at(film.ladder.kbps, last));
  const reward = kbps / 1000 - (stallPrice * stallMs) / 1000 - changeKbps / 1000;
  return { rung, kbps, stallMs, changeKbps, reward };
}
