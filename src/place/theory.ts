// What a plan was chosen from, for pictures and for whoever asks why.
import type { PlanTheory } from "#model/placement.ts";
import type { Banding, BandingOrder } from "./banding.ts";
import { type Curve, cheapestCutoff, shareAt } from "./curve.ts";

/** Points of the drawn curve: 201 are as fine as a picture can show. */
const points = 200;

export function theoryOf(
  { head, ranked }: BandingOrder,
  { allocation, curve }: Banding,
  sorted: readonly { readonly box: number }[],
): PlanTheory {
  return {
    method: allocation.method,
    curve: drawnCurve(curve, allocation.edges),
    feasible: allocation.feasible,
    cheapest: cheapestCutoff(curve),
    bands: allocation.weights.map((weights, b) => ({
      from: allocation.edges[b] ?? 0,
      to: allocation.edges[b + 1] ?? 1,
      weights: sorted.map(({ box }) => weights[box] ?? 0),
    })),
    headTraffic: ranked.totalTraffic > 0 ? head.traffic / ranked.totalTraffic : 0,
    note: allocation.note,
  };
}

/** The curve at even depths, those nearest to an edge moved onto it: P at the cutoff is read from here. */
function drawnCurve(curve: Curve, edges: readonly number[]): PlanTheory["curve"] {
  const depths = Array.from({ length: points + 1 }, (_, i) => i / points);
  for (const edge of edges) {
    const nearest = Math.round(edge * points);
    if (edge > 0 && edge < 1) depths[Math.min(points - 1, Math.max(1, nearest))] = edge;
  }
  return depths.map((depth) => ({ depth, share: shareAt(curve, depth) }));
}
