// Encodes and scores what the ladder is compared with, so that a saving is never an estimate: fixed ladders, one CRF at full
// height, and the best height and CRF for the film as a whole.
import { join } from "node:path";
import type { Args, Reference } from "#encode/argv.ts";
import { fixedRungArgs, type PieceOrder, pieceArgs, trialArgs } from "#encode/argv-video.ts";
import { encodeFaults } from "#encode/faults.ts";
import { filmParts } from "#encode/film-parts.ts";
import { type FixedLadderName, fixedLadder } from "#encode/fixed-ladders.ts";
import { timescaleOf } from "#encode/frame-rate.ts";
import type { Measure } from "#encode/measures.ts";
import type { EncodedBaseline } from "#encode/report.ts";
import { poolShot } from "#encode/scores.ts";
import type { Size } from "#encode/size.ts";
import type { Metric, SegmentPlan } from "#model/encoded.ts";
import { Fault } from "#units/fault.ts";
import type { Bench } from "./bench.ts";
import { doTogether } from "./claims.ts";
import { groupsIn } from "./groups.ts";
import { joinPieces, type PlacedPiece } from "./join-pieces.ts";
import { keepScores, keptScores } from "./kept-scores.ts";
import { measure, measureWith } from "./measure.ts";
import { type Progress, paceOver } from "./progress.ts";
import { keyOf } from "./vault.ts";
import { runWatched, type Watch } from "./watched.ts";
import { processorSeconds, type WorkOrder, withScratch } from "./workshop.ts";

export type BaselineFilm = EncodedBaseline;

export interface BaselineOrder {
  readonly reference: Reference;
  readonly referenceKey: string;
  readonly frames: number;
  readonly plan: SegmentPlan;
  readonly metric: Metric;
  readonly measure: Measure;
  readonly preset: string;
  /** Heights and CRFs of the per-title hull; none when x264 was not tried on the film. */
  readonly titleHull: readonly (Size & { readonly crf: number })[];
}

/** x264's, as far apart as the trials of a full grid. */
const nativeCrfs: readonly number[] = [18, 22, 26, 30, 34, 38, 42];
const encoded = "baseline.mp4";

type Wanted = Omit<BaselineFilm, "bits" | "quality" | "cpuSeconds"> & {
  readonly args: Args;
  /** Where one encode cannot make the film: what `args` would say, in several. */
  readonly parts?: readonly PieceOrder[];
};

/** All of them, those of earlier runs from disk. */
export async function encodeBaselines(
  order: BaselineOrder,
  bench: Bench,
  onProgress: (progress: Progress) => void,
): Promise<{ readonly films: readonly BaselineFilm[]; readonly run: number }> {
  const { reference } = order;
  const fixed = (["netflix-2015", "peertube"] satisfies readonly FixedLadderName[]).flatMap((name) =>
    fixedLadder(name, reference.display, reference.rate).map((rung): Wanted => {
      return { ...rung, name, args: fixedRungArgs(reference, rung, order.preset, encoded) };
    }),
  );
  const atCrf = (name: BaselineFilm["name"], point: Size & { readonly crf: number }): Wanted => {
    const trial = { codec: "h264", preset: order.preset, ...point } as const;
    const { keyframes } = order.plan;
    const parts = filmParts(trial, { keyframes, frames: order.frames, rate: reference.rate });
    const args = trialArgs(reference, trial, keyframes, encoded);
    return { ...point, name, args, ...(parts && { parts }) };
  };
  const native = nativeCrfs.map((crf) => atCrf("fixed-crf-native", { ...reference.display, crf }));
  const hull = order.titleHull.map(({ width, height, crf }) =>
    atCrf("per-title-hull", { width, height, crf }),
  );
  const all = [...fixed, ...native, ...hull];
  const pace = paceOver(all, ({ width, height }) => width * height, 0);
  let run = 0;
  onProgress(pace.now());
  const films = await doTogether(all, bench.workshop, bench.signal, {
    path: (film) => pathOf(film, order, bench),
    kept: async (film) => {
      const kept = await keptScores(pathOf(film, order, bench), order.metric);
      return isFigure(kept) ? { ...about(film), ...kept } : undefined;
    },
    make: async (film, signal) => {
      const onShare = (share: number): void => {
        const progress = pace.partly(film, share);
        if (progress !== undefined) onProgress(progress);
      };
      const figure = await encodeOne(film, order, bench, { signal, onShare });
      await keepScores(pathOf(film, order, bench), order.metric, figure);
      run++;
      onProgress(pace.finished(film));
      return { ...about(film), ...figure };
    },
  });
  return { films, run };
}

