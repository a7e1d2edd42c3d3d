// What is known of yesterday's plan, by rank of today's files and number of today's boxes.
import { type Boxes, type ColumnOrder, nobody } from "./columns.ts";
import type { Ranked } from "./ranked.ts";

export interface Past {
  readonly cutoff: number | undefined;
  /** Whether any server of the order held it, also one that is about to leave. */
  isHeld(rank: number): boolean;
  readonly bandCount: number | undefined;
  /** What `PlannedColumns.band` said; 0 where that is not known. */
  bandCode(rank: number): number;
  /** Writes the boxes of today that held it, in yesterday's order, and says how many. */
  holders(rank: number, out: Uint16Array): number;
}

export const noPast: Past = {
  cutoff: undefined,
  bandCount: undefined,
  isHeld: () => false,
  bandCode: () => 0,
  holders: () => 0,
};

export function pastOf({ previous }: ColumnOrder, ranked: Ranked, boxes: Boxes): Past {
  if (previous === undefined) return noPast;
  const { starts, boxes: servers, bands } = previous;
  const { file } = ranked;
  return {
    cutoff: previous.cutoff,
    bandCount: bands?.count,
    isHeld: (rank) => {
      const number = file[rank] ?? 0;
      for (let at = starts[number] ?? 0; at < (starts[number + 1] ?? 0); at++) {
        if (servers[at] !== nobody) return true;
      }
      return false;
    },
    bandCode: (rank) => bands?.of[file[rank] ?? 0] ?? 0,
    holders: (rank, out) => {
      const number = file[rank] ?? 0;
      let found = 0;
      for (let at = starts[number] ?? 0; at < (starts[number + 1] ?? 0); at++) {
        const box = boxes.boxOf[servers[at] ?? nobody] ?? nobody;
        if (box !== nobody) out[found++] = box;
      }
      return found;
    },
  };
}
