// All pieces of all rungs of one codec; what missed its target again; then the proof that each rung's pieces can be
// joined, and what they really look like.
import { join } from "node:path";
import { encodeFaults } from "#encode/faults.ts";
import { timescaleOf } from "#encode/frame-rate.ts";
import type { RungChoice } from "#encode/ladder.ts";
import { type FilmCut, segmentRates, withoutPeaks } from "#encode/peak.ts";
import { refined } from "#encode/refine.ts";
import { nameRungs, pieceOrders } from "#encode/rungs.ts";
import { type FrameScores, poolShot } from "#encode/scores.ts";
import type { EncodedRung, Piece, Rung } from "#model/encoded.ts";
import { assert } from "#units/assert.ts";
import { Fault } from "#units/fault.ts";
import { framesToSeconds } from "#units/quantity.ts";
import type { Bench } from "./bench.ts";
import { joinPieces } from "./join-pieces.ts";
import { keepScores, keptScores } from "./kept-scores.ts";
import type { TrialOrder } from "./kept-trials.ts";
import { type Measuring, measure, measureWith } from "./measure.ts";
import { makeMissing } from "./missing-pieces.ts";
import { type MadePiece, piecePath, type WantedPiece } from "./pieces.ts";
import { type Progress, paceOver } from "./progress.ts";
import { keyOf } from "./vault.ts";
import type { Watch } from "./watched.ts";
import { sideBySide, withScratch } from "./workshop.ts";

export interface DoneRung {
  readonly encoded: EncodedRung;
  /** What the allocation chose: what its bits and quality say was predicted. */
  readonly planned: RungChoice;
  /** What the pieces were finally ordered as: up to two shots of `planned` changed. */
  readonly choice: RungChoice;
  readonly bits: number;
  readonly shotBits: readonly number[];
  /** bits/s of the dearest segment. */
  readonly peak: number;
  /** Mean over the film's scored frames, measured. */
  readonly quality: number;
}

export interface FinalEncode {
  readonly rungs: readonly DoneRung[];
  readonly run: number;
  readonly reused: number;
  /** Pieces that were encoded again because a rung had missed its target. */
  readonly refined: number;
}

interface WantedRung {
  readonly rung: Rung;
  readonly planned: RungChoice;
  readonly choice: RungChoice;
  readonly pieces: readonly WantedPiece[];
}

/** @throws Fault encode-piece-mismatch, encode-init-mismatch */
export async function encodeRungs(
  ladder: readonly RungChoice[],
  order: TrialOrder,
  bench: Bench,
  tell: { readonly encoding: (progress: Progress) => void; readonly scoring: (progress: Progress) => void },
): Promise<FinalEncode> {
  const made = new Map<string, MadePiece>();
  const planned = wantedRungs(ladder, ladder, order, bench);
  const counts = [await makeMissing(piecesOf(planned), made, order.reference, bench, tell.encoding)];
  let best = planned;
  for (let round = 0; round < mostRounds; round++) {
    const again = wantedRungs(refinedChoices(best, made, order), ladder, order, bench);
    if (again.every(({ choice }, index) => choice === best[index]?.choice)) break;
    counts.push(await makeMissing(piecesOf(again), made, order.reference, bench, tell.encoding));
    best = best.map((wanted, index) => nearer(wanted, again[index] ?? wanted, made, order));
  }
  await offerScores(best, order, bench);
  const pace = paceOver(best, () => 1, 0);
  tell.scoring(pace.now());
  const rungs = await sideBySide(best, bench.workshop.jobs, bench.signal, async (rung, signal) => {
    const onShare = (share: number): void => {
      const progress = pace.partly(rung, share);
      if (progress !== undefined) tell.scoring(progress);
    };
    const done = await finished(rung, made, { ...order, onShare }, bench, signal);
    tell.scoring(pace.finished(rung));
    return done;
  });
  const [run, reused] = [sum(counts.map((count) => count.run)), sum(counts.map((count) => count.reused))];
  return { rungs, run, reused, refined: sum(counts.slice(1).map((count) => count.run + count.reused)) };
}

