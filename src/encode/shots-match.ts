// How well found cuts agree with known ones, in the way of TRECVID's shot boundary task: each known cut is matched at most
// once, the nearest first, within a tolerance of frames.
import type { Transition } from "./shots-gradual.ts";

export interface KnownCuts {
  readonly cuts: readonly number[];
  /** Dissolves, fades out, fades in. */
  readonly transitions: readonly Transition[];
}

export interface CutScore {
  readonly known: number;
  /** Without borders at the edge of a transition: they are neither right nor wrong. */
  readonly found: number;
  readonly matched: number;
  /** Sum of found − known over the matches, frames. */
  readonly offsets: number;
  readonly transitions: number;
  /** Transitions with no border inside. */
  readonly whole: number;
}

/** The first and last mixed frame look pure: an edge is found within so many frames. */
const edgeSlack = 2;

export function scoreCuts(found: readonly number[], known: KnownCuts, tolerance: number): CutScore {
  const { transitions } = known;
  const isAtEdge = (cut: number): boolean =>
    transitions.some(({ from, to }) => near(cut, from + 1, edgeSlack) || near(cut, to, edgeSlack));
  const isInside = (cut: number, { from, to }: Transition): boolean => cut > from + 1 && cut < to;
  const counted = found.filter((cut) => known.cuts.includes(cut) || !isAtEdge(cut));
  const offsets = matchOffsets(counted, known.cuts, tolerance);
  return {
    known: known.cuts.length,
    found: counted.length,
    matched: offsets.length,
    offsets: offsets.reduce((sum, offset) => sum + offset, 0),
    transitions: transitions.length,
    whole: transitions.filter((one) => !counted.some((cut) => isInside(cut, one))).length,
  };
}

export function addScores(scores: readonly CutScore[]): CutScore {
  const sum = (of: (score: CutScore) => number): number =>
    scores.reduce((total, score) => total + of(score), 0);
  return {
    known: sum((score) => score.known),
    found: sum((score) => score.found),
    matched: sum((score) => score.matched),
    offsets: sum((score) => score.offsets),
    transitions: sum((score) => score.transitions),
    whole: sum((score) => score.whole),
  };
}

/** Shares of 1. Nothing found is no false cut; nothing to find is none missed. */
export function ratesOf({ known, found, matched }: CutScore): {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
} {
  const share = (whole: number): number => (whole === 0 ? 1 : matched / whole);
  return {
    precision: share(found),
    recall: share(known),
    f1: known + found === 0 ? 1 : (2 * matched) / (known + found),
  };
}

/** Greedy: the pair with the least distance first. */
function matchOffsets(
  found: readonly number[],
  known: readonly number[],
  tolerance: number,
): readonly number[] {
  const pairs = known
    .flatMap((cut) => found.map((other) => ({ cut, other, offset: other - cut })))
    .filter(({ offset }) => Math.abs(offset) <= tolerance)
    .sort((a, b) => Math.abs(a.offset) - Math.abs(b.offset) || a.cut - b.cut || a.other - b.other);
  const used = { known: new Set<number>(), found: new Set<number>() };
  const offsets: number[] = [];
  for (const { cut, other, offset } of pairs) {
    if (used.known.has(cut) || used.found.has(other)) continue;
    used.known.add(cut);
    used.found.add(other);
    offsets.push(offset);
  }
  return offsets;
}

function near(one: number, other: number, slack: number): boolean {
  return Math.abs(one - other) <= slack;
}
