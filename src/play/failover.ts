// Which appliance to ask next: the ranked list, with those set aside that failed a moment ago.
//
// A source that fails is set aside for a while that doubles with each further failure. When the while is over it is
// on trial: it is asked first again only while the buffer can bear that it fails once more, and one good answer
// makes it well. Its failures are forgotten only after a quiet time, so that a source that comes and goes
// stays away for longer and longer (Shaka bans for 60 s flat, hls.js for 300 s: research abr §6).

/** One place where a rendition's folder can be had. */
export interface Source {
  readonly sourceId: string;
  /** Signed folder URL, ending in "/". */
  readonly baseUrl: string;
}

interface Health {
  readonly strikes: number;
  readonly failedAtMs: number;
  readonly awayUntilMs: number;
  /** It answered since it failed last. */
  readonly proven: boolean;
}

export interface Failover {
  /** Per rendition. */
  readonly sources: Readonly<Record<string, readonly Source[]>>;
  /** Source ids, best first: the steering's order. Ids that stand in no list are ignored. */
  readonly rank: readonly string[];
  readonly health: Readonly<Record<string, Health>>;
  /** Source that served last. */
  readonly serving: string | undefined;
}

export interface FailoverTuning {
  /** How long the first failure sets a source aside. */
  readonly firstAwayMs: number;
  readonly longestAwayMs: number;
  /** Quiet time after which failures are forgotten. */
  readonly forgiveMs: number;
  /** Buffer that can bear a trial which fails. */
  readonly trialBufferMs: number;
}

export const failoverTuning: FailoverTuning = {
  firstAwayMs: 10_000,
  longestAwayMs: 160_000,
  forgiveMs: 120_000,
  trialBufferMs: 10_000,
};

export type FailoverEvent =
  /** `startedMs`: when the request was sent. */
  | { readonly kind: "served"; readonly sourceId: string; readonly startedMs: number }
  | {
      readonly kind: "failed";
      readonly sourceId: string;
      /** When the failing request was sent. */
      readonly startedMs: number;
      /** "no answer within 2.0 s". */
      readonly because: string;
    }
  /** Steering has a new order. */
  | { readonly kind: "reranked"; readonly rank: readonly string[] }
  /** A new play answer with freshly signed folders. */
  | { readonly kind: "resigned"; readonly sources: Failover["sources"] };

export interface FailoverStep {
  readonly state: Failover;
  /** A sentence, when who serves changed or will. */
  readonly note: string | undefined;
}

export function newFailover(sources: Failover["sources"], rank: readonly string[]): Failover {
  return { sources, rank, health: {}, serving: undefined };
}

export function stepFailover(
  state: Failover,
  event: FailoverEvent,
  nowMs: number,
  tuning: FailoverTuning = failoverTuning,
): FailoverStep {
  switch (event.kind) {
    case "served":
      return served(state, event);
    case "failed":
      return failed(state, event, nowMs, tuning);
    case "reranked": {
      const known = new Set(Object.values(state.sources).flatMap((list) => list.map((s) => s.sourceId)));
      const first = event.rank.find((id) => known.has(id));
      const next = { ...state, rank: event.rank };
      return { state: next, note: first === undefined ? undefined : `steering ranks ${first} first now` };
    }
    case "resigned":
      return { state: { ...state, sources: event.sources }, note: undefined };
  }
}

/**
 * All sources of a rendition in the order to ask them. Empty only for a rendition nobody was named for.
 *
 * Well and (with enough buffer) on trial by rank; then on trial without; then those set aside, soonest back first.
 */
export function sourcesFor(
  state: Failover,
  ask: { readonly rendition: string; readonly nowMs: number; readonly bufferMs: number },
  tuning: FailoverTuning = failoverTuning,
): readonly Source[] {
  const listed = state.sources[ask.rendition] ?? [];
  const rankOf = (id: string): number => {
    const rank = state.rank.indexOf(id);
    return rank < 0 ? state.rank.length : rank;
  };
  const key = (source: Source): readonly [group: number, within: number] => {
    const health = state.health[source.sourceId];
    if (health === undefined || health.proven) return [0, rankOf(source.sourceId)];
    if (ask.nowMs < health.awayUntilMs) return [2, health.awayUntilMs];
    return [ask.bufferMs >= tuning.trialBufferMs ? 0 : 1, rankOf(source.sourceId)];
  };
  return listed.toSorted((a, b) => {
    const [groupA, withinA] = key(a);
    const [groupB, withinB] = key(b);
    return groupA - groupB || withinA - withinB;
  });
}

function served(state: Failover, event: Extract<FailoverEvent, { kind: "served" }>): FailoverStep {
  const { sourceId, startedMs } = event;
  const before = state.health[sourceId];
  // An answer to an older request says nothing about the time after the failure.
  const back = before !== undefined && !before.proven && startedMs >= before.failedAtMs;
  const health = back ? { ...state.health, [sourceId]: { ...before, proven: true } } : state.health;
  const changed = state.serving !== undefined && state.serving !== sourceId;
  const note = back
    ? `${sourceId} answers again`
    : changed
      ? `${sourceId} serves now instead of ${state.serving}`
      : undefined;
  return { state: { ...state, health, serving: sourceId }, note };
}

function failed(
  state: Failover,
  event: Extract<FailoverEvent, { kind: "failed" }>,
  nowMs: number,
  tuning: FailoverTuning,
): FailoverStep {
  const before = state.health[event.sourceId];
  // Requests that were under way together fail together: that is one failure.
  if (before !== undefined && event.startedMs < before.failedAtMs) return { state, note: undefined };
  const quiet = before === undefined || nowMs - before.failedAtMs > tuning.forgiveMs + awayMs(before);
  const strikes = quiet ? 1 : before.strikes + 1;
  const away = Math.min(tuning.longestAwayMs, tuning.firstAwayMs * 2 ** (strikes - 1));
  const entry: Health = { strikes, failedAtMs: nowMs, awayUntilMs: nowMs + away, proven: false };
  const next = { ...state, health: { ...state.health, [event.sourceId]: entry } };
  return { state: next, note: `${event.sourceId}: ${event.because} → set aside for ${away / 1000} s` };
}

function awayMs(health: Health): number {
  return health.awayUntilMs - health.failedAtMs;
}
