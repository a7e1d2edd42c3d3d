// The rungs a player chooses from: one resolution each, CRF varying per shot at constant slope.
// One resolution per rung keeps most of the optimiser's gain and asks nothing of players (research, encoding §0.3).
import { type Allocation, type Allocator, constantSlope } from "./allocate.ts";
import type { RatePoint } from "./bd-rate.ts";
import type { OperatingPoint } from "./operating-points.ts";
import type { Size } from "./size.ts";

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
export const ladderRules: Readonly<Record<"vmaf" | "ssim", LadderRules>> = {
  vmaf: { topQuality: 95.5, leastQuality: 25, qualityStep: 4, leastRatio: 1.4, mostRatio: 2, mostRungs: 6 },
  ssim: { topQuality: 98.5, leastQuality: 75, qualityStep: 0.5, leastRatio: 1.4, mostRatio: 2, mostRungs: 6 },
};

/** A film with one CRF per shot at one resolution. */
export interface RungChoice extends Size {
  readonly bits: number;
  readonly quality: number;
  /** `points[shot]`. */
  readonly points: readonly OperatingPoint[];
  /** `hulls[shot]` at this resolution: what else each shot could be. */
  readonly hulls: readonly (readonly OperatingPoint[])[];
}

/** What the rungs should be: spread by the rules, or one per target. */
export type LadderWish =
  | { readonly kind: "spread" }
  /** bits/s; each rung is the best film that does not exceed its target. */
  | { readonly kind: "bitrates"; readonly targets: readonly number[] }
  /** On the metric's scale; each rung is the cheapest film that reaches its target. */
  | { readonly kind: "qualities"; readonly targets: readonly number[] };

interface Candidate {
  readonly allocation: Allocation;
  /** Its place among the allocation's films. */
  readonly film: number;
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
  allocate: Allocator = constantSlope,
): readonly Candidate[] {
  const all = byHeight.flatMap(({ size, points }) => {
    const allocation = allocate(points);
    return allocation.films.map(({ bits, qualitySum }, film): Candidate => {
      return { allocation, film, size, bits, quality: qualitySum / frames };
    });
  });
  const kept: Candidate[] = [];
  for (const candidate of all.sort((a, b) => a.bits - b.bits || b.quality - a.quality)) {
    if (candidate.quality > (kept.at(-1)?.quality ?? Number.NEGATIVE_INFINITY)) kept.push(candidate);
  }
  return kept;
}

/** The ladder that is wished for, by rising bitrate; targets that the film cannot tell apart give one rung. */
export function wishedLadder(
  films: readonly Candidate[],
  wish: LadderWish,
  rules: LadderRules,
  seconds: number,
): readonly RungChoice[] {
  if (wish.kind === "spread") return chooseLadder(films, rules);
  const [cheapest, dearest] = [films[0], films.at(-1)];
  const picked = wish.targets.map((target) =>
    wish.kind === "bitrates"
      ? (films.findLast((film) => film.bits <= target * seconds) ?? cheapest)
      : (films.find((film) => film.quality >= target) ?? dearest),
  );
  return [...new Set(picked)]
    .filter((film) => film !== undefined)
    .sort((a, b) => a.bits - b.bits)
    .map(rungChoice);
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

/**
 * The rungs, by rising bitrate, without those that came too near the next one above: what the cap on peaks may have done.
 * One per cent is let go, since rungs were chosen at the very limit.
 */
export function spaced(rungs: readonly RungChoice[], rules: LadderRules): readonly RungChoice[] {
  const kept: RungChoice[] = [];
  for (const rung of [...rungs].sort((a, b) => b.bits - a.bits)) {
    const above = kept.at(-1);
    const isApart =
      above === undefined ||
      (rung.bits * rules.leastRatio <= above.bits * 1.01 &&
        rung.quality + rules.qualityStep <= above.quality + 0.01);
    if (isApart) kept.push(rung);
  }
  return kept.reverse();
}

/** The rung with other points, its bits and quality counted anew. */
export function chosen(rung: RungChoice, points: readonly OperatingPoint[], frames: number): RungChoice {
  const bits = points.reduce((sum, point) => sum + point.bits, 0);
  const quality = points.reduce((sum, point) => sum + point.qualitySum, 0) / frames;
  return { ...rung, bits, quality, points };
}

function rungChoice(film: Candidate): RungChoice {
  const { size, bits, quality, allocation } = film;
  return { ...size, bits, quality, points: allocation.choiceAt(film.film), hulls: allocation.others };
}
