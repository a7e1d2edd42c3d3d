// When the front is started, announced, withdrawn and killed: a pure machine, fed by one look every half second.
//
// Each announcement and each withdrawal is a reload of nginx. So a front is announced only when it has answered for a while,
// and one that keeps ending is started ever more rarely: what it does must not become nginx's trouble.

/** `silent`: it runs, and a question by QUIC was not answered. */
export type FrontLook = "gone" | "silent" | "answers";

export interface FrontState {
  readonly phase: "down" | "started" | "announced";
  /** Since when, monotonic, in ms. */
  readonly sinceMs: number;
  /** Before the next start. */
  readonly pauseMs: number;
  /** Looks in a row: silent ones, and ones that were answered. */
  readonly silent: number;
  readonly answered: number;
}

export type FrontCommand = "start" | "announce" | "withdraw" | "kill";

const firstPauseMs = 200;
const longestPauseMs = 60_000;
/** Announced for this long, it was no failed start. */
const soundMs = 60_000;
/** Looks: answered before it is announced, silent before it is killed, and silent at its start. */
const toAnnounce = 2;
const toKill = 4;
const toKillAtStart = 20;

export function frontDown(now: number, pauseMs = 0): FrontState {
  return { phase: "down", sinceMs: now, pauseMs, silent: 0, answered: 0 };
}

export function step(
  state: FrontState,
  look: FrontLook,
  now: number,
): { readonly state: FrontState; readonly commands: readonly FrontCommand[] } {
  if (state.phase === "down") return whenDown(state, now);
  if (look === "gone") return afterEnd(state, now, []);
  const silent = look === "silent" ? state.silent + 1 : 0;
  const answered = look === "answers" ? state.answered + 1 : 0;
  const isAnnounced = state.phase === "announced";
  if (silent >= (isAnnounced ? toKill : toKillAtStart)) return afterEnd(state, now, ["kill"]);
  if (!isAnnounced && answered >= toAnnounce) {
    return {
      state: { ...state, phase: "announced", sinceMs: now, silent, answered },
      commands: ["announce"],
    };
  }
  return { state: { ...state, silent, answered }, commands: [] };
}

function whenDown(state: FrontState, now: number): ReturnType<typeof step> {
  if (now - state.sinceMs < state.pauseMs) return { state, commands: [] };
  return { state: { ...state, phase: "started", sinceMs: now, silent: 0, answered: 0 }, commands: ["start"] };
}

function afterEnd(
  state: FrontState,
  now: number,
  commands: readonly FrontCommand[],
): ReturnType<typeof step> {
  const isAnnounced = state.phase === "announced";
  const wasSound = isAnnounced && now - state.sinceMs >= soundMs;
  const doubled = Math.min(longestPauseMs, Math.max(firstPauseMs, state.pauseMs * 2));
  return {
    state: frontDown(now, wasSound ? firstPauseMs : doubled),
    commands: [...commands, ...(isAnnounced ? (["withdraw"] as const) : [])],
  };
}
