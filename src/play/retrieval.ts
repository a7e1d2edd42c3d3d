// One file from the first request to its end: which source is asked, how long it may take, and what follows when it fails.
//
// A source that gives no right answer is left for the next. When all were asked, what they said decides. Nobody
// answered: that is the network, and the round begins again after a pause. Somebody answered, but wrongly: that is the file, and
// the same segment is wanted in a lower rung, then skipped. The machine holds no clock: time in which nobody looked
// (a laptop asleep, a throttled tab) hardly counts, since no source is to blame for it.
import { abandonTo, isCrawling, type Mark, patienceFor, type Rung, rateNow, withMark } from "./patience.ts";
import type { Media } from "./verify.ts";

export interface Wanted {
  readonly media: Media;
  readonly rendition: string;
  readonly segment: number;
  readonly segmentMs: number;
  /** Size of the file; undefined when the index does not know it. */
  readonly bits: number | undefined;
  /** Rungs below that the player can switch to, lowest first; none for what is not video. */
  readonly lower: readonly Rung[];
  readonly lowestKbps: number;
  /** How often this segment was given up for a lower rung already. */
  readonly steps: number;
  /** The film may go on without it. */
  readonly skippable: boolean;
}

/** The world at the moment of an event. */
export interface Moment {
  readonly nowMs: number;
  /** Time until the picture stands still: buffer over playback rate. */
  readonly bufferMs: number;
  /** Sources to ask, best first. */
  readonly order: readonly string[];
  readonly online: boolean;
  /** When the newest request of this player was made that was served, whatever its file. */
  readonly arrivedMs: number;
  readonly latencyMs: number;
  /** In [0, 1): spreads the pauses of many players. */
  readonly chance: number;
  /** A seek is under way: no moment to change the rung. */
  readonly seeking: boolean;
}

export type Verdict =
  /** No answer, or one that broke off. */
  | "unreachable"
  /** An answer that says no, for now. */
  | "refused"
  /** It says that it does not have the file. */
  | "lacking"
  /** It sent something else. */
  | "corrupt";

export interface Tried {
  readonly sourceId: string;
  readonly verdict: Verdict;
  readonly because: string;
}

interface Attempt {
  readonly sourceId: string;
  readonly startedMs: number;
  readonly answeredMs: number | undefined;
  readonly lastByteMs: number;
  readonly marks: readonly Mark[];
  /** Nobody looked for a while: the connection may have died meanwhile. */
  readonly overslept: boolean;
}

export interface Retrieval {
  readonly wanted: Wanted;
  /** Rounds through all sources that are over. */
  readonly rounds: number;
  /** Rounds in which somebody answered, and refused. */
  readonly refusals: number;
  readonly roundMs: number;
  readonly attempt: Attempt | undefined;
  /** In this round. */
  readonly tried: readonly Tried[];
  /** Requests that ended while nobody looked, and were made again. */
  readonly forgiven: number;
  /** In a pause between rounds: when it is over. */
  readonly resumeMs: number;
  readonly dryMs: number;
  readonly lastMs: number;
  readonly over: boolean;
}

export type RetrievalEvent =
  | { readonly kind: "begin" }
  | { readonly kind: "answered" }
  | { readonly kind: "bits"; readonly arrived: number }
  | { readonly kind: "served" }
  | { readonly kind: "failed"; readonly verdict: Verdict; readonly because: string }
  /** The network is back. */
  | { readonly kind: "online" }
  | { readonly kind: "tick" };

export type RetrievalCommand =
  | { readonly kind: "ask"; readonly sourceId: string }
  | { readonly kind: "cancel" }
  | ({ readonly kind: "judge"; readonly startedMs: number } & Tried)
  | { readonly kind: "deliver" }
  /** `kbps`: what the network carried just now; undefined: it was the file's fault. */
  | {
      readonly kind: "lower";
      readonly rendition: string;
      readonly kbps: number | undefined;
      readonly because: string;
    }
  | { readonly kind: "skip" }
  /** Nobody answers: it is the network. The failures since then are nobody's fault. */
  | { readonly kind: "outage"; readonly sinceMs: number; readonly pauseMs: number }
  /** Signatures may be over. */
  | { readonly kind: "renew" }
  | { readonly kind: "give-up" };

