// The rungs a player chooses from: one resolution each, CRF varying per shot at constant slope.
// One resolution per rung keeps most of the optimiser's gain and asks nothing of players (research, encoding §0.3).
import type { Metric } from "#model/encoded.ts";
import { choiceAt, type Sweep, sweep } from "./allocate.ts";
import type { RatePoint } from "./bd-rate.ts";
import { convexHull } from "./hull.ts";
import type { OperatingPoint } from "./operating-points.ts";
import type { Size } from "./trial-grid.ts";

export interface LadderRules {
  /** The top rung is the cheapest film that reaches this; more would be bits nobody sees. */
  readonly topQuality: number;
  /** Rungs below this are not worth showing. */
  readonly leastQuality: number;
  /** Two rungs differ by at least this much quality … */
  readonly qualityStep: number;
  /** … and by at least this factor in bitrate, and at most by the other unless the film offers nothing between. */
  readonly leastRatio: number;
  readonly mostRatio: number;
  readonly mostRungs: number;
}

// Source: research, encoding §10 (step ≥ 4 VMAF, top at 95–97, floor). SSIM×100 crowds near 100, hence the finer step.
export const ladderRules: Readonly<Record<Metric["name"], LadderRules>> = {
  vmaf: { topQuality: 95.5, leastQuality: 25, qualityStep: 4, leastRatio: 1.4, mostRatio: 2, mostRungs: 6 },
  ssim: { topQuality: 98.5, leastQuality: 75, qualityStep: 0.5, leastRatio: 1.4, mostRatio: 2, mostRungs: 6 },
};

/** A film with one CRF per shot at one resolution. */
export interface RungChoice extends Size {
  readonly bits: number;
  readonly quality: number;
  /** `points[shot]`. */
  readonly points: readonly OperatingPoint[];
}

interface Candidate {
  readonly swept: Sweep<OperatingPoint>;
  readonly state: number;
  readonly size: Size;
  readonly bits: number;
  readonly quality: number;
}

/**
 * All films of one resolution per rung that no other beats, cheapest first.
 *
 * `byHeight[h][shot]` are the operating points of one height.
 */
export function frontier(
  byHeight: readonly { readonly size: Size; readonly points: readonly (readonly OperatingPoint[])[] }[],
  frames: number,
): readonly Candidate[] {
  const all = byHeight.flatMap(({ size, points }) => {
    const swept = sweep(points.map((shotPoints) => convexHull(shotPoints)));
    return swept.states.map((state, index): Candidate => {
      return { swept, state: index, size, bits: state.bits, quality: state.qualitySum / frames };
    });
  });
  const kept: Candidate[] = [];
  for (const candidate of all.sort((a, b) => a.bits - b.bits || b.quality - a.quality)) {
    if (candidate.quality > (kept.at(-1)?.quality ?? Number.NEGATIVE_INFINITY)) kept.push(candidate);
  }
  return kept;
}

/** Rungs by rising bitrate, at least one. A film that looks the same at every CRF (black, still) has just one. */
export function chooseLadder(films: readonly Candidate[], rules: LadderRules): readonly RungChoice[] {
  const top = films.find((film) => film.quality >= rules.topQuality) ?? films.at(-1);
  if (top === undefined) return [];
  const floor = films.find((film) => film.quality >= rules.leastQuality) ?? films[0] ?? top;
  const span = (top.bits / floor.bits) ** (1 / (rules.mostRungs - 1));
  const ratio = Math.min(rules.mostRatio, Math.max(rules.leastRatio, span));
  const rungs = [top];
  while (rungs.length < rules.mostRungs) {
    const above = rungs.at(-1) ?? top;
    const next = films.findLast(
      (film) => film.bits <= above.bits / ratio && film.quality <= above.quality - rules.qualityStep,
    );
    if (next === undefined || next.quality < floor.quality) break;
    rungs.push(next);
  }
  return rungs.reverse().map(rungChoice);
}

/** Bitrate and quality of each film, for comparing families of films. */
export function rateCurve(
  films: readonly { readonly bits: number; readonly quality: number }[],
  seconds: number,
): readonly RatePoint[] {
  return films.map(({ bits, quality }) => ({ bitrate: bits / seconds, quality }));
}

function rungChoice(film: Candidate): RungChoice {
  const { size, bits, quality } = film;
  return { ...size, bits, quality, points: choiceAt(film.swept, film.state) };
}
