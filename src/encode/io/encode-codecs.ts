// One codec after the other through trials, hulls and ladder, then through the final encode.
import { encodeFaults } from "#encode/faults.ts";
import { type LadderWish, type RungChoice, spaced, wishedLadder } from "#encode/ladder.ts";
import { metricOf } from "#encode/measures.ts";
import {
  choicesComplaint,
  type Methods,
  methodsOf,
  nameComplaint,
  pointsComplaint,
} from "#encode/methods.ts";
import type { Trial } from "#encode/operating-points.ts";
import { withoutPeaks } from "#encode/peak.ts";
import { type Analysis, analyse } from "#encode/report.ts";
import type { Size } from "#encode/size.ts";
import { type GridName, type GridOrder, type TrialGrid, trialGrid } from "#encode/trial-grid.ts";
import type { Codec, Metric, SegmentPlan, Shot } from "#model/encoded.ts";
import type { Source } from "#model/source.ts";
import { Fault } from "#units/fault.ts";
import type { Bench } from "./bench.ts";
import { gridWithin } from "./calibrate.ts";
import type { EncodeOrder } from "./encode-order.ts";
import type { Prepared } from "./film-intake.ts";
import { encodeRungs, type FinalEncode } from "./final-encode.ts";
import type { TrialOrder } from "./kept-trials.ts";
import { added, type StageClock } from "./stage-clock.ts";
import { runTrials } from "./trials.ts";

export interface FilmInHand {
  readonly prepared: Prepared;
  readonly source: Source;
  readonly shots: readonly Shot[];
  readonly plan: SegmentPlan;
  readonly clock: StageClock;
  readonly bench: Bench;
}

/** What the trials of one codec came to. */
export interface CodecAnalysis {
  readonly codec: Codec;
  readonly grid: TrialGrid;
  readonly metric: Metric;
  readonly trialOrder: TrialOrder;
  readonly trials: readonly Trial[];
  readonly run: number;
  readonly reused: number;
  readonly analysis: Analysis;
  readonly ladder: readonly RungChoice[];
}

export interface CodecDone {
  readonly codec: Codec;
  readonly final: FinalEncode;
}

const spread: LadderWish = { kind: "spread" };

/** @throws Fault encode-codec-not-allowed, encode-trial-mismatch, encode-broken-method */
export async function analyseCodecs(order: EncodeOrder, film: FilmInHand): Promise<readonly CodecAnalysis[]> {
  const codecs = order.codecs ?? ["h264"];
  refuseMethods(order);
  if (codecs.includes("hevc") && order.settings.allowHevc !== "yes") throw new Fault(encodeFaults.hevc);
  const analyses: CodecAnalysis[] = [];
  for (const codec of codecs) analyses.push(await analyseCodec(codec, order, film));
  return analyses;
}

async function analyseCodec(codec: Codec, order: EncodeOrder, film: FilmInHand): Promise<CodecAnalysis> {
  const { prepared, source, shots, plan, bench, clock } = film;
  const { reference } = prepared;
  const methods = methodsOf(order.methods ?? {}, bench.ffmpegVmaf !== undefined);
  const { measure } = methods;
  const draft = gridBy(methods, reference.display, gridOrder(codec, order, undefined));
  const metric = metricOf(measure, reference.display, draft.subsample);
  if (codec === (order.codecs?.[0] ?? "h264")) order.onEvent({ kind: "metric", metric });
  const trialOrder: TrialOrder = {
    ...{ codec, reference, referenceKey: prepared.key, frames: source.frames },
    ...{ shots, plan, metric, measure, preset: draft.preset, peakRatio: order.settings.peakRatio },
  };
  const budget = order.budgetSeconds;
  const seconds = (budget ?? 0) / (order.codecs?.length ?? 1);
  const name =
    budget === undefined
      ? undefined
      : await gridWithin({ seconds, heights: order.heights }, draft, trialOrder, bench);
  const grid = name ? trialGrid(reference.display, gridOrder(codec, order, name)) : draft;
  const { trials, run, reused } = await runTrials(grid.points, trialOrder, bench, (progress) => {
    order.onEvent({ kind: "trials", codec, ...progress });
  });
  clock.ends(`${codec} trials`, added({ jobs: run + reused, reused }, bench.tally.taken()));
  const analysis = analyse(grid, trials, shots, source, methods);
  const saved = analysis.bdRatePercent.fixedLadder;
  order.onEvent({
    kind: "hulls",
    codec,
    bitsSavedPercent: saved === null ? undefined : -saved,
    plainCrf: analysis.baselines.fixedLadder[0]?.crf,
    hulls: analysis.hulls,
    comparesLater: order.baselines === "wanted",
  });
  const cut = { shots, plan, frames: source.frames, rate: reference.rate };
  const wished = wishedLadder(analysis.films, order.ladder ?? spread, measure.rules, source.duration);
  refuse(methods, "allocate", choicesComplaint(wished, analysis.byHeight, source.frames));
  const capped = wished.map((rung) => withoutPeaks(rung, cut, order.settings.peakRatio));
  const isSpread = (order.ladder ?? spread).kind === "spread";
  const ladder = isSpread ? spaced(capped, measure.rules) : capped;
  return { codec, grid, metric, trialOrder, trials, run, reused, analysis, ladder };
}

/** @throws Fault encode-broken-method */
function gridBy(methods: Methods, display: Size, order: GridOrder): TrialGrid {
  const points = methods.grid.points(display, order);
  refuse(methods, "grid", pointsComplaint(points, display));
  return trialGrid(display, order, points);
}

/** What can be told before anything is tried. */
function refuseMethods({ methods = {}, budgetSeconds }: EncodeOrder): void {
  const { grid, measure } = methods;
  if (measure !== undefined) refuse({ measure }, "measure", nameComplaint(measure));
  if (grid !== undefined && budgetSeconds !== undefined) {
    refuse({ grid }, "grid", "a budget chooses among our own grids, so it is the one or the other");
  }
}

function refuse<P extends keyof Methods>(
  methods: Pick<Methods, P>,
  part: P,
  reason: string | undefined,
): void {
  if (reason === undefined) return;
  throw new Fault(encodeFaults.brokenMethod, { part, name: methods[part].name, reason });
}

function gridOrder(
  codec: Codec,
  { effort, grid, heights }: EncodeOrder,
  within: GridName | undefined,
): GridOrder {
  const name = within ?? grid;
  return {
    ...{ codec, effort },
    ...(name === undefined ? {} : { grid: name }),
    ...(heights === undefined ? {} : { heights }),
  };
}

/** @throws Fault encode-piece-mismatch, encode-init-mismatch */
export async function encodeCodecs(
  order: EncodeOrder,
  { bench, clock }: FilmInHand,
  analyses: readonly CodecAnalysis[],
): Promise<readonly CodecDone[]> {
  const done: CodecDone[] = [];
  for (const { codec, ladder, trialOrder } of analyses) {
    const final = await encodeRungs(ladder, trialOrder, bench, {
      encoding: (progress) => order.onEvent({ kind: "encoding", codec, ...progress }),
      scoring: (progress) => order.onEvent({ kind: "scoring", codec, ...progress }),
    });
    const pieces = { jobs: final.run + final.reused, reused: final.reused };
    clock.ends(`${codec} rungs`, added(pieces, bench.tally.taken()));
    done.push({ codec, final });
  }
  return done;
}