export interface RetrievalStep {
  readonly state: Retrieval;
  readonly commands: readonly RetrievalCommand[];
}

/** Longer than this between two events: the page did not run. It counts as this much. */
const longestGapMs = 1000;
const firstPauseMs = 500;
const longestPauseMs = 8000;
/** A tab that is looked at once a minute must come to an end too. */
const mostForgiven = 2;
/** How long a picture may stand still before the film is given up. Chosen by us: longer than any viewer waits unasked. */
export const longestDryMs = 30_000;
/** While the browser itself says that it has no network, and the page says so too. */
export const longestOfflineMs = 300_000;
/** A source that refuses everything (503) may come back while this much is left. */
const lateSkipSegments = 2;
/** What fresh signatures may take to come; when they do, the pause ends. */
const renewalMs = 2000;
/** Also for a viewer who paused, whose buffer lasts for ever. */
const mostRefusals = 12;
/** A segment is tried in the wanted rung, the next one below, and the lowest. */
export const mostSteps = 2;

export function newRetrieval(wanted: Wanted, nowMs: number): Retrieval {
  return {
    wanted,
    rounds: 0,
    refusals: 0,
    roundMs: nowMs,
    attempt: undefined,
    tried: [],
    forgiven: 0,
    resumeMs: nowMs,
    dryMs: 0,
    lastMs: nowMs,
    over: false,
  };
}

export function stepRetrieval(before: Retrieval, event: RetrievalEvent, moment: Moment): RetrievalStep {
  if (before.over) return { state: before, commands: [] };
  const state = looked(before, moment);
  const { attempt } = state;
  switch (event.kind) {
    case "begin":
      return next({ ...state, roundMs: moment.nowMs }, moment, []);
    case "online":
      return attempt === undefined ? again(state, moment) : { state, commands: [] };
    case "answered":
    case "bits":
      return { state: heard(state, event.kind === "bits" ? event.arrived : 0, moment), commands: [] };
    case "served":
      return attempt === undefined ? { state, commands: [] } : over(state, [{ kind: "deliver" }]);
    case "failed":
      return attempt === undefined ? { state, commands: [] } : failed(state, attempt, event, moment, []);
    case "tick":
      return attempt === undefined ? resumed(state, moment) : watched(state, attempt, moment);
  }
}

/** Time passes, and at most `longestGapMs` of it count: everything that was timed moves along with the rest. */
function looked(state: Retrieval, { nowMs, bufferMs }: Moment): Retrieval {
  const passed = Math.max(0, nowMs - state.lastMs);
  const unseen = Math.max(0, passed - longestGapMs);
  const dryMs = bufferMs > 0 ? 0 : state.dryMs + passed - unseen;
  const { attempt } = state;
  if (unseen === 0 || attempt === undefined) return { ...state, dryMs, lastMs: nowMs };
  const moved = {
    ...attempt,
    startedMs: attempt.startedMs + unseen,
    answeredMs: attempt.answeredMs === undefined ? undefined : attempt.answeredMs + unseen,
    lastByteMs: attempt.lastByteMs + unseen,
    marks: attempt.marks.map((mark) => ({ ...mark, atMs: mark.atMs + unseen })),
    overslept: true,
  };
  return { ...state, attempt: moved, dryMs, lastMs: nowMs };
}

function heard(state: Retrieval, arrived: number, { nowMs }: Moment): Retrieval {
  const { attempt } = state;
  if (attempt === undefined) return state;
  const answeredMs = attempt.answeredMs ?? nowMs;
  const marks = withMark(attempt.marks, { atMs: nowMs, bits: arrived });
  return { ...state, attempt: { ...attempt, answeredMs, lastByteMs: nowMs, marks } };
}

