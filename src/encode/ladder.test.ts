import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Metric, Shot } from "#model/encoded.ts";
import type { Source } from "#model/source.ts";
import { frames, seconds } from "#units/quantity.ts";
import { type EncodeReport, encodeReport } from "#wire/encode-report.ts";
import { sweep } from "./allocate.ts";
import { convexHull } from "./hull.ts";
import { chooseLadder, ladderRules } from "./ladder.ts";
import { metricOf, ssim, vmaf } from "./measures.ts";
import { methodsOf } from "./methods.ts";
import { onCurve } from "./on-curve.ts";
import { pointsAt, type Trial } from "./operating-points.ts";
import { analyse, reportOf } from "./report.ts";
import { etaSeconds, nameRungs, pieceOrders, posterFrame } from "./rungs.ts";
import { planSegments } from "./segment-plan.ts";
import { shotsFrom } from "./shots.ts";
import { efforts } from "./size.ts";
import { heightsFit, trialGrid } from "./trial-grid.ts";

const display = { width: 640, height: 360 };
const rate = { num: 24, den: 1 };
const judged = methodsOf({}, true);

function sourceOf(count: number): Source {
  return {
    sha256: "00",
    ...display,
    frameRate: rate,
    frames: frames(count),
    duration: seconds(count / 24),
    audio: undefined,
  };
}

/** Trials that behave like an encoder: bits halve every 6 CRF, quality falls with CRF and with scaling, per shot apart. */
function trialsFor(complexities: readonly number[], effort: (typeof efforts)[number] = "draft") {
  const grid = trialGrid(display, { codec: "h264", effort });
  const shots: readonly Shot[] = shotsFrom(
    complexities.slice(1).map((_, index) => (index + 1) * 48),
    complexities.length * 48,
  );
  const trials = grid.points.map((point): Trial => {
    const scale = point.height / display.height;
    return {
      point,
      shots: complexities.map((complexity) => ({
        bits: 48 * 20_000 * complexity * scale ** 1.2 * 2 ** ((18 - point.crf) / 6),
        quality: Math.max(
          5,
          100 - (point.crf - 16) * (0.8 + complexity / 2) - (1 - scale) * 30 * complexity ** 0.5,
        ),
      })),
    };
  });
  return { grid, shots, trials, source: sourceOf(complexities.length * 48) };
}

const complexities = fc.array(fc.double({ min: 0.05, max: 4, noNaN: true }), { minLength: 1, maxLength: 10 });

test("[EN11] every effort tries at least three heights at three CRFs each, none above the display", () => {
  for (const effort of efforts) {
    const grid = trialGrid(display, { codec: "h264", effort });
    assert.ok(grid.sizes.length >= 3, effort);
    for (const { height } of grid.sizes) {
      const crfs = grid.points.filter((point) => point.height === height).map(({ crf }) => crf);
      assert.ok(crfs.length >= 3 && crfs.every((crf, n) => n === 0 || crf > (crfs[n - 1] ?? crf)), effort);
    }
    assert.deepEqual(grid.sizes[0], display);
    for (const size of grid.sizes)
      assert.ok(size.width % 2 === 0 && size.height % 2 === 0 && size.height <= 360);
  }
  assert.deepEqual(trialGrid(display, { codec: "h264", effort: "draft", heights: [180, 240] }).sizes, [
    { width: 426, height: 240 },
    { width: 320, height: 180 },
  ]);
});

test("[EN11] heights that would enlarge, or are odd, do not fit", () => {
  assert.equal(heightsFit([180, 360], display), true);
  for (const wrong of [[], [720], [181], [0], [Number.NaN]]) assert.equal(heightsFit(wrong, display), false);
});

test("[EN12] operating points hold every trial and fill every step of CRF between", () => {
  const { shots, trials } = trialsFor([1, 2]);
  const reach = { steps: 2, least: 18, greatest: 42 };
  const points =
    pointsAt(display, trials, shots, { distortion: vmaf.distortion, crfStep: 0.25, reach })[0] ?? [];
  assert.deepEqual(
    points.map((point) => point.crf),
    Array.from({ length: 73 }, (_, n) => 18 + n / 4),
  );
  assert.deepEqual(
    points.filter((point) => !point.predicted).map((point) => point.crf),
    [18, 26, 34],
  );
  const bits = points.map((point) => point.bits);
  assert.deepEqual(
    bits,
    [...bits].sort((a, b) => b - a),
  );
});

test("[EN15] SSIM counts in decibels and keeps its own name", () => {
  assert.equal(vmaf.distortion(80), 20);
  assert.ok(Math.abs(ssim.distortion(99) - -20) < 1e-9);
  assert.deepEqual(metricOf(ssim, display, 3), {
    ...{ name: "ssim", model: "", pooling: "mean", displayWidth: 640, displayHeight: 360, subsample: 1 },
  });
  assert.equal(metricOf(vmaf, display, 3).model, "vmaf_v0.6.1");
});

