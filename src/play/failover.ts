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
  /** By source, and by "source/rendition" for what it said it lacks. */
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
  | {
      readonly kind: "served";
      readonly sourceId: string;
      readonly rendition: string;
      readonly file?: string | undefined;
      readonly startedMs: number;
    }
  | {
      readonly kind: "failed";
      readonly sourceId: string;
      /** When the failing request was sent. */
      readonly startedMs: number;
      /** "no answer within 2.0 s". */
      readonly because: string;
    }
  /** It answered that it does not have the file. */
  | {
      readonly kind: "lacking";
      readonly sourceId: string;
      readonly rendition: string;
      readonly startedMs: number;
      /** "answered HTTP 404". */
      readonly because: string;
    }
  /** It sent something else than the file. */
  | {
      readonly kind: "corrupt";
      readonly sourceId: string;
      readonly rendition: string;
      /** "5.m4s". */
      readonly file: string;
      readonly startedMs: number;
      /** "sent other bytes than …". */
      readonly because: string;
    }
  /** Every source failed at once: it was the network. */
  | { readonly kind: "outage"; readonly sinceMs: number }
  /** A new play answer: freshly signed folders, in the steering's order of now. */
  | { readonly kind: "resigned"; readonly sources: Failover["sources"]; readonly rank: readonly string[] };

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
    case "lacking":
      return lacking(state, event, nowMs, tuning);
    case "corrupt":
      return corrupt(state, event, nowMs, tuning);
    case "outage":
      return outage(state, event.sinceMs, nowMs);
    case "resigned": {
      const next = { ...state, sources: event.sources, rank: event.rank };
      const first = firstOf(next);
      const same = first === undefined || first === firstOf(state);
      return { state: next, note: same ? undefined : `steering ranks ${first} first now` };
    }
  }
}

function firstOf({ sources, rank }: Failover): string | undefined {
  const known = new Set(Object.values(sources).flatMap((list) => list.map((source) => source.sourceId)));
  return rank.find((id) => known.has(id));
}

function keyFor(sourceId: string, rendition: string): string {
  return `${sourceId}/${rendition}`;
}

/**
 * All sources of a rendition in the order to ask them. Empty only for a rendition nobody was named for.
 *
 * Well and (with enough buffer) on trial by rank; then on trial without; then those set aside, soonest back first.
 */
export function sourcesFor(
  state: Failover,
  ask: {
    readonly rendition: string;
    readonly file?: string | undefined;
    readonly nowMs: number;
    readonly bufferMs: number;
  },
  tuning: FailoverTuning = failoverTuning,
): readonly Source[] {
  const listed = state.sources[ask.rendition] ?? [];
  const rankOf = (id: string): number => {
    const rank = state.rank.indexOf(id);
    return rank < 0 ? state.rank.length : rank;
  };
  const key = (source: Source): readonly [group: number, within: number] => {
    const { sourceId } = source;
    const keys = [sourceId, keyFor(sourceId, ask.rendition), fileKey(sourceId, ask.rendition, ask.file)];
    const unwell = keys.map((id) => state.health[id]).filter((health) => health?.proven === false);
    if (unwell.length === 0) return [0, rankOf(source.sourceId)];
    const awayUntilMs = Math.max(...unwell.map((health) => health?.awayUntilMs ?? 0));
    if (ask.nowMs < awayUntilMs) return [2, awayUntilMs];
    return [ask.bufferMs >= tuning.trialBufferMs ? 0 : 1, rankOf(source.sourceId)];
  };
  return listed.toSorted((a, b) => {
    const [groupA, withinA] = key(a);
    const [groupB, withinB] = key(b);
    return groupA - groupB || withinA - withinB;
  });
}

function fileKey(sourceId: string, rendition: string, file: string | undefined): string {
  return `${sourceId}/${rendition}/${file ?? ""}`;
}

function served(state: Failover, event: Extract<FailoverEvent, { kind: "served" }>): FailoverStep {
  const { sourceId, rendition, file, startedMs } = event;
  const answers = proven(state.health, sourceId, startedMs);
  const whole = proven(answers.health, fileKey(sourceId, rendition, file), startedMs);
  const has = proven(whole.health, keyFor(sourceId, rendition), startedMs);
  const next = { ...state, health: has.health, serving: sourceId };
  if (answers.back) return { state: next, note: `${sourceId} answers again` };
  if (has.back) return { state: next, note: `${sourceId} has ${rendition} again` };
  const changed = state.serving !== undefined && state.serving !== sourceId;
  return { state: next, note: changed ? `${sourceId} serves now instead of ${state.serving}` : undefined };
}

