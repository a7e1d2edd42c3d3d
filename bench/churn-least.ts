// The least that must move for other weights: what no draw, however steady, can spare.
import type { PlacedFile, PlacementPlan, PlacementServer } from "#model/placement.ts";
import type { Night } from "./churn-cluster.ts";
import { sumOf } from "./churn-cluster.ts";

/**
 * Bytes that must move when a night is planned for other boxes: of each file that was stored the night before and still
 * is, half of the sum of its weights' differences. A file that crosses a cutoff is among them: when a flash box comes, the
 * flash boxes' band grows by its room, so that much leaves the storage boxes, beside what the new box takes of the others.
 * What a box that died alone held moves anyway; the rest by the weights that the others had beside each other.
 */
export function leastMoved(change: {
  readonly before: Night;
  readonly without: Night;
  readonly with: Night;
  readonly server: PlacementServer;
  readonly came: boolean;
}): number {
  const { before, without, with: after, server, came } = change;
  const placed = new Map(without.plan.assignment.map((file) => [file.fileId, file]));
  const sizes = new Map(after.files.map(({ id, sizeBytes }) => [id, sizeBytes]));
  const had = came ? weightsOf(without.plan) : weightsBeside(server.id, without.plan);
  const has = weightsOf(after.plan);
  const ids = [...new Set([...had.keys(), ...has.keys()])];
  const apart = ([true, false] as const).map((was) =>
    ([true, false] as const).map(
      (is) => sumOf(ids.map((id) => Math.abs(share(had, id, was) - share(has, id, is)))) / 2,
    ),
  );
  return sumOf(
    after.plan.assignment.map((file) => {
      const other = placed.get(file.fileId);
      const holders = before.holders.get(file.fileId) ?? [];
      if (holders.length === 0 || file.serverIds.length === 0) return 0;
      if (!came && holders.every((id) => id === server.id)) return sizes.get(file.fileId) ?? 0;
      if (file.drawn === undefined || other?.drawn === undefined) return 0;
      const [was, is] = [isPopular(other, without.plan), isPopular(file, after.plan)];
      return (sizes.get(file.fileId) ?? 0) * (apart[was ? 0 : 1]?.[is ? 0 : 1] ?? 0);
    }),
  );
}

/** By its depth alone, without what hysteresis forgives. */
function isPopular({ drawn }: PlacedFile, { cutoff }: PlacementPlan): boolean {
  return (drawn?.depth ?? 0) < cutoff;
}

type Weights = ReadonlyMap<string, { readonly alpha: number; readonly beta: number }>;

function weightsOf({ weights }: PlacementPlan): Weights {
  return new Map(weights.map((one) => [one.serverId, one]));
}

function weightsBeside(gone: string, { weights }: PlacementPlan): Weights {
  const own = weights.find(({ serverId }) => serverId === gone);
  const [alphas, betas] = [1 - (own?.alpha ?? 0), 1 - (own?.beta ?? 0)];
  return new Map(
    weights
      .filter(({ serverId }) => serverId !== gone)
      .map((one) => [one.serverId, { alpha: one.alpha / alphas, beta: one.beta / betas }]),
  );
}

function share(weights: Weights, id: string, popular: boolean): number {
  const own = weights.get(id);
  return (popular ? own?.alpha : own?.beta) ?? 0;
}