/** What each rung should be made of next; the very same choice when it is near enough to its target. */
function refinedChoices(
  rungs: readonly WantedRung[],
  made: ReadonlyMap<string, MadePiece>,
  order: TrialOrder,
): readonly RungChoice[] {
  return rungs.map((wanted) => {
    const { choice, planned } = wanted;
    const other = refined(choice, shotBitsOf(wanted, made, order), planned.bits, order.frames);
    return other !== undefined && keepsPeak(other, order) ? other : choice;
  });
}

/** Each round learns what the last one's shots really cost. */
const mostRounds = 2;

/** A later try that came out further from the target than the one before is not the one to publish. */
function nearer(
  first: WantedRung,
  second: WantedRung,
  made: ReadonlyMap<string, MadePiece>,
  order: TrialOrder,
): WantedRung {
  const off = (wanted: WantedRung): number =>
    Math.abs(sum(shotBitsOf(wanted, made, order)) - first.planned.bits);
  return off(second) < off(first) ? second : first;
}

/** Mending the mean must not bring back a peak that the cap had taken away. */
function keepsPeak(choice: RungChoice, order: TrialOrder): boolean {
  return withoutPeaks(choice, cutOf(order), order.peakRatio).bits === choice.bits;
}

function wantedRungs(
  choices: readonly RungChoice[],
  ladder: readonly RungChoice[],
  order: TrialOrder,
  bench: Bench,
): readonly WantedRung[] {
  const { reference, referenceKey, frames, shots, plan, preset, codec } = order;
  const rungs = nameRungs(codec, choices, framesToSeconds(frames, reference.rate));
  return choices.flatMap((choice, index) => {
    const [rung, planned] = [rungs[index], ladder[index]];
    if (rung === undefined || planned === undefined) return [];
    const orders = pieceOrders({ rung, preset, peak: peakOf(planned, order) }, shots, plan, reference.rate);
    const pieces = orders.map((piece) => ({
      order: piece,
      path: piecePath(piece, reference, referenceKey, bench),
    }));
    return [{ rung, planned, choice, pieces }];
  });
}

/** The finished peak may be a little over the predicted one, and a refined rung must not need another level. */
const levelHeadroom = 1.25;

function peakOf(planned: RungChoice, order: TrialOrder): number {
  const bits = planned.points.map((point) => point.bits);
  return levelHeadroom * Math.max(...segmentRates(bits, cutOf(order)));
}

function piecesOf(rungs: readonly WantedRung[]): readonly (readonly WantedPiece[])[] {
  return rungs.map(({ pieces }) => pieces);
}

function cutOf({ shots, plan, frames, reference: { rate } }: TrialOrder): FilmCut {
  return { shots, plan, frames, rate };
}

/** Finished bits of each shot. */
function shotBitsOf(
  wanted: WantedRung | undefined,
  made: ReadonlyMap<string, MadePiece>,
  { shots }: TrialOrder,
): readonly number[] {
  return shots.map(({ startFrame, endFrame }) =>
    (wanted?.pieces ?? [])
      .filter(({ order }) => order.startFrame >= startFrame && order.startFrame < endFrame)
      .reduce((sum, { path }) => sum + (made.get(path)?.bytes ?? 0) * 8, 0),
  );
}

