// Runs a trial grid: what earlier runs have kept is taken, the rest is made side by side, trials of one size together.
import type { Trial } from "#encode/operating-points.ts";
import { trialBatches } from "#encode/trial-batches.ts";
import type { GridPoint } from "#encode/trial-grid.ts";
import type { Bench } from "./bench.ts";
import { doInBatches } from "./claims.ts";
import { keptTrial, type TrialOrder, trialPath, wantedParts } from "./kept-trials.ts";
import { makeMissing } from "./missing-pieces.ts";
import { type Progress, paceOver } from "./progress.ts";
import { makeTrials } from "./trial-runs.ts";

export interface TrialsDone {
  /** In the order of the points. */
  readonly trials: readonly Trial[];
  readonly run: number;
  readonly reused: number;
}

/** All points, those of earlier runs from disk, the rest side by side: first the parts of those that need several. */
export async function runTrials(
  points: readonly GridPoint[],
  order: TrialOrder,
  bench: Bench,
  onProgress: (progress: Progress) => void,
): Promise<TrialsDone> {
  const kept = await Promise.all(points.map((point) => keptTrial(point, order, bench)));
  const missing = points.filter((_, index) => kept[index] === undefined);
  const reused = points.length - missing.length;
  const begun = { done: reused, total: points.length, reused, share: 0, etaSeconds: undefined };
  onProgress(begun);
  const parts = missing.map((point) => wantedParts(point, order, bench));
  await makeMissing(parts, new Map(), order.reference, bench, ({ share, etaSeconds }) => {
    onProgress({ ...begun, share: share / 2, etaSeconds });
  });
  // Where parts were encoded first, what is left is to score them.
  const isInParts = parts.some(({ length }) => length > 0);
  const before = isInParts ? 0.5 : 0;
  const tell = (progress: Progress): void => {
    onProgress({ ...progress, share: before + (1 - before) * progress.share });
  };
  const pace = paceOver(missing, (point) => point.width * point.height, reused);
  let run = 0;
  const workers = bench.elsewhere?.workers ?? bench.workshop.jobs;
  const facts = { workers, display: order.reference.display, frames: order.frames };
  const batches = isInParts ? missing.map((point) => [point]) : trialBatches(missing, facts);
  if (missing.length > 0) bench.elsewhere?.offer({ kind: "trials", order, batches, uses: parts.flat() });
  const fresh = await doInBatches(batches, bench.workshop, bench.signal, {
    path: (point) => trialPath(point, order, bench),
    kept: (point) => keptTrial(point, order, bench),
    make: (batch, signal) =>
      makeTrials(batch, {
        ...{ order, bench, signal },
        onShare: (point, share) => {
          const progress = pace.partly(point, share);
          if (progress !== undefined) tell(progress);
        },
        onMade: (point) => {
          run++;
          tell(pace.finished(point));
        },
      }),
  });
  const made = new Map(fresh.map((trial) => [trial.point, trial]));
  const trials = points.flatMap((point, index) => kept[index] ?? made.get(point) ?? []);
  return { trials, run, reused: points.length - run };
}
