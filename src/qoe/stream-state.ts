// Everything the stream job knows between two batches, and the same as plain data, so that it can be committed together with the
// consumer's offset.
import { type Cells, noCells, restoredCells, type SavedCells, savedCells } from "./cells.ts";
import type { SessionState } from "./session-fold.ts";
import type { StreamEvent } from "./stream-event.ts";
import { type Partition, type Partitions, unheard } from "./watermark.ts";

/** What became of what was read; it only grows. received = fresh + overtaken + repeated + beside + waiting. */
export interface StreamCounts {
  readonly received: number;
  /** Beyond everything heard of its session. */
  readonly fresh: number;
  /** Newer events of its session had gone past it: counted, but its counters say nothing new. */
  readonly overtaken: number;
  /** Heard before: changes nothing. */
  readonly repeated: number;
  /** Of a session that is counted by its other source. */
  readonly beside: number;
  /** Of all, too late for their windows; each that was not repeated made a correction. */
  readonly late: number;
  /** Of the fresh ones, first of a session whose beginning is not known. */
  readonly joined: number;
  /** Times something was added up as "other" for want of room, over all divisions. */
  readonly crowdedOut: number;
  /** Short windows that ended early because too much waited. */
  readonly hurried: number;
}

export interface StreamState {
  readonly partitions: Partitions;
  readonly watermarkMs: number | undefined;
  /** Every window that ends here or before is out. */
  readonly frontierMs: number | undefined;
  /** Events that wait, by the start of their short window; pieces in the order in which they came. */
  readonly waiting: ReadonlyMap<number, readonly (readonly StreamEvent[])[]>;
  readonly waitingCount: number;
  /** By source and session. */
  readonly live: ReadonlyMap<string, SessionState>;
  /** Sessions that are over, the longest over first. */
  readonly over: ReadonlyMap<string, SessionState>;
  /** The long window under way. */
  readonly long: Cells;
  readonly counts: StreamCounts;
}

/** Partitions that are named hold the watermark until they bring something, or are idle. Others join when they do. */
export function newStream(partitions: readonly number[] = []): StreamState {
  return {
    partitions: new Map(partitions.map((id) => [id, unheard])),
    watermarkMs: undefined,
    frontierMs: undefined,
    waiting: new Map(),
    waitingCount: 0,
    live: new Map(),
    over: new Map(),
    long: noCells(),
    counts: {
      received: 0,
      fresh: 0,
      overtaken: 0,
      repeated: 0,
      beside: 0,
      late: 0,
      joined: 0,
      crowdedOut: 0,
      hurried: 0,
    },
  };
}

/** Plain data: `JSON.parse(JSON.stringify(saved))` is the same again. */
export interface SavedStream {
  readonly version: 1;
  readonly partitions: readonly (readonly [number, Partial<Partition>])[];
  readonly watermarkMs: number | null;
  readonly frontierMs: number | null;
  readonly waiting: readonly (readonly [number, readonly StreamEvent[]])[];
  readonly live: readonly (readonly [string, SessionState])[];
  readonly over: readonly (readonly [string, SessionState])[];
  readonly long: SavedCells;
  readonly counts: StreamCounts;
}

export function saved(state: StreamState): SavedStream {
  return {
    version: 1,
    partitions: [...state.partitions],
    watermarkMs: state.watermarkMs ?? null,
    frontierMs: state.frontierMs ?? null,
    waiting: [...state.waiting].map(([startMs, pieces]) => [startMs, pieces.flat()]),
    live: [...state.live],
    over: [...state.over],
    long: savedCells(state.long),
    counts: state.counts,
  };
}

export function restored(from: SavedStream): StreamState {
  return {
    partitions: new Map(from.partitions.map(([id, partition]) => [id, { ...unheard, ...partition }])),
    watermarkMs: from.watermarkMs ?? undefined,
    frontierMs: from.frontierMs ?? undefined,
    waiting: new Map(from.waiting.map(([startMs, events]) => [startMs, [events]])),
    waitingCount: from.waiting.reduce((sum, [, events]) => sum + events.length, 0),
    live: new Map(from.live),
    over: new Map(from.over),
    long: restoredCells(from.long),
    counts: from.counts,
  };
}
