// What the player says along with its requests: Common Media Client Data, version 2 (CTA-5004-B), as values. The text is
// wire/cmcd.ts's, which rounds as the standard wants it.
//
// Whoever serves reads it to order a log by session, to see who starves, to serve what is urgent first and to pace. It is a
// courtesy: a player may say anything, so nothing may be allowed because of it.
import type { PlayState } from "#model/beacon.ts";
import type { CmcdPlayerState, CmcdReport } from "#model/cmcd.ts";
import type { Observation } from "./beacons.ts";

/** What the player knows when it reports. */
export interface CmcdFacts {
  readonly seen: Observation;
  /** Of the film; 0 while it stands. */
  readonly playbackRate: number;
  /** What the rule would have a request paced to. */
  readonly paceKbps: number | undefined;
}

/** What a request is for. */
export interface CmcdObject {
  readonly media: "video" | "audio" | "init";
  /** Mean rate of the rendition; 0: not known. */
  readonly kbps: number;
  readonly topKbps: number;
  readonly durationMs: number;
}

/** To whom, and what was said already: requests and events are two of them, each with its own numbers. */
export interface CmcdTelling {
  readonly sid: string;
  readonly cid: string;
  readonly nextSn: number;
  readonly stallsTold: number;
  readonly delayTold: boolean;
}

const objectTypes = { video: "v", audio: "a", init: "i" } as const;
const states = {
  start: "s",
  playing: "p",
  paused: "a",
  seeking: "k",
  stalled: "r",
  ended: "e",
  failed: "f",
  closed: "q",
} as const satisfies Readonly<Record<PlayState, CmcdPlayerState>>;

export function newTelling(sid: string, cid: string): CmcdTelling {
  return { sid, cid, nextSn: 0, stallsTold: 0, delayTold: false };
}

export function playerState({ seen }: CmcdFacts): CmcdPlayerState {
  return states[seen.state];
}

/** What every report says. A stall is told once, the delay of the start once, to each who is told. */
export function told(
  telling: CmcdTelling,
  facts: CmcdFacts,
): { readonly telling: CmcdTelling; readonly report: CmcdReport } {
  const { seen, playbackRate } = facts;
  const { sid, cid, nextSn } = telling;
  const starved = seen.stallCount > telling.stallsTold;
  const startedMs = telling.delayTold || !started(facts) ? undefined : seen.startupMs;
  const report: CmcdReport = {
    ...{ v: 2, sid, cid, sn: nextSn, sf: "d", st: "v", sta: playerState(facts), bl: count(seen.bufferMs) },
    ...(seen.throughputBps > 0 && { mtp: count(seen.throughputBps / 1000) }),
    ...(playbackRate !== 1 && { pr: finite(playbackRate) }),
    ...(startedMs !== undefined && { msd: count(startedMs) }),
    ...(starved && { bs: true as const }),
  };
  const after = {
    ...telling,
    nextSn: nextSn + 1,
    stallsTold: Math.max(telling.stallsTold, seen.stallCount),
    delayTold: telling.delayTold || startedMs !== undefined,
  };
  return { telling: after, report };
}

/**
 * The report of a request. Urgent (su) until the first frame, after a seek and in a stall; otherwise there is a deadline,
 * dl = buffer / playback rate.
 */
export function toldWithRequest(
  telling: CmcdTelling,
  facts: CmcdFacts,
  object: CmcdObject,
): { readonly telling: CmcdTelling; readonly report: CmcdReport } {
  const { telling: after, report } = told(telling, facts);
  const urgent = !started(facts) || facts.seen.state === "seeking" || facts.seen.state === "stalled";
  const picture = object.media === "video";
  const rate = facts.playbackRate;
  return {
    telling: after,
    report: {
      ...report,
      ot: objectTypes[object.media],
      ...(object.media !== "audio" && object.kbps > 0 && { br: count(object.kbps) }),
      ...(picture && object.topKbps > 0 && { tb: count(object.topKbps) }),
      ...(object.media !== "init" && { d: count(object.durationMs) }),
      ...(urgent && { su: true as const }),
      ...(!urgent && rate > 0 && { dl: count(facts.seen.bufferMs / rate) }),
      ...(facts.paceKbps !== undefined && { rtp: count(facts.paceKbps) }),
    },
  };
}

function started({ seen }: CmcdFacts): boolean {
  return seen.startupMs > 0;
}

/** The largest integer of a structured field that is one rounded to hundreds too. Source: RFC 9651 §3.3.1. */
const largest = 999_999_999_999_900;

export function count(value: number): number {
  return Math.min(largest, Math.max(0, Math.round(finite(value))));
}

function finite(value: number): number {
  return Number.isFinite(value) ? value : 0;
}
