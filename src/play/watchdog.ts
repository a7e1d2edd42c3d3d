// The last guard against an endless wait: the picture should move and does not, nothing is asked for, and nobody says why.

export interface Watchdog {
  readonly idleMs: number;
  /** Without a stop. */
  readonly movingMs: number;
  readonly nudges: number;
  readonly positionMs: number;
  readonly lastMs: number;
}

export interface Watched {
  readonly positionMs: number;
  /** The viewer wants it to move: begun, not paused, not ended, not failed. */
  readonly wanted: boolean;
  /** Requests for media, or pauses between them: their machine has deadlines of its own. */
  readonly underWay: number;
}

export type WatchdogWord = "nothing" | "nudge" | "stuck";

export interface WatchdogStep {
  readonly state: Watchdog;
  readonly word: WatchdogWord;
}

/** Longer than Shaka needs to append and to jump a gap on a slow machine. Chosen by us. */
const patienceMs = 6000;
/** Longer between two looks: the page did not run. */
const longestTickMs = 1000;
const mostNudges = 3;

export function newWatchdog(nowMs: number): Watchdog {
  return { idleMs: 0, movingMs: 0, nudges: 0, positionMs: -1, lastMs: nowMs };
}

export function stepWatchdog(before: Watchdog, seen: Watched, nowMs: number): WatchdogStep {
  const { positionMs } = seen;
  const passed = Math.min(longestTickMs, Math.max(0, nowMs - before.lastMs));
  const moved = positionMs !== before.positionMs;
  const still = { ...before, positionMs, lastMs: nowMs, idleMs: 0, movingMs: 0 };
  if (moved) {
    // A nudge moves it too: only playing on takes the nudges back.
    const movingMs = before.movingMs + passed;
    const nudges = movingMs >= patienceMs ? 0 : before.nudges;
    return { state: { ...still, movingMs, nudges }, word: "nothing" };
  }
  if (!seen.wanted || seen.underWay > 0) return { state: still, word: "nothing" };
  const idleMs = before.idleMs + passed;
  if (idleMs < patienceMs) return { state: { ...still, idleMs }, word: "nothing" };
  const nudges = before.nudges + 1;
  return { state: { ...still, nudges }, word: nudges > mostNudges ? "stuck" : "nudge" };
}
