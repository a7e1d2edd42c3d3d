import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { cheapestCutoff, popularityCurve, shareAt } from "./curve.ts";
import { normalised, trafficTargets } from "./shares.ts";
import { feasibleCutoffs, type Shares, split } from "./split.ts";

const noHabit = { cutoff: undefined, factor: 1.1 };

/** P(x) ≈ x^θ on 400 files of one size. */
function power(theta: number): ReturnType<typeof popularityCurve> {
  const files = Array.from({ length: 400 }, (_, i) => ({
    sizeBytes: 1,
    traffic: ((i + 1) / 400) ** theta - (i / 400) ** theta,
  }));
  return popularityCurve(files);
}

const anyShares = fc
  .array(fc.record({ s: fc.integer({ min: 1, max: 100 }), t: fc.integer({ min: 1, max: 100 }) }), {
    minLength: 1,
    maxLength: 8,
  })
  .map(
    (list): Shares => ({
      storage: normalised(list.map((one) => one.s)),
      traffic: normalised(list.map((one) => one.t)),
    }),
  );
const anyCurve = fc
  .array(fc.record({ size: fc.integer({ min: 1, max: 50 }), plays: fc.nat(1000) }), {
    minLength: 1,
    maxLength: 60,
  })
  .map((list) =>
    popularityCurve(
      list
        .toSorted((a, b) => b.plays - a.plays)
        .map(({ size, plays }) => ({ sizeBytes: size, traffic: size * plays })),
    ),
  );

test("[PL5] without relaxation every box meets the storage and the throughput equation", () => {
  let exact = 0;
  fc.assert(
    fc.property(anyCurve, anyShares, (curve, shares) => {
      const { alpha, beta, cutoff, lambda } = split(curve, shares, noHabit);
      const p = shareAt(curve, cutoff);
      shares.storage.forEach((s, i) => {
        const [a, b] = [alpha[i] ?? 0, beta[i] ?? 0];
        assert.ok(Math.abs(a * cutoff + b * (1 - cutoff) - s) < 1e-9);
        const t = (1 - lambda) * (shares.traffic[i] ?? 0) + lambda * s;
        assert.ok(Math.abs(a * p + b * (1 - p) - t) < 1e-9);
      });
      if (lambda === 0) exact += 1;
    }),
    { numRuns: 500, seed: 5 },
  );
  assert.ok(exact > 20, `${exact} of 500 needed no relaxation`);
});

test("[PL6] no weight is negative inside the feasible interval, one is outside", () => {
  fc.assert(
    fc.property(anyCurve, anyShares, fc.double({ min: 0.01, max: 0.99, noNaN: true }), (curve, shares, d) => {
      const range = feasibleCutoffs(curve, shares);
      const gap = shareAt(curve, d) - d;
      fc.pre(gap > 1e-3);
      const least = Math.min(
        ...shares.storage.flatMap((s, i) => {
          const pull = ((shares.traffic[i] ?? 0) - s) / gap;
          return [s + pull * (1 - d), s - pull * d];
        }),
      );
      const inside = range !== undefined && d >= range.low && d <= range.high;
      if (inside) assert.ok(least >= -1e-9);
      else assert.ok(least < 1e-6);
    }),
    { numRuns: 500, seed: 22 },
  );
});

test("[PL7] for P(x) = x^θ the cheapest cutoff is θ^(1/(1−θ)), and it is taken where it is feasible", () => {
  for (const theta of [0.6, 0.65, 0.7]) {
    assert.ok(Math.abs(cheapestCutoff(power(theta)) - theta ** (1 / (1 - theta))) < 0.005);
  }
  const nearly = { storage: [0.5, 0.5], traffic: [0.45, 0.55] };
  assert.equal(split(power(0.6), nearly, noHabit).cutoff, cheapestCutoff(power(0.6)));
  const strong = { storage: [0.2, 0.8], traffic: [0.32, 0.68] };
  const range = feasibleCutoffs(power(0.6), strong);
  assert.ok(range !== undefined);
  const { cutoff } = split(power(0.6), strong, noHabit);
  assert.ok(cutoff >= range.low && cutoff <= range.high);
});

test("[PL7] a fast box takes more of the popular band, and at the upper edge no tail at all", () => {
  const shares = { storage: [0.2, 0.8], traffic: [0.38, 0.62] };
  const curve = power(0.6);
  const range = feasibleCutoffs(curve, shares);
  assert.ok(range !== undefined);
  const { alpha, beta } = split(curve, shares, { cutoff: range.high, factor: Number.POSITIVE_INFINITY });
  assert.ok((alpha[0] ?? 0) > 0.2 && (beta[0] ?? 1) < 1e-9);
});

test("[PL8] the smallest relaxation is found, and a flat popularity leaves one band", () => {
  const far = { storage: [0.1, 0.9], traffic: [0.9, 0.1] };
  const { lambda } = split(power(0.7), far, noHabit);
  assert.ok(lambda > 0 && lambda < 1);
  const tighter = lambda - 1e-3;
  const traffic = far.traffic.map((t, i) => (1 - tighter) * t + tighter * (far.storage[i] ?? 0));
  assert.equal(feasibleCutoffs(power(0.7), { storage: far.storage, traffic }), undefined);

  const flat = popularityCurve(Array.from({ length: 10 }, () => ({ sizeBytes: 3, traffic: 3 })));
  const single = split(flat, far, noHabit);
  assert.deepEqual([single.lambda, single.alpha, single.beta], [1, far.storage, far.storage]);
});

test("[PL9] identical servers get identical weights, and scales do not matter", () => {
  fc.assert(
    fc.property(anyCurve, anyShares, (curve, shares) => {
      const doubled = {
        storage: normalised([...shares.storage, ...shares.storage]),
        traffic: normalised([...shares.traffic, ...shares.traffic]),
      };
      const { alpha, beta } = split(curve, doubled, noHabit);
      const half = shares.storage.length;
      for (let i = 0; i < half; i++) {
        assert.equal(alpha[i], alpha[i + half]);
        assert.equal(beta[i], beta[i + half]);
      }
    }),
    { seed: 23 },
  );
});

test("[PL18] yesterday's cutoff stays while no other is better by a tenth", () => {
  const shares = { storage: [0.5, 0.5], traffic: [0.45, 0.55] };
  const curve = power(0.6);
  const best = cheapestCutoff(curve);
  const habit = (cutoff: number): number => split(curve, shares, { cutoff, factor: 1.1 }).cutoff;
  assert.equal(habit(best + 0.05), best + 0.05);
  assert.equal(habit(0.9), best);
});

test("[PL5] traffic targets stay as near to storage as throughput allows, and sum to 1", () => {
  const easy = { storage: [0.5, 0.5], throughput: [0.4, 0.6], headTraffic: 0.5, carry: 0.97 };
  assert.deepEqual(trafficTargets(easy).traffic, [0.5, 0.5]);
  const hard = { storage: [0.9, 0.1], throughput: [0.3, 0.7], headTraffic: 0.2, carry: 0.97 };
  const targets = trafficTargets(hard).traffic;
  assert.ok(Math.abs((targets[0] ?? 0) - (0.97 * 0.3) / 0.8) < 1e-12);
  assert.ok(Math.abs((targets[0] ?? 0) + (targets[1] ?? 0) - 1) < 1e-12);
});
