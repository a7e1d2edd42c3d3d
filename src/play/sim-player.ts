// A player on a trace: one session from the first request to the last frame, with a rule that decides.
//
// The order of things is Sabre's, to the digit, since published figures depend on it: the first segment is of the lowest rung
// and the rule neither asked nor told of it; before each request the player waits until a segment has room; a rule may give
// a request up when at least 12,000 bits and 50 ms came since it last heard of it, and is then asked afresh (the rung that it
// advised is not forced on it); an abandoned request says nothing of the network. Waiting for the first segment is
// start-up, not a stall; waiting after a jump is a stall. Source: Sabre (UMass LIDS), MMSys 2018.
import type { NamedRule, Patience, Progress, RuleSession } from "./rule.ts";
import { newSimEstimator, observeWhole, type SimEstimator } from "./sim-estimator.ts";
import { carry, carryPart, idle, type Link, newLink, payLatency, type Trace } from "./sim-network.ts";
import {
  append,
  drain,
  highestFetched,
  jump,
  lengthOf,
  levelMs,
  newPlayout,
  type Playout,
  playOut,
} from "./sim-playout.ts";
import { sustains } from "./sim-reaction.ts";
import type { Film } from "./types.ts";

const reportBits = 12_000;
const reportMs = 50;
/** A rule that gives one segment up more often than this is not asked again until it has arrived. */
const mostAbandoned = 10_000;

export interface SessionOrder {
  readonly film: Film;
  readonly trace: Trace;
  readonly rule: NamedRule;
  readonly maxBufferMs: number;
  /** `left`: fetch the earliest segment of a lower rung again when there is room ("fast switching"). */
  readonly replacement?: "none" | "left";
  /** Whether the rule may give requests up; true unless said otherwise. */
  readonly abandons?: boolean;
  /** Who chooses the first rung: the player (the lowest), as in Sabre, or the rule. */
  readonly first?: "lowest" | "rule";
  /**
   * `pieces`: times are added up from report to report even when the rule listens to none, so that rounding falls as it does
   * in Sabre, whose figures turn on it where a buffer runs dry or a period ends to the digit. Half as fast.
   */
  readonly arithmetic?: "whole" | "pieces";
  /** Jumps: when the request for the segment at `whenMs` of the film would be next, go on at `toMs`. */
  readonly jumps?: readonly Jump[];
  /** The rung that counts as ramped up; without it, the one that the network sustains. */
  readonly rampupRung?: number;
  /** Called after each request. The request is reused: copy what is kept. */
  readonly onRequest?: (request: Readonly<Request>) => void;
}

export interface Jump {
  readonly whenMs: number;
  readonly toMs: number;
}

/** One request as it ended. Changed in place by the next one. */
export interface Request {
  segment: number;
  rung: number;
  /** Of the whole segment. */
  bits: number;
  arrivedBits: number;
  /** Session time at which it was sent. */
  sentMs: number;
  ms: number;
  ttfbMs: number;
  bufferAtRequestMs: number;
  /** After it ended. */
  bufferMs: number;
  estimateKbps: number | undefined;
  abandonedTo: number | undefined;
  replacement: boolean;
}

/** A session that came to its end: what was played, and when it began. */
export interface SessionEnd {
  readonly playout: Playout;
  readonly startupMs: number;
  readonly requests: number;
  readonly abandoned: number;
}

interface Session {
  readonly order: SessionOrder;
  readonly film: Film;
  readonly rule: RuleSession;
  readonly link: Link;
  readonly playout: Playout;
  readonly mean: SimEstimator;
  readonly request: Request;
  readonly progress: { -readonly [key in keyof Progress]: Progress[key] };
  readonly jumps: Jump[];
  decisions: number;
  requests: number;
  abandoned: number;
  abandonedInRow: number;
}

/** Plays the whole film. Never ends before it, since every trace carries something. */
export function playSession(order: SessionOrder): SessionEnd {
  const session = newSession(order);
  const { playout } = session;
  const segments = order.film.segments.durationMs.length;
  if (segments > 0) fetchFirst(session);
  const startupMs = playout.clockMs;
  while (playout.end < segments) {
    jumpWhenDue(session);
    waitForRoom(session);
    fetchNext(session);
  }
  playOut(playout);
  return { playout, startupMs, requests: session.requests, abandoned: session.abandoned };
}

