// What the quality menu says of each rung of the film.
import type { Film } from "#play/types.ts";

export interface RungFacts {
  readonly id: string;
  readonly height: number;
  readonly kbps: number;
  /** Mean over the film; undefined when it was not scored with VMAF. */
  readonly vmaf: number | undefined;
}

/** Highest first, as menus list them. */
export function rungFacts(film: Film): readonly RungFacts[] {
  const { ladder, segments } = film;
  return ladder.ids
    .map((id, rung) => ({
      id,
      height: ladder.heights[rung] ?? 0,
      kbps: ladder.kbps[rung] ?? 0,
      vmaf: meanVmaf(segments, rung),
    }))
    .toReversed();
}

/** Σ score·length / Σ length: a long segment is seen for longer. */
function meanVmaf({ vmaf, durationMs }: Film["segments"], rung: number): number | undefined {
  if (vmaf === undefined) return undefined;
  let [sum, length] = [0, 0];
  for (const [segment, ms] of durationMs.entries()) {
    sum += (vmaf[segment]?.[rung] ?? 0) * ms;
    length += ms;
  }
  return length > 0 ? sum / length : undefined;
}
