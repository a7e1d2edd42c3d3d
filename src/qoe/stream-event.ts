// What the stream job reads: beacons and CMCD reports with what is known of their session, and the passing of time. Both kinds of
// words become one kind of event.
import type { Beacon, PlayState } from "#model/beacon.ts";
import type { CmcdReport } from "#model/cmcd.ts";
import type { LoggedBeacon } from "#model/playback.ts";

/** What is known of a session besides its own words. What is absent is labelled "unknown". */
export interface SessionFacts {
  readonly titleId?: string;
  /** The viewer's network: "AS3320", or its name. */
  readonly network?: string;
  /** Kind of device: "browser", "tv", … */
  readonly device?: string;
  /** Id of the site ranked first at the start. */
  readonly site?: string;
  /**
   * By whose words the session is counted; absent: its beacons. A session may send both, and counts once. Of the other's words only
   * the answers to requests for media are counted.
   */
  readonly speaks?: Source;
}

export type Source = "beacon" | "cmcd";

/** What is read of a report. Players of others leave out what ours says, and know more states. */
export type CmcdSaid = Pick<CmcdReport, "sid" | "sn"> &
  Partial<Pick<CmcdReport, "br" | "msd" | "bsa" | "bsda" | "cdn" | "rc">> & {
    readonly e?: string;
    readonly sta?: string;
  };

export type StreamInput =
  | {
      readonly kind: "beacon";
      /** Of the log. */
      readonly partition: number;
      readonly logged: LoggedBeacon;
      readonly facts: SessionFacts;
    }
  | {
      readonly kind: "cmcd";
      readonly partition: number;
      readonly receivedMs: number;
      readonly report: CmcdSaid;
      readonly facts: SessionFacts;
      /** For how many it stands; absent: for itself. */
      readonly weight?: number;
    }
  /** The clock of whoever runs the job. To be logged with the rest: a replay judges idle partitions by what was read then. */
  | { readonly kind: "tick"; readonly nowMs: number };

export const unknown = "unknown";

export interface Labels {
  readonly appliance: string;
  readonly network: string;
  readonly title: string;
  readonly device: string;
}

/** What plays, as the player last said; absent: it does not say. Of a session as a whole, in no window. */
export type Playing = Pick<Beacon, "codec" | "rule">;

/** One event of a session. What is absent is as it was before. */
export interface StreamEvent {
  readonly atMs: number;
  readonly source: Source;
  readonly sessionId: string;
  /** From 1 on. */
  readonly seq: number;
  readonly labels: Labels;
  readonly site: string;
  /** Whether the session is counted by this source. */
  readonly counts: boolean;
  readonly told: Partial<Told>;
  readonly playing?: Playing;
  readonly response?: "good" | "bad";
  /** For how many it stands: 0 where others stand for it; absent: for itself. */
  readonly weight?: number;
}

/** What a player says of itself; counters count from the start of the session. */
export type Told = Pick<
  Beacon,
  "state" | "bitrateBps" | "height" | "stallCount" | "stallMs" | "switchCount" | "startupMs"
>;

/**
 * The longest that a player is believed to have kept a beacon.
 *
 * Chosen by us: 500 of them, a heartbeat each 10 s, are 83 minutes. A player that keeps more would raise it.
 */
export const longestKeptMs = 2 * 3_600_000;

/**
 * When a beacon was made, by our clock: of the player's clock only the time between making and sending is believed, within bounds.
 * Of a player that does not say it, when it was received.
 */
export function madeAtMs({ receivedMs, sentMs, beacon }: LoggedBeacon): number {
  if (sentMs === undefined || beacon.madeMs === undefined) return receivedMs;
  return receivedMs - Math.round(Math.min(longestKeptMs, Math.max(0, sentMs - beacon.madeMs)));
}

export function fromBeacon(logged: LoggedBeacon, facts: SessionFacts): StreamEvent {
  const { beacon } = logged;
  const { state, bitrateBps, height, stallCount, stallMs, switchCount, startupMs, codec, rule } = beacon;
  const playing = { ...(codec !== undefined && { codec }), ...(rule !== undefined && { rule }) };
  return {
    atMs: madeAtMs(logged),
    source: "beacon",
    sessionId: beacon.sessionId,
    seq: beacon.seq,
    labels: labelsOf(beacon.applianceId, facts),
    site: label(facts.site),
    counts: (facts.speaks ?? "beacon") === "beacon",
    told: { state, bitrateBps, height, stallCount, stallMs, switchCount, startupMs },
    ...(Object.keys(playing).length > 0 && { playing }),
    ...(logged.weight !== undefined && { weight: logged.weight }),
  };
}

/** CTA-5004-B. A player waits (w) for what it does not want to play yet: it is no stall. */
const states: Readonly<Record<string, PlayState>> = {
  s: "start",
  d: "start",
  p: "playing",
  k: "seeking",
  r: "stalled",
  a: "paused",
  w: "paused",
  e: "ended",
  f: "failed",
  q: "closed",
};

/** A report numbers from 0 on, and does not tell the height or switches. */
export function fromCmcd({
  receivedMs,
  report,
  facts,
  weight,
}: Omit<Extract<StreamInput, { kind: "cmcd" }>, "kind" | "partition">): StreamEvent {
  const { sid, sn, sta, br, msd, bsa, bsda, cdn, e, rc } = report;
  const state = sta === undefined ? undefined : states[sta];
  return {
    atMs: receivedMs,
    source: "cmcd",
    sessionId: sid,
    seq: sn + 1,
    labels: labelsOf(cdn, facts),
    site: label(facts.site),
    counts: facts.speaks === "cmcd",
    told: {
      ...(state !== undefined && { state }),
      ...(br !== undefined && { bitrateBps: br * 1000 }),
      ...(bsa !== undefined && { stallCount: bsa }),
      ...(bsda !== undefined && { stallMs: bsda }),
      ...(msd !== undefined && { startupMs: msd }),
    },
    ...(e === "rr" && { response: responseOf(rc) }),
    ...(weight !== undefined && { weight }),
  };
}

/** 0: it never came. Who does not tell the status does not say that it was bad. */
function responseOf(status: number | undefined): "good" | "bad" {
  return status !== undefined && (status === 0 || status >= 400) ? "bad" : "good";
}

function labelsOf(appliance: string | undefined, facts: SessionFacts): Labels {
  return {
    appliance: label(appliance),
    network: label(facts.network),
    title: label(facts.titleId),
    device: label(facts.device),
  };
}

/** What a player says may be anything: a label is one line, of a length that a table bears. */
function label(text: string | undefined): string {
  return text !== undefined && /^\P{Cc}+$/u.test(text) ? text.slice(0, 64) : unknown;
}

/**
 * The order in which events count: by time, then by session and number. Of two with one number and time the one that reads first
 * as text, so that it is total whatever a dishonest player sends.
 */
export function byTime(a: StreamEvent, b: StreamEvent): number {
  return (
    a.atMs - b.atMs ||
    byText(a.sessionId, b.sessionId) ||
    byText(a.source, b.source) ||
    a.seq - b.seq ||
    byText(JSON.stringify(a), JSON.stringify(b))
  );
}

export function byText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
