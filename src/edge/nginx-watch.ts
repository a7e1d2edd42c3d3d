// What to do about an nginx that runs and does not serve: a pure machine, fed by one look every half second.
//
// A stopped process (SIGSTOP, by accident or from outside) has lost nothing: told to go on, it finishes what it had begun.
// Only one that does not stay awake, or says nothing although it is not stopped, is killed.

export interface Look {
  /** `unasked`: the question did not reach it, or the agent itself stood still meanwhile. */
  readonly probe: "answered" | "silent" | "unasked";
  readonly stopped: readonly { readonly pid: number; readonly kind: "master" | "worker" }[];
  /** A worker waits for its disk in the kernel: killing it would not help, and others are being served. */
  readonly isInDisk: boolean;
}

export interface WatchState {
  /** Silent looks in a row. */
  readonly silent: number;
  /** When each process was told to go on, monotonic, in ms. */
  readonly woken: ReadonlyMap<number, number>;
}

export type WatchCommand =
  | { readonly kind: "wake" | "kill-worker"; readonly pid: number }
  | { readonly kind: "kill-all"; readonly because: string };

export const unwatched: WatchState = { silent: 0, woken: new Map() };

/** Of the time after which an nginx counts as hung, each question gets an equal part. */
export const questions = 3;
/** Stopped again within this time, it does not stay awake. */
const sleeplessMs = 60_000;

export function step(
  state: WatchState,
  look: Look,
  now: number,
): { readonly state: WatchState; readonly commands: readonly WatchCommand[] } {
  const isFresh = ([, at]: readonly [number, number]): boolean => now - at < sleeplessMs;
  const woken = new Map([...state.woken].filter(isFresh));
  if (look.stopped.length > 0) return handleStopped(woken, look.stopped, now);
  const silent = silentAfter(state.silent, look);
  if (silent < questions) return { state: { silent, woken }, commands: [] };
  const because = `it left ${questions} questions in a row unanswered`;
  return { state: unwatched, commands: [{ kind: "kill-all", because }] };
}

function silentAfter(before: number, look: Look): number {
  if (look.probe === "answered") return 0;
  return look.probe === "silent" && !look.isInDisk ? before + 1 : before;
}

function handleStopped(
  woken: Map<number, number>,
  stopped: Look["stopped"],
  now: number,
): ReturnType<typeof step> {
  const again = stopped.filter(({ pid }) => woken.has(pid));
  const master = again.find(({ kind }) => kind === "master");
  if (master !== undefined) {
    const because = `its master (pid ${master.pid}) was stopped again`;
    return { state: unwatched, commands: [{ kind: "kill-all", because }] };
  }
  const commands = stopped.map(({ pid }) => ({
    kind: woken.has(pid) ? ("kill-worker" as const) : ("wake" as const),
    pid,
  }));
  for (const { pid } of stopped) woken.set(pid, now);
  return { state: { silent: 0, woken }, commands };
}

/** What is seen of a reload that is not through when its time is over. */
export interface SlowReload {
  readonly masterIsGone: boolean;
  /** The new configuration answers: nginx took it. */
  readonly newAnswers: boolean;
  /** Workers of before that still listen, with their state in the kernel ("D": one waits for its disk). */
  readonly old: readonly { readonly pid: number; readonly state: string }[];
}

/** Why a reload is only slow; undefined when nginx did not take the new configuration. */
export function slownessOf({ masterIsGone, newAnswers, old }: SlowReload): string | undefined {
  if (masterIsGone) return undefined;
  const inDisk = old.filter(({ state }) => state === "D");
  const [{ pid } = { pid: 0 }] = inDisk.length > 0 ? inDisk : old;
  if (inDisk.length > 0) return `its worker before (pid ${pid}) waits for the disk`;
  if (!newAnswers) return undefined;
  return old.length === 0 ? "it was just taken over" : `its worker before (pid ${pid}) has not made way yet`;
}
