// Bytes that came from elsewhere than the best-placed appliances, and why: what placement, upkeep or room would have to mend.
//
// Steering puts appliances in tiers that the network cannot tell apart for a viewer; the best tier is where all bytes would come from
// if every appliance there held every file, was well and had room. Bytes from elsewhere are a detour. Its cause is what kept the best
// tier from serving: it was health if somebody there held the file, for then placement had done its part; content if nobody did.
// Source of the division: Netflix, "Content Popularity for Open Connect" and "Netflix content distribution" (AfPIF 2018).
import { byText } from "./stream-event.ts";

/**
 * - content: nobody in the best tier held the file.
 * - health: of those who held it, nobody was well (or admitted).
 * - capacity: of those who were well, nobody had room.
 * - other: somebody there could have served and the player went elsewhere, or nothing is known of the decision.
 */
export const causes = ["content", "health", "capacity", "other"] as const;
export type Cause = (typeof causes)[number];

/** A steering decision, as far as detours go. */
export interface Steered {
  readonly sessionId: string;
  readonly atMs: number;
  /** Every appliance of the best tier at least, whether it may serve or not. Tiers count from 0, the best. */
  readonly choices: readonly {
    readonly id: string;
    readonly tier: number;
    /** Why it was not in the running; absent when it was. */
    readonly out?: Cause;
  }[];
}

/** Bytes of a session, as the access log of whoever served them has it. */
export interface Served {
  readonly sessionId: string;
  readonly atMs: number;
  /** An appliance, or "origin". */
  readonly sourceId: string;
  readonly bytes: number;
}

export interface Tolled {
  readonly bytes: number;
  readonly sessions: number;
  /** Hundredths of a percent of the detours' bytes; over all causes they are exactly 10 000, or 0 without a detour. */
  readonly shareOfBytes: number;
  readonly shareOfSessions: number;
}

export interface Detours {
  readonly all: { readonly bytes: number; readonly sessions: number };
  /** Bytes from elsewhere, and sessions that had any. */
  readonly elsewhere: { readonly bytes: number; readonly sessions: number };
  readonly byCause: Readonly<Record<Cause, Tolled>>;
  /** Bytes by who served instead; sorted by bytes, the most first. */
  readonly bySource: readonly { readonly sourceId: string; readonly bytes: number }[];
}

/** A session counts once, under the cause that cost it the most bytes. The order of what is handed in does not matter. */
export function detoursOf(decisions: readonly Steered[], rows: readonly Served[]): Detours {
  const known = bySession(decisions);
  const sessions = new Map<string, Record<Cause, number>>();
  const sources = new Map<string, number>();
  const all = { bytes: 0, ids: new Set<string>() };
  for (const row of rows) {
    all.bytes += row.bytes;
    all.ids.add(row.sessionId);
    const cause = causeOf(inForce(known.get(row.sessionId) ?? [], row.atMs), row.sourceId);
    if (cause === undefined || row.bytes === 0) continue;
    const tolls = sessions.get(row.sessionId) ?? { content: 0, health: 0, capacity: 0, other: 0 };
    tolls[cause] += row.bytes;
    sessions.set(row.sessionId, tolls);
    sources.set(row.sourceId, (sources.get(row.sourceId) ?? 0) + row.bytes);
  }
  const bytes = { content: 0, health: 0, capacity: 0, other: 0 };
  const counts = { content: 0, health: 0, capacity: 0, other: 0 };
  for (const tolls of sessions.values()) {
    for (const cause of causes) bytes[cause] += tolls[cause];
    counts[dearest(tolls)] += 1;
  }
  return {
    all: { bytes: all.bytes, sessions: all.ids.size },
    elsewhere: { bytes: sumOf(bytes), sessions: sessions.size },
    byCause: tolled(bytes, counts),
    bySource: [...sources]
      .map(([sourceId, sum]) => ({ sourceId, bytes: sum }))
      .sort((a, b) => b.bytes - a.bytes || byText(a.sourceId, b.sourceId)),
  };
}

/** Undefined: from the best tier. */
function causeOf(steered: Steered | undefined, sourceId: string): Cause | undefined {
  if (steered === undefined || steered.choices.length === 0) return "other";
  const best = steered.choices.reduce((least, { tier }) => Math.min(least, tier), Number.POSITIVE_INFINITY);
  const first = steered.choices.filter(({ tier }) => tier === best);
  if (first.some(({ id }) => id === sourceId)) return undefined;
  if (first.some(({ out }) => out === undefined)) return "other";
  return (
    (["capacity", "health", "content"] as const).find((cause) => first.some(({ out }) => out === cause)) ??
    "other"
  );
}

function bySession(decisions: readonly Steered[]): ReadonlyMap<string, readonly Steered[]> {
  const ordered = decisions.toSorted(
    (a, b) => a.atMs - b.atMs || byText(JSON.stringify(a), JSON.stringify(b)),
  );
  return Map.groupBy(ordered, ({ sessionId }) => sessionId);
}

/** The latest decision before; bytes before the first one are the first one's: clocks of two machines. */
function inForce(decisions: readonly Steered[], atMs: number): Steered | undefined {
  return decisions.findLast((one) => one.atMs <= atMs) ?? decisions[0];
}

function dearest(tolls: Readonly<Record<Cause, number>>): Cause {
  return causes.reduce((most, cause) => (tolls[cause] > tolls[most] ? cause : most));
}

type ByCause = Readonly<Record<Cause, number>>;

function tolled(bytes: ByCause, sessions: ByCause): Detours["byCause"] {
  const [ofBytes, ofSessions] = [shares(bytes), shares(sessions)];
  const row = (cause: Cause): Tolled => ({
    bytes: bytes[cause],
    sessions: sessions[cause],
    shareOfBytes: ofBytes[cause],
    shareOfSessions: ofSessions[cause],
  });
  return { content: row("content"), health: row("health"), capacity: row("capacity"), other: row("other") };
}

/** Rounded so that they add up to 10 000: the largest remainders are rounded up. Source: Hamilton's method. */
function shares(parts: ByCause): ByCause {
  const whole = sumOf(parts);
  if (whole === 0) return { content: 0, health: 0, capacity: 0, other: 0 };
  const exact = (cause: Cause): number => (10_000 * parts[cause]) / whole;
  const floor = (cause: Cause): number => Math.floor(exact(cause));
  const left = 10_000 - causes.reduce((sum, cause) => sum + floor(cause), 0);
  const raised = causes.toSorted((a, b) => exact(b) - floor(b) - (exact(a) - floor(a))).slice(0, left);
  const share = (cause: Cause): number => floor(cause) + Number(raised.includes(cause));
  return {
    content: share("content"),
    health: share("health"),
    capacity: share("capacity"),
    other: share("other"),
  };
}

function sumOf(parts: ByCause): number {
  return causes.reduce((sum, cause) => sum + parts[cause], 0);
}
