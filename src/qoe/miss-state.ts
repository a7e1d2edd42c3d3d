// What the miss job knows between two batches, and the same as plain data.
import {
  type Decided,
  type DecisionBook,
  emptyBook,
  restoredBook,
  type SavedSheet,
} from "./decision-book.ts";
import type { Source } from "./detours.ts";
import { type Partition, type Partitions, unheard } from "./watermark.ts";

/** Bytes that wait for their minute to end: of a session, a folder, a source and a moment. */
export interface Row {
  readonly sessionId: string;
  readonly folder: string;
  readonly source: Source;
  readonly atMs: number;
  readonly bytes: number;
  readonly pulled: number;
}

interface Life {
  /** The latest that was told, and which of its parts. */
  readonly batch: number;
  readonly parts: readonly number[];
}

export interface MissState {
  readonly partitions: Partitions;
  readonly watermarkMs: number | undefined;
  /** Every minute before is out. */
  readonly frontierMs: number | undefined;
  /** By the start of their minute. */
  readonly waiting: ReadonlyMap<number, ReadonlyMap<string, Row>>;
  readonly waitingCount: number;
  readonly decisions: DecisionBook;
  /** By source and its life. */
  readonly lives: ReadonlyMap<string, Life>;
}

export const noMissState: MissState = {
  partitions: new Map(),
  watermarkMs: undefined,
  frontierMs: undefined,
  waiting: new Map(),
  waitingCount: 0,
  decisions: emptyBook,
  lives: new Map(),
};

export function rowKey({ sessionId, folder, source, atMs }: Row): string {
  return `${sessionId}\n${folder}\n${source.id}\n${atMs}`;
}

export interface SavedMisses {
  readonly partitions: readonly (readonly [number, Partial<Partition>])[];
  readonly watermarkMs: number | null;
  readonly frontierMs: number | null;
  readonly waiting: readonly (readonly [number, readonly Row[]])[];
  /** Those of the book's last sheet; the full ones are saved once each, apart. */
  readonly decisions: readonly (readonly [string, Decided])[];
  /** The last sheet's id. Absent in what an older release saved: all decisions stand in `decisions`. */
  readonly sheet?: number;
  readonly lives: readonly (readonly [string, Life])[];
}

export function savedMisses(state: MissState): SavedMisses {
  return {
    partitions: [...state.partitions],
    watermarkMs: state.watermarkMs ?? null,
    frontierMs: state.frontierMs ?? null,
    waiting: [...state.waiting].map(([startMs, rows]) => [startMs, [...rows.values()]]),
    decisions: [...state.decisions.last],
    sheet: state.decisions.lastId,
    lives: [...state.lives],
  };
}

/** Sessions on a sheet, which is copied whole by a batch and written whole by a save; so many that no book has more than some fifty. */
export function sheetSessions(mostDecisions: number): number {
  return Math.max(2048, Math.ceil(mostDecisions / 48));
}

export function restoredMisses(
  from: SavedMisses,
  sheets: readonly SavedSheet[],
  perSheet: number,
): MissState {
  return {
    partitions: new Map(from.partitions.map(([id, partition]) => [id, { ...unheard, ...partition }])),
    watermarkMs: from.watermarkMs ?? undefined,
    frontierMs: from.frontierMs ?? undefined,
    waiting: new Map(
      from.waiting.map(([startMs, rows]) => [startMs, new Map(rows.map((row) => [rowKey(row), row]))]),
    ),
    waitingCount: from.waiting.reduce((sum, [, rows]) => sum + rows.length, 0),
    decisions: restoredBook(sheets, from.decisions, from.sheet, perSheet),
    lives: new Map(from.lives),
  };
}
