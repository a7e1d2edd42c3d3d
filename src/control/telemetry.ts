// The records of the event log: beacons and CMCD reports as they came in.
import type { Beacon } from "#model/beacon.ts";
import type { LoggedBeacon } from "#model/playback.ts";
import type { CmcdEvent } from "#wire/cmcd.ts";
import { beacon } from "#wire/viewer.ts";

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
  readonly sentMs?: number | undefined;
}

const encoder = new TextEncoder();

/** `{"v":1,"at":…,"sent":…,"weight":…,"beacon":{…}}`; the third and fourth may be missing. */
export function toRecord({ receivedMs, sentMs, weight, beacon }: LoggedBeacon): Uint8Array {
  return encoder.encode(JSON.stringify({ v: 1, at: receivedMs, sent: sentMs, weight, beacon }));
}

/** Undefined when the record is none of ours: it is poison, and the consumer skips it. */
export function fromRecord(value: Uint8Array): LoggedBeacon | undefined {
  const record = jsonOf(value);
  if (typeof record !== "object" || record === null) return undefined;
  if (!("v" in record && "at" in record && "beacon" in record)) return undefined;
  const { v, at } = record;
  const parsed = beacon.safeParse(record.beacon);
  if (v !== 1 || typeof at !== "number" || !Number.isFinite(at) || !parsed.success) return undefined;
  const sent = numberIn(record, "sent");
  const weight = numberIn(record, "weight");
  return {
    receivedMs: at,
    ...(sent !== undefined && { sentMs: sent }),
    ...(weight !== undefined && { weight }),
    beacon: parsed.data,
  };
}

/** `{"v":1,"at":…,"cmcd":{…},"sessionId":…,"weight":…}`: a report of a player's by CMCD's keys; the last may be missing. */
export function toReportRecord({ receivedMs, report, weight }: LoggedReport): Uint8Array {
  const record = { v: 1, at: receivedMs, cmcd: report, sessionId: report.sid, weight };
  return encoder.encode(JSON.stringify(record));
}

/** Whether a record holds such a report: it says nothing of resume points, and is no poison either. */
export function isReportRecord(value: Uint8Array): boolean {
  const record = jsonOf(value);
  if (typeof record !== "object" || record === null) return false;
  return "v" in record && record.v === 1 && "cmcd" in record && typeof record.cmcd === "object";
}

function numberIn(record: object, key: "sent" | "weight"): number | undefined {
  const value: unknown = Reflect.get(record, key);
  return typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : undefined;
}

function jsonOf(value: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(value));
  } catch {
    return undefined;
  }
}
