// The players' health gate: an appliance whose players fail or stall clearly more than their peers' gets no new plays for a while.
//
// What an appliance says of itself is another gate's business (#steer/health.ts): a box that is well in its own eyes may stand
// behind a broken cable. Here its players are asked, by windows of ten seconds. "Clearly" is a confidence bound: the difference of
// two shares (Newcombe) has to lie above a margin as a whole, so that two players in trouble are chance and twenty are not. Of two
// shares one is of plays that failed, the other of minutes that stood still: a minute of one viewer counts as one trial, as stalls
// within it hang together. After a rest a few new plays are let in to see; it comes back if these fare well, rests twice as long
// if they do not, and comes back all the same if nobody comes to see. Time is that of the windows.
// Source of ejecting a host for what its callers see, of few hosts, and for a time: research control-telemetry §5.2.
import { type Share, shareDifference } from "./intervals.ts";

export interface GateSettings {
  /** So far back windows are looked at. */
  readonly memoryMs: number;
  /** Fewer plays, on either side, say nothing. */
  readonly leastPlays: number;
  /** Fewer minutes watched, on either side, say nothing. */
  readonly leastMinutes: number;
  /** The difference in shares of failed plays, and of time stood still, that has to be surpassed. */
  readonly margin: number;
  /** Of the bound, in (0, 1). */
  readonly confidence: number;
  /** How long an appliance gets no new plays, the first time. */
  readonly restMs: number;
  readonly longestRestMs: number;
  /** Looked at so long, at most, by those who are let in after that. */
  readonly probeMs: number;
  /** New plays that have to fare well. */
  readonly probePlays: number;
  /** Of all appliances, this share at most is kept out. */
  readonly mostShare: number;
}

/** A short window of one appliance. */
export interface PlayersWindow {
  readonly appliance: string;
  readonly startMs: number;
  readonly plays: number;
  readonly starts: number;
  readonly startFailures: number;
  readonly failures: number;
  readonly playMs: number;
  readonly stallMs: number;
}

interface Closed {
  readonly sinceMs: number;
  readonly restMs: number;
  readonly because: string;
}

/** Plain data. */
export interface PlayersGate {
  readonly windows: readonly PlayersWindow[];
  /** By appliance that is kept out, or looked at. */
  readonly closed: Readonly<Record<string, Closed>>;
  /** What came before an appliance was let in again says nothing of it any more. */
  readonly clearedMs: Readonly<Record<string, number>>;
}

export const openGate: PlayersGate = { windows: [], closed: {}, clearedMs: {} };

export type PlayersVerdict =
  | { readonly kind: "well" }
  | {
      /** Resting: no new plays. Probing: a few. */
      readonly kind: "resting" | "probing";
      readonly because: string;
      readonly untilMs: number;
    };

export function verdictOf(
  gate: PlayersGate,
  appliance: string,
  nowMs: number,
  settings: Pick<GateSettings, "probeMs">,
): PlayersVerdict {
  const closed = Object.hasOwn(gate.closed, appliance) ? gate.closed[appliance] : undefined;
  if (closed === undefined) return { kind: "well" };
  const { because, sinceMs, restMs } = closed;
  const probedFromMs = sinceMs + restMs;
  if (nowMs < probedFromMs) return { kind: "resting", because, untilMs: probedFromMs };
  const untilMs = probedFromMs + settings.probeMs;
  return nowMs < untilMs ? { kind: "probing", because, untilMs } : { kind: "well" };
}

export interface GateOrder {
  /** Those that may be kept out. Windows of others (the origin) are peers only. */
  readonly appliances: readonly string[];
  readonly windows: readonly PlayersWindow[];
  readonly nowMs: number;
  readonly settings: GateSettings;
}

/** Takes new windows in and judges. Total and deterministic. */
export function judged(before: PlayersGate, order: GateOrder): PlayersGate {
  const { nowMs, settings } = order;
  const sinceMs = nowMs - settings.memoryMs;
  const windows = [...before.windows, ...order.windows].filter(({ startMs }) => startMs >= sinceMs);
  const known = new Set(order.appliances);
  const gate = {
    windows,
    closed: kept(before.closed, (id) => known.has(id)),
    clearedMs: kept(before.clearedMs, (id, atMs) => known.has(id) && atMs >= sinceMs),
  };
  return closing(probed(gate, order), order);
}

function kept<T>(of: Readonly<Record<string, T>>, wanted: (id: string, value: T) => boolean) {
  return Object.fromEntries(Object.entries(of).filter(([id, value]) => wanted(id, value)));
}

