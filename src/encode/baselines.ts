// What the ladder is compared with while nothing else is encoded: films made of the same trials, between which CRFs are
// interpolated as for the ladder itself, so that no other encoder setting blurs the comparison.

import type { Codec } from "#model/encoded.ts";
import { crfFor } from "./codecs.ts";
import { convexHull } from "./hull.ts";
import type { OperatingPoint } from "./operating-points.ts";
import type { Size } from "./size.ts";

/** A whole film at one height and one CRF. */
export interface PlainFilm extends Size {
  readonly crf: number;
  readonly bits: number;
  readonly quality: number;
}

export interface Baselines {
  /** Each height at the CRF nearest to 26 on x264's scale: what a fixed recipe would make. */
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
  codec: Codec,
  frames: number,
): Baselines {
  const films = byHeight.map(({ size, points }) => plainFilms(size, points, frames));
  const wanted = crfFor(codec, plainCrf);
  const off = (film: PlainFilm): number => Math.abs(film.crf - wanted);
  const plainest = (list: readonly PlainFilm[]): readonly PlainFilm[] =>
    list
      .slice(1)
      .reduce((best, film) => (off(film) < off(best[0] ?? film) ? [film] : best), list.slice(0, 1));
  const asHull = films.flat().map((film) => ({ ...film, distortion: -film.quality }));
  return {
    fixedLadder: films.flatMap(plainest),
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

/** Films of a curve that lie nearest the given bits, each once: what is really encoded of a curve that was predicted. */
export function nearestFilms(films: readonly PlainFilm[], bits: readonly number[]): readonly PlainFilm[] {
  const nearest = bits.flatMap((wanted) => {
    const off = (film: PlainFilm): number => Math.abs(Math.log(film.bits / wanted));
    return [...films].sort((a, b) => off(a) - off(b)).slice(0, 1);
  });
  return [...new Set(nearest)];
}
