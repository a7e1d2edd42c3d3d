// What is known of yesterday's plan, by rank of today's files and number of today's boxes.
import { type Boxes, type ColumnOrder, nobody, type PreviousColumns } from "./columns.ts";
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
  /** `holders` never writes more. */
  readonly most: number;
  /** By box of today: its weights of yesterday; undefined where they were not told. */
  readonly weights: SideWeights | undefined;
  /** Whether a box held no file of yesterday's plan. */
  isNew(box: number): boolean;
}

export interface SideWeights {
  readonly popular: Float64Array;
  readonly tail: Float64Array;
}

export const noPast: Past = {
  cutoff: undefined,
  bandCount: undefined,
  isHeld: () => false,
  bandCode: () => 0,
  holders: () => 0,
  most: 0,
  weights: undefined,
  isNew: () => false,
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
  let seen: Uint8Array | undefined;
  return {
    most: boxes.boxOf.length,
    weights: previous.weights && byBox(previous.weights, boxes),
    isNew: (box) => {
      seen ??= seenBoxes(previous, boxes);
      return seen[box] !== 1;
    },
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

function byBox({ alpha, beta }: NonNullable<PreviousColumns["weights"]>, { serverOf }: Boxes): SideWeights {
  return {
    popular: Float64Array.from(serverOf, (server) => alpha[server] ?? 0),
    tail: Float64Array.from(serverOf, (server) => beta[server] ?? 0),
  };
}

function seenBoxes({ boxes: listed, everywhere }: PreviousColumns, boxes: Boxes): Uint8Array {
  const seen = new Uint8Array(boxes.count);
  const see = (server: number): void => {
    const box = boxes.boxOf[server] ?? nobody;
    if (box !== nobody) seen[box] = 1;
  };
  listed.forEach(see);
  everywhere?.forEach(see);
  return seen;
}
