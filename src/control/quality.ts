// The consumer of the event log that runs the stream job: records of the log joined with what is known of their sessions.
//
// Two jobs read the same: one waits for what is late and makes the records that are kept, the other waits for nothing and feeds the
// players' health gate. Records wait in memory until the next save, which writes them, the jobs' state and the position in the
// log in one transaction. So the database always holds what exactly the log up to that position gives, wherever the program was
// killed: what was read since then is read again, and gives the same.
import type { EventLog } from "#data/ports.ts";
import type { KeptJob, KeptParts, LogPosition, QoeStore } from "#data/ports-qoe.ts";
import { firstSheet, type SavedSheet, sheetsAfter } from "#qoe/decision-book.ts";
import { type MissInput, type MissSettings, takeMisses } from "#qoe/miss-job.ts";
import type { MissRecord } from "#qoe/miss-record.ts";
import {
  type MissState,
  noMissState,
  restoredMisses,
  type SavedMisses,
  savedMisses,
  sheetSessions,
} from "#qoe/miss-state.ts";
import {
  type GateSettings,
  judged,
  openGate,
  type PlayersGate,
  type PlayersWindow,
} from "#qoe/player-gate.ts";
import type { CmcdSaid, SessionFacts, Source, StreamInput } from "#qoe/stream-event.ts";
import { takeBatch } from "#qoe/stream-job.ts";
import type { StreamRecord } from "#qoe/stream-record.ts";
import { shortMs, streamDefaults } from "#qoe/stream-settings.ts";
import { newStream, restored, type SavedStream, type StreamState, saved } from "#qoe/stream-state.ts";
import { assert } from "#units/assert.ts";
import type { CmcdEvent } from "#wire/cmcd.ts";
import { type LogEntry, readEntry } from "./log-record.ts";

/** The event log, one partition or many, as something that is read on from a position. */
export interface LogReading {
  readonly records: readonly { readonly partition: number; readonly value: Uint8Array }[];
  readonly next: LogPosition;
  /** Records are there that cannot be given out before time goes on. */
  readonly waits?: boolean;
}
export type ReadLog = (from: LogPosition, limit: number, signal: AbortSignal) => Promise<LogReading>;

/** A log of one partition. One that is shorter than what was read is another log, and read from its start. */
export function readOf(log: Pick<EventLog, "read" | "end">): ReadLog {
  return async (from, limit) => {
    const known = from["0"] ?? 0;
    const offset = known > log.end() ? 0 : known;
    const records = await log.read(offset, limit);
    const next = (records.at(-1)?.offset ?? offset - 1) + 1;
    return { records: records.map(({ value }) => ({ partition: 0, value })), next: { "0": next } };
  };
}

export interface Quality {
  readonly position: LogPosition;
  /** Makes the records. */
  readonly job: StreamState;
  /** Waits for nothing that is late. */
  readonly hasty: StreamState;
  /** By whose words a session is counted: whoever of the two spoke first. The oldest are forgotten. */
  readonly speakers: ReadonlyMap<string, Source>;
  readonly gate: PlayersGate;
  /** Where bytes came from, and why from there. */
  readonly misses: MissState;
  /** Not saved yet. */
  readonly records: readonly (StreamRecord | MissRecord)[];
}

export interface QualitySettings {
  readonly lateMs: number;
  readonly gate: GateSettings;
  /** Sessions whose decisions are remembered. */
  readonly mostSessions: number;
}

/** A viewer who comes back the next day is steered anew. */
const decisionKeptMs = 86_400_000;

export function newQuality(): Quality {
  const streams = { job: newStream([0]), hasty: newStream([0]) };
  return {
    ...{ position: {}, ...streams, speakers: new Map(), gate: openGate },
    ...{ misses: noMissState, records: [] },
  };
}

interface SavedQuality {
  readonly version: 1;
  readonly job: SavedStream;
  readonly hasty: SavedStream;
  readonly speakers: readonly (readonly [string, Source])[];
  readonly gate: PlayersGate;
  /** Absent in what an older release saved. */
  readonly misses?: SavedMisses;
}

export function savedQuality({ job, hasty, speakers, gate, misses }: Quality): SavedQuality {
  const streams = { job: saved(job), hasty: saved(hasty) };
  return { version: 1, ...streams, speakers: [...speakers], gate, misses: savedMisses(misses) };
}

/** Parts of the state that never change again: those after `written`, and the first of all that is needed still. */
export function savedParts({ misses }: Quality, written: number): KeptParts {
  const put = sheetsAfter(misses.decisions, written).map(({ id, entries }) => ({ id, part: entries }));
  const { lastId } = misses.decisions;
  return { from: firstSheet(misses.decisions), until: lastId, put };
}

