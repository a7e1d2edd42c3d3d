// Which files stay on the boxes that hold them, although today's draw may name others. What one night spilled would else
// return the next and push off what came there meanwhile: more than half of all fetches of a cluster filled to its brim.
import { type Allocation, sideWeights } from "./allocation.ts";
import { nobody } from "./columns.ts";
import type { Past } from "./past.ts";

export interface StayOrder {
  readonly past: Past;
  readonly allocation: Allocation;
  readonly boxes: number;
  /** Ranks to be stored. */
  readonly stored: Uint32Array;
  /** By rank: copies wanted, and number of its band. */
  readonly copies: Uint16Array;
  readonly band: Uint8Array;
  /** Writes the boxes that a rank draws in a band, and says how many. */
  readonly first: (rank: number, band: number, out: Uint16Array) => number;
}

/** A weight below this is what rounding left of none. */
const weightless = 1e-6;
/** A box has gained when its weight beside the others' rose by more than this factor: below it is what demand sways. */
const gain = 1.05;

/**
 * By rank 1 where a file stays: its band is the one it was in, all boxes that its copies lie on have weight there, and
 * none that it draws and that lacks it is new or has gained.
 */
export function stayers(order: StayOrder): Uint8Array {
  const { past, allocation, copies, band, boxes, stored } = order;
  const stays = new Uint8Array(band.length);
  if (past.cutoff === undefined) return stays;
  const before = new Uint16Array(past.most + 1);
  const drawn = new Uint16Array(boxes + 1);
  const crossed = crossingRule(order);
  const gained = allocation.weights.map((_, b) =>
    gainedBoxes(past, allocation, b < allocation.popularBands ? "popular" : "tail", boxes),
  );
  for (const at of stored) {
    const held = past.holders(at, before);
    if (held === 0) continue;
    const own = band[at] ?? 0;
    const weights = allocation.weights[own] ?? [];
    const wanted = Math.min(held, copies[at] ?? 1);
    let fits = true;
    for (let i = 0; i < wanted && fits; i++) fits = (weights[before[i] ?? nobody] ?? 0) > weightless;
    if (!fits || crossed(at, own, before.subarray(0, held))) continue;
    const risen = gained[own];
    if (risen !== undefined) {
      const named = order.first(at, own, drawn);
      for (let i = 0; i < named && fits; i++) {
        const box = drawn[i] ?? nobody;
        fits = risen[box] !== 1 || before.subarray(0, held).includes(box);
      }
    }
    if (fits) stays[at] = 1;
  }
  return stays;
}

/**
 * Whether a file was in another band. Where bands were not told it is guessed: it was if exactly the other band's boxes
 * hold it. Where yesterday had another number of bands, all were.
 */
function crossingRule({
  past,
  allocation,
  boxes,
  first,
}: StayOrder): (rank: number, band: number, before: Uint16Array) => boolean {
  const bands = allocation.weights.length;
  if (allocation.method === "one-band") return () => false;
  const drawn = new Uint16Array(boxes + 1);
  const holds = (rank: number, band: number, before: Uint16Array): boolean => {
    const named = first(rank, band, drawn);
    for (let i = 0; i < named; i++) if (!before.includes(drawn[i] ?? nobody)) return false;
    return true;
  };
  return (rank, band, before) => {
    const code = past.bandCode(rank);
    if (past.bandCount !== undefined) return past.bandCount !== bands || code - 2 !== band;
    return bands === 2 && holds(rank, 1 - band, before) && !holds(rank, band, before);
  };
}

/** By box 1 where its weight beside those of the boxes of both days has risen; undefined where none has. */
function gainedBoxes(
  past: Past,
  allocation: Allocation,
  side: "popular" | "tail",
  boxes: number,
): Uint8Array | undefined {
  const now = sideWeights(allocation, side);
  const was = past.weights?.[side];
  let [sumNow, sumWas] = [0, 0];
  for (let box = 0; box < boxes; box++) {
    if ((was?.[box] ?? 0) <= weightless) continue;
    sumNow += now[box] ?? 0;
    sumWas += was?.[box] ?? 0;
  }
  let found = false;
  const gained = new Uint8Array(boxes);
  for (let box = 0; box < boxes; box++) {
    const weight = now[box] ?? 0;
    const risen =
      was === undefined
        ? past.isNew(box)
        : weight * sumWas > gain * Math.max(weightless, was[box] ?? 0) * sumNow;
    if (weight <= weightless || !risen) continue;
    gained[box] = 1;
    found = true;
  }
  return found ? gained : undefined;
}
