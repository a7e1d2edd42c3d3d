import type { ColumnType } from "kysely";
import type { ChunkFacts } from "./history-chunk.ts";

export interface HistorySchema {
  bookmark: {
    profile_id: string;
    title_id: string;
    ord: number;
    position_ms: number;
    duration_ms: number;
    finished: boolean;
    /** What is left of a removed one, so that what comes late is known to be late. */
    removed: ColumnType<boolean, boolean | undefined, boolean>;
  };
  history_live: {
    profile_id: string;
    title_id: string;
    generation: number;
    ord: number;
    started_at_ms: number;
    last_seen_ms: number;
    position_ms: number;
  };
  /** What each roll-up wrote: a roll counts from the moment that its row is there. */
  history_roll: {
    profile_id: string;
    /** The sha256 of its plays. */
    roll: string;
    version: number;
    /** The highest of its plays. */
    ord: number;
    chunks: ColumnType<readonly ChunkFacts[], string, string>;
  };
  history_chunk: { profile_id: string; roll: string; chunk: number; body: Uint8Array };
  history_erasure: { profile_id: string; asked_at_ms: number };
}
