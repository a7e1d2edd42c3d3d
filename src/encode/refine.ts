// After the final encode the true bits are known. A rung that missed its target is mended by encoding at most two shots
// again: each shot's hull is scaled by what it really cost, and the best change that lands near the target is taken.
// Source: research, encoding §10 (refine).
import { chosen, type RungChoice } from "./ladder.ts";
import type { OperatingPoint } from "./operating-points.ts";

/** A rung further than this from its target is refined. */
export const refineTolerance = 0.03;

interface Change {
  readonly shot: number;
  readonly to: OperatingPoint;
  /** What the change adds, in true bits and in distortion. */
  readonly bits: number;
  readonly distortion: number;
}

/**
 * The rung with at most two shots changed, or undefined when it is near enough or no change brings it nearer.
 *
 * `measured[shot]` are the bits of the finished pieces, `target` the bits the whole rung should have.
 */
export function refined(
  rung: RungChoice,
  measured: readonly number[],
  target: number,
  frames: number,
): RungChoice | undefined {
  const total = measured.reduce((sum, bits) => sum + bits, 0);
  const excess = total - target;
  if (target <= 0 || Math.abs(excess) <= refineTolerance * target) return undefined;
  const changes = changesOf(rung, measured);
  const best = bestOf([...changes.map((change) => [change]), ...pairsOf(changes, excess)], excess, target);
  if (best === undefined) return undefined;
  const points = [...rung.points];
  for (const { shot, to } of best) points[shot] = to;
  return chosen(rung, points, frames);
}

function changesOf(rung: RungChoice, measured: readonly number[]): readonly Change[] {
  return rung.points.flatMap((now, shot) => {
    const scale = (measured[shot] ?? 0) / now.bits;
    return (rung.hulls[shot] ?? [])
      .filter((to) => to.crf !== now.crf)
      .map((to) => {
        const bits = (to.bits - now.bits) * scale;
        return { shot, to, bits, distortion: to.distortion - now.distortion };
      });
  });
}

/** The change of each shot that comes nearest to undoing the excess, with each of another shot's. */
function pairsOf(changes: readonly Change[], excess: number): readonly (readonly Change[])[] {
  const nearest = new Map<number, Change>();
  for (const change of changes) {
    const other = nearest.get(change.shot);
    if (other === undefined || Math.abs(excess + change.bits) < Math.abs(excess + other.bits))
      nearest.set(change.shot, change);
  }
  const firsts = [...nearest.values()].sort((a, b) => Math.abs(excess + a.bits) - Math.abs(excess + b.bits));
  return firsts
    .slice(0, 4)
    .flatMap((first) =>
      changes.filter((second) => second.shot !== first.shot).map((second) => [first, second]),
    );
}

/** Of the sets that land within half the tolerance the one that looks best, else the nearest that is an improvement. */
function bestOf(
  sets: readonly (readonly Change[])[],
  excess: number,
  target: number,
): readonly Change[] | undefined {
  const judged = sets.map((changes) => ({
    changes,
    off: Math.abs(excess + changes.reduce((sum, change) => sum + change.bits, 0)) / target,
    distortion: changes.reduce((sum, change) => sum + change.distortion, 0),
  }));
  const near = judged.filter(({ off }) => off <= refineTolerance / 2);
  const order =
    near.length > 0 ? near.sort((a, b) => a.distortion - b.distortion) : judged.sort((a, b) => a.off - b.off);
  const [best] = order;
  return best !== undefined && best.off < Math.abs(excess) / target ? best.changes : undefined;
}
