// The right to go on playing, by the player's own clock: what its lease allows, when to beat, when to stop.
//
// A lease counts from just before the beat that renewed it was sent, so that however long the answer takes the player stops before
// the server gives its screen to somebody else. Only a monotonic clock is used; what it did not see of a sleep (clock.ts) is added,
// never taken away. Source: research, control-telemetry §4, client rule.

/** A player stops this long before its lease ends: more than its clock can be wrong by meanwhile. */
export const stopEarlyMs = 2000;
const firstPauseMs = 500;
const longestPauseMs = 2000;
/** A beat is waited for no longer than this share of the lease, so that several fit into it. */
const patienceShare = 0.1;
const leastPatienceMs = 500;
const mostPatienceMs = 5000;

export interface LeaseNews {
  readonly ttlMs: number;
  readonly renewAfterMs: number;
}

export interface Screen {
  /** held: may play. waiting: the time is over and nobody answered. lost: for ever. */
  readonly kind: "held" | "waiting" | "lost";
  readonly lease: LeaseNews;
  /** All moments: milliseconds of the monotonic clock and of what it did not see. */
  readonly stopAtMs: number;
  readonly beatAtMs: number;
  /** Beats without an answer, in a row. */
  readonly failures: number;
  /** What the monotonic clock did not see. */
  readonly unseenMs: number;
}

export type ScreenEvent =
  /** A few times a second. */
  | { readonly kind: "looked" }
  /** The computer slept, and the monotonic clock stood still for so much of it. */
  | { readonly kind: "slept"; readonly unseenMs: number }
  /** A beat is sent now, whoever wished it. */
  | { readonly kind: "sent" }
  | { readonly kind: "renewed"; readonly sentMs: number; readonly lease: LeaseNews }
  /** `chance`: 0 to 1. */
  | { readonly kind: "unanswered"; readonly chance: number }
  | { readonly kind: "lost" }
  /** The account may play no more: whoever hears it tells why, and ends the film. */
  | { readonly kind: "refused" };

export type ScreenCommand =
  | { readonly kind: "beat" }
  /** Hold the picture. */
  | { readonly kind: "stop" }
  /** Let it go on, if it was stopped by us. */
  | { readonly kind: "go-on" }
  /** Another screen has it now. */
  | { readonly kind: "taken" }
  /** Time ran out unheard: ask for a new session, where the film stands. */
  | { readonly kind: "begin-anew" };

export interface ScreenStep {
  readonly state: Screen;
  readonly commands: readonly ScreenCommand[];
}

/** `sentMs`: just before the play was asked for. */
export function newScreen(lease: LeaseNews, sentMs: number): Screen {
  return {
    kind: "held",
    lease,
    stopAtMs: stopOf(sentMs, lease),
    beatAtMs: sentMs + lease.renewAfterMs,
    failures: 0,
    unseenMs: 0,
  };
}

/** The clock by which all moments of a screen are. */
export function screenClock(state: Screen, monotonicMs: number): number {
  return monotonicMs + state.unseenMs;
}

/** How long to wait for the answer to a beat. */
export function patienceMs({ lease }: Screen): number {
  return Math.min(mostPatienceMs, Math.max(leastPatienceMs, lease.ttlMs * patienceShare));
}

export function stepScreen(before: Screen, event: ScreenEvent, monotonicMs: number): ScreenStep {
  if (before.kind === "lost") return { state: before, commands: [] };
  const nowMs = screenClock(before, monotonicMs);
  switch (event.kind) {
    case "looked":
      return looked(before, nowMs);
    case "slept": {
      const woken = { ...before, unseenMs: before.unseenMs + Math.max(0, event.unseenMs) };
      return looked({ ...woken, beatAtMs: nowMs, failures: 0 }, screenClock(woken, monotonicMs));
    }
    case "sent":
      return { state: { ...before, beatAtMs: nowMs + patienceMs(before) + longestPauseMs }, commands: [] };
    case "renewed":
      return renewed(before, event, nowMs);
    case "unanswered": {
      const failures = before.failures + 1;
      const pause = Math.min(
        longestPauseMs,
        before.lease.ttlMs / 8,
        firstPauseMs * 2 ** Math.min(failures - 1, 10),
      );
      const beatAtMs = nowMs + pause * (0.5 + event.chance / 2);
      return { state: { ...before, failures, beatAtMs }, commands: [] };
    }
    case "lost": {
      const kind = before.kind === "held" && nowMs < before.stopAtMs ? "taken" : "begin-anew";
      return { state: { ...before, kind: "lost" }, commands: [{ kind: "stop" }, { kind }] };
    }
    case "refused":
      return { state: { ...before, kind: "lost" }, commands: [] };
  }
}

function looked(before: Screen, nowMs: number): ScreenStep {
  const over = before.kind === "held" && nowMs >= before.stopAtMs;
  const state: Screen = over ? { ...before, kind: "waiting" } : before;
  const commands: ScreenCommand[] = [];
  if (over) commands.push({ kind: "stop" });
  if (nowMs >= state.beatAtMs) commands.push({ kind: "beat" });
  return { state, commands };
}

function renewed(
  before: Screen,
  { sentMs, lease }: Extract<ScreenEvent, { kind: "renewed" }>,
  nowMs: number,
): ScreenStep {
  const stopAtMs = Math.max(before.stopAtMs, stopOf(sentMs, lease));
  const beatAtMs = Math.max(before.failures === 0 ? nowMs : 0, sentMs + lease.renewAfterMs);
  const state: Screen = { ...before, lease, stopAtMs, beatAtMs, failures: 0 };
  if (nowMs >= stopAtMs || before.kind === "held") return { state, commands: [] };
  return { state: { ...state, kind: "held" }, commands: [{ kind: "go-on" }] };
}

function stopOf(sentMs: number, { ttlMs }: LeaseNews): number {
  return sentMs + ttlMs - stopEarlyMs;
}