/** The pause between two rounds. */
function resumed(state: Retrieval, moment: Moment): RetrievalStep {
  if (state.dryMs >= (moment.online ? longestDryMs : longestOfflineMs))
    return over(state, [{ kind: "give-up" }]);
  return moment.nowMs >= state.resumeMs ? again(state, moment) : { state, commands: [] };
}

function again(state: Retrieval, moment: Moment): RetrievalStep {
  return next({ ...state, tried: [], roundMs: moment.nowMs }, moment, []);
}

/** A request under way: is it late, does it crawl, will it arrive in time? */
function watched(state: Retrieval, attempt: Attempt, moment: Moment): RetrievalStep {
  const { nowMs, bufferMs, latencyMs, order } = moment;
  const { segmentMs, lowestKbps, lower, bits = 0 } = state.wanted;
  const untried = order.filter((id) => id !== attempt.sourceId && !wasTried(state, id)).length;
  const { silentMs } = patienceFor({ segmentMs, bufferMs, latencyMs, untried, rounds: state.rounds });
  const give = (because: string): RetrievalStep =>
    failed(state, attempt, { verdict: "unreachable", because }, moment, [{ kind: "cancel" }]);
  if (isTooDry(state, moment)) {
    const { sourceId, startedMs } = attempt;
    const because = `took ${Math.round((nowMs - startedMs) / 1000)} s without an end`;
    const judge = { kind: "judge", startedMs, sourceId, verdict: "unreachable", because } as const;
    return over(state, [{ kind: "cancel" }, judge, { kind: "give-up" }]);
  }
  if (nowMs - attempt.lastByteMs >= silentMs) {
    const what = attempt.answeredMs === undefined ? "no answer within" : "silent for";
    return give(`${what} ${(silentMs / 1000).toFixed(1)} s`);
  }
  const kbps = attempt.answeredMs === undefined ? undefined : rateNow(attempt.marks, nowMs);
  if (kbps === undefined) return { state, commands: [] };
  const leftBits = bits - (attempt.marks.at(-1)?.bits ?? 0);
  const target = leftBits > 0 ? abandonTo({ leftBits, kbps, bufferMs, latencyMs, lower }) : undefined;
  // When everyone crawls, starting over at the next one only loses what arrived.
  if (state.rounds === 0 && untried > 0 && isCrawling(kbps, lowestKbps)) {
    const hurry = target !== undefined && bufferMs <= 2 * segmentMs;
    const judged = hurry || nowMs - (attempt.answeredMs ?? nowMs) >= silentMs;
    return judged ? give(`sent only ${Math.round(kbps)} kbit/s`) : { state, commands: [] };
  }
  if (target === undefined || moment.seeking) return { state, commands: [] };
  const because = `${Math.round(kbps)} kbit/s would bring the rest in ${(leftBits / kbps / 1000).toFixed(1)} s, and ${(bufferMs / 1000).toFixed(1)} s lie ready`;
  return over(state, [{ kind: "cancel" }, { kind: "lower", rendition: target.rendition, kbps, because }]);
}

function isTooDry(state: Retrieval, { online }: Moment): boolean {
  return state.dryMs >= (online ? longestDryMs : longestOfflineMs);
}

function failed(
  state: Retrieval,
  attempt: Attempt,
  fault: { readonly verdict: Verdict; readonly because: string },
  moment: Moment,
  commands: readonly RetrievalCommand[],
): RetrievalStep {
  const { sourceId, startedMs, overslept } = attempt;
  const { verdict, because } = fault;
  // A connection that died while the page slept, or with the whole network, is not the source's fault.
  if (verdict === "unreachable" && overslept && state.forgiven < mostForgiven) {
    return asking({ ...state, forgiven: state.forgiven + 1 }, sourceId, moment, commands);
  }
  const tried: Tried = { sourceId, verdict, because };
  const after = { ...state, attempt: undefined, tried: [...state.tried, tried] };
  if (verdict === "unreachable" && !moment.online) return paused(after, moment, commands);
  return next(after, moment, [...commands, { kind: "judge", startedMs, ...tried }]);
}

