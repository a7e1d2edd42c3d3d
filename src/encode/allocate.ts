// Constant slope: the best way to share bits among shots spends them where the next bit saves most, until every shot
// has the same slope. Sorting all hull edges by slope and taking them in turn lists every optimal film exactly.
// Source: Shoham & Gersho (1988); research, encoding §2.
import { assert } from "#units/assert.ts";
import { convexHull, type HullPoint, slopeBetween } from "./hull.ts";
import type { OperatingPoint } from "./operating-points.ts";

export interface AllocationPoint extends HullPoint {
  /** Quality summed over the shot's frames. */
  readonly qualitySum: number;
}

/** A film in which every shot is at one vertex of its hull. */
export interface AllocationState {
  readonly bits: number;
  readonly distortion: number;
  readonly qualitySum: number;
  /** Slope of the last edge taken; the first state, all shots at their cheapest, has infinity. */
  readonly slope: number;
}

export interface Sweep<T extends AllocationPoint> {
  readonly hulls: readonly (readonly T[])[];
  /** Shot of each edge in the order taken; state k has taken the first k. */
  readonly order: readonly number[];
  readonly states: readonly AllocationState[];
}

/** The films worth considering, each with one operating point per shot. */
export interface Allocation {
  /** In any order; `qualitySum` over all frames. */
  readonly films: readonly { readonly bits: number; readonly qualitySum: number }[];
  /** `points[shot]` of a film, taken from those that were given. */
  readonly choiceAt: (film: number) => readonly OperatingPoint[];
  /**
   * `others[shot]`: what else it may become when a segment is too dear or the finished bits missed their target, by rising
   * bits. A shot without any stays what it is.
   */
  readonly others: readonly (readonly OperatingPoint[])[];
}

/** From what each shot costs and looks like at one height: `points[shot]` by rising CRF. */
export type Allocator = (points: readonly (readonly OperatingPoint[])[]) => Allocation;

/** Ours: all optimal films, which are those whose shots have one slope. */
export function constantSlope(points: readonly (readonly OperatingPoint[])[]): Allocation {
  const swept = sweep(points.map((shotPoints) => convexHull(shotPoints)));
  return { films: swept.states, choiceAt: (film) => choiceAt(swept, film), others: swept.hulls };
}

/** All optimal films from the cheapest to the dearest. Every hull has at least one vertex. */
export function sweep<T extends AllocationPoint>(hulls: readonly (readonly T[])[]): Sweep<T> {
  const edges = hulls.flatMap((hull, shot) =>
    hull.slice(1).map((dear, index) => {
      const cheap = hull[index];
      assert(cheap !== undefined, "an edge has two ends");
      return { shot, index, cheap, dear, slope: slopeBetween(cheap, dear) };
    }),
  );
  edges.sort((a, b) => b.slope - a.slope || a.shot - b.shot || a.index - b.index);
  let state: AllocationState = { ...cheapest(hulls), slope: Number.POSITIVE_INFINITY };
  const states = [state];
  for (const { cheap, dear, slope } of edges) {
    state = {
      bits: state.bits + dear.bits - cheap.bits,
      distortion: state.distortion + dear.distortion - cheap.distortion,
      qualitySum: state.qualitySum + dear.qualitySum - cheap.qualitySum,
      slope,
    };
    states.push(state);
  }
  return { hulls, order: edges.map((edge) => edge.shot), states };
}

/** The vertex each shot has in state `index`. */
export function choiceAt<T extends AllocationPoint>(swept: Sweep<T>, index: number): readonly T[] {
  const taken = swept.hulls.map(() => 0);
  for (const shot of swept.order.slice(0, index)) taken[shot] = (taken[shot] ?? 0) + 1;
  return swept.hulls.map((hull, shot) => {
    const point = hull[taken[shot] ?? 0];
    assert(point !== undefined, "a hull has a vertex for every edge taken");
    return point;
  });
}

function cheapest(hulls: readonly (readonly AllocationPoint[])[]): Omit<AllocationState, "slope"> {
  let [bits, distortion, qualitySum] = [0, 0, 0];
  for (const hull of hulls) {
    const first = hull[0];
    assert(first !== undefined, "every shot has a trial");
    bits += first.bits;
    distortion += first.distortion;
    qualitySum += first.qualitySum;
  }
  return { bits, distortion, qualitySum };
}