/** An answer to an older request says nothing about the time after the failure. */
function proven(
  health: Failover["health"],
  key: string,
  startedMs: number,
): { readonly health: Failover["health"]; readonly back: boolean } {
  const before = health[key];
  const back = before !== undefined && !before.proven && startedMs >= before.failedAtMs;
  return { health: back ? { ...health, [key]: { ...before, proven: true } } : health, back };
}

function failed(
  state: Failover,
  event: Extract<FailoverEvent, { kind: "failed" }>,
  nowMs: number,
  tuning: FailoverTuning,
): FailoverStep {
  const { sourceId, because } = event;
  const entry = struck(state.health[sourceId], event.startedMs, nowMs, tuning);
  if (entry === undefined) return { state, note: undefined };
  const note = `${sourceId}: ${because} → set aside for ${awayMs(entry) / 1000} s`;
  return { state: { ...state, health: { ...state.health, [sourceId]: entry } }, note };
}

function lacking(
  state: Failover,
  event: Extract<FailoverEvent, { kind: "lacking" }>,
  nowMs: number,
  tuning: FailoverTuning,
): FailoverStep {
  const { sourceId, rendition, because, startedMs } = event;
  const key = keyFor(sourceId, rendition);
  const entry = struck(state.health[key], startedMs, nowMs, tuning);
  if (entry === undefined) return { state, note: undefined };
  const { health } = proven(state.health, sourceId, startedMs);
  const note = `${sourceId}: ${because} for ${rendition} → set aside for it for ${awayMs(entry) / 1000} s`;
  return { state: { ...state, health: { ...health, [key]: entry } }, note };
}

/**
 * A broken copy sets its source aside for that file. Another one soon after, of whatever file, tells of a bad disk or a bad path:
 * then it is set aside for all.
 */
function corrupt(
  state: Failover,
  event: Extract<FailoverEvent, { kind: "corrupt" }>,
  nowMs: number,
  tuning: FailoverTuning,
): FailoverStep {
  const { sourceId, rendition, file, because, startedMs } = event;
  const key = fileKey(sourceId, rendition, file);
  const entry = struck(state.health[key], startedMs, nowMs, tuning);
  if (entry === undefined) return { state, note: undefined };
  const known = `${sourceId}//corrupt`;
  const before = state.health[known];
  const repeated = before !== undefined && nowMs - before.failedAtMs <= tuning.forgiveMs;
  const mark: Health = { strikes: 1, failedAtMs: nowMs, awayUntilMs: nowMs, proven: true };
  const health = { ...forgotten(state.health, nowMs, tuning), [key]: entry, [known]: mark };
  const next = { ...state, health };
  if (repeated) {
    const said = `${because}, again`;
    const all = failed(next, { kind: "failed", sourceId, startedMs, because: said }, nowMs, tuning);
    if (all.note !== undefined) return all;
  }
  const note = `${sourceId}: ${because} → set aside for ${rendition}/${file} for ${awayMs(entry) / 1000} s`;
  return { state: next, note };
}

/** Bounded: what was said of single files so long ago that it counts no longer. */
function forgotten(health: Failover["health"], nowMs: number, tuning: FailoverTuning): Failover["health"] {
  const counts = ([, one]: readonly [string, Health]): boolean => nowMs <= one.awayUntilMs + tuning.forgiveMs;
  return Object.fromEntries(Object.entries(health).filter(counts));
}

/** Whoever failed since then is asked again as before: with all of them gone, nothing tells them apart. */
function outage(state: Failover, sinceMs: number, nowMs: number): FailoverStep {
  const excused = Object.entries(state.health).map(([key, one]): [string, Health] => {
    if (one.proven || one.failedAtMs < sinceMs) return [key, one];
    return [key, { ...one, strikes: one.strikes - 1, awayUntilMs: nowMs, proven: true }];
  });
  const some = Object.entries(state.health).some(([, one]) => !one.proven && one.failedAtMs >= sinceMs);
  const note = some ? "no appliance answers: that is the network, and none is set aside" : undefined;
  return { state: { ...state, health: Object.fromEntries(excused) }, note };
}

/** One failure more. Requests that were under way together fail together: that is one, and undefined is answered. */
function struck(
  before: Health | undefined,
  startedMs: number,
  nowMs: number,
  tuning: FailoverTuning,
): Health | undefined {
  if (before !== undefined && startedMs < before.failedAtMs) return undefined;
  const quiet = before === undefined || nowMs - before.failedAtMs > tuning.forgiveMs + awayMs(before);
  const strikes = quiet ? 1 : before.strikes + 1;
  const away = Math.min(tuning.longestAwayMs, tuning.firstAwayMs * 2 ** (strikes - 1));
  return { strikes, failedAtMs: nowMs, awayUntilMs: nowMs + away, proven: false };
}

function awayMs(health: Health): number {
  return health.awayUntilMs - health.failedAtMs;
}
