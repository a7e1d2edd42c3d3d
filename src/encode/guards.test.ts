import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { frontier, ladderRules, type RungChoice, wishedLadder } from "./ladder.ts";
import type { OperatingPoint } from "./operating-points.ts";
import { type FilmCut, segmentRates, withoutPeaks } from "./peak.ts";
import { refined, refineTolerance } from "./refine.ts";
import { planSegments } from "./segment-plan.ts";
import { shotsFrom } from "./shots.ts";

const rate = { num: 24, den: 1 };
const size = { width: 640, height: 360 };
const shotFrames = 48;

/** A shot whose bits halve every 6 CRF, from `bits` at CRF 18. */
function shotPoints(shot: number, bits: number): readonly OperatingPoint[] {
  return Array.from({ length: 25 }, (_, n) => {
    const crf = 18 + n;
    const quality = 98 - n * 1.5 - (n * n) / 40;
    const distortion = shotFrames * (100 - quality);
    const point = { shot, ...size, crf, bits: bits * 2 ** (-n / 6), quality, distortion, predicted: false };
    return { ...point, qualitySum: shotFrames * quality };
  });
}

function filmOf(bits: readonly number[]): {
  readonly films: ReturnType<typeof frontier>;
  readonly cut: FilmCut;
  readonly seconds: number;
} {
  const frames = bits.length * shotFrames;
  const shots = shotsFrom(
    bits.slice(1).map((_, n) => (n + 1) * shotFrames),
    frames,
  );
  const points = bits.map((value, shot) => shotPoints(shot, value));
  const cut = { shots, plan: planSegments(shots, 4, rate, frames), frames, rate };
  return { films: frontier([{ size, points }], frames), cut, seconds: frames / 24 };
}

const films = fc.array(fc.integer({ min: 10_000, max: 3_000_000 }), { minLength: 1, maxLength: 14 });
const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
const bitsOf = (rung: RungChoice): readonly number[] => rung.points.map((point) => point.bits);

test("[EN64] law: a rung per bitrate does not exceed its target and no film that fits is better", () => {
  fc.assert(
    fc.property(films, fc.integer({ min: 20_000, max: 2_000_000 }), (bits, target) => {
      const { films: all, seconds } = filmOf(bits);
      const [rung] = wishedLadder(all, { kind: "bitrates", targets: [target] }, ladderRules.vmaf, seconds);
      assert.ok(rung !== undefined);
      const fits = all.filter((film) => film.bits <= target * seconds);
      if (fits.length === 0) return assert.equal(rung.bits, all[0]?.bits);
      assert.ok(rung.bits <= target * seconds);
      assert.equal(rung.quality, Math.max(...fits.map((film) => film.quality)));
    }),
    { seed: 31 },
  );
});

test("[EN64] law: a rung per quality reaches it, and no cheaper film does", () => {
  fc.assert(
    fc.property(films, fc.double({ min: 10, max: 97, noNaN: true }), (bits, target) => {
      const { films: all, seconds } = filmOf(bits);
      const [rung] = wishedLadder(all, { kind: "qualities", targets: [target] }, ladderRules.vmaf, seconds);
      assert.ok(rung !== undefined);
      const reach = all.filter((film) => film.quality >= target);
      if (reach.length === 0) return assert.equal(rung.quality, all.at(-1)?.quality);
      assert.equal(rung.bits, Math.min(...reach.map((film) => film.bits)));
    }),
    { seed: 32 },
  );
});

test("[EN64] targets that the film cannot tell apart give one rung", () => {
  const { films: all, seconds } = filmOf([100_000]);
  const wish = { kind: "qualities", targets: [98.5, 99, 100] } as const;
  assert.equal(wishedLadder(all, wish, ladderRules.vmaf, seconds).length, 1);
});

test("[EN65] law: after the cap no segment is too dear, or nothing in it can be made coarser", () => {
  fc.assert(
    fc.property(films, fc.double({ min: 1.2, max: 4, noNaN: true }), fc.nat(), (bits, ratio, pick) => {
      const { films: all, cut, seconds } = filmOf(bits);
      const target = all[pick % all.length]?.quality ?? 90;
      const [rung] = wishedLadder(all, { kind: "qualities", targets: [target] }, ladderRules.vmaf, seconds);
      assert.ok(rung !== undefined);
      const capped = withoutPeaks(rung, cut, ratio);
      const rates = segmentRates(bitsOf(capped), cut);
      const mean = total(bitsOf(capped)) / seconds;
      for (const [segment, dear] of rates.entries()) {
        const start = cut.plan.boundaries[segment] ?? 0;
        const end = cut.plan.boundaries[segment + 1] ?? cut.frames;
        const inside = cut.shots.filter((shot) => shot.endFrame > start && shot.startFrame < end);
        const stuck = inside.every(({ id }) => capped.points[id]?.bits === rung.hulls[id]?.[0]?.bits);
        assert.ok(dear <= ratio * mean * (1 + 1e-9) || stuck, `${dear / mean} > ${ratio}`);
      }
      for (const [shot, point] of capped.points.entries())
        assert.ok(point.bits <= (rung.points[shot]?.bits ?? 0));
    }),
    { seed: 33 },
  );
});

