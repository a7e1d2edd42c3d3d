// The least that must move for other weights: what no draw, however steady, can spare.
import type { PlacementPlan } from "#model/placement.ts";
import type { Night } from "./churn-cluster.ts";
import { sumOf } from "./churn-cluster.ts";

/**
 * Bytes of the files that both nights store, counted from the densest on: in each part between cutoffs half of the sum of
 * the weights' differences moves. A file that crosses a cutoff is among them: when a flash box comes, the flash boxes'
 * band grows by its room, so that much leaves the storage boxes, beside what the new box takes of the others.
 */
export function leastMoved(from: Night, to: Night): number {
  const [had, has] = [storedBytes(from), storedBytes(to)];
  const both = Math.min(had, has);
  const cuts = [0, from.plan.cutoff * had, to.plan.cutoff * has, both]
    .filter((at) => at <= both)
    .sort((a, b) => a - b);
  return sumOf(
    cuts.slice(1).map((at, i) => {
      const before = cuts[i] ?? 0;
      const middle = (before + at) / 2;
      return (at - before) * apart(weightsAt(from.plan, middle / had), weightsAt(to.plan, middle / has));
    }),
  );
}

/** Bytes of the files that some boxes hold and others do not. */
function storedBytes({ plan, files }: Night): number {
  const drawn = new Set(
    plan.assignment.flatMap(({ fileId, band }) => (band === "popular" || band === "tail" ? [fileId] : [])),
  );
  return sumOf(files.flatMap(({ id, sizeBytes }) => (drawn.has(id) ? [sizeBytes] : [])));
}

type Weights = ReadonlyMap<string, number>;

function weightsAt(plan: PlacementPlan, depth: number): Weights {
  return new Map(plan.weights.map((one) => [one.serverId, depth < plan.cutoff ? one.alpha : one.beta]));
}

function apart(a: Weights, b: Weights): number {
  return (
    sumOf(
      [...new Set([...a.keys(), ...b.keys()])].map((id) => Math.abs((a.get(id) ?? 0) - (b.get(id) ?? 0))),
    ) / 2
  );
}
