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
  const { starts, boxes: listed, bands, everywhere } = previous;
  const { file } = ranked;
  const bandCode = (rank: number): number => bands?.of[file[rank] ?? 0] ?? 0;
  const each = (rank: number, wanted: (server: number) => boolean): void => {
    const number = file[rank] ?? 0;
    const all = everywhere !== undefined && bandCode(rank) === 1;
    const [from, to] = all ? [0, everywhere.length] : [starts[number] ?? 0, starts[number + 1] ?? 0];
    const servers = all ? everywhere : listed;
    for (let at = from; at < to; at++) if (!wanted(servers[at] ?? nobody)) return;
  };
  return {
    cutoff: previous.cutoff,
    bandCount: bands?.count,
    bandCode,
    isHeld: (rank) => {
      let held = false;
      each(rank, (server) => {
        held = server !== nobody;
        return !held;
      });
      return held;
    },
    holders: (rank, out) => {
      let found = 0;
      each(rank, (server) => {
        const box = boxes.boxOf[server] ?? nobody;
        if (box !== nobody) out[found++] = box;
        return true;
      });
      return found;
    },
  };
}