function newSession(order: SessionOrder): Session {
  const playout = newPlayout(order.film, order.maxBufferMs);
  let before = sustainedRung(order.trace, 0, playout);
  playout.rampupRung = order.rampupRung ?? before;
  const link = newLink(order.trace, (period) => {
    const rung = sustainedRung(order.trace, period, playout);
    if (rung === before) return;
    sustains(playout.reaction, link.nowMs, rung, before, highestFetched(playout));
    before = rung;
    playout.rampupRung = order.rampupRung ?? rung;
  });
  return {
    order,
    film: order.film,
    rule: order.rule.begin(order.film, order.maxBufferMs),
    link,
    playout,
    mean: newSimEstimator(playout.segmentMs),
    request: newRequest(),
    progress: { segment: 0, rung: 0, bits: 0, arrivedBits: 0, ms: 0, ttfbMs: 0, bufferMs: 0, latencyMs: 0 },
    jumps: [...(order.jumps ?? [])],
    decisions: 0,
    requests: 0,
    abandoned: 0,
    abandonedInRow: 0,
  };
}

function newRequest(): Request {
  return {
    segment: 0,
    rung: 0,
    bits: 0,
    arrivedBits: 0,
    sentMs: 0,
    ms: 0,
    ttfbMs: 0,
    bufferAtRequestMs: 0,
    bufferMs: 0,
    estimateKbps: undefined,
    abandonedTo: undefined,
    replacement: false,
  };
}

/** In a period of the trace: the highest rung whose segments arrive as fast as they play, C·(1 − latency/V) ≥ R. */
function sustainedRung(trace: Trace, period: number, { kbps, segmentMs }: Playout): number {
  const effective = (trace.kbps[period] ?? 0) * (1 - (trace.latencyMs[period] ?? 0) / segmentMs);
  let rung = 0;
  while (rung + 1 < kbps.length && (kbps[rung + 1] ?? 0) <= effective) rung += 1;
  return rung;
}

function fetchFirst(session: Session): void {
  const { order, playout, request } = session;
  const asked = order.first === "rule";
  const rung = asked ? decide(session).rung : 0;
  send(session, 0, rung, false);
  fetchWhole(session);
  playout.clockMs += request.ms;
  append(playout, rung);
  if (asked) report(session);
  conclude(session);
}

function jumpWhenDue(session: Session): void {
  const { playout, jumps } = session;
  const due = jumps[0];
  if (due === undefined || (playout.startMs[playout.end] ?? 0) < due.whenMs) return;
  jumps.shift();
  const last = session.film.segments.durationMs.length - 1;
  let segment = 0;
  while (segment < last && (playout.startMs[segment + 1] ?? 0) <= due.toMs) segment += 1;
  jump(playout, segment);
  session.decisions = 0;
  session.rule.sought();
}

function waitForRoom(session: Session): void {
  const { playout } = session;
  const ms = levelMs(playout) + lengthOf(playout, playout.end) - session.order.maxBufferMs;
  if (!(ms > 0)) return;
  wait(session, ms);
  session.rule.delayed(ms);
}

function wait(session: Session, ms: number): void {
  drain(session.playout, ms);
  idle(session.link, ms);
}

function decide(session: Session): { readonly rung: number; readonly waitMs: number } {
  const { film, playout, mean, order } = session;
  const segment = playout.end;
  const choice = session.rule.decide({
    segment,
    bufferMs: levelMs(playout),
    maxBufferMs: order.maxBufferMs,
    lastRung: segment > 0 ? playout.rungs[segment - 1] : undefined,
    estimateKbps: mean.kbps,
    latencyMs: mean.latencyMs,
    minRung: 0,
    maxRung: film.ladder.kbps.length - 1,
    sinceSeek: session.decisions,
  });
  session.decisions += 1;
  return choice;
}

function fetchNext(session: Session): void {
  const { playout, order, request } = session;
  const { rung, waitMs } = decide(session);
  const replaced = order.replacement === "left" ? replaceable(playout, rung) : undefined;
  if (replaced === undefined && waitMs > 0) wait(session, waitMs);
  send(session, replaced ?? playout.end, rung, replaced !== undefined);
  fetchWatched(session);
  drain(playout, request.ms);
  if (request.abandonedTo === undefined) arrive(playout, request);
  report(session);
  conclude(session);
}

/** The earliest segment of a lower rung that can still arrive before it plays: one and a half are skipped. */
function replaceable(playout: Playout, rung: number): number | undefined {
  const played = playout.head < playout.end ? playout.playedMs / lengthOf(playout, playout.head) : 0;
  for (let segment = playout.head + Math.ceil(1.5 + played); segment < playout.end; segment++) {
    if ((playout.rungs[segment] ?? 0) < rung) return segment;
  }
  return undefined;
}

