// Folds what players say into what is kept: a summary per session and a resume point per profile and title.
import { type Beacon, ord, type PlayState } from "#model/beacon.ts";
import type { Bookmark, LoggedBeacon, PlayRecord, PlaySession, SessionSummary } from "#model/playback.ts";

/** What the fold must know of a session: whose it is, and its place among the account's plays. */
export type KnownSession = Pick<PlaySession, "profileId" | "titleId" | "generation">;

export interface Folded {
  /** One per session that moved on; sorted by session. */
  readonly summaries: readonly SessionSummary[];
  /** One per profile and title that was watched; sorted by both. */
  readonly bookmarks: readonly Bookmark[];
  /** Of fresh beacons that say so: whether a picture had been shown. */
  readonly failures: readonly Failure[];
  readonly progress: {
    /** Beacons that were the first with their number in this batch and newer than the known summary. */
    readonly fresh: number;
    /** Beacons that were sent again or came late. */
    readonly repeated: number;
    /** Beacons of sessions that nobody opened. */
    readonly foreign: number;
  };
}

export type Failure = "before-picture" | "in-play";

/**
 * Share of the title after which nothing is left to resume.
 *
 * Chosen by us: closing credits take about 3 % of a film (3 min of 100). Rights to exact credit marks per title would
 * replace it.
 */
export const finishedShare = 0.97;

/**
 * A batch of beacons folded onto what is known.
 *
 * The order of the batch does not matter, nor whether a beacon is in it twice, nor how the stream was cut into batches:
 * per session the beacon with the highest number speaks for all, because players count stalls and switches upwards.
 */
export function foldBeacons(
  known: ReadonlyMap<string, Pick<SessionSummary, "lastSeq">>,
  sessions: ReadonlyMap<string, KnownSession>,
  batch: readonly LoggedBeacon[],
): Folded {
  const newest = new Map<string, LoggedBeacon>();
  const watched = new Map<string, Bookmark>();
  const numbers = new Set<string>();
  const failures: Failure[] = [];
  let fresh = 0;
  let foreign = 0;
  for (const logged of inOrder(batch)) {
    const { beacon } = logged;
    const session = sessions.get(beacon.sessionId);
    if (session === undefined) {
      foreign += 1;
      continue;
    }
    const number = `${beacon.sessionId} ${beacon.seq}`;
    if (numbers.has(number)) continue;
    numbers.add(number);
    const bookmark = bookmarkOf(beacon, session);
    if (bookmark !== undefined) keepNewer(watched, bookmark);
    if (beacon.seq <= (known.get(beacon.sessionId)?.lastSeq ?? 0)) continue;
    fresh += 1;
    if (beacon.state === "failed") failures.push(beacon.startupMs > 0 ? "in-play" : "before-picture");
    newest.set(beacon.sessionId, logged);
  }
  return {
    summaries: sortedValues(newest).map(summaryOf),
    bookmarks: sortedValues(watched),
    failures,
    progress: { fresh, repeated: batch.length - fresh - foreign, foreign },
  };
}

/** What the history of each profile says of sessions that moved on. */
export function playsOf(
  summaries: readonly SessionSummary[],
  sessions: ReadonlyMap<string, KnownSession & Pick<PlaySession, "startedAtMs">>,
): readonly PlayRecord[] {
  return summaries.flatMap(({ sessionId, lastSeq, lastSeenMs, positionMs }) => {
    const session = sessions.get(sessionId);
    if (session === undefined) return [];
    const { profileId, titleId, generation } = session;
    const startedAtMs = Math.round(session.startedAtMs);
    const seen = { lastSeenMs: Math.round(lastSeenMs), positionMs };
    return [{ profileId, titleId, generation, ord: ord(generation, lastSeq), startedAtMs, ...seen }];
  });
}

/** By session and number; of two with one number the first received wins, then the one that reads first as text. */
function inOrder(batch: readonly LoggedBeacon[]): readonly LoggedBeacon[] {
  return batch.toSorted(
    (a, b) =>
      compare(a.beacon.sessionId, b.beacon.sessionId) ||
      a.beacon.seq - b.beacon.seq ||
      a.receivedMs - b.receivedMs ||
      compare(textOf(a.beacon), textOf(b.beacon)),
  );
}

function textOf(beacon: Beacon): string {
  return JSON.stringify(Object.entries(beacon).toSorted(([a], [b]) => compare(a, b)));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

function sortedValues<T>(map: ReadonlyMap<string, T>): readonly T[] {
  return [...map].toSorted(([a], [b]) => compare(a, b)).map(([, value]) => value);
}

function summaryOf({ receivedMs, beacon }: LoggedBeacon): SessionSummary {
  return {
    sessionId: beacon.sessionId,
    lastSeenMs: receivedMs,
    lastSeq: beacon.seq,
    state: beacon.state,
    positionMs: clampedPosition(beacon),
    startupMs: beacon.startupMs,
    stallCount: beacon.stallCount,
    stallMs: beacon.stallMs,
    switchCount: beacon.switchCount,
    bitrateBps: beacon.bitrateBps,
    height: beacon.height,
    applianceId: beacon.applianceId,
  };
}

/** A player that does not know the duration yet says 0: then its position stands as it is. */
function clampedPosition(beacon: Beacon): number {
  return beacon.durationMs > 0 ? Math.min(beacon.positionMs, beacon.durationMs) : beacon.positionMs;
}

function bookmarkOf(beacon: Beacon, session: KnownSession): Bookmark | undefined {
  if (!saysWhereTheViewerIs(beacon)) return undefined;
  const positionMs = clampedPosition(beacon);
  return {
    profileId: session.profileId,
    titleId: session.titleId,
    ord: ord(session.generation, beacon.seq),
    positionMs,
    durationMs: beacon.durationMs,
    finished: beacon.state === "ended" || positionMs >= finishedShare * beacon.durationMs,
  };
}

/**
 * A player that is starting, or that failed, or that was closed before its first picture, stands at 0 for want of
 * anything better: that must not wipe out where the viewer was.
 */
function saysWhereTheViewerIs(beacon: Beacon): boolean {
  const silent: readonly PlayState[] = ["start", "failed"];
  if (beacon.durationMs === 0 || silent.includes(beacon.state)) return false;
  return beacon.state !== "closed" || beacon.startupMs > 0;
}

function keepNewer(watched: Map<string, Bookmark>, bookmark: Bookmark): void {
  const key = `${bookmark.profileId} ${bookmark.titleId}`;
  const before = watched.get(key);
  if (before === undefined || bookmark.ord > before.ord) watched.set(key, bookmark);
}
