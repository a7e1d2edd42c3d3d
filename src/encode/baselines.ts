// What the ladder is compared with, from the same trials, so that no other encoder setting blurs the comparison.

import { convexHull } from "./hull.ts";
import type { OperatingPoint } from "./operating-points.ts";
import type { Size, TrialGrid } from "./trial-grid.ts";

/** A whole film at one height and one CRF. */
export interface PlainFilm extends Size {
  readonly crf: number;
  readonly bits: number;
  readonly quality: number;
}

export interface Baselines {
  /** Each height at the CRF nearest to 26, from real trials only: what a fixed recipe would make. */
  readonly fixedLadder: readonly PlainFilm[];
  /** Full height at every CRF. */
  readonly fixedCrfNative: readonly PlainFilm[];
  /** The best height and CRF for the film as a whole, the same in every shot. */
  readonly perTitleHull: readonly PlainFilm[];
}

/** The middle of what encoding guides advise for x264 (23–28). */
const plainCrf = 26;

export function baselines(
  byHeight: readonly { readonly size: Size; readonly points: readonly (readonly OperatingPoint[])[] }[],
  grid: TrialGrid,
  frames: number,
): Baselines {
  const films = byHeight.map(({ size, points }) => plainFilms(size, points, frames));
  const crf = grid.crfs.reduce((best, other) =>
    Math.abs(other - plainCrf) < Math.abs(best - plainCrf) ? other : best,
  );
  const asHull = films.flat().map((film) => ({ ...film, distortion: -film.quality }));
  return {
    fixedLadder: films.flatMap((list) => list.filter((film) => film.crf === crf)),
    fixedCrfNative: films[0] ?? [],
    perTitleHull: convexHull(asHull),
  };
}

/** Sums over shots at equal CRF. */
function plainFilms(
  size: Size,
  points: readonly (readonly OperatingPoint[])[],
  frames: number,
): readonly PlainFilm[] {
  const crfs = (points[0] ?? []).map((point) => point.crf);
  return crfs.map((crf, index) => {
    const column = points.flatMap((shotPoints) => shotPoints[index] ?? []);
    const bits = column.reduce((sum, point) => sum + point.bits, 0);
    const quality = column.reduce((sum, point) => sum + point.qualitySum, 0) / frames;
    return { ...size, crf, bits, quality };
  });
}
