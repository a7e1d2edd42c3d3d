// What holds of plan, ladder, cap and refining whatever the film. Source: research, encoding §10, invariants 6 and 11.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { planOf } from "#encode/io/source-plan.ts";
import type { Shot } from "#model/encoded.ts";
import type { Source } from "#model/source.ts";
import { frames, seconds } from "#units/quantity.ts";
import { chooseLadder, frontier, type LadderWish, type RungChoice, wishedLadder } from "./ladder.ts";
import { vmaf } from "./measures.ts";
import { methodsOf, ours } from "./methods.ts";
import type { Trial } from "./operating-points.ts";
import { type FilmCut, withoutPeaks } from "./peak.ts";
import { refined } from "./refine.ts";
import { type Analysis, analyse } from "./report.ts";
import { posterFrame } from "./rungs.ts";
import { planSegments } from "./segment-plan.ts";
import { shotsFrom } from "./shots.ts";
import { filmOf, scene, times } from "./shots-drawn.ts";
import { minShotFrames } from "./shots-rules.ts";
import { trialGrid } from "./trial-grid.ts";

const display = { width: 640, height: 360 };
const rate = { num: 24, den: 1 };
const methods = methodsOf({}, true);
const grid = trialGrid(display, { codec: "h264", effort: "standard" });

/** One shot: its length, how much it costs, and how soon it looks bad. */
interface Scene {
  readonly length: number;
  readonly cost: number;
  readonly harm: number;
}

/** Shots that differ, so that no two slopes are the same by design. */
const scenes = (length: fc.Arbitrary<number>): fc.Arbitrary<readonly Scene[]> =>
  fc.uniqueArray(
    fc.record({
      length,
      cost: fc.integer({ min: 50, max: 4000 }).map((n) => n / 1000),
      harm: fc.integer({ min: 10, max: 2500 }).map((n) => n / 1000),
    }),
    { minLength: 1, maxLength: 9, selector: ({ cost }) => cost },
  );
const anyLength = fc.integer({ min: minShotFrames, max: 200 });

function shotsOf(list: readonly Scene[]): readonly Shot[] {
  const ends = list.map((_, n) => list.slice(0, n + 1).reduce((sum, { length }) => sum + length, 0));
  return shotsFrom(ends.slice(0, -1), ends.at(-1) ?? 0);
}

function trialsOf(list: readonly Scene[]): readonly Trial[] {
  return grid.points.map((point) => {
    const scale = point.height / display.height;
    return {
      point,
      shots: list.map(({ length, cost, harm }) => ({
        bits: length * 20_000 * cost * scale ** 1.2 * 2 ** ((18 - point.crf) / 6),
        quality: Math.max(5, 99 - (point.crf - 16) * (0.6 + harm / 2) - (1 - scale) * 25 * harm ** 0.5),
      })),
    };
  });
}

interface Judged {
  readonly analysis: Analysis;
  readonly cut: FilmCut;
  readonly seconds: number;
}

function judged(list: readonly Scene[], trials = trialsOf(list)): Judged {
  const shots = shotsOf(list);
  const count = shots.at(-1)?.endFrame ?? 0;
  const duration = seconds(count / 24);
  const about = { sha256: "00", ...display, frameRate: rate, audio: undefined };
  const source: Source = { ...about, frames: frames(count), duration };
  const cut = { shots, plan: planSegments(shots, 4, rate, count), frames: count, rate };
  return { analysis: analyse(grid, trials, shots, source, methods), cut, seconds: duration };
}

function ladderOf({ analysis, seconds: long }: Judged, wish: LadderWish): readonly RungChoice[] {
  return wishedLadder(analysis.films, wish, vmaf.rules, long);
}

/** Height and CRF of each shot. */
const chosenIn = (rung: RungChoice): readonly string[] =>
  rung.points.map(({ height, crf }) => `${height} ${crf}`);

/** A permutation of what a film has, from as many random numbers as it could have shots. */
const keys = fc.array(fc.nat(), { minLength: 9, maxLength: 9 });

function orderBy(count: number, by: readonly number[]): readonly number[] {
  return Array.from({ length: count }, (_, n) => n).sort((a, b) => (by[a] ?? 0) - (by[b] ?? 0) || a - b);
}

