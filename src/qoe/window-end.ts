// Short windows that are due, one after the other: their events in order, who watched, which sessions are over.
import {
  type Cells,
  count,
  isEmpty,
  merge,
  noCells,
  watch,
  watchingRecords,
  windowRecords,
} from "./cells.ts";
import { noFigures } from "./figures.ts";
import { foldEvent, type SessionState } from "./session-fold.ts";
import { byTime, type StreamEvent } from "./stream-event.ts";
import { type SessionRecord, type StreamRecord, sortRecords } from "./stream-record.ts";
import { longMs, type StreamSettings, shortMs, windowStart } from "./stream-settings.ts";
import { firstWaiting, ownLong, ownSessions, type Work } from "./stream-work.ts";

/** Everything before `untilMs`, which is a bound of short windows, is worked through. */
export function workThrough(work: Work, untilMs: number): void {
  work.frontierMs ??= Math.min(untilMs, firstWaiting(work));
  while (work.frontierMs < untilMs) {
    if (work.sessions.live.size === 0 && isEmpty(work.long)) {
      work.frontierMs = Math.min(untilMs, firstWaiting(work));
      if (work.frontierMs === untilMs) return;
    }
    endShort(work, work.frontierMs);
    work.frontierMs += shortMs;
  }
}

function endShort(work: Work, startMs: number): void {
  const short = noCells();
  const due: StreamRecord[] = [];
  const endMs = startMs + shortMs;
  const { mostSeries } = work.settings;
  for (const event of takenOut(work, startMs)) foldIn(work, short, due, event);
  lookAround(work, short, due, endMs);
  due.push(...windowRecords(short, startMs, shortMs), ...watchingRecords(short, startMs, shortMs));
  merge(ownLong(work), short, mostSeries);
  if (endMs % longMs === 0) {
    const longStartMs = endMs - longMs;
    due.push(
      ...windowRecords(work.long, longStartMs, longMs),
      ...watchingRecords(work.long, longStartMs, longMs),
    );
    work.long = noCells();
  }
  for (const record of sortRecords(due)) work.records.push(record);
}

function takenOut(work: Work, startMs: number): readonly StreamEvent[] {
  const events = (work.waiting.get(startMs) ?? []).flat().sort(byTime);
  work.waiting.delete(startMs);
  work.ownPieces.delete(startMs);
  work.waitingCount -= events.length;
  return events;
}

export function sessionKey(event: Pick<StreamEvent, "source" | "sessionId">): string {
  return `${event.source} ${event.sessionId}`;
}

function foldIn(work: Work, short: Cells, due: StreamRecord[], event: StreamEvent): void {
  const { live, over } = ownSessions(work);
  const { gapMs, mostSeries } = work.settings;
  const key = sessionKey(event);
  const known = live.get(key) ?? over.get(key);
  const comesBack = known !== undefined && event.atMs - known.lastMs > gapMs;
  const before = comesBack ? { ...known, figures: noFigures(), startMs: event.atMs } : known;
  const folded = foldEvent(before, event, gapMs);
  if (folded === undefined) {
    work.counts.repeated += 1;
    return;
  }
  if (comesBack && live.has(key)) closeInto(due, known, gapMs);
  countKind(work, folded.kind, event);
  over.delete(key);
  live.set(key, folded.state);
  const room = event.counts || event.response !== undefined;
  if (room)
    work.counts.crowdedOut += count(
      short,
      folded.labels,
      { added: folded.added, weight: event.weight ?? 1 },
      mostSeries,
    );
  if (known === undefined || !known.counts) return;
  const ms = watchedMs(known, windowStart(event.atMs, shortMs), event.atMs, work.settings);
  if (ms > 0) watch(short, known.labels, { ms, atEnd: 0 }, mostSeries);
}

export function countKind(work: Work, kind: "fresh" | "overtaken" | "joined", event: StreamEvent): void {
  if (!event.counts) work.counts.beside += 1;
  else if (kind === "overtaken") work.counts.overtaken += 1;
  else work.counts.fresh += 1;
  if (event.counts && kind === "joined") work.counts.joined += 1;
}

/** How long the session watched between two moments, by what it last told: a silence longer than the gap is no watching. */
function watchedMs(session: SessionState, fromMs: number, toMs: number, settings: StreamSettings): number {
  if (!isWatching(session)) return 0;
  return Math.max(0, Math.min(toMs, session.lastMs + settings.gapMs) - Math.max(fromMs, session.lastMs));
}

function isWatching({ counts, told }: SessionState): boolean {
  return counts && (told.state === "playing" || told.state === "stalled");
}

/** At the end of a short window: who watches, who is over, and who is over for so long that it is forgotten. */
function lookAround(work: Work, short: Cells, due: StreamRecord[], endMs: number): void {
  const { gapMs, rememberMs, mostRemembered, mostSeries } = work.settings;
  const { live, over } = ownSessions(work);
  for (const [key, session] of live) {
    const ms = watchedMs(session, endMs - shortMs, endMs, work.settings);
    const isThere = session.lastMs + gapMs >= endMs;
    if (ms > 0) watch(short, session.labels, { ms, atEnd: isThere ? 1 : 0 }, mostSeries);
    if (isThere) continue;
    closeInto(due, session, gapMs);
    live.delete(key);
    over.set(key, { ...session, figures: noFigures() });
  }
  for (const [key, session] of over) {
    if (over.size <= mostRemembered && session.lastMs + rememberMs >= endMs) break;
    over.delete(key);
  }
}

function closeInto(due: StreamRecord[], session: SessionState, gapMs: number): void {
  if (session.counts) due.push(sessionRecord(session, gapMs));
}

function sessionRecord(session: SessionState, gapMs: number): SessionRecord {
  const { sessionId, source, site, labels, figures, startMs, lastMs, told, playing } = session;
  const started = told.startupMs > 0;
  const outcome = started
    ? figures.failures > 0
      ? "failed"
      : "played"
    : figures.startFailures > 0
      ? "start-failed"
      : "exited";
  return {
    kind: "session",
    ...{ sessionId, source, site, outcome, startMs, endMs: lastMs + gapMs },
    ...labels,
    ...playing,
    ...figures,
  };
}
