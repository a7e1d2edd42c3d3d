// Which boxes are new, or weigh more beside the others than yesterday, and how much of what others hold is theirs now.
import { type Allocation, sideWeights } from "./allocation.ts";
import { nobody } from "./columns.ts";
import type { Past } from "./past.ts";
import type { StayOrder } from "./staying.ts";

/** By box, in one band. */
export interface Gain {
  readonly gained: Uint8Array;
  /** Bytes of the held files that its weight entitles it to. */
  readonly share: Float64Array;
  /** Bytes of them that it holds, and of those it was given since. */
  readonly taken: Float64Array;
}

/** A weight below this is what rounding left of none. */
export const weightless = 1e-6;

/** A box has gained when its weight beside the others' rose by more than this factor: below it is what demand sways. */
const worthMoving = 1.05;

/** By band, undefined where no box has gained; undefined where none has in any. */
export function gainsOf(order: StayOrder, stays: Uint8Array): readonly (Gain | undefined)[] | undefined {
  const { past, allocation, boxes } = order;
  const sides = { popular: gainedBoxes(order, "popular"), tail: gainedBoxes(order, "tail") };
  if (sides.popular === undefined && sides.tail === undefined) return undefined;
  const gains = allocation.weights.map((_, band): Gain | undefined => {
    const gained = sides[band < allocation.popularBands ? "popular" : "tail"];
    return gained && { gained, share: new Float64Array(boxes), taken: new Float64Array(boxes) };
  });
  const bytes = allocation.weights.map(() => new Map<number, number>());
  const before = new Uint16Array(past.most + 1);
  for (const at of order.stored) {
    const gain = gains[order.band[at] ?? 0];
    if (stays[at] !== 1 || gain === undefined) continue;
    const [size, copies] = [order.size[at] ?? 0, order.copies[at] ?? 1];
    const sums = bytes[order.band[at] ?? 0];
    sums?.set(copies, (sums.get(copies) ?? 0) + size);
    const wanted = Math.min(copies, past.holders(at, before));
    for (let i = 0; i < wanted; i++) {
      const box = before[i] ?? nobody;
      gain.taken[box] = (gain.taken[box] ?? 0) + size;
    }
  }
  for (const [band, gain] of gains.entries()) {
    gain?.share.set(sharesOf(gain, allocation.weights[band] ?? [], bytes[band]));
  }
  return gains;
}

/** A box is drawn for one of c copies with c times its weight, at most once. */
function sharesOf(
  { gained }: Gain,
  weights: readonly number[],
  bytesByCopies: ReadonlyMap<number, number> = new Map(),
): Float64Array {
  return Float64Array.from(gained, (one, box) => {
    if (one !== 1) return 0;
    let share = 0;
    for (const [copies, bytes] of bytesByCopies) share += bytes * Math.min(1, copies * (weights[box] ?? 0));
    return share;
  });
}

/** By box 1 where its weight has risen beside those of the boxes of both days; undefined where none has. */
function gainedBoxes(
  {
    past,
    allocation,
    boxes,
  }: { readonly past: Past; readonly allocation: Allocation; readonly boxes: number },
  side: "popular" | "tail",
): Uint8Array | undefined {
  const now = sideWeights(allocation, side);
  const was = past.weights?.[side];
  let [sumNow, sumWas] = [0, 0];
  for (let box = 0; box < boxes; box++) {
    if ((was?.[box] ?? 0) <= weightless) continue;
    sumNow += now[box] ?? 0;
    sumWas += was?.[box] ?? 0;
  }
  const risen = (box: number, weight: number): boolean => {
    if (was === undefined) return past.isNew(box);
    return weight * sumWas > worthMoving * Math.max(weightless, was[box] ?? 0) * sumNow;
  };
  const gained = Uint8Array.from({ length: boxes }, (_, box) => {
    const weight = now[box] ?? 0;
    return weight > weightless && risen(box, weight) ? 1 : 0;
  });
  return gained.includes(1) ? gained : undefined;
}