test("[EN130] law: shots in another order have the same choices in that order", () => {
  fc.assert(
    fc.property(scenes(anyLength), keys, (list, by) => {
      const order = orderBy(list.length, by);
      const moved = order.flatMap((from) => list[from] ?? []);
      const wish = { kind: "spread" } as const;
      const [before, after] = [ladderOf(judged(list), wish), ladderOf(judged(moved), wish)];
      assert.equal(after.length, before.length);
      for (const [index, rung] of before.entries()) {
        const [was, is] = [chosenIn(rung), chosenIn(after[index] ?? rung)];
        assert.deepEqual(
          is,
          order.map((from) => was[from]),
        );
      }
    }),
    { seed: 130, numRuns: 60 },
  );
});

/** Where a shot of the better film costs less or looks worse than the same shot of the other. */
function lowered(low: RungChoice, high: RungChoice): readonly number[] {
  return high.points.flatMap((point, shot) => {
    const other = low.points[shot];
    return other !== undefined && (point.bits < other.bits || point.quality < other.quality) ? [shot] : [];
  });
}

const targets = fc
  .tuple(fc.double({ min: 10, max: 99, noNaN: true }), fc.double({ min: 10, max: 99, noNaN: true }))
  .map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);

/** Films of all heights compete here, and each target is wished for alone. */
function pair(film: Judged, [low, high]: readonly [number, number]): readonly [RungChoice, RungChoice] {
  const at = (target: number): RungChoice => {
    const [rung] = ladderOf(film, { kind: "qualities", targets: [target] });
    assert.ok(rung !== undefined);
    return rung;
  };
  return [at(low), at(high)];
}

test("[EN130] law: a higher target of quality or of bits makes no shot worse while the height stays", () => {
  let compared = 0;
  fc.assert(
    fc.property(scenes(anyLength), targets, (list, [low, high]) => {
      const film = judged(list);
      const [worse, better] = pair(film, [low, high]);
      if (worse.height === better.height) {
        compared++;
        assert.deepEqual(lowered(worse, better), []);
      }
      const rates = [low, high].map((target) => 2000 * 1.09 ** target);
      const [cheap, dear] = rates.flatMap((target) =>
        ladderOf(film, { kind: "bitrates", targets: [target] }),
      );
      assert.ok(cheap !== undefined && dear !== undefined);
      if (cheap.height === dear.height) assert.deepEqual(lowered(cheap, dear), []);
    }),
    { seed: 131, numRuns: 120 },
  );
  assert.ok(compared > 40, `only ${compared} pairs had one height`);
});

test("[EN130] law: nor does it under the cap, where each segment is of one shot", () => {
  let capped = 0;
  const one = fc.constant(96);
  fc.assert(
    fc.property(
      scenes(one),
      targets,
      fc.double({ min: 1.02, max: 1.6, noNaN: true }),
      (list, wanted, ratio) => {
        const film = judged(list);
        assert.deepEqual(
          film.cut.plan.boundaries,
          film.cut.shots.map(({ startFrame }) => startFrame),
        );
        // One height: the law says nothing across heights.
        const [all] = film.analysis.byHeight;
        assert.ok(all !== undefined);
        const films = frontier([all], film.cut.frames);
        const [worse, better] = pair({ ...film, analysis: { ...film.analysis, films } }, wanted);
        const [low, high] = [worse, better].map((rung) => withoutPeaks(rung, film.cut, ratio));
        assert.ok(low !== undefined && high !== undefined);
        if (high.bits < better.bits) capped++;
        assert.deepEqual(lowered(low, high), []);
      },
    ),
    { seed: 132, numRuns: 250 },
  );
  assert.ok(capped > 40, `only ${capped} films were capped`);
});