/** From `savedQuality` and `savedParts`: our own words out of our own database. */
export function restoredQuality(
  position: LogPosition,
  { state: kept, parts }: Pick<KeptJob, "state" | "parts">,
  mostSessions: number,
): Quality {
  assert(isSaved(kept), "the quality job's state is none that this release knows");
  const streams = { job: restored(kept.job), hasty: restored(kept.hasty) };
  const misses =
    kept.misses === undefined
      ? noMissState
      : restoredMisses(kept.misses, parts.map(sheetOf), sheetSessions(mostSessions));
  return { position, ...streams, speakers: new Map(kept.speakers), gate: kept.gate, misses, records: [] };
}

function sheetOf({ id, part }: KeptParts["put"][number]): SavedSheet {
  assert(Array.isArray(part), "a part of the quality job's state is a sheet of decisions");
  return { id, entries: part };
}

function isSaved(kept: unknown): kept is SavedQuality {
  return typeof kept === "object" && kept !== null && "version" in kept && kept.version === 1;
}

/** Whether time alone would bring anything out. */
export function isWaiting({ job, hasty, misses }: Quality): boolean {
  if (misses.waitingCount > 0) return true;
  return [job, hasty].some(
    ({ waitingCount, live, long }) => waitingCount > 0 || live.size > 0 || long.series.size > 0,
  );
}

export interface Taken {
  readonly quality: Quality;
  readonly counts: { readonly taken: number; readonly foreign: number; readonly unreadable: number };
}

/** What was read, on top of what is known. `factsOf` knows the sessions that were opened here. */
export function takeRead(
  before: Quality,
  {
    reading,
    entries,
    factsOf,
    appliances,
    settings,
  }: {
    readonly reading: LogReading;
    readonly entries: readonly LogEntry[];
    readonly factsOf: (sessionId: string) => SessionFacts | undefined;
    readonly appliances: readonly string[];
    readonly settings: QualitySettings;
  },
): Taken {
  const speakers = new Map(before.speakers);
  const inputs: StreamInput[] = [];
  const counts = { taken: 0, foreign: 0, unreadable: 0 };
  for (const [index, entry] of entries.entries()) {
    const input = inputOf(entry, reading.records[index]?.partition ?? 0, speakers, factsOf);
    if (input === undefined || typeof input === "string") counts[input ?? "taken"] += 1;
    else {
      counts.taken += 1;
      inputs.push(input);
    }
  }
  for (const id of speakers.keys()) {
    if (speakers.size <= streamDefaults.mostRemembered) break;
    speakers.delete(id);
  }
  const step = takeBatch(before.job, inputs, { ...streamDefaults, latenessMs: settings.lateMs });
  const hasty = takeBatch(before.hasty, inputs, { ...streamDefaults, latenessMs: 0 });
  const misses = takeMisses(before.misses, missInputs(reading, entries), missSettings(settings));
  const nowMs = latestOf(entries);
  const windows = hasty.records.flatMap(playersWindows);
  const gate =
    nowMs === undefined
      ? before.gate
      : judged(before.gate, { appliances, windows, nowMs, settings: settings.gate });
  const quality = {
    ...{ position: reading.next, job: step.state, hasty: hasty.state, speakers, gate },
    misses: misses.state,
    records: [...before.records, ...step.records, ...misses.records],
  };
  return { quality, counts };
}

function inputOf(
  entry: LogEntry,
  partition: number,
  speakers: Map<string, Source>,
  factsOf: (sessionId: string) => SessionFacts | undefined,
): StreamInput | "foreign" | "unreadable" | undefined {
  if (entry.kind === "unreadable") return "unreadable";
  if (entry.kind === "steered" || entry.kind === "served") return undefined;
  if (entry.kind === "tick") return entry;
  const sessionId = entry.kind === "beacon" ? entry.logged.beacon.sessionId : entry.sessionId;
  const known = factsOf(sessionId);
  if (known === undefined) return "foreign";
  const speaks = speakers.get(sessionId) ?? entry.kind;
  speakers.set(sessionId, speaks);
  const facts = { ...known, speaks };
  return entry.kind === "beacon"
    ? { kind: "beacon", partition, logged: entry.logged, facts }
    : {
        ...{ kind: "cmcd", partition, receivedMs: entry.receivedMs, facts },
        report: saidIn(entry.report, sessionId),
        ...(entry.weight !== undefined && { weight: entry.weight }),
      };
}