function next(state: Retrieval, moment: Moment, commands: readonly RetrievalCommand[]): RetrievalStep {
  const sourceId = moment.order.find((id) => !wasTried(state, id));
  return sourceId === undefined ? ranOut(state, moment, commands) : asking(state, sourceId, moment, commands);
}

function asking(
  state: Retrieval,
  sourceId: string,
  { nowMs }: Moment,
  commands: readonly RetrievalCommand[],
): RetrievalStep {
  const attempt: Attempt = {
    sourceId,
    startedMs: nowMs,
    answeredMs: undefined,
    lastByteMs: nowMs,
    marks: [],
    overslept: false,
  };
  return { state: { ...state, attempt }, commands: [...commands, { kind: "ask", sourceId }] };
}

function wasTried(state: Retrieval, sourceId: string): boolean {
  return state.tried.some((one) => one.sourceId === sourceId);
}

/** Every source was asked, and none had it right. */
function ranOut(state: Retrieval, moment: Moment, commands: readonly RetrievalCommand[]): RetrievalStep {
  const { tried, wanted } = state;
  if (tried.length === 0) return over(state, [...commands, { kind: "give-up" }]);
  if (tried.every((one) => one.verdict === "unreachable")) {
    // Other files come while this one does not: it is the file. To lose it takes a second round.
    const others = moment.arrivedMs >= state.roundMs;
    const lowers = wanted.lower.length > 0 && wanted.steps < mostSteps;
    return others && (lowers || state.rounds > 0)
      ? without(state, commands)
      : paused(state, moment, commands);
  }
  const refused = tried.some((one) => one.verdict === "refused");
  const refusals = state.refusals + (refused ? 1 : 0);
  if (refused) {
    const last = wanted.steps >= mostSteps || wanted.lower.length === 0;
    const spare = moment.bufferMs > lateSkipSegments * wanted.segmentMs && refusals < mostRefusals;
    // Once for the sake of fresh signatures; before a segment is lost, for as long as the buffer bears it.
    if (refusals <= 1 || (last && spare)) {
      const leastMs = refusals === 1 ? renewalMs : 0;
      return paused({ ...state, refusals }, moment, [...commands, { kind: "renew" }], leastMs);
    }
  }
  return without(state, commands);
}

/** The file is broken wherever it lies: lower, or on without it, or not on. */
function without(state: Retrieval, commands: readonly RetrievalCommand[]): RetrievalStep {
  const { lower, steps, skippable, media } = state.wanted;
  const target = steps === 0 ? lower.at(-1) : lower[0];
  if (target !== undefined && steps < mostSteps) {
    const because = `no appliance has a whole ${media === "init" ? "head" : "segment"} in ${state.wanted.rendition}`;
    return over(state, [
      ...commands,
      { kind: "lower", rendition: target.rendition, kbps: undefined, because },
    ]);
  }
  return over(state, [...commands, { kind: skippable ? "skip" : "give-up" }]);
}

/** Half to all of a pause that doubles; shorter with little buffer, when every second shows. */
function paused(
  state: Retrieval,
  moment: Moment,
  commands: readonly RetrievalCommand[],
  leastMs = 0,
): RetrievalStep {
  const { nowMs, bufferMs, chance } = moment;
  if (isTooDry(state, moment)) return over(state, [...commands, { kind: "give-up" }]);
  const most = Math.min(longestPauseMs, Math.max(2 * firstPauseMs, bufferMs / 4));
  const doubled = Math.min(most, firstPauseMs * 2 ** Math.min(state.rounds, 10));
  const pauseMs = Math.max(leastMs, doubled * (0.5 + chance / 2));
  const outage = state.tried.every((one) => one.verdict === "unreachable");
  const said: readonly RetrievalCommand[] = outage
    ? [{ kind: "outage", sinceMs: state.roundMs, pauseMs }]
    : [];
  const paused = { ...state, attempt: undefined, rounds: state.rounds + 1, resumeMs: nowMs + pauseMs };
  return { state: paused, commands: [...commands, ...said] };
}

function over(state: Retrieval, commands: readonly RetrievalCommand[]): RetrievalStep {
  return { state: { ...state, attempt: undefined, over: true }, commands };
}
