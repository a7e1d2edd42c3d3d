// What players say, for tests of the stream job.
import type { Beacon } from "#model/beacon.ts";
import type { SessionFacts, StreamInput } from "./stream-event.ts";
import { takeBatch } from "./stream-job.ts";
import { recordText, type StreamRecord } from "./stream-record.ts";
import type { StreamSettings } from "./stream-settings.ts";
import { newStream, type StreamState } from "./stream-state.ts";

export type Said = Extract<StreamInput, { kind: "beacon" }>;

/** A beacon of session s1 that plays film f1 on tv, from appliance a1; the first one unless said otherwise. */
export function said(
  given: Partial<Beacon> & {
    readonly atMs?: number;
    readonly facts?: SessionFacts;
    readonly partition?: number;
  },
): Said {
  const { atMs = 0, facts = { titleId: "f1", network: "AS1", device: "tv" }, partition = 0, ...rest } = given;
  const beacon: Beacon = {
    sessionId: "s1",
    seq: 1,
    state: "playing",
    positionMs: 0,
    durationMs: 100_000,
    bufferMs: 5000,
    bitrateBps: 2e6,
    height: 720,
    throughputBps: 3e6,
    stallCount: 0,
    stallMs: 0,
    switchCount: 0,
    startupMs: 700,
    applianceId: "a1",
    because: "",
    ...rest,
  };
  return { kind: "beacon", partition, logged: { receivedMs: atMs, beacon }, facts };
}

/** Two ticks, far enough apart and away that all partitions are idle and everything is over. */
export const theEnd: readonly StreamInput[] = [
  { kind: "tick", nowMs: 1e9 },
  { kind: "tick", nowMs: 1e9 + 3_600_000 },
];

export function run(
  inputs: readonly StreamInput[],
  settings?: StreamSettings,
): { readonly state: StreamState; readonly records: readonly StreamRecord[] } {
  return takeBatch(newStream(), inputs, settings);
}

export function textsOf(records: readonly StreamRecord[]): readonly string[] {
  return records.map(recordText);
}
