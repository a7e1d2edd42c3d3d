// What is to be tried, and what of it is on disk already: a trial is named by everything that could change its figures.
import { join } from "node:path";
import type { Args, Reference } from "#encode/argv.ts";
import { type PieceOrder, piecesArgs, trialArgs } from "#encode/argv-video.ts";
import { filmParts } from "#encode/film-parts.ts";
import type { Measure } from "#encode/measures.ts";
import type { ShotFigure, Trial } from "#encode/operating-points.ts";
import type { GridPoint } from "#encode/trial-grid.ts";
import type { Codec, Metric, SegmentPlan, Shot } from "#model/encoded.ts";
import type { Bench } from "./bench.ts";
import { keptScores } from "./kept-scores.ts";
import { measureWith } from "./measure.ts";
import { piecePath, type WantedPiece } from "./pieces.ts";
import { keyOf } from "./vault.ts";

export interface TrialOrder {
  readonly codec: Codec;
  readonly reference: Reference;
  /** Names the reference. */
  readonly referenceKey: string;
  readonly frames: number;
  readonly shots: readonly Shot[];
  readonly plan: SegmentPlan;
  readonly metric: Metric;
  readonly measure: Measure;
  readonly preset: string;
  /** Of a segment's rate to its rung's mean, at most. */
  readonly peakRatio: number;
}

/** The encode in a scratch folder, as its name says it: another name would be another key. */
export const encoded = "trial.mp4";

export async function keptTrial(
  point: GridPoint,
  order: TrialOrder,
  bench: Bench,
): Promise<Trial | undefined> {
  const shots = await keptScores(trialPath(point, order, bench), order.metric);
  if (!Array.isArray(shots) || shots.length !== order.shots.length) return undefined;
  const figures = shots.filter(isFigure);
  return figures.length === shots.length ? { point, shots: figures } : undefined;
}

/** None when one encode makes the whole film. */
export function wantedParts(point: GridPoint, order: TrialOrder, bench: Bench): readonly WantedPiece[] {
  const { reference, referenceKey } = order;
  return (partsOf(point, order) ?? []).map((part) => {
    return { order: part, path: piecePath(part, reference, referenceKey, bench) };
  });
}

function partsOf(point: GridPoint, order: TrialOrder): readonly PieceOrder[] | undefined {
  const { codec, preset, plan, frames, reference } = order;
  const film = { keyframes: plan.keyframes, frames, rate: reference.rate };
  return filmParts({ codec, preset, ...point }, film);
}

export function filmSeconds({ frames, reference: { rate } }: TrialOrder): number {
  return (frames * rate.den) / rate.num;
}

/** Everything that could change a figure is in the name. */
export function trialPath(point: GridPoint, order: TrialOrder, bench: Bench): string {
  const { reference, metric, codec, preset, plan } = order;
  const parts = partsOf(point, order);
  const args =
    parts === undefined
      ? trialArgs(reference, { codec, preset, ...point }, plan.keyframes, encoded)
      : piecesArgs(
          reference,
          parts.map((part) => ({ order: part, output: encoded })),
        );
  const measured = measureWith({ ...order, filmSeconds: filmSeconds(order) }, encoded, bench);
  const key = keyOf({
    reference: order.referenceKey,
    encoder: [bench.ffmpeg.build, withoutPath(args, reference)],
    measure: [metric, measured.tool.build, withoutPath(measured.args, reference)],
    shots: order.shots.map((shot) => shot.startFrame),
  });
  return join(bench.workDir, "trials", `${key}.json`);
}

/** Where the film lies on this machine does not matter. */
function withoutPath(args: Args, reference: Reference): Args {
  return args.map((arg) => arg.replaceAll(reference.path, "REFERENCE"));
}

function isFigure(value: unknown): value is ShotFigure {
  if (typeof value !== "object" || value === null || !("bits" in value) || !("quality" in value))
    return false;
  const { bits, quality } = value;
  return typeof bits === "number" && bits > 0 && typeof quality === "number" && Number.isFinite(quality);
}