test("[EN65] law: the rates of segments are what summing over all shots gives", () => {
  fc.assert(
    fc.property(films, (bits) => {
      const { cut } = filmOf(bits);
      const rates = segmentRates(bits, cut);
      for (const [segment, start] of cut.plan.boundaries.entries()) {
        const end = cut.plan.boundaries[segment + 1] ?? cut.frames;
        const plain = cut.shots.reduce((sum, { id, startFrame, endFrame }) => {
          const shared = Math.max(0, Math.min(end, endFrame) - Math.max(start, startFrame));
          return sum + ((bits[id] ?? 0) * shared) / (endFrame - startFrame);
        }, 0);
        const expected = (plain * rate.num) / ((end - start) * rate.den);
        assert.ok(Math.abs((rates[segment] ?? 0) - expected) <= 1e-9 * expected);
      }
    }),
    { seed: 35 },
  );
});

test("[EN65] a film of 5,000 shots with outbursts is capped step by step without summing it anew", () => {
  const bits = Array.from({ length: 5000 }, (_, n) => (n % 50 === 7 ? 3_000_000 : 60_000));
  const { films: all, cut } = filmOf(bits);
  const wish = { kind: "qualities", targets: [97] } as const;
  const [rung] = wishedLadder(all, wish, ladderRules.vmaf, cut.frames / 24);
  assert.ok(rung !== undefined);
  const capped = withoutPeaks(rung, cut, 2);
  const rates = segmentRates(bitsOf(capped), cut);
  const mean = total(bitsOf(capped)) / (cut.frames / 24);
  assert.ok(Math.max(...rates) <= 2 * mean * (1 + 1e-9));
  assert.ok(capped.bits < rung.bits);
});

test("[EN65] an even film is left as it is, and a lone outburst alone is lowered", () => {
  const even = filmOf([1e6, 1e6, 1e6, 1e6, 1e6, 1e6]);
  const wish = { kind: "qualities", targets: [90] } as const;
  const [rung] = wishedLadder(even.films, wish, ladderRules.vmaf, even.seconds);
  assert.ok(rung !== undefined);
  assert.deepEqual(bitsOf(withoutPeaks(rung, even.cut, 1.5)), bitsOf(rung));
  const burst = filmOf([1e5, 1e5, 1e5, 1e5, 4e6, 1e5, 1e5, 1e5, 1e5, 1e5]);
  const loudWish = { kind: "qualities", targets: [97.5] } as const;
  const [loud] = wishedLadder(burst.films, loudWish, ladderRules.vmaf, burst.seconds);
  assert.ok(loud !== undefined);
  const capped = withoutPeaks(loud, burst.cut, 2);
  assert.ok((capped.points[4]?.bits ?? 0) < (loud.points[4]?.bits ?? 0));
  const changed = capped.points.filter((point, shot) => point.crf !== loud.points[shot]?.crf);
  assert.deepEqual([...new Set(changed.map(({ shot }) => shot))], [4]);
});

test("[EN66] law: refining changes two shots at most and never leads away from the target", () => {
  const errors = fc.array(fc.double({ min: 0.7, max: 1.4, noNaN: true }), { minLength: 14, maxLength: 14 });
  fc.assert(
    fc.property(films, errors, (bits, factors) => {
      const { films: all, cut, seconds } = filmOf(bits);
      const wish = { kind: "qualities", targets: [85] } as const;
      const [rung] = wishedLadder(all, wish, ladderRules.vmaf, seconds);
      assert.ok(rung !== undefined);
      const scale = (shot: number): number => factors[shot] ?? 1;
      const measured = rung.points.map((point, shot) => point.bits * scale(shot));
      const better = refined(rung, measured, rung.bits, cut.frames);
      const off = Math.abs(total(measured) / rung.bits - 1);
      if (off <= refineTolerance) return assert.equal(better, undefined);
      if (better === undefined) return;
      const changed = better.points.filter((point, shot) => point.crf !== rung.points[shot]?.crf);
      assert.ok(changed.length >= 1 && changed.length <= 2);
      const after = better.points.map((point, shot) => point.bits * scale(shot));
      assert.ok(Math.abs(total(after) / rung.bits - 1) < off);
    }),
    { seed: 34 },
  );
});

test("[EN66] a rung ten per cent off lands within the tolerance", () => {
  const { films: all, cut, seconds } = filmOf([8e5, 6e5, 9e5, 7e5]);
  const [rung] = wishedLadder(all, { kind: "qualities", targets: [85] }, ladderRules.vmaf, seconds);
  assert.ok(rung !== undefined);
  const measured = rung.points.map((point) => point.bits * 1.1);
  const better = refined(rung, measured, rung.bits, cut.frames);
  assert.ok(better !== undefined);
  const after = total(better.points.map((point) => point.bits * 1.1));
  assert.ok(Math.abs(after / rung.bits - 1) <= refineTolerance, `${after / rung.bits}`);
});
