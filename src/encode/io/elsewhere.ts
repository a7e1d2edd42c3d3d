// An encode whose trials, pieces and scores are made by others: it goes as far as what is kept allows, offers what it needs
// next, and ends there. Run again over a folder that holds it, it goes on, and makes what it would have made alone: what is
// made is named by what goes into it, whoever makes it.
import type { Reference } from "#encode/argv.ts";
import { ssim, vmaf } from "#encode/measures.ts";
import type { GridPoint } from "#encode/trial-grid.ts";
import type { Bench } from "./bench.ts";
import { scoresOf } from "./final-encode.ts";
import { keptTrial, type TrialOrder } from "./kept-trials.ts";
import { keptPiece, makePieces, type WantedPiece } from "./pieces.ts";
import { makeTrials } from "./trial-runs.ts";

export type LackingWork =
  | {
      readonly kind: "trials";
      readonly order: TrialOrder;
      readonly batches: readonly (readonly GridPoint[])[];
      /** Pieces that trials in several parts are joined from. */
      readonly uses: readonly WantedPiece[];
    }
  | {
      readonly kind: "pieces";
      readonly reference: Reference;
      readonly batches: readonly (readonly WantedPiece[])[];
    }
  | {
      readonly kind: "scores";
      readonly order: TrialOrder;
      readonly rungs: readonly (readonly WantedPiece[])[];
    };

export interface Elsewhere {
  /** For how many workers the trials are divided. */
  readonly workers: number;
  /** Throws `WorkLacks`. */
  readonly offer: (work: LackingWork) => never;
}

/** Not a failure: how an encode ends that has others make what lacks. */
export class WorkLacks extends Error {
  override readonly name = "WorkLacks";
  readonly work: LackingWork;

  constructor(work: LackingWork) {
    super(`${work.kind} are made by others`);
    this.work = work;
  }
}

/** Offers work by ending the encode with it. */
export function elsewhere(workers: number): Elsewhere {
  return {
    workers,
    offer: (work) => {
      throw new WorkLacks(work);
    },
  };
}

export type OnShare = (share: number) => void;

/** The measure that this metric is of; undefined when it is none of ours. */
export function measureNamed(name: string): TrialOrder["measure"] | undefined {
  return [vmaf, ssim].find((measure) => measure.name === name);
}

/** Trials of one size that a run offered; those that are kept already are left. */
export async function makeOfferedTrials(
  points: readonly GridPoint[],
  order: TrialOrder,
  bench: Bench,
  onShare: OnShare,
): Promise<void> {
  const kept = await Promise.all(points.map((point) => keptTrial(point, order, bench)));
  const missing = points.filter((_, index) => kept[index] === undefined);
  const shares = new Map<GridPoint, number>();
  const tell = (point: GridPoint, share: number): void => {
    shares.set(point, share);
    onShare([...shares.values()].reduce((sum, one) => sum + one, 0) / Math.max(1, missing.length));
  };
  if (missing.length === 0) return;
  const { signal } = bench;
  await makeTrials(missing, { order, bench, signal, onShare: tell, onMade: (point) => tell(point, 1) });
}

/** Pieces that a run offered, batch after batch. */
export async function makeOfferedPieces(
  batches: readonly (readonly WantedPiece[])[],
  reference: Reference,
  bench: Bench,
  onShare: OnShare,
): Promise<void> {
  for (const [index, batch] of batches.entries()) {
    const missing: WantedPiece[] = [];
    for (const piece of batch) if ((await keptPiece(piece, bench)) === undefined) missing.push(piece);
    if (missing.length > 0) await makePieces(missing, reference, bench, bench.signal);
    onShare((index + 1) / batches.length);
  }
}

/** Scores of one finished rung that a run offered. */
export async function makeOfferedScores(
  pieces: readonly WantedPiece[],
  order: TrialOrder,
  bench: Bench,
  onShare: OnShare,
): Promise<void> {
  await scoresOf({ pieces }, { ...order, onShare }, bench, bench.signal);
}
