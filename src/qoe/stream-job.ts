// The stream job: events in, in whatever order; windows, sessions and corrections out, in one order.
//
// Events wait in the short window of their time until the watermark has passed its end by the allowed lateness. Then the window is
// worked through in the order of time, and with it the sessions: behind the waiting there is no disorder, so that how the log was
// shuffled, repeated or cut into batches cannot be told from what comes out. What is later than that is counted at once, as a
// correction. Whoever wants windows sooner runs a second job with a lateness of 0.
// Source: T. Akidau et al., "The Dataflow Model", VLDB 2015; Apache Flink, "Timely Stream Processing".
import { correct } from "./late-event.ts";
import { fromBeacon, fromCmcd, type StreamEvent, type StreamInput } from "./stream-event.ts";
import type { StreamRecord } from "./stream-record.ts";
import { type StreamSettings, shortMs, streamDefaults, windowStart } from "./stream-settings.ts";
import type { StreamState } from "./stream-state.ts";
import { begun, done, firstWaiting, type Work } from "./stream-work.ts";
import { allIdle, heard, reached, ticked, unheard } from "./watermark.ts";
import { workThrough } from "./window-end.ts";

export interface StreamStep {
  readonly state: StreamState;
  /** In the order in which they became due. */
  readonly records: readonly StreamRecord[];
}

/** A batch of the log. The state that is handed in stays as it is. */
export function takeBatch(
  before: StreamState,
  batch: readonly StreamInput[],
  settings: StreamSettings = streamDefaults,
): StreamStep {
  const work = begun(before, settings);
  for (const input of batch) take(work, input);
  return { state: done(work), records: work.records };
}

function take(work: Work, input: StreamInput): void {
  if (input.kind === "tick") tick(work, input.nowMs);
  else takeEvent(work, input.partition, eventOf(input));
}

function eventOf(input: Exclude<StreamInput, { kind: "tick" }>): StreamEvent {
  return input.kind === "beacon" ? fromBeacon(input.logged, input.facts) : fromCmcd(input);
}

function takeEvent(work: Work, partition: number, event: StreamEvent): void {
  work.counts.received += 1;
  if (work.frontierMs !== undefined && event.atMs < work.frontierMs) correct(work, event);
  else wait(work, event);
  const known = work.partitions.get(partition) ?? unheard;
  work.partitions.set(partition, heard(known, event.atMs));
  if (work.waitingCount > work.settings.mostWaiting) hurry(work);
  // Nothing is due before the earliest of a partition has come so far: mostly that is seen at a glance.
  const { disorderMs, latenessMs } = work.settings;
  if (event.atMs - disorderMs - latenessMs >= (work.frontierMs ?? Number.NEGATIVE_INFINITY) + shortMs) {
    raise(work, reached(work.partitions, disorderMs));
  }
}

/** Pieces are of this length at most, so that a batch need not copy what waits already. */
const pieceLength = 1024;

function wait(work: Work, event: StreamEvent): void {
  const startMs = windowStart(event.atMs, shortMs);
  let piece = work.ownPieces.get(startMs);
  if (piece === undefined || piece.length >= pieceLength) {
    const pieces = work.waiting.get(startMs) ?? [];
    const last = pieces.at(-1) ?? [];
    const isOpen = piece === undefined && last.length < pieceLength;
    piece = isOpen ? last.slice() : [];
    work.ownPieces.set(startMs, piece);
    work.waiting.set(startMs, [...(isOpen ? pieces.slice(0, -1) : pieces), piece]);
  }
  piece.push(event);
  work.waitingCount += 1;
}

function hurry(work: Work): void {
  work.counts.hurried += 1;
  workThrough(work, firstWaiting(work) + shortMs);
}

/** When no partition brings anything, time goes on by the ticks alone: what was sent by then was received, or is late. */
function tick(work: Work, nowMs: number): void {
  const { disorderMs, idleMs } = work.settings;
  for (const [id, partition] of work.partitions) work.partitions.set(id, ticked(partition, nowMs, idleMs));
  const isIdle = allIdle(work.partitions);
  raise(work, isIdle ? nowMs - idleMs - disorderMs : reached(work.partitions, disorderMs));
}

function raise(work: Work, watermarkMs: number | undefined): void {
  if (watermarkMs === undefined || watermarkMs <= (work.watermarkMs ?? Number.NEGATIVE_INFINITY)) return;
  work.watermarkMs = watermarkMs;
  workThrough(work, windowStart(watermarkMs - work.settings.latenessMs, shortMs));
}
