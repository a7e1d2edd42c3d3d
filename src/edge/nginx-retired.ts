// What to do about a worker that was told to leave, and does not: a pure machine, fed by one look every half second.
//
// nginx sends a worker away at each reload. One that is well stops listening at once, and ends when its last response
// has, or is cut after `worker_shutdown_timeout`. One that spins does neither: it holds its share of new connections, and
// nginx waits for it for ever. nginx does not replace it when it is killed, because it is on its way out.

export interface Retired {
  readonly pid: number;
  /** `told`: it listens still; `leaving`: it finishes what it sends. */
  readonly kind: "told" | "leaving";
  /** One letter of proc(5): "D" waits for its disk. */
  readonly state: string;
  /** Since it began, in ms. */
  readonly cpuMs: number;
}

interface Waited extends Retired {
  /** Time that it had to make its way, and did not wait for a disk, in ms. */
  readonly ms: number;
  /** When it was looked at last, monotonic, in ms. */
  readonly at: number;
}

/** By pid; `cpuMs` is as of the first look. */
export type RetiredState = ReadonlyMap<number, Waited>;

export interface Stuck {
  readonly pid: number;
  readonly because: string;
}

/** Responses that are longer under way are cut by nginx itself. */
export const closingSeconds = 120;
/** Time between two looks counts up to here: in more, the agent itself did not run, and perhaps nobody did. */
const longestLookMs = 2000;

/** `graceMs`: for beginning to leave, and again for ending once the last response was cut. */
export function judgeRetired(
  before: RetiredState,
  seen: readonly Retired[],
  now: number,
  graceMs: number,
): { readonly state: RetiredState; readonly stuck: readonly Stuck[] } {
  const state = new Map(seen.map((one) => [one.pid, waited(before.get(one.pid), one, now)]));
  const limit = { told: graceMs, leaving: closingSeconds * 1000 + graceMs };
  // One that waits for its disk would not die now, and would be told of at each look.
  const stuck = seen
    .filter(({ state }) => state !== "D")
    .flatMap(({ pid, kind, cpuMs }) => {
      const { ms, cpuMs: first } = state.get(pid) ?? { ms: 0, cpuMs };
      return ms < limit[kind] ? [] : [{ pid, because: words(kind, ms, cpuMs - first) }];
    });
  return { state, stuck };
}

function waited(before: Waited | undefined, one: Retired, now: number): Waited {
  if (before === undefined || before.kind !== one.kind) return { ...one, ms: 0, at: now };
  const more = one.state === "D" ? 0 : Math.min(longestLookMs, now - before.at);
  return { ...before, state: one.state, ms: before.ms + more, at: now };
}

function words(kind: Retired["kind"], ms: number, cpuMs: number): string {
  const what = kind === "told" ? "has not begun to leave" : "has not ended, though its responses were cut";
  return `${what} ${seconds(ms)} s after it was told to, and used the processor for ${seconds(cpuMs)} s of them`;
}

const seconds = (ms: number): string => (ms / 1000).toFixed(1);
