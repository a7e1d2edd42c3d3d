// What a neighbour said before it was lost, and how long that still counts. Source: RFC 4724 §4.2 (as the receiving
// speaker); RFC 7313 §4. A neighbour that never spoke of restarts is given `staleMs` all the same: a viewer's route is
// not gone because a session is, and each flap would otherwise move everybody to another site and back.
import type { Agreement } from "./agreement.ts";
import type { Family } from "./family.ts";
import { announceNote } from "./session-note.ts";
import type { Link, SessionAction, SessionState, StalePaths } from "./session-state.ts";
import { endOfRib } from "./write-update.ts";

export function beginStale(
  state: SessionState,
  family: Family,
  because: StalePaths["because"],
  lastsMs: number,
  now: number,
  actions: SessionAction[],
): SessionState {
  actions.push({ kind: "stale", family });
  return { ...state, stale: { ...state.stale, [family]: { due: now + lastsMs, because } } };
}

/** What is still stale goes. */
export function endStale(state: SessionState, family: Family, actions: SessionAction[]): SessionState {
  if (state.stale[family] === undefined) return state;
  actions.push({ kind: "sweep", family, which: "stale" });
  const { [family]: _, ...stale } = state.stale;
  return { ...state, stale };
}

export function staleOver(
  state: SessionState,
  family: Family,
  now: number,
  actions: SessionAction[],
): SessionState {
  const paths = state.stale[family];
  if (paths === undefined || paths.due > now) return state;
  actions.push(announceNote("warn", "stale-over", `IPv${family}: not said again in time`));
  return endStale(state, family, actions);
}

/** An established connection is gone. What was stale already goes at once (RFC 4724 §4.2, consecutive restarts). */
export function loseRoutes(
  state: SessionState,
  link: Link,
  routes: "keep" | "drop",
  now: number,
  actions: SessionAction[],
): SessionState {
  let next = state;
  for (const family of link.agreement?.update.families ?? []) {
    next = endStale(next, family, actions);
    const restart = link.agreement?.gracefulRestart;
    const isRestart = restart?.families.some((row) => row.family === family) === true;
    const lastsMs = isRestart ? (restart?.restartSeconds ?? 0) * 1000 : state.terms.staleMs;
    if (routes === "drop" || lastsMs === 0) {
      actions.push({ kind: "sweep", family, which: "all" });
      continue;
    }
    actions.push(announceNote("info", "stale", `IPv${family} for ${Math.round(lastsMs / 1000)} s`));
    next = beginStale(next, family, isRestart ? "restart" : "loss", lastsMs, now, actions);
  }
  return next;
}

/**
 * The neighbour is there again. A restart that kept no forwarding state, or a family that is not spoken of any more, ends
 * the patience; otherwise it has `staleMs` from now to say everything again.
 */
export function whenEstablished(
  state: SessionState,
  link: number,
  agreement: Agreement,
  now: number,
  actions: SessionAction[],
): SessionState {
  const { gracefulRestart, update } = agreement;
  let next = state;
  for (const family of state.terms.families) {
    const paths = next.stale[family];
    if (paths === undefined) continue;
    const kept = gracefulRestart?.families.find((row) => row.family === family);
    const isOver = paths.because === "restart" && kept?.isForwardingKept !== true;
    if (isOver || !update.families.includes(family)) next = endStale(next, family, actions);
    else next = { ...next, stale: { ...next.stale, [family]: { ...paths, due: now + state.terms.staleMs } } };
  }
  // A restarting neighbour waits for it before it decides on routes (RFC 4724 §4.1).
  for (const family of gracefulRestart === undefined ? [] : update.families) {
    actions.push({ kind: "send", link, message: endOfRib(family) });
  }
  return next;
}
