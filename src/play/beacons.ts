// Turns what the player observes into numbered beacons and keeps each until it was acknowledged.
//
// A beacon is made when the state changes and at every heartbeat. Unacknowledged ones are sent again with the same
// number, so that the receiver can count each once whatever the network does.
import type { Beacon, PlayState } from "#model/beacon.ts";

/** The most that is kept unacknowledged: an hour and more of heartbeats. The oldest go first. */
export const keptBeacons = 500;
/** The most in one request. Source: wire/viewer.ts telemetryBody. */
export const beaconsPerSend = 200;
/** navigator.sendBeacon takes 64 KiB in all, of which the token and the frame around the beacons need some. */
export const bytesOnLeaving = 60_000;
const longestPauseMs = 30_000;
/** Whatever the receiver asks for. */
const longestWaitMs = 600_000;
/**
 * While nothing gets through, heartbeats come half as often, so that as much is kept of twice the time. Not more: beacons that are
 * a minute apart are two sessions (qoe/README.md).
 */
const patienceFactor = 2;

/** Everything a beacon says but its number and when it was made. */
export type Observation = Omit<Beacon, "sessionId" | "seq" | "madeMs">;

export interface Beacons {
  readonly sessionId: string;
  readonly nextSeq: number;
  readonly unacknowledged: readonly Beacon[];
  readonly lastState: PlayState | undefined;
  readonly lastMadeMs: number;
  readonly underWay: boolean;
  /** Failures in a row. */
  readonly failures: number;
  readonly notBeforeMs: number;
  /** Beacons given up because the bound was reached. */
  readonly dropped: number;
}

export type BeaconEvent =
  | { readonly kind: "observed"; readonly observation: Observation }
  | { readonly kind: "acknowledged"; readonly upToSeq: number }
  /** The request failed on its way, or there is no room for them now: try again later, and not before `waitMs`. */
  | { readonly kind: "unsent"; readonly waitMs?: number | undefined }
  /** The receiver refused them: sending the same again cannot help. */
  | { readonly kind: "refused"; readonly upToSeq: number }
  /** The page is hidden: on a phone, the last that is heard of it. It may come back all the same. */
  | { readonly kind: "hiding"; readonly observation: Observation }
  /** The page goes away: last chance, nobody will hear the answer. */
  | { readonly kind: "leaving"; readonly observation: Observation };

export interface BeaconStep {
  readonly state: Beacons;
  /** To be sent now. */
  readonly send: readonly Beacon[];
}

export function newBeacons(sessionId: string): Beacons {
  return {
    sessionId,
    nextSeq: 1,
    unacknowledged: [],
    lastState: undefined,
    lastMadeMs: 0,
    underWay: false,
    failures: 0,
    notBeforeMs: 0,
    dropped: 0,
  };
}

export function stepBeacons(
  state: Beacons,
  event: BeaconEvent,
  nowMs: number,
  heartbeatMs: number,
): BeaconStep {
  switch (event.kind) {
    case "observed": {
      const everyMs = state.failures === 0 ? heartbeatMs : heartbeatMs * patienceFactor;
      const due = event.observation.state !== state.lastState || nowMs - state.lastMadeMs >= everyMs;
      return sendIfDue(due ? made(state, event.observation, nowMs) : state, nowMs);
    }
    case "acknowledged":
    case "refused": {
      const left = state.unacknowledged.filter((beacon) => beacon.seq > event.upToSeq);
      const next = { ...state, unacknowledged: left, underWay: false, failures: 0, notBeforeMs: nowMs };
      return sendIfDue(next, nowMs);
    }
    case "unsent": {
      const failures = state.failures + 1;
      const pause = Math.min(longestPauseMs, 1000 * 2 ** Math.min(failures - 1, 10));
      const notBeforeMs = nowMs + Math.max(pause, Math.min(longestWaitMs, event.waitMs ?? 0));
      return { state: { ...state, underWay: false, failures, notBeforeMs }, send: [] };
    }
    case "hiding":
    case "leaving": {
      const next = made(state, event.observation, nowMs);
      return { state: next, send: newestWithin(next.unacknowledged, bytesOnLeaving) };
    }
  }
}

/** Nothing is acknowledged on this way: all stay, and go again with the same numbers if the page lives on. */
function newestWithin(beacons: readonly Beacon[], bytes: number): readonly Beacon[] {
  let [left, first] = [bytes, beacons.length];
  while (first > 0) {
    left -= new TextEncoder().encode(JSON.stringify(beacons[first - 1])).length + 1;
    if (left < 0) break;
    first -= 1;
  }
  return beacons.slice(first).slice(-beaconsPerSend);
}

function made(state: Beacons, observation: Observation, nowMs: number): Beacons {
  const beacon = withinBounds(state, observation, nowMs);
  const all = [...state.unacknowledged, beacon];
  const kept = all.slice(-keptBeacons);
  return {
    ...state,
    nextSeq: state.nextSeq + 1,
    unacknowledged: kept,
    lastState: observation.state,
    lastMadeMs: nowMs,
    dropped: state.dropped + all.length - kept.length,
  };
}

function sendIfDue(state: Beacons, nowMs: number): BeaconStep {
  const send = state.unacknowledged.slice(0, beaconsPerSend);
  if (send.length === 0 || state.underWay || nowMs < state.notBeforeMs) return { state, send: [] };
  return { state: { ...state, underWay: true }, send };
}

/** Numbers as the schema in wire/viewer.ts wants them, whatever the browser measured. */
function withinBounds(state: Beacons, seen: Observation, nowMs: number): Beacon {
  return {
    sessionId: state.sessionId,
    seq: state.nextSeq,
    state: seen.state,
    positionMs: whole(seen.positionMs),
    durationMs: whole(seen.durationMs),
    bufferMs: whole(seen.bufferMs),
    bitrateBps: whole(seen.bitrateBps),
    height: whole(seen.height, 10_000),
    throughputBps: whole(seen.throughputBps, 1e12),
    stallCount: whole(seen.stallCount),
    stallMs: whole(seen.stallMs),
    switchCount: whole(seen.switchCount),
    startupMs: whole(seen.startupMs),
    applianceId: seen.applianceId.slice(0, 64),
    because: seen.because.slice(0, 400),
    ...(seen.codec !== undefined && { codec: seen.codec }),
    ...(seen.rule !== undefined && { rule: seen.rule }),
    madeMs: whole(nowMs, 1e15),
  };
}

function whole(value: number, most = 1_000_000_000): number {
  return Number.isFinite(value) ? Math.min(most, Math.max(0, Math.round(value))) : 0;
}
