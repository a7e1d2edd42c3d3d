// One session's words among all that stand in the event log: found by when it was under way, and read within a bound.
import type { EventLog, LogRecord } from "#data/ports.ts";
import type { LoggedBeacon } from "#model/playback.ts";
import { readEntry } from "./log-record.ts";

export interface SessionSearch {
  readonly log: Pick<EventLog, "read" | "first" | "end">;
  readonly sessionId: string;
  readonly startedAtMs: number;
  /** Nothing that came after it is looked at. */
  readonly untilMs: number;
  /** Records that are read at most. */
  readonly most: number;
}

export interface SessionWords {
  readonly beacons: readonly LoggedBeacon[];
  readonly records: number;
  readonly read: "whole" | "begins-later" | "too-many";
}

const batch = 2000;
/** Records come in an order that differs from that of their moments by less. */
const disorderMs = 60_000;

export async function wordsOf(search: SessionSearch): Promise<SessionWords> {
  const { log, sessionId, untilMs, most } = search;
  const fromMs = search.startedAtMs - disorderMs;
  const beginsAtMs = await momentFrom(log, log.first());
  const isGone = log.first() > 0 && (beginsAtMs === undefined || beginsAtMs > search.startedAtMs);
  const name = Buffer.from(sessionId);
  const beacons: LoggedBeacon[] = [];
  let [offset, records] = [await firstSince(log, fromMs), 0];
  while (records < most) {
    const found = await log.read(offset, Math.min(batch, most - records));
    const last = found.at(-1);
    if (last === undefined) break;
    records += found.length;
    offset = last.offset + 1;
    for (const { value } of found) {
      // Most records are others': they are not worth reading as JSON.
      if (!Buffer.from(value.buffer, value.byteOffset, value.byteLength).includes(name)) continue;
      const entry = readEntry(value);
      if (entry.kind === "beacon" && entry.logged.beacon.sessionId === sessionId) beacons.push(entry.logged);
    }
    const atMs = momentOf(last);
    if (atMs !== undefined && atMs > untilMs + disorderMs) break;
    if (records >= most && offset < log.end()) return { beacons, records, read: "too-many" };
  }
  return { beacons, records, read: isGone ? "begins-later" : "whole" };
}

/** The first record that came at `atMs` or later, by halving; the log is in the order in which things came. */
async function firstSince(log: SessionSearch["log"], atMs: number): Promise<number> {
  let [low, high] = [log.first(), log.end()];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const moment = await momentFrom(log, middle);
    if (moment !== undefined && moment < atMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

const mostUnreadable = 100;

/** Of the first record from there on that has one. */
async function momentFrom(log: SessionSearch["log"], offset: number): Promise<number | undefined> {
  const [record] = await log.read(offset, 1);
  if (record === undefined) return undefined;
  const found = momentOf(record);
  if (found !== undefined) return found;
  return (await log.read(offset, mostUnreadable)).map(momentOf).find((moment) => moment !== undefined);
}

function momentOf({ value }: LogRecord): number | undefined {
  const entry = readEntry(value);
  switch (entry.kind) {
    case "beacon":
      return entry.logged.receivedMs;
    case "cmcd":
      return entry.receivedMs;
    case "tick":
      return entry.nowMs;
    case "unreadable":
      return undefined;
  }
}