/** A rung has one init segment, so every piece must need the very same one. */
async function finished(
  wanted: WantedRung,
  made: ReadonlyMap<string, MadePiece>,
  order: TrialOrder & Pick<Watch, "onShare">,
  bench: Bench,
  signal: AbortSignal,
): Promise<DoneRung> {
  const { rung, planned, choice, pieces } = wanted;
  const inits = new Set<string>();
  for (const { order: piece, path } of pieces) {
    const done = made.get(path);
    assert(done !== undefined, "every piece was made");
    if (inits.add(done.initSha256).size > 1) {
      throw new Fault(encodeFaults.initMismatch, { rung: rung.id, start: piece.startFrame });
    }
  }
  const scores = await scoresOf(wanted, order, bench, signal);
  const whole = poolShot(scores, { startFrame: 0, endFrame: order.frames });
  if (whole === undefined) {
    const reason = "no frame of it was scored";
    throw new Fault(encodeFaults.pieceMismatch, { rung: rung.id, start: 0, end: order.frames, reason });
  }
  const placed = pieces.map(({ order: { startFrame, frames }, path }): Piece => {
    return { startFrame, frames, path };
  });
  const { boundaries } = order.plan;
  const quality = boundaries.map((startFrame, index) => {
    const endFrame = boundaries[index + 1] ?? order.frames;
    // A last segment shorter than the subsample may have no scored frame.
    return poolShot(scores, { startFrame, endFrame }) ?? whole;
  });
  const bits = shotBitsOf(wanted, made, order);
  return {
    encoded: { rung, ...timescaleOf(order.reference.rate), pieces: placed, quality },
    planned,
    choice,
    bits: sum(bits),
    shotBits: bits,
    peak: Math.max(...segmentRates(bits, cutOf(order))),
    quality: whole,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

const joined = "rung.mp4";

/** Where others make what lacks, they are offered the scores of all rungs at once. */
async function offerScores(rungs: readonly WantedRung[], order: TrialOrder, bench: Bench): Promise<void> {
  if (bench.elsewhere === undefined) return;
  const lacking: (readonly WantedPiece[])[] = [];
  for (const { pieces } of rungs) {
    const { path } = scoring(pieces, order, bench);
    if (!isScores(await keptScores(path, order.metric))) lacking.push(pieces);
  }
  if (lacking.length > 0) bench.elsewhere.offer({ kind: "scores", order, rungs: lacking });
}

/** How a rung of these pieces is scored, and where its scores are kept. */
function scoring(
  pieces: readonly WantedPiece[],
  { reference, metric, measure: method, frames }: TrialOrder,
  bench: Bench,
): { readonly measuring: Measuring; readonly path: string } {
  const filmSeconds = framesToSeconds(frames, reference.rate);
  const measuring = { reference, metric, measure: method, frames, filmSeconds };
  const { tool, args } = measureWith(measuring, joined, bench);
  const nameless = args.map((arg) => arg.replaceAll(reference.path, "REFERENCE"));
  const paths = pieces.map(({ path }) => path.slice(path.lastIndexOf("/") + 1));
  const key = keyOf({ pieces: paths, metric, by: tool.build, args: nameless });
  return { measuring, path: join(bench.workDir, "scores", `${key}.json`) };
}

/** Scores of the finished rung per frame, kept by its pieces. */
export async function scoresOf(
  { pieces }: Pick<WantedRung, "pieces">,
  order: TrialOrder & Pick<Watch, "onShare">,
  bench: Bench,
  signal: AbortSignal,
): Promise<FrameScores> {
  const { reference, metric } = order;
  const { measuring, path } = scoring(pieces, order, bench);
  const kept = await keptScores(path, metric);
  bench.tally.note(isScores(kept) ? "kept" : "made");
  if (isScores(kept)) return new Map(kept);
  return withScratch(bench.workDir, async (scratch) => {
    const placed = pieces.map((piece) => ({ path: piece.path, startFrame: piece.order.startFrame }));
    await joinPieces(placed, timescaleOf(reference.rate).ticksPerFrame, join(scratch, joined));
    const scores = await measure({ ...measuring, watch: order }, joined, scratch, bench, signal);
    await keepScores(path, metric, [...scores]);
    return scores;
  });
}

function isScores(value: unknown): value is readonly (readonly [number, number])[] {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every(
      (pair: unknown) =>
        Array.isArray(pair) &&
        pair.length === 2 &&
        pair.every((n) => typeof n === "number" && Number.isFinite(n)),
    )
  );
}