function missSettings({ lateMs, mostSessions }: QualitySettings): MissSettings {
  return {
    ...{ ...streamDefaults, latenessMs: lateMs },
    ...{ keepMs: decisionKeptMs, mostDecisions: mostSessions, perSheet: sheetSessions(mostSessions) },
  };
}

/** Decisions and what was served; of all else, that it came. */
function missInputs(reading: LogReading, entries: readonly LogEntry[]): readonly MissInput[] {
  return entries.flatMap((entry, index): readonly MissInput[] => {
    const partition = reading.records[index]?.partition ?? 0;
    if (entry.kind === "unreadable") return [];
    if (entry.kind === "tick") return [entry];
    if (entry.kind === "steered" || entry.kind === "served") return [{ ...entry, partition }];
    return [{ kind: "heard", partition, atMs: receivedMs(entry) }];
  });
}

function receivedMs(entry: Extract<LogEntry, { kind: "beacon" | "cmcd" }>): number {
  return entry.kind === "beacon" ? entry.logged.receivedMs : entry.receivedMs;
}

/** The session is the token's, not what the report says. */
function saidIn({ sn, e, sta, br, msd, bsa, bsda, cdn, rc }: CmcdEvent, sid: string): CmcdSaid {
  return {
    ...{ sid, sn, e },
    ...(sta !== undefined && { sta }),
    ...(br !== undefined && { br }),
    ...(msd !== undefined && { msd }),
    ...(bsa !== undefined && { bsa }),
    ...(bsda !== undefined && { bsda }),
    ...(cdn !== undefined && { cdn }),
    ...(rc !== undefined && { rc }),
  };
}

function latestOf(entries: readonly LogEntry[]): number | undefined {
  const times = entries.flatMap((entry) => {
    if (entry.kind === "unreadable") return [];
    if (entry.kind === "tick") return [entry.nowMs];
    if (entry.kind === "served") return [entry.atMs];
    return [entry.kind === "steered" ? entry.steered.atMs : receivedMs(entry)];
  });
  return times.length === 0 ? undefined : times.reduce((a, b) => Math.max(a, b));
}

/** Short windows by appliance, and what came late for them. */
function playersWindows(record: StreamRecord): readonly PlayersWindow[] {
  const isWindow = record.kind === "window" && record.by === "appliance" && record.sizeMs === shortMs;
  if (!isWindow && record.kind !== "correction") return [];
  const { appliance, plays, starts, startFailures, failures, playMs, stallMs } = record;
  const startMs = record.kind === "window" ? record.startMs : record.atMs;
  return [{ appliance, startMs, plays, starts, startFailures, failures, playMs, stallMs }];
}

export function readEntries(reading: LogReading): readonly LogEntry[] {
  return reading.records.map(({ value }) => readEntry(value));
}

/** Sessions that entries speak of. */
export function sessionsIn(entries: readonly LogEntry[]): readonly string[] {
  return [
    ...new Set(
      entries.flatMap((entry) =>
        entry.kind === "beacon"
          ? [entry.logged.beacon.sessionId]
          : entry.kind === "cmcd"
            ? [entry.sessionId]
            : [],
      ),
    ),
  ];
}

/** What was known at the sessions' starts; the latest asked for stay, a bounded number. */
export class FactsCache {
  private readonly known = new Map<string, SessionFacts>();
  private readonly store: Pick<QoeStore, "facts">;
  private readonly most: number;

  constructor(store: Pick<QoeStore, "facts">, most: number) {
    this.store = store;
    this.most = most;
  }

  /** Of those of the sessions that were opened here. */
  async of(ids: readonly string[]): Promise<ReadonlyMap<string, SessionFacts>> {
    const found = new Map<string, SessionFacts>();
    for (const id of ids) {
      const facts = this.known.get(id);
      if (facts !== undefined) found.set(id, facts);
    }
    const missing = ids.filter((id) => !found.has(id));
    const rows = missing.length === 0 ? [] : await this.store.facts(missing);
    for (const { sessionId, titleId, network, device, site } of rows) {
      found.set(sessionId, {
        titleId,
        ...(network !== "" && { network }),
        ...(device !== "" && { device }),
        ...(site !== "" && { site }),
      });
    }
    for (const [id, facts] of found) {
      this.known.delete(id);
      this.known.set(id, facts);
    }
    for (const id of this.known.keys()) {
      if (this.known.size <= this.most) break;
      this.known.delete(id);
    }
    return found;
  }
}
