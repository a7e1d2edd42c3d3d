import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { at } from "./ladder.ts";
import { bestPlan, type Plan, type PlanQuestion } from "./mpc-plan.ts";
import type { Downloaded } from "./rule.ts";
import { forecast, mpc, robustMpc } from "./rule-mpc.ts";
import type { Film } from "./types.ts";

/** Every plan, highest rungs first; the first of equals stays. */
function bruteForce(question: PlanQuestion): Plan {
  const { bits, kbps, durationMs, forecastKbps, maxBufferMs, minRung, maxRung } = question;
  const perMs = at(kbps, kbps.length - 1) / 1000;
  let best: Plan = { rung: minRung, value: Number.NEGATIVE_INFINITY };
  const tryAll = (step: number, before: number, buffer: number, value: number, first: number): void => {
    if (step === bits.length) {
      if (value > best.value) best = { rung: first, value };
      return;
    }
    for (let rung = maxRung; rung >= minRung; rung--) {
      const took = at(at(bits, step), rung) / forecastKbps;
      const stall = Math.max(0, took - buffer);
      const rate = at(kbps, rung);
      const gain = rate - perMs * stall - Math.abs(rate - at(kbps, before));
      const filled = Math.min(maxBufferMs, Math.max(0, buffer - took) + at(durationMs, step));
      tryAll(step + 1, rung, filled, value + gain, step === 0 ? rung : first);
    }
  };
  tryAll(0, question.lastRung, question.bufferMs, 0, minRung);
  return best;
}

const questions = (rungs: number, horizon: number): fc.Arbitrary<PlanQuestion> =>
  fc
    .record({
      // Whole numbers, so that plans of equal value do occur.
      kbps: fc.uniqueArray(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: rungs }),
      steps: fc.array(
        fc.record({ ms: fc.integer({ min: 1, max: 6 }), weight: fc.constantFrom(0.5, 1, 1, 1.5, 2) }),
        {
          minLength: 1,
          maxLength: horizon,
        },
      ),
      forecastKbps: fc.integer({ min: 50, max: 6000 }),
      bufferMs: fc.integer({ min: 0, max: 30_000 }),
      maxBufferMs: fc.integer({ min: 6000, max: 30_000 }),
      picks: fc.tuple(fc.nat(), fc.nat(), fc.nat()),
    })
    .map(({ kbps, steps, bufferMs, maxBufferMs, picks, ...rest }) => {
      const rates = kbps.map((rate) => rate * 200).sort((a, b) => a - b);
      const [last = 0, one = 0, two = 0] = picks.map((pick) => pick % rates.length);
      return {
        ...rest,
        kbps: rates,
        bits: steps.map(({ ms, weight }) => rates.map((rate) => rate * ms * 1000 * weight)),
        durationMs: steps.map(({ ms }) => ms * 1000),
        bufferMs: Math.min(bufferMs, maxBufferMs),
        maxBufferMs,
        lastRung: last,
        minRung: Math.min(one, two),
        maxRung: Math.max(one, two),
      };
    });

test("[PY77] law: the search finds what trying every plan finds, of up to 4 rungs over up to 5 segments", () => {
  fc.assert(
    fc.property(questions(4, 5), (question) => {
      assert.deepEqual(bestPlan(question), bruteForce(question));
    }),
    { numRuns: 10_000, seed: 77 },
  );
});

test("[PY77] law: the search finds what trying every plan finds, of up to 6 rungs over up to 5 segments", () => {
  fc.assert(
    fc.property(questions(6, 5), (question) => {
      assert.deepEqual(bestPlan(question), bruteForce(question));
    }),
    { numRuns: 500, seed: 77 },
  );
});

const film: Film = {
  ladder: { kbps: [500, 1000], heights: [0, 0], names: ["low", "high"], ids: ["low", "high"] },
  segments: {
    durationMs: Array.from({ length: 10 }, () => 2000),
    bits: Array.from({ length: 10 }, () => [1e6, 2e6]),
    vmaf: undefined,
  },
};

function arrivedAt(kbps: number): Downloaded {
  return {
    segment: 0,
    rung: 0,
    bits: kbps * 1000,
    ms: 1000,
    ttfbMs: 100,
    bufferAtRequestMs: 0,
    bufferMs: 2000,
    abandonedTo: undefined,
    replacement: false,
  };
}

test("[PY78] the forecast is the harmonic mean of five, and RobustMPC doubts it by its worst error of five", () => {
  let state = robustMpc.start(film, 25_000);
  assert.equal(forecast(state, "trusts"), undefined);
  const rates = [9000, 1000, 2000, 500, 4000, 1000];
  for (const rate of rates) state = robustMpc.downloaded?.(film, state, arrivedAt(rate)) ?? state;
  const mean = (list: readonly number[]): number =>
    list.length / list.reduce((sum, rate) => sum + 1 / rate, 0);
  const errors = rates.slice(1).map((rate, i) => Math.abs(mean(rates.slice(0, i + 1)) - rate) / rate);
  assert.equal(errors.length, 5);
  const wanted = mean(rates.slice(1));
  const close = (found: number | undefined, value: number): void =>
    assert.ok(found !== undefined && Math.abs(found - value) < 1e-9 * value, `${found}, not ${value}`);
  close(forecast(state, "trusts"), wanted);
  close(forecast(state, "doubts"), wanted / (1 + Math.max(...errors)));
  assert.equal(Math.max(...errors), 8);
});

test("[PY78] without a measurement the lowest rung, and the reason says so", () => {
  const context = {
    segment: 0,
    bufferMs: 0,
    maxBufferMs: 25_000,
    lastRung: undefined,
    estimateKbps: undefined,
    latencyMs: 0,
    minRung: 0,
    maxRung: 1,
    sinceSeek: 0,
  };
  const state = mpc.start(film, 25_000);
  assert.equal(mpc.decide(film, state, context).choice.rung, 0);
  assert.match(mpc.explain(film, state, context), /no throughput measured yet → start at low/);
});
