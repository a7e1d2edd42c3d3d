// What stands in the event log: beacons, CMCD reports, steering's decisions, what was served, and the passing of time. Each consumer takes what is its business; a record
// that is none of these is poison.
import type { LoggedBeacon } from "#model/playback.ts";
import type { Steered } from "#qoe/detours.ts";
import type { ServedBatch } from "#qoe/miss-job.ts";
import { type CmcdEvent, cmcdEvent } from "#wire/cmcd.ts";
import { servedRecord, steeredRecord } from "#wire/ledger.ts";
import { beacon } from "#wire/viewer.ts";
import { batchOf } from "./served.ts";

export type LogEntry =
  | { readonly kind: "beacon"; readonly logged: LoggedBeacon }
  | {
      readonly kind: "cmcd";
      readonly receivedMs: number;
      readonly sessionId: string;
      readonly report: CmcdEvent;
      /** For how many it stands; absent: for itself. */
      readonly weight?: number;
    }
  | { readonly kind: "steered"; readonly steered: Steered }
  | { readonly kind: "served"; readonly atMs: number; readonly told: ServedBatch }
  /** Nothing had come for a while: the stream job goes on by it, now and whenever the log is read again. */
  | { readonly kind: "tick"; readonly nowMs: number }
  | { readonly kind: "unreadable" };

export function tickRecord(nowMs: number): Uint8Array {
  return new TextEncoder().encode(JSON.stringify({ v: 1, at: nowMs, tick: true }));
}

export function readEntry(value: Uint8Array): LogEntry {
  const record = jsonOf(value);
  if (typeof record !== "object" || record === null) return { kind: "unreadable" };
  const { v, at, ...said } = { v: undefined, at: undefined, ...record };
  if (v !== 1 || typeof at !== "number" || !Number.isFinite(at)) return { kind: "unreadable" };
  if ("beacon" in said) {
    const parsed = beacon.safeParse(said.beacon);
    if (!parsed.success) return { kind: "unreadable" };
    const sent = numberIn(record, "sent");
    const weight = numberIn(record, "weight");
    const more = { ...(sent !== undefined && { sentMs: sent }), ...(weight !== undefined && { weight }) };
    return { kind: "beacon", logged: { receivedMs: at, ...more, beacon: parsed.data } };
  }
  if ("cmcd" in said && "sessionId" in said && typeof said.sessionId === "string") {
    const parsed = cmcdEvent.safeParse(said.cmcd);
    if (!parsed.success) return { kind: "unreadable" };
    const weight = numberIn(record, "weight");
    const more = weight === undefined ? {} : { weight };
    return { kind: "cmcd", receivedMs: at, sessionId: said.sessionId, report: parsed.data, ...more };
  }
  if ("steered" in said) {
    const parsed = steeredRecord.safeParse(record);
    if (!parsed.success) return { kind: "unreadable" };
    const { sessionId, best } = parsed.data.steered;
    const choices = best.map(({ id, siteId, out, lacks }) => ({
      ...{ id, siteId },
      ...(out !== undefined && { out }),
      ...(lacks !== undefined && { lacks }),
    }));
    return { kind: "steered", steered: { sessionId, atMs: at, best: choices } };
  }
  if ("served" in said) {
    const parsed = servedRecord.safeParse(record);
    return parsed.success ? { kind: "served", atMs: at, told: batchOf(parsed.data) } : { kind: "unreadable" };
  }
  return "tick" in said && said.tick === true ? { kind: "tick", nowMs: at } : { kind: "unreadable" };
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