test("[EN18] law: rungs rise by their guards, from trials of any film", () => {
  fc.assert(
    fc.property(complexities, (list) => {
      const { grid, shots, trials, source } = trialsFor(list);
      const { films } = analyse(grid, trials, shots, source, judged);
      const rules = ladderRules.vmaf;
      const ladder = chooseLadder(films, rules);
      assert.ok(ladder.length >= 1 && ladder.length <= rules.mostRungs);
      for (const [index, rung] of ladder.entries()) {
        assert.equal(rung.points.length, shots.length);
        for (const point of rung.points) assert.equal(point.height, rung.height);
        const below = ladder[index - 1];
        if (below === undefined) continue;
        assert.ok(rung.bits >= below.bits * rules.leastRatio * (1 - 1e-12));
        assert.ok(rung.quality >= below.quality + rules.qualityStep - 1e-9);
      }
      const top = ladder.at(-1);
      const cheaper = films.filter((film) => film.bits < (top?.bits ?? 0));
      for (const film of cheaper) assert.ok(film.quality < rules.topQuality);
    }),
    { seed: 12, numRuns: 40 },
  );
});

test("[EN18] a film that gains nothing from bits has one rung, the cheapest", () => {
  const { grid, shots, trials, source } = trialsFor([1]);
  const black = trials.map((trial) => ({
    ...trial,
    shots: [{ bits: 1000 + trial.point.height - trial.point.crf, quality: 97.4 }],
  }));
  const ladder = chooseLadder(analyse(grid, black, shots, source, judged).films, ladderRules.vmaf);
  assert.equal(ladder.length, 1);
  assert.equal(ladder[0]?.height, Math.min(...grid.sizes.map((size) => size.height)));
});

test("[EN18] an ordinary film has three to six rungs with ids that count per height", () => {
  const { grid, shots, trials, source } = trialsFor([0.2, 1, 3]);
  const ladder = chooseLadder(analyse(grid, trials, shots, source, judged).films, ladderRules.vmaf);
  const rungs = nameRungs("h264", ladder, source.duration);
  assert.ok(rungs.length >= 3 && rungs.length <= 6);
  assert.equal(new Set(rungs.map((rung) => rung.id)).size, rungs.length);
  for (const rung of rungs) assert.match(rung.id, new RegExp(`^v${rung.height}-\\d$`));
});

test("[EN20] law: no film at one CRF lies below the constant-slope curve of its height", () => {
  fc.assert(
    fc.property(complexities, (list) => {
      const { grid, shots, trials, source } = trialsFor(list);
      const { byHeight, baselines } = analyse(grid, trials, shots, source, judged);
      assert.equal(baselines.fixedLadder.length, grid.sizes.length);
      for (const film of baselines.fixedLadder) assert.equal(film.crf, 26);
      for (const film of [...baselines.fixedLadder, ...baselines.fixedCrfNative, ...baselines.perTitleHull]) {
        const points = byHeight.find(({ size }) => size.height === film.height)?.points ?? [];
        const { states } = sweep(points.map((shotPoints) => convexHull(shotPoints)));
        const distortion = source.frames * (100 - film.quality);
        assert.ok(distortion >= onCurve(states, film.bits) - 1e-6 * distortion);
      }
    }),
    { seed: 13, numRuns: 40 },
  );
});

test("[EN20] shots that differ are where constant slope saves bits", () => {
  const saved = (list: readonly number[]): number => {
    const { grid, shots, trials, source } = trialsFor(list);
    return analyse(grid, trials, shots, source, judged).bdRatePercent.perTitleHull ?? Number.NaN;
  };
  assert.ok(saved([0.1, 1, 3]) < -2, `${saved([0.1, 1, 3])}`);
  assert.ok(saved([0.1, 1, 3]) < saved([1, 1, 1]));
});

test("[EN22] pieces tile the film and carry the plan's keyframes", () => {
  const { grid, shots, trials, source } = trialsFor([0.2, 1, 3]);
  const plan = planSegments(shots, 4, rate, source.frames);
  const ladder = chooseLadder(analyse(grid, trials, shots, source, judged).films, ladderRules.vmaf);
  for (const rung of nameRungs("h264", ladder, source.duration)) {
    const orders = pieceOrders({ rung, preset: "veryfast", peak: 1e6 }, shots, plan, rate);
    assert.equal(
      orders.reduce((total, order) => total + order.frames, 0),
      source.frames,
    );
    assert.deepEqual(
      orders.flatMap((order) => order.keyframes),
      plan.keyframes,
    );
    assert.equal(orders.length, shots.length);
  }
});

