// The records of the event log: beacons and CMCD reports as they came in.
import type { Beacon } from "#model/beacon.ts";
import type { LoggedBeacon } from "#model/playback.ts";
import type { CmcdEvent } from "#wire/cmcd.ts";
import { readEntry } from "./log-record.ts";

/** A report as it came in, with the moment it was received. */
export interface LoggedReport {
  readonly receivedMs: number;
  readonly report: CmcdEvent;
  /** As of a LoggedBeacon. */
  readonly weight?: number | undefined;
}

/** What a request brings. */
export interface Said {
  readonly events: readonly Beacon[];
  /** Each event as it came: see eventTexts. Absent: it could not be told, or is to be written anew. */
  readonly texts?: readonly (string | undefined)[] | undefined;
  readonly sentMs?: number | undefined;
}

/** `{"v":1,"at":…,"sent":…,"weight":…,"beacon":{…}}`; the third and fourth may be missing. */
export function toRecord(logged: LoggedBeacon, text = JSON.stringify(logged.beacon)): Uint8Array {
  const { receivedMs, sentMs, weight } = logged;
  const sent = sentMs === undefined ? "" : `,"sent":${sentMs}`;
  const stands = weight === undefined ? "" : `,"weight":${weight}`;
  return Buffer.from(`{"v":1,"at":${receivedMs}${sent}${stands},"beacon":${text}}`);
}

/** Undefined when the record is no beacon. */
export function fromRecord(value: Uint8Array): LoggedBeacon | undefined {
  const entry = readEntry(value);
  return entry.kind === "beacon" ? entry.logged : undefined;
}

/** `{"v":1,"at":…,"cmcd":{…},"sessionId":…,"weight":…}`: a report of a player's by CMCD's keys; the last may be missing. */
export function toReportRecord({ receivedMs, report, weight }: LoggedReport): Uint8Array {
  const record = { v: 1, at: receivedMs, cmcd: report, sessionId: report.sid, weight };
  return Buffer.from(JSON.stringify(record));
}

/**
 * What decides its order: whose words it holds, a session's or a source's. Undefined for time, which is every partition's. Anything else
 * is in no order that counts.
 */
export function sessionOf(value: Uint8Array): string | undefined {
  const entry = readEntry(value);
  if (entry.kind === "beacon") return entry.logged.beacon.sessionId;
  if (entry.kind === "tick") return undefined;
  if (entry.kind === "steered") return entry.steered.sessionId;
  if (entry.kind === "served") return entry.told.source.id;
  return entry.kind === "cmcd" ? entry.sessionId : "";
}