test("[EN131] law: the same trials in any order give the same hulls, ladder, cap and poster", () => {
  const order = fc.array(fc.nat(), { minLength: 12, maxLength: 12 });
  fc.assert(
    fc.property(scenes(anyLength), order, (list, by) => {
      const trials = trialsOf(list);
      const shuffled = orderBy(trials.length, by).flatMap((from) => trials[from] ?? []);
      assert.equal(shuffled.length, 12);
      const outcome = (given: readonly Trial[]) => {
        const film = judged(list, given);
        const { byHeight, hulls, baselines, bdRatePercent, films } = film.analysis;
        const ladder = chooseLadder(films, vmaf.rules);
        const even = ladder.map((rung) => withoutPeaks(rung, film.cut, 1.5));
        const poster = posterFrame(film.cut.shots, given, film.cut.frames);
        return { byHeight, hulls, baselines, bdRatePercent, ladder, even, poster };
      };
      assert.deepEqual(outcome(shuffled), outcome(trials));
    }),
    { seed: 133, numRuns: 40 },
  );
});

test("[EN131] law: refining is the same for the same finished bits, and changes none of what it was told", () => {
  let changed = 0;
  const factors = fc.array(fc.double({ min: 0.7, max: 1.4, noNaN: true }), { minLength: 9, maxLength: 9 });
  fc.assert(
    fc.property(scenes(anyLength), factors, (list, by) => {
      const again = (): RungChoice | undefined => {
        const film = judged(list);
        const rung = ladderOf(film, { kind: "spread" }).at(-1);
        assert.ok(rung !== undefined);
        const measured = Object.freeze(rung.points.map((point, shot) => point.bits * (by[shot] ?? 1)));
        Object.freeze(rung.points);
        return refined(rung, measured, rung.bits, film.cut.frames);
      };
      const [first, second] = [again(), again()];
      if (first !== undefined) changed++;
      assert.deepEqual(second, first);
    }),
    { seed: 134, numRuns: 60 },
  );
  assert.ok(changed > 10, `only ${changed} rungs were refined`);
});

const plainFrames = times(4000, () => scene(1));

test("[EN9] law: at any rate, grid and limit that the settings allow, the plan has no keyframe more", () => {
  let splits = 0;
  const film = fc.record({
    rate: fc.record({ num: fc.integer({ min: 8000, max: 60_000 }), den: fc.constantFrom(1000, 1001) }),
    lengths: fc.array(fc.integer({ min: minShotFrames, max: 900 }), { minLength: 1, maxLength: 4 }),
    segmentSeconds: fc.double({ min: 2, max: 4, noNaN: true }),
    maxShotSeconds: fc.constantFrom(8, 8, 8.5, 11, 24),
  });
  fc.assert(
    fc.property(film, ({ rate: any, lengths, ...settings }) => {
      const ends = lengths.map((_, n) => lengths.slice(0, n + 1).reduce((sum, length) => sum + length, 0));
      const [cuts, count] = [ends.slice(0, -1), ends.at(-1) ?? 0];
      const changes = filmOf(plainFrames.slice(0, count));
      const prepared = { changes, reference: { rate: any } };
      const { shots, plan } = planOf(prepared, settings, { name: "given", cuts: () => cuts });
      assert.deepEqual(plan, planSegments(shotsFrom(cuts, count), settings.segmentSeconds, any, count));
      splits += shots.length - lengths.length;
    }),
    { seed: 135, numRuns: 300 },
  );
  assert.ok(splits > 100, `only ${splits} shots were split`);
});

test("[EN9] nor where a quarter of the limit is no whole number of frames", () => {
  const changes = filmOf(plainFrames.slice(0, 729));
  const any = { num: 481, den: 20 };
  const cuts = [330, 529];
  const settings = { segmentSeconds: 4, maxShotSeconds: 8 };
  const { plan } = planOf({ changes, reference: { rate: any } }, settings, {
    name: "given",
    cuts: () => cuts,
  });
  assert.deepEqual(plan, planSegments(shotsFrom(cuts, 729), 4, any, 729));
});

test("[EN131] law: the same frames have the same shots and segments", () => {
  const part = fc.record({ number: fc.nat(9), count: fc.integer({ min: 1, max: 120 }) });
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 8 }), (parts) => {
      const plan = () => {
        const changes = filmOf(...parts.map(({ number, count }) => times(count, () => scene(number))));
        const settings = { segmentSeconds: 4, maxShotSeconds: 8 };
        return planOf({ changes, reference: { rate } }, settings, ours.detect);
      };
      assert.deepEqual(plan(), plan());
    }),
    { seed: 136, numRuns: 60 },
  );
});