test("[EN27] the poster comes from the shot that stays lively at the coarsest CRF", () => {
  const { shots, trials, source } = trialsFor([0.05, 2, 1, 4, 4, 4]);
  const frame = posterFrame(shots, trials, source.frames);
  assert.ok(frame >= 48 && frame < 96, `${frame}`);
});

test("[EN29] the report's ladder shows what the pieces weigh", () => {
  const { grid, shots, trials, source } = trialsFor([1, 2]);
  const metric: Metric = metricOf(vmaf, display, 3);
  const analysis = analyse(grid, trials, shots, source, judged);
  const choices = chooseLadder(analysis.films, ladderRules.vmaf);
  const [rung] = nameRungs("h264", choices, source.duration);
  assert.ok(rung !== undefined);
  const [choice] = choices;
  assert.ok(choice !== undefined);
  const expected = choice.points;
  const finished = {
    rung,
    planned: choice,
    choice,
    bits: 4_000_000,
    quality: 81,
    peak: 2_000_000,
    shotBits: [1e6, 3e6],
  };
  const report = reportOf({
    intake: { mended: [], leftOut: [] },
    ...{ fileName: "a.mp4", source, metric, effort: "draft", shots, stages: [] },
    codecs: [{ codec: "h264", trials, analysis, rungs: [finished], exhaustive: 76 }],
    ...{ peakRatio: 3, encodesRun: 1, encodesReused: 0 },
  });
  const { ladder, trials: points } = report;
  assert.ok(Array.isArray(ladder) && Array.isArray(points));
  assert.equal(ladder[0].bitrateBps, 1_000_000);
  assert.deepEqual([ladder[0].vmaf, ladder[0].quality], [81, 81]);
  assert.deepEqual(ladder[0].measured, {
    ...{ bitrateBps: 1_000_000, quality: 81, vmaf: 81, peakBps: 2_000_000 },
  });
  assert.equal(ladder[0].predicted.vmaf, choice.quality);
  assert.deepEqual(
    ladder[0].points.map((point: { crf: number; quality: number }) => [point.crf, point.quality]),
    expected.map((point) => [point.crf, point.quality]),
  );
  assert.equal(points.length, trials.length * shots.length);
});

test("[EN114] beside encoded baselines stand rates of the finished H.264 ladder, and none where there is no such ladder", () => {
  const { grid, shots, trials, source } = trialsFor([1, 2, 3, 0.5]);
  const analysis = analyse(grid, trials, shots, source, judged);
  const choices = chooseLadder(analysis.films, ladderRules.vmaf);
  const baselines = choices.map(({ bits, quality }, index) => {
    return {
      ...display,
      name: "fixed-crf-native",
      crf: 40 - index,
      bits: 2 * bits,
      quality,
      cpuSeconds: 1,
    } as const;
  });
  const reportFor = (codec: "h264" | "av1", encoded: typeof baselines): EncodeReport => {
    const rungs = nameRungs(codec, choices, source.duration).flatMap((rung, index) => {
      const choice = choices[index];
      if (choice === undefined) return [];
      const measured = { bits: choice.bits, quality: choice.quality, peak: choice.bits, shotBits: [] };
      return [{ rung, planned: choice, choice, ...measured }];
    });
    return encodeReport.parse(
      reportOf({
        ...{
          fileName: "a.mp4",
          source,
          metric: metricOf(vmaf, display, 3),
          effort: "draft",
          shots,
          stages: [],
        },
        ...{ intake: { mended: [], leftOut: [] }, peakRatio: 3, encodesRun: 1, encodesReused: 0 },
        codecs: [{ codec, trials, analysis, rungs, exhaustive: 76 }],
        baselines: encoded,
      }),
    );
  };
  assert.ok(choices.length >= 3);
  const plain = reportFor("h264", baselines);
  assert.ok(Math.abs((plain.bdRatePercent.fixedCrfNative ?? 0) + 50) < 1e-6, "half the bits");
  assert.equal(plain.bdRatesFrom?.fixedCrfNative, "finished");
  assert.equal(plain.bdRatesFrom?.fixedLadder, "trials");
  assert.equal(plain.bdRatePercent.perTitleHull, analysis.bdRatePercent.perTitleHull);
  assert.equal(plain.bdRatesFrom?.perTitleHull, "trials");
  const other = reportFor("av1", baselines);
  assert.equal(other.bdRatePercent.fixedCrfNative, null);
  assert.equal(other.baselines?.find(({ measured }) => measured)?.label, "full height at one CRF, in H.264");
  assert.notEqual(reportFor("av1", []).bdRatePercent.fixedCrfNative, null);
});

test("[EN29] time to go is unknown until something was done", () => {
  assert.equal(etaSeconds(0, 10, 5), undefined);
  assert.equal(etaSeconds(5, 10, 5), 10);
});