/** Whoever rested is let in again, or rests again. */
function probed(gate: PlayersGate, { nowMs, settings }: GateOrder): PlayersGate {
  const closed: Record<string, Closed> = {};
  const clearedMs: Record<string, number> = { ...gate.clearedMs };
  for (const [id, one] of Object.entries(gate.closed)) {
    const fromMs = one.sinceMs + one.restMs;
    if (nowMs < fromMs) {
      closed[id] = one;
      continue;
    }
    const own = seenOf(
      gate.windows.filter(({ appliance, startMs }) => appliance === id && startMs >= fromMs),
    );
    const isSeen = own.plays.of >= settings.probePlays;
    const worse = isSeen ? pointsWorse(own, peersOf(gate, id), settings.margin) : undefined;
    if (worse !== undefined) {
      const restMs = Math.min(settings.longestRestMs, 2 * one.restMs);
      closed[id] = { sinceMs: nowMs, restMs, because: `Let in to see: ${worse}` };
    } else if (isSeen || nowMs >= fromMs + settings.probeMs) clearedMs[id] = nowMs;
    else closed[id] = one;
  }
  return { ...gate, closed, clearedMs };
}

/** The worst first, while there is room: others have to be left, to serve and to compare with. */
function closing(gate: PlayersGate, { appliances, nowMs, settings }: GateOrder): PlayersGate {
  const most = Math.min(
    appliances.length - 1,
    Math.max(1, Math.floor(appliances.length * settings.mostShare)),
  );
  const room = Math.max(0, most - Object.keys(gate.closed).length);
  if (room === 0) return gate;
  const found = appliances
    .filter((id) => !Object.hasOwn(gate.closed, id))
    .flatMap((id) => {
      const worse = clearlyWorse(ownOf(gate, id), peersOf(gate, id), settings);
      return worse === undefined ? [] : [{ id, ...worse }];
    })
    .toSorted((a, b) => b.by - a.by || (a.id < b.id ? -1 : 1));
  const added = found
    .slice(0, room)
    .map(({ id, because }) => [id, { sinceMs: nowMs, restMs: settings.restMs, because }] as const);
  return { ...gate, closed: { ...gate.closed, ...Object.fromEntries(added) } };
}

interface Seen {
  /** Of plays, those that failed. */
  readonly plays: Share;
  /** Of minutes, those that stood still. */
  readonly minutes: Share;
}

function ownOf({ windows, clearedMs }: PlayersGate, id: string): Seen {
  const fromMs = Object.hasOwn(clearedMs, id) ? (clearedMs[id] ?? 0) : 0;
  return seenOf(windows.filter(({ appliance, startMs }) => appliance === id && startMs >= fromMs));
}

/** Everybody else who is not kept out. */
function peersOf({ windows, closed }: PlayersGate, id: string): Seen {
  return seenOf(windows.filter(({ appliance }) => appliance !== id && !Object.hasOwn(closed, appliance)));
}

function seenOf(windows: readonly PlayersWindow[]): Seen {
  const sum = { plays: 0, ends: 0, failed: 0, played: 0, stalled: 0 };
  for (const window of windows) {
    sum.plays += window.plays;
    // A play is counted where it began, and its first words may not have named the appliance yet.
    sum.ends += window.starts + window.startFailures;
    sum.failed += window.startFailures + window.failures;
    sum.played += window.playMs;
    sum.stalled += window.stallMs;
  }
  return {
    plays: { hits: sum.failed, of: Math.max(sum.plays, sum.ends, sum.failed) },
    minutes: { hits: sum.stalled / 60_000, of: (sum.played + sum.stalled) / 60_000 },
  };
}

function clearlyWorse(
  own: Seen,
  peers: Seen,
  { leastPlays, leastMinutes, margin, confidence }: GateSettings,
): { readonly by: number; readonly because: string } | undefined {
  for (const [kind, least] of [
    ["plays", leastPlays],
    ["minutes", leastMinutes],
  ] as const) {
    if (own[kind].of < least || peers[kind].of < least) continue;
    const by = shareDifference(own[kind], peers[kind], confidence)?.low ?? 0;
    if (by <= margin) continue;
    const sure = `with ${percent(confidence)} % confidence worse by ${percent(by)} points at least`;
    return { by, because: `${words(kind, own, peers)}: ${sure}, the limit is ${percent(margin)}.` };
  }
  return undefined;
}

function pointsWorse(own: Seen, peers: Seen, margin: number): string | undefined {
  for (const kind of ["plays", "minutes"] as const) {
    const by = shareOf(own[kind]) - shareOf(peers[kind]);
    if (by > margin) return `${words(kind, own, peers)}.`;
  }
  return undefined;
}

function shareOf({ hits, of }: Share): number {
  return of === 0 ? 0 : hits / of;
}

function words(kind: keyof Seen, own: Seen, peers: Seen): string {
  const [a, b] = [own[kind], peers[kind]];
  return kind === "plays"
    ? `${a.hits} of its ${a.of} plays failed, ${b.hits} of ${b.of} at its peers`
    : `${percent(shareOf(a))} % of ${a.of.toFixed(0)} minutes watched stood still, ${percent(shareOf(b))} % at its peers`;
}

function percent(share: number): string {
  return (100 * share).toFixed(share > 0.99 ? 1 : 0);
}
