// How one session went, from what its player said: each beacon at its moment, stalls with what they look like, and what was never heard.
import type { LoggedBeacon } from "#model/playback.ts";
import type { OpsTimeline } from "#wire/ops-sessions.ts";
import { opsSessionOf, type RecentSession } from "./ops.ts";
import type { SessionWords } from "./session-log.ts";

type Moment = OpsTimeline["beacons"][number];
type Stall = OpsTimeline["stalls"][number];

/** Some eleven hours of heartbeats. */
const mostMoments = 4000;
/** More than a figure can show; a player that says nothing but these is no player of ours. */
const mostMarks = 1000;

export function timelineOf(session: RecentSession, words: SessionWords, nowMs: number): OpsTimeline {
  const bySeq = new Map<number, LoggedBeacon>();
  // One that was sent again says the same.
  for (const logged of words.beacons) if (!bySeq.has(logged.beacon.seq)) bySeq.set(logged.beacon.seq, logged);
  const all = [...bySeq.values()].toSorted((a, b) => a.beacon.seq - b.beacon.seq);
  const moments = inOrder(all.map(momentOf));
  const shown = ends(moments, mostMoments);
  const stalls = ends(stallsOf(moments), mostMarks);
  const gaps = ends(gapsOf(moments, words.read === "begins-later"), mostMarks);
  const { records, read } = words;
  return {
    atMs: nowMs,
    session: opsSessionOf(session),
    durationMs: all.at(-1)?.beacon.durationMs ?? 0,
    beacons: shown.told,
    leftOut: shown.leftOut,
    stalls: stalls.told,
    stallsLeftOut: stalls.leftOut,
    gaps: gaps.told,
    gapsLeftOut: gaps.leftOut,
    log: { records, read },
  };
}

/** The first and the last of many. */
function ends<T>(all: T[], most: number): { readonly told: T[]; readonly leftOut: number } {
  if (all.length <= most) return { told: all, leftOut: 0 };
  const half = most / 2;
  return { told: [...all.slice(0, half), ...all.slice(-half)], leftOut: all.length - most };
}

/** Made so long before its request was sent, by the player's own clock; the way here is not known and counts as nothing. */
function momentOf({ receivedMs, sentMs, beacon }: LoggedBeacon): Moment {
  const { sessionId: _, madeMs, durationMs: __, ...said } = beacon;
  const age = sentMs === undefined || madeMs === undefined ? 0 : Math.max(0, sentMs - madeMs);
  return { ...said, atMs: receivedMs - age };
}

/** Later numbers are not drawn before earlier ones, whatever the network did. */
function inOrder(moments: readonly Moment[]): Moment[] {
  let latest = Number.NEGATIVE_INFINITY;
  return moments.map((moment) => {
    latest = Math.max(latest, moment.atMs);
    return { ...moment, atMs: latest };
  });
}

function gapsOf(moments: readonly Moment[], beginIsGone: boolean): OpsTimeline["gaps"] {
  const gaps: { afterSeq: number; beforeSeq: number }[] = [];
  let before = beginIsGone ? (moments[0]?.seq ?? 1) - 1 : 0;
  for (const { seq } of moments) {
    if (seq > before + 1) gaps.push({ afterSeq: before, beforeSeq: seq });
    before = seq;
  }
  return gaps;
}

/** From the last to the first: what ended a stall is then known when its beginning is met, however many there are. */
export function stallsOf(moments: readonly Moment[]): Stall[] {
  const stalls: Stall[] = [];
  let end: Moment | undefined;
  let later: Moment | undefined;
  for (const moment of moments.toReversed()) {
    if (later !== undefined && later.state === "stalled" && moment.state !== "stalled") {
      stalls.push(stallOf(moment, later, end));
    }
    if (moment.state !== "stalled") end = moment;
    later = moment;
  }
  if (later?.state === "stalled") stalls.push(stallOf(undefined, later, end));
  return stalls.toReversed();
}

function stallOf(before: Moment | undefined, stall: Moment, end: Moment | undefined): Stall {
  const { atMs, applianceId } = stall;
  return { fromMs: atMs, untilMs: end?.atMs ?? null, applianceId, cause: causeOf(before, stall, end) };
}

function causeOf(before: Moment | undefined, stall: Moment, after: Moment | undefined): Stall["cause"] {
  const { throughputBps, bitrateBps, applianceId } = stall;
  if (throughputBps > 0 && throughputBps < bitrateBps) return "slow";
  const served = [before?.applianceId ?? applianceId, applianceId, after?.applianceId ?? applianceId];
  return new Set(served.filter((id) => id !== "")).size > 1 ? "source" : "unknown";
}
