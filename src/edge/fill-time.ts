// What time means to the fill: whether the window is open, how fast all of it may go, and how long a file has waited.
//
// A file's clock runs while it could be fetched: an ordinary one's in open windows alone, an urgent one's always. It goes
// by time that never goes back; only the window's hours go by the wall clock, and nothing of what that said before is kept.
import { type BitsPerSecond, bitsPerSecond } from "#units/quantity.ts";
import { laneRate, lowerCap } from "./fill-rate.ts";
import type { FillMoment, FillState, PlannedFile, Source } from "./fill-state.ts";
import { isKnownZone, windowAt } from "./fill-window.ts";

/** Brings the state to this moment. */
export function takeTime(state: FillState, now: FillMoment): void {
  const passed = Math.max(0, now.monoMs - state.nowMs);
  if (state.started && state.isOpen) state.openMs += passed;
  state.nowMs += passed;
  lookAtWindow(state, now.wallMs);
  state.rate = rateOf(state);
}

function lookAtWindow(state: FillState, wallMs: number): void {
  const window = state.limits.window === "always" ? undefined : state.rules.window;
  if (window === undefined) {
    state.window = undefined;
    state.isOpen = true;
    return;
  }
  const before = state.window;
  if (before !== undefined && before.sinceMs <= wallMs && wallMs < before.untilMs) return;
  // Shut is the safe side: the site's night is somebody else's evening.
  const unknown = { isOpen: false, sinceMs: Number.NEGATIVE_INFINITY, untilMs: Number.POSITIVE_INFINITY };
  const isKnown = isKnownZone(window.zone);
  state.window = isKnown ? windowAt(window, wallMs) : unknown;
  state.isOpen = state.window.isOpen;
  if (!isKnown) {
    state.problem = `the plan's time zone "${window.zone}" is not known here: nothing but what is urgent is fetched`;
  }
}

function rateOf(state: FillState): BitsPerSecond {
  const { limits, rules, load } = state;
  const cap = lowerCap(limits.cap, bitsPerSecond(rules.rateBps));
  if (state.isOpen) return cap;
  const { throughput, limitShare } = limits;
  return laneRate(cap, rules.urgentShare, { throughput, load, limitShare });
}

export function isUrgent(state: FillState, file: PlannedFile): boolean {
  return file.urgent || state.asked.has(file.key);
}

/** Whether it may be fetched at this moment at all. */
export function mayFetch(state: FillState, file: PlannedFile): boolean {
  return state.isOpen || (state.rate > 0 && isUrgent(state, file));
}

/** What the clock shows that a file's `since` was read from. */
export function fileClock(state: FillState, urgent: boolean): number {
  return urgent ? state.nowMs : state.openMs;
}

/** How long it could have been fetched. */
export function waited(state: FillState, file: PlannedFile): number {
  return fileClock(state, isUrgent(state, file)) - file.since;
}

/** How much longer a source is not to be asked for this file. */
export function waitsStill(state: FillState, file: PlannedFile, source: Source): number {
  return Math.max(0, (source.afterMs ?? 0) - waited(state, file));
}

/**
 * When the machine wants to be called next though nothing happens, on the monotonic clock; Infinity: never. Called then
 * with a tick it does what it would have done on ticks in between; a wall clock that jumps meanwhile is seen at the next call.
 */
export function wakeAt(state: FillState, now: FillMoment): number {
  if (!state.started) return Number.POSITIVE_INFINITY;
  if (state.hasMore) return now.monoMs;
  const change = (state.window?.untilMs ?? Number.POSITIVE_INFINITY) - now.wallMs;
  return Math.max(now.monoMs, Math.min(state.waiting.firstAt(), state.restEndsAt, now.monoMs + change));
}
