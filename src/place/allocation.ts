// Which bands there are and who gets how much of each: two where a cutoff meets both equations of every box, more where
// only that does, and traffic moved towards storage where nothing else helps.
import { type Curve, cheapestCutoff } from "./curve.ts";
import { kindsOf, lorenzHolds } from "./lorenz.ts";
import { manyBands } from "./many-bands.ts";
import type { Targets } from "./shares.ts";
import { edge, feasibleCutoffs, type Habit, type Range, relax, type Split, split } from "./split.ts";

export interface Allocation {
  readonly method: "one-band" | "two-bands" | "many-bands";
  readonly cutoff: number;
  readonly lambda: number;
  /** Bands before this number count as popular. */
  readonly popularBands: number;
  /** Rising from 0 to 1; band b lies between edges b and b + 1. */
  readonly edges: readonly number[];
  /** By band, then by box; each band sums to 1. */
  readonly weights: readonly (readonly number[])[];
  readonly feasible: Range | undefined;
  /** Why more bands were not used although they were wanted. */
  readonly note: string | undefined;
}

export interface AllocationOrder {
  readonly curve: Curve;
  readonly storage: readonly number[];
  readonly targets: Targets;
  readonly habit: Habit;
}

/** `program` is only ever another one where a test wants it to fail. */
export function allocate(order: AllocationOrder, program: typeof manyBands = manyBands): Allocation {
  const { curve, storage, targets } = order;
  const shares = { storage, traffic: targets.traffic };
  const two = split(curve, shares, order.habit);
  const feasible = feasibleCutoffs(curve, shares);
  const single = two.alpha.every((alpha, i) => alpha === two.beta[i]);
  const plain: Allocation = {
    method: single ? "one-band" : "two-bands",
    cutoff: two.cutoff,
    lambda: two.lambda,
    popularBands: 1,
    edges: [0, two.cutoff, 1],
    weights: [two.alpha, two.beta],
    feasible,
    note: undefined,
  };
  if (two.lambda === 0 || kindsOf(shares).length < 3) return plain;
  return inMoreBands(order, two, plain, program);
}

/** λ below this is not worth more bands. */
const worthwhile = 1e-3;

function inMoreBands(
  order: AllocationOrder,
  two: Split,
  plain: Allocation,
  solver: typeof manyBands,
): Allocation {
  const { curve, storage, targets } = order;
  const shares = { storage, traffic: targets.traffic };
  const above = (lambda: number): boolean => !lorenzHolds(curve, { storage, traffic: relax(shares, lambda) });
  const lambda = above(0) ? edge(above).right : 0;
  if (lambda > two.lambda - worthwhile) return plain;
  const traffic = relax(shares, lambda);
  const caps = traffic.map((t, i) => Math.max(t, targets.caps[i] ?? 0));
  const program = solver({ curve, shares: { storage, traffic }, caps, least: 1 });
  const relative = (sent: readonly number[]): number =>
    sent.reduce(
      (peak, t, i) => ((storage[i] ?? 0) > 0 ? Math.max(peak, t / (targets.caps[i] ?? 0)) : peak),
      0,
    );
  const peakOfTwo = relative(relax(shares, two.lambda));
  if (program.kind === "failed") {
    const note = `More than two bands could do without λ = ${two.lambda.toFixed(3)}, but the linear program failed: ${program.because}.`;
    return { ...plain, note };
  }
  if (program.peak * relative(traffic) >= peakOfTwo) return plain;
  const cheapest = cheapestCutoff(curve);
  const inner = program.edges.slice(1, -1);
  const cutoff = inner.reduce(
    (a, b) => (Math.abs(b - cheapest) < Math.abs(a - cheapest) ? b : a),
    inner[0] ?? 1,
  );
  return {
    ...plain,
    method: "many-bands",
    lambda,
    cutoff,
    popularBands: program.edges.indexOf(cutoff),
    edges: program.edges,
    weights: program.weights,
  };
}

/** Weights over all bands on one side of the cutoff: what α and β are when there are more than two. */
export function sideWeights(allocation: Allocation, side: "popular" | "tail"): number[] {
  const { edges, weights, popularBands } = allocation;
  const [first, past] = side === "popular" ? [0, popularBands] : [popularBands, weights.length];
  const chosen = weights.slice(first, past);
  const widths = chosen.map((_, b) => (edges[first + b + 1] ?? 0) - (edges[first + b] ?? 0));
  const width = widths.reduce((a, b) => a + b, 0);
  if (chosen.length === 1 || width <= 0) return [...(chosen[0] ?? [])];
  return (chosen[0] ?? []).map((_, i) =>
    chosen.reduce((sum, band, b) => sum + ((band[i] ?? 0) * (widths[b] ?? 0)) / width, 0),
  );
}