function about({ args: _, parts: __, ...film }: Wanted): Omit<Wanted, "args" | "parts"> {
  return film;
}

interface Figure {
  readonly bits: number;
  readonly quality: number;
  /** Of the encoder alone. */
  readonly cpuSeconds: number;
}

/** @throws Fault encode-baseline-mismatch when it is not the whole film */
async function encodeOne(
  film: Wanted,
  order: BaselineOrder,
  bench: Bench,
  { signal, onShare }: Pick<Watch, "onShare"> & { readonly signal: AbortSignal },
): Promise<Figure> {
  const { reference, frames } = order;
  const filmSeconds = (frames * reference.rate.den) / reference.rate.num;
  return withScratch(bench.workDir, async (scratch) => {
    const work = { tool: bench.ffmpeg, reads: [reference.path], scratch, filmSeconds, signal };
    const half = { frames, onShare: (share: number) => onShare(share / 2) };
    const cpuSeconds = await encodeInto(
      { ...work, args: film.args },
      { parts: film.parts, watch: half },
      reference,
      bench,
    );
    const groups = await groupsIn(join(scratch, encoded));
    const watch = { frames, onShare: (share: number) => onShare((1 + share) / 2) };
    const scores = await measure({ ...order, filmSeconds, watch }, encoded, scratch, bench, signal);
    const quality = poolShot(scores, { startFrame: 0, endFrame: frames });
    const sizes = groups?.flat() ?? [];
    if (sizes.length !== frames || quality === undefined) {
      const reason = `it holds ${sizes.length} of ${frames} frames, ${scores.size} of them scored`;
      throw new Fault(encodeFaults.baselineMismatch, { name: film.name, height: film.height, reason });
    }
    return { bits: 8 * sizes.reduce((sum, size) => sum + size, 0), quality, cpuSeconds };
  });
}

/** Leaves the whole film in the scratch folder. Processor seconds it took. */
async function encodeInto(
  work: WorkOrder & { readonly scratch: string },
  { parts, watch }: { readonly parts: readonly PieceOrder[] | undefined; readonly watch: Watch },
  reference: Reference,
  bench: Bench,
): Promise<number> {
  if (parts === undefined) return processorSeconds((await runWatched(bench.workshop, work, watch)).stderr);
  let cpuSeconds = 0;
  const placed: PlacedPiece[] = [];
  for (const [index, part] of parts.entries()) {
    const args = pieceArgs(reference, part, `${index}.mp4`);
    cpuSeconds += processorSeconds((await bench.workshop.run({ ...work, args })).stderr);
    placed.push({ path: join(work.scratch, `${index}.mp4`), startFrame: part.startFrame });
    watch.onShare((index + 1) / parts.length);
  }
  await joinPieces(placed, timescaleOf(reference.rate).ticksPerFrame, join(work.scratch, encoded));
  return cpuSeconds;
}

function pathOf({ args }: Wanted, order: BaselineOrder, bench: Bench): string {
  const { reference, referenceKey, metric } = order;
  const filmSeconds = (order.frames * reference.rate.den) / reference.rate.num;
  const measured = measureWith({ ...order, filmSeconds }, encoded, bench);
  const nameless = [...args, ...measured.args].map((arg) => arg.replaceAll(reference.path, "REFERENCE"));
  const key = keyOf({ referenceKey, nameless, metric, by: [bench.ffmpeg.build, measured.tool.build] });
  return join(bench.workDir, "baselines", `${key}.json`);
}

function isFigure(value: unknown): value is Figure {
  if (typeof value !== "object" || value === null) return false;
  if (!("bits" in value) || !("quality" in value) || !("cpuSeconds" in value)) return false;
  const figures = [value.bits, value.quality, value.cpuSeconds];
  return figures.every((figure) => typeof figure === "number" && Number.isFinite(figure));
}