/** How much plays before `segment` begins, when `levelMs` lies ready: not above 0 when it is too late to replace it. */
function leadMs(playout: Playout, segment: number, level: number): number {
  return level - ((playout.startMs[playout.end] ?? 0) - (playout.startMs[segment] ?? 0));
}

function arrive(playout: Playout, request: Request): void {
  if (!request.replacement) append(playout, request.rung);
  else if (leadMs(playout, request.segment, levelMs(playout)) >= 0)
    playout.rungs[request.segment] = request.rung;
}

function send(session: Session, segment: number, rung: number, replacement: boolean): void {
  const { request, playout, link, film } = session;
  request.segment = segment;
  request.rung = rung;
  request.bits = film.segments.bits[segment]?.[rung] ?? 0;
  request.arrivedBits = 0;
  request.sentMs = link.nowMs;
  request.bufferAtRequestMs = levelMs(playout);
  request.estimateKbps = session.mean.kbps;
  request.abandonedTo = undefined;
  request.replacement = replacement;
}

function fetchWhole({ request, link }: Session): void {
  request.ttfbMs = payLatency(link);
  request.ms = request.ttfbMs + carry(link, request.bits);
  request.arrivedBits = request.bits;
}

function fetchWatched(session: Session): void {
  const { request, link, order } = session;
  const watched = isWatched(session);
  if (!watched && order.arithmetic !== "pieces") {
    fetchWhole(session);
    return;
  }
  request.ttfbMs = payLatency(link);
  request.ms = request.ttfbMs;
  let leastMs = reportMs - request.ttfbMs;
  while (request.arrivedBits < request.bits) {
    carryPart(link, request.bits - request.arrivedBits, reportBits, leastMs);
    request.ms += link.partMs;
    request.arrivedBits += link.partBits;
    leastMs = reportMs;
    if (request.arrivedBits >= request.bits) return;
    if (watched) request.abandonedTo = abandonTo(session);
    if (request.abandonedTo !== undefined) return;
  }
}

function isWatched({ rule, order, request, abandonedInRow }: Session): boolean {
  if (order.abandons === false || abandonedInRow >= mostAbandoned) return false;
  return request.replacement || rule.watchesProgress;
}

function abandonTo(session: Session): number | undefined {
  const { request, playout, rule, mean, progress } = session;
  if (request.replacement) {
    const level = Math.max(0, request.bufferAtRequestMs - request.ms);
    return leadMs(playout, request.segment, level) <= 0 ? -1 : undefined;
  }
  if (rule.patience !== undefined && patient(rule.patience, request, lengthOf(playout, request.segment))) {
    return undefined;
  }
  progress.segment = request.segment;
  progress.rung = request.rung;
  progress.bits = request.bits;
  progress.arrivedBits = request.arrivedBits;
  progress.ms = request.ms;
  progress.ttfbMs = request.ttfbMs;
  progress.bufferMs = Math.max(0, request.bufferAtRequestMs - request.ms);
  progress.latencyMs = mean.latencyMs;
  return rule.progressed(progress);
}

/** ms + left / rate ≤ lengths · V, with the rate since the first byte. */
function patient({ graceMs, lengths }: Patience, request: Request, length: number): boolean {
  if (request.ms < graceMs) return true;
  const bodyMs = request.ms - request.ttfbMs;
  const left = request.bits - request.arrivedBits;
  return left * bodyMs <= (lengths * length * 0.999999 - request.ms) * request.arrivedBits;
}

/** Tells the rule, before the estimate takes the transfer in. */
function report({ request, rule, playout }: Session): void {
  rule.downloaded({
    segment: request.segment,
    rung: request.rung,
    bits: request.arrivedBits,
    ms: request.ms,
    ttfbMs: request.ttfbMs,
    bufferAtRequestMs: request.bufferAtRequestMs,
    bufferMs: levelMs(playout),
    abandonedTo: request.abandonedTo,
    replacement: request.replacement,
  });
}

function conclude(session: Session): void {
  const { request, mean, playout, order } = session;
  const whole = request.abandonedTo === undefined;
  if (whole) observeWhole(mean, request.bits, request.ms - request.ttfbMs, request.ttfbMs);
  session.requests += 1;
  session.abandoned += whole ? 0 : 1;
  session.abandonedInRow = whole ? 0 : session.abandonedInRow + 1;
  request.bufferMs = levelMs(playout);
  order.onRequest?.(request);
}
