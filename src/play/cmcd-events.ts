// The events that the player reports by itself (CTA-5004-B event mode): changes of state, errors, intervals, responses. Kept until
// they are acknowledged and sent again under the same number, within a bound.
import type { CmcdPlayerState, CmcdReport } from "#model/cmcd.ts";
import type { ClockSeen } from "./clock.ts";
import { type CmcdFacts, type CmcdTelling, count, newTelling, playerState, told } from "./cmcd.ts";

/** The most that is kept. The oldest go first, and leave a gap in the numbers. */
export const keptReports = 200;
/** The most in one request: some 15 kB. */
export const reportsPerSend = 50;
/** Responses wait for each other; everything else is told at once. */
const patienceMs = 5000;
const longestPauseMs = 60_000;
/** Source: CTA-5004-B, default of the time interval. */
export const intervalMs = 30_000;

/** One answer to a request for media, or its absence. */
export interface Response {
  /** The path inside the title: the signature in an address opens a door. */
  readonly url: string;
  readonly sourceId: string;
  /** Undefined: no answer. */
  readonly status: number | undefined;
  readonly ttfbMs: number | undefined;
  readonly ms: number;
  /** CMSD-Dynamic, as it came. */
  readonly cmsd: string | undefined;
}

export interface CmcdEvents {
  readonly telling: CmcdTelling;
  readonly stateTold: CmcdPlayerState | undefined;
  /** When the last report was made that no response caused. */
  readonly spokeMs: number;
  readonly queue: readonly CmcdReport[];
  /** Since when something waits. */
  readonly waitingSinceMs: number | undefined;
  readonly urgent: boolean;
  readonly underWay: boolean;
  /** Failures in a row. */
  readonly failures: number;
  readonly notBeforeMs: number;
  /** The receiver wants no more of this session. */
  readonly over: boolean;
}

export type CmcdHappening =
  | { readonly kind: "observed" }
  | { readonly kind: "responded"; readonly response: Response }
  | { readonly kind: "failed"; readonly code: string }
  /** The page may be gone without another word. */
  | { readonly kind: "leaving" }
  | { readonly kind: "acknowledged"; readonly upToSn: number }
  | { readonly kind: "refused"; readonly upToSn: number }
  | { readonly kind: "unsent" }
  | { readonly kind: "gone" };

export interface CmcdStep {
  readonly state: CmcdEvents;
  /** To be sent now. */
  readonly send: readonly CmcdReport[];
}

export function newCmcdEvents(sid: string, cid: string): CmcdEvents {
  return {
    telling: newTelling(sid, cid),
    stateTold: undefined,
    spokeMs: 0,
    queue: [],
    waitingSinceMs: undefined,
    urgent: false,
    underWay: false,
    failures: 0,
    notBeforeMs: 0,
    over: false,
  };
}

export function stepCmcdEvents(
  state: CmcdEvents,
  happening: CmcdHappening,
  facts: CmcdFacts,
  now: ClockSeen,
): CmcdStep {
  const nowMs = now.monotonicMs;
  switch (happening.kind) {
    case "observed":
      return sendIfDue(observed(state, facts, now), nowMs);
    case "responded":
      return sendIfDue(made(state, facts, now, responded(happening.response)), nowMs);
    case "failed":
      return sendIfDue(spoken(state, facts, now, { e: "e", ec: [happening.code] }), nowMs);
    case "leaving": {
      const next = spoken(state, facts, now, { e: "ps" });
      return { state: next, send: next.over ? [] : next.queue.slice(-reportsPerSend) };
    }
    case "acknowledged":
    case "refused": {
      const queue = state.queue.filter((report) => report.sn > happening.upToSn);
      const waitingSinceMs = queue.length === 0 ? undefined : nowMs;
      const left = { ...state, queue, waitingSinceMs, urgent: false };
      return sendIfDue({ ...left, underWay: false, failures: 0, notBeforeMs: nowMs }, nowMs);
    }
    case "unsent": {
      const failures = state.failures + 1;
      const pause = Math.min(longestPauseMs, 1000 * 2 ** Math.min(failures - 1, 10));
      return { state: { ...state, underWay: false, failures, notBeforeMs: nowMs + pause }, send: [] };
    }
    case "gone":
      return { state: { ...state, underWay: false, over: true, queue: [] }, send: [] };
  }
}

function observed(state: CmcdEvents, facts: CmcdFacts, now: ClockSeen): CmcdEvents {
  if (playerState(facts) !== state.stateTold) return spoken(state, facts, now, { e: "ps" });
  return now.monotonicMs - state.spokeMs >= intervalMs ? spoken(state, facts, now, { e: "t" }) : state;
}

function responded({ url, sourceId, status, ttfbMs, ms, cmsd }: Response): Partial<CmcdReport> {
  return {
    ...{ e: "rr", url, cdn: sourceId, rc: status ?? 0, ttlb: count(ms) },
    ...(ttfbMs !== undefined && { ttfb: count(ttfbMs) }),
    ...(cmsd !== undefined && { cmsdd: cmsd }),
  };
}

/** A report that does not wait for others. */
function spoken(state: CmcdEvents, facts: CmcdFacts, now: ClockSeen, more: Partial<CmcdReport>): CmcdEvents {
  const { stallCount, stallMs } = facts.seen;
  const next = made(state, facts, now, { ...more, bsa: count(stallCount), bsda: count(stallMs) });
  return { ...next, urgent: true, stateTold: playerState(facts), spokeMs: now.monotonicMs };
}

function made(state: CmcdEvents, facts: CmcdFacts, now: ClockSeen, more: Partial<CmcdReport>): CmcdEvents {
  if (state.over) return state;
  const { telling, report } = told(state.telling, facts);
  return {
    ...state,
    telling,
    queue: [...state.queue, { ...report, ts: count(now.wallMs), ...more }].slice(-keptReports),
    waitingSinceMs: state.waitingSinceMs ?? now.monotonicMs,
  };
}

function sendIfDue(state: CmcdEvents, nowMs: number): CmcdStep {
  const { queue, waitingSinceMs, urgent, underWay, notBeforeMs, over } = state;
  const waited = waitingSinceMs !== undefined && nowMs - waitingSinceMs >= patienceMs;
  const due = queue.length > 0 && (urgent || waited || queue.length >= reportsPerSend);
  if (!due || underWay || over || nowMs < notBeforeMs) return { state, send: [] };
  return { state: { ...state, underWay: true, urgent: false }, send: queue.slice(0, reportsPerSend) };
}
