// From the event log to summaries and resume points: at least once, in batches, never stopped by one bad record.
import type { LogRecord } from "#data/ports.ts";
import type { DeadLetter, DeadLetters, EventPartition, EventSource } from "#data/ports-events.ts";
import type { LoggedBeacon } from "#model/playback.ts";
import { type Failure, foldBeacons, playsOf } from "#qoe/fold.ts";
import { added, type Gain, gainOf, noGain } from "#qoe/gain.ts";
import { Fault } from "#units/fault.ts";
import { readEntry } from "./log-record.ts";
import type { ControlPorts } from "./ports.ts";

const consumer = "bookmarks";
const unreadableBecause = "it is neither a beacon nor a report";

/** The consumer's name in the database: where it stopped in one log says nothing of another. */
export function consumerGroup(
  { logName }: Pick<ControlPorts, "logName">,
  partition?: Pick<EventPartition, "log">,
): string {
  const log = partition?.log ?? logName;
  return log === undefined ? consumer : `${consumer} ${log}`;
}

export interface Consumed {
  /** Records that are done with, in whatever way. 0: the consumer is at the end of the log. */
  readonly records: number;
  /** The next record to read. */
  readonly offset: number;
  /** Records that could not be read or stored. */
  readonly skipped: readonly Skipped[];
  /** Beacons of sessions that nobody opened. */
  readonly foreign: number;
  /** What players said, that was new. */
  readonly gain: Gain;
  readonly failures: readonly Failure[];
  /** Good records that are other consumers' business. */
  readonly others: number;
}

const nothing = { skipped: [], foreign: 0, gain: noGain, failures: [], others: 0 };

export interface Skipped {
  readonly offset: number;
  readonly because: string;
  /** Among the dead letters; if not, this is the last that is heard of it. */
  readonly isKept: boolean;
}

export interface ConsumerPorts extends Pick<ControlPorts, "stores" | "logName" | "settings"> {
  readonly source: Pick<EventSource, "read" | "end">;
  readonly partition: EventPartition;
  /** Absent: what is skipped is only told. */
  readonly dead?: DeadLetters | undefined;
  /** Stamps dead letters. */
  readonly nowMs: () => number;
  readonly signal: AbortSignal;
}

/**
 * One batch. Rejects when the log or the database cannot be asked; then nothing was applied and it may be tried again.
 *
 * A batch that the database refuses although it answers is applied record by record, and the one that is refused again
 * and again is skipped.
 */
export async function consumeBatch(ports: ConsumerPorts, offset: number): Promise<Consumed> {
  const { source, partition, settings, signal } = ports;
  const records = await source.read({
    ...{ partition: partition.id, offset, signal },
    limit: settings.consumerBatch,
  });
  const last = records.at(-1);
  if (last === undefined) return { ...nothing, records: 0, offset };
  try {
    return await applyRecords(ports, records, last.offset + 1);
  } catch (error) {
    await demandAnswers(ports, error);
    return records.length === 1 ? insistOn(ports, last, error) : oneByOne(ports, records);
  }
}

async function oneByOne(ports: ConsumerPorts, records: readonly LogRecord[]): Promise<Consumed> {
  let sum: Consumed = { ...nothing, records: 0, offset: 0 };
  for (const record of records) {
    const one = await applyRecords(ports, [record], record.offset + 1).catch((error: unknown) =>
      insistOn(ports, record, error),
    );
    sum = {
      records: sum.records + 1,
      offset: one.offset,
      skipped: [...sum.skipped, ...one.skipped],
      foreign: sum.foreign + one.foreign,
      gain: added(sum.gain, one.gain),
      failures: [...sum.failures, ...one.failures],
      others: sum.others + one.others,
    };
  }
  return sum;
}

/** Tries a refused record until its tries are used up, then steps over it. The database must answer all the while. */
async function insistOn(ports: ConsumerPorts, record: LogRecord, first: unknown): Promise<Consumed> {
  let problem = first;
  for (let tries = 1; tries < ports.settings.consumerTries; tries++) {
    await demandAnswers(ports, problem);
    try {
      return await applyRecords(ports, [record], record.offset + 1);
    } catch (error) {
      problem = error;
    }
  }
  await demandAnswers(ports, problem);
  const next = record.offset + 1;
  const because = problem instanceof Error ? problem.message : String(problem);
  const skipped = await buried(ports, record, because);
  await ports.stores.playback.apply({
    group: consumerGroup(ports, ports.partition),
    offset: next,
    summaries: [],
    bookmarks: [],
  });
  return { ...nothing, records: 1, offset: next, skipped: [skipped] };
}

/** Whoever cannot be asked refused nothing: then the record is waited for, however long. */
async function demandAnswers({ stores }: ConsumerPorts, problem: unknown): Promise<void> {
  const away = problem instanceof Fault && ["history-away", "history-busy"].includes(problem.code);
  if (away) throw problem;
  await stores.ping();
}

async function applyRecords(
  ports: ConsumerPorts,
  records: readonly LogRecord[],
  next: number,
): Promise<Consumed> {
  const unreadable: LogRecord[] = [];
  const batch: LoggedBeacon[] = [];
  let others = 0;
  for (const record of records) {
    const entry = readEntry(record.value);
    if (entry.kind === "beacon") batch.push(entry.logged);
    else if (entry.kind === "unreadable") unreadable.push(record);
    else others += 1;
  }
  const { playback } = ports.stores;
  const ids = [...new Set(batch.map((logged) => logged.beacon.sessionId))];
  const [opened, summaries] = [await playback.sessions(ids), await playback.summaries(ids)];
  const sessions = new Map(opened.map((session) => [session.id, session]));
  const known = new Map(summaries.map((summary) => [summary.sessionId, summary]));
  const folded = foldBeacons(known, sessions, batch);
  const skipped: Skipped[] = [];
  for (const record of unreadable) skipped.push(await buried(ports, record, unreadableBecause));
  await playback.apply({
    group: consumerGroup(ports, ports.partition),
    offset: next,
    summaries: folded.summaries,
    bookmarks: folded.bookmarks,
    plays: playsOf(folded.summaries, sessions),
  });
  return {
    ...{ records: records.length, offset: next, skipped, others },
    foreign: folded.progress.foreign,
    gain: gainOf(known, folded.summaries),
    failures: folded.failures,
  };
}

/** Kept before the offset moves past it. Where it cannot be kept it is stepped over all the same: the others wait behind it. */
async function buried(
  { dead, partition, nowMs }: ConsumerPorts,
  { offset, value }: LogRecord,
  because: string,
): Promise<Skipped> {
  const facts = { consumer, partition: partition.id, offset, because, value, bytes: value.length };
  const letter: DeadLetter = { atMs: nowMs(), ...facts };
  const keeping = dead?.keep(letter).then(
    () => true,
    () => false,
  );
  const isKept = (await keeping) ?? false;
  return { offset, because, isKept };
}

/**
 * Where to begin. A log shorter than what was applied is another log (its folder was lost or replaced): then it is read
 * from its start, which is harmless because folding twice changes nothing.
 */
export async function beginAt(
  ports: Pick<ConsumerPorts, "stores" | "source" | "partition" | "logName" | "signal">,
): Promise<{
  readonly offset: number;
  readonly restarted: boolean;
}> {
  const { source, partition, signal } = ports;
  const applied = await ports.stores.playback.offset(consumerGroup(ports, partition));
  const restarted = applied > (await source.end(partition.id, signal));
  return { offset: restarted ? 0 : applied, restarted };
}
