// What the page's two clocks tell together: whether it slept, whether somebody set the computer's clock, and how old the
// signatures are.
//
// The monotonic clock (performance.now) stands still on some systems while the computer sleeps; the wall clock (Date) runs on,
// but jumps when it is set. Both advancing far between two looks: the page slept or was throttled. Only the wall clock: the
// computer slept, or the clock was set forward, which nothing can tell apart, so that both count as sleep.

export interface ClockSeen {
  readonly monotonicMs: number;
  readonly wallMs: number;
}

export interface PageClock {
  readonly seen: ClockSeen;
  /** Of the signatures; the longer of what both clocks say. */
  readonly ageMs: number;
  readonly lifeMs: number;
  /** Not asked again before: after an attempt to renew. */
  readonly restMs: number;
}

export type ClockSign =
  /** `unseenMs`: how much of it the monotonic clock did not see. */
  | { readonly kind: "slept"; readonly ms: number; readonly unseenMs: number }
  | { readonly kind: "set-back"; readonly ms: number }
  /** Signatures end soon. */
  | { readonly kind: "renew" };

export interface ClockStep {
  readonly state: PageClock;
  readonly signs: readonly ClockSign[];
}

/** A page in front looks four times a second, one behind once a second. */
const sleepMs = 3000;
const setBackMs = 2000;
/** Signed paths are renewed this long before they end. */
const renewBeforeMs = 60_000;
/** Not sooner than this, whatever the clocks say. */
const leastRenewMs = 10_000;
/** What a signature lives at least and at most, when the computer's clock makes nonsense of its end. Chosen by us. */
const leastLifeMs = 0;
const longestLifeMs = 7 * 86_400_000;
const assumedLifeMs = 600_000;

export function newPageClock(seen: ClockSeen, expiresAtMs: number): PageClock {
  return { seen, ageMs: 0, lifeMs: lifeOf(expiresAtMs, seen.wallMs), restMs: leastRenewMs };
}

/** Fresh signatures. */
export function resigned(state: PageClock, expiresAtMs: number): PageClock {
  return { ...state, ageMs: 0, lifeMs: lifeOf(expiresAtMs, state.seen.wallMs), restMs: leastRenewMs };
}

function lifeOf(expiresAtMs: number, wallMs: number): number {
  const life = expiresAtMs - wallMs;
  return life > leastLifeMs && life <= longestLifeMs ? life : assumedLifeMs;
}

/** Looked at, a few times a second. */
export function stepClock(before: PageClock, seen: ClockSeen): ClockStep {
  const ran = Math.max(0, seen.monotonicMs - before.seen.monotonicMs);
  const wall = seen.wallMs - before.seen.wallMs;
  const passed = Math.max(ran, wall);
  const state = {
    ...before,
    seen,
    ageMs: before.ageMs + passed,
    restMs: Math.max(0, before.restMs - passed),
  };
  const signs: ClockSign[] = [];
  if (passed >= sleepMs) signs.push({ kind: "slept", ms: passed, unseenMs: passed - ran });
  if (ran - wall >= setBackMs) signs.push({ kind: "set-back", ms: ran - wall });
  const due = state.ageMs >= state.lifeMs - renewBeforeMs && state.restMs === 0;
  if (!due) return { state, signs };
  return { state: { ...state, restMs: leastRenewMs }, signs: [...signs, { kind: "renew" }] };
}
