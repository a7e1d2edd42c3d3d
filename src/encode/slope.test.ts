import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type AllocationPoint, choiceAt, sweep } from "./allocate.ts";
import { bdRatePercent, type RatePoint } from "./bd-rate.ts";
import { convexHull, slopeBetween } from "./hull.ts";
import { onCurve } from "./on-curve.ts";
import { evaluate, integrate, pchip } from "./pchip.ts";

const point = fc
  .record({
    bits: fc.integer({ min: 1, max: 100_000 }),
    quality: fc.double({ min: 0, max: 100, noNaN: true }),
  })
  .map(({ bits, quality }): AllocationPoint => ({ bits, distortion: 100 - quality, qualitySum: quality }));
const shotPoints = fc.array(point, { minLength: 1, maxLength: 20 });
const filmPoints = fc.array(shotPoints, { minLength: 1, maxLength: 8 });

const sum = (points: readonly AllocationPoint[], of: "bits" | "distortion"): number =>
  points.reduce((total, item) => total + item[of], 0);

test("[EN16] law: a hull is convex and made of its points", () => {
  fc.assert(
    fc.property(shotPoints, (points) => {
      const hull = convexHull(points);
      assert.ok(hull.length >= 1);
      let before = Number.POSITIVE_INFINITY;
      for (const [index, vertex] of hull.entries()) {
        assert.ok(points.includes(vertex));
        const last = hull[index - 1];
        if (last === undefined) continue;
        assert.ok(vertex.bits > last.bits && vertex.distortion < last.distortion);
        const slope = slopeBetween(last, vertex);
        assert.ok(slope < before);
        before = slope;
      }
    }),
    { seed: 5 },
  );
});

test("[EN16] law: no point lies below the hull, and a dominated point changes nothing", () => {
  fc.assert(
    fc.property(shotPoints, fc.nat(), fc.nat(1000), (points, pick, worse) => {
      const hull = convexHull(points);
      for (const { bits, distortion } of points) {
        assert.ok(distortion >= onCurve(hull, bits) - 1e-6);
      }
      const beaten = points[pick % points.length];
      if (beaten === undefined) return;
      const dominated = { ...beaten, bits: beaten.bits + worse + 1, distortion: beaten.distortion + worse };
      assert.deepEqual(convexHull([...points, dominated]), hull);
    }),
    { seed: 6 },
  );
});

test("[EN17] law: along the sweep bits rise, distortion falls, slopes never rise, no shot gets worse", () => {
  fc.assert(
    fc.property(filmPoints, (film) => {
      const swept = sweep(film.map((points) => convexHull(points)));
      for (const [index, state] of swept.states.entries()) {
        const choice = choiceAt(swept, index);
        assert.ok(Math.abs(sum(choice, "bits") - state.bits) < 1e-6 * state.bits + 1e-6);
        assert.ok(Math.abs(sum(choice, "distortion") - state.distortion) < 1e-6);
        const last = swept.states[index - 1];
        if (last === undefined) continue;
        assert.ok(
          state.bits > last.bits && state.distortion < last.distortion + 1e-9 && state.slope <= last.slope,
        );
        for (const [shot, vertex] of choiceAt(swept, index - 1).entries()) {
          assert.ok((choice[shot]?.distortion ?? 0) <= vertex.distortion);
        }
      }
    }),
    { seed: 7, numRuns: 60 },
  );
});

test("[EN17] law: no film made of any choice per shot lies below the swept curve", () => {
  fc.assert(
    fc.property(filmPoints, fc.array(fc.nat(), { minLength: 8, maxLength: 8 }), (film, picks) => {
      const swept = sweep(film.map((points) => convexHull(points)));
      const other = film.flatMap((points, shot) => points[(picks[shot] ?? 0) % points.length] ?? []);
      assert.ok(sum(other, "distortion") >= onCurve(swept.states, sum(other, "bits")) - 1e-6);
    }),
    { seed: 8 },
  );
});

test("[EN17] law: the order of the shots does not matter", () => {
  fc.assert(
    fc.property(filmPoints, (film) => {
      const hulls = film.map((points) => convexHull(points));
      const forward = sweep(hulls).states;
      const backward = sweep([...hulls].reverse()).states;
      assert.equal(forward.length, backward.length);
      for (const [index, state] of forward.entries()) {
        const other = backward[index];
        assert.ok(
          (other !== undefined && Math.abs(other.slope - state.slope) < 1e-9) || state.slope === other?.slope,
        );
      }
    }),
    { seed: 9 },
  );
});

test("[EN17] bits go where the next one saves most", () => {
  const vertex = (bits: number, distortion: number): AllocationPoint => ({
    bits,
    distortion,
    qualitySum: 100 - distortion,
  });
  const hard = [vertex(10, 90), vertex(20, 50), vertex(40, 30)];
  const easy = [vertex(10, 20), vertex(20, 10)];
  const swept = sweep([hard, easy]);
  assert.deepEqual(swept.order, [0, 0, 1]);
  assert.deepEqual(choiceAt(swept, 1), [hard[1], easy[0]]);
});

const curve = fc
  .array(
    fc.record({
      rate: fc.double({ min: 0.05, max: 1, noNaN: true }),
      step: fc.double({ min: 0.5, max: 9, noNaN: true }),
    }),
    {
      minLength: 4,
      maxLength: 10,
    },
  )
  .map((steps) => {
    let [bitrate, quality] = [100, 40];
    return steps.map(({ rate, step }): RatePoint => {
      bitrate *= 1 + rate;
      quality += step;
      return { bitrate, quality };
    });
  });

test("[EN19] law: BD-rate is 0 with itself, k − 1 with k times the rate, and inverts when swapped", () => {
  fc.assert(
    fc.property(curve, curve, fc.double({ min: 0.1, max: 10, noNaN: true }), (a, b, k) => {
      assert.ok(Math.abs(bdRatePercent(a, a) ?? 1) < 1e-7);
      const scaled = a.map(({ bitrate, quality }) => ({ bitrate: bitrate * k, quality }));
      assert.ok(Math.abs((bdRatePercent(scaled, a) ?? 1e9) / 100 - (k - 1)) < 1e-7 * k + 1e-9);
      const [forth, back] = [bdRatePercent(a, b), bdRatePercent(b, a)];
      if (forth === null || back === null) return assert.equal(forth, back);
      assert.ok(Math.abs(Math.log(1 + forth / 100) + Math.log(1 + back / 100)) < 1e-9);
    }),
    { seed: 10 },
  );
});

test("[EN19] curves that cannot be compared give no number", () => {
  const at = (...qualities: readonly number[]) =>
    qualities.map((quality, n) => ({ bitrate: 100 * 2 ** n, quality }));
  assert.equal(bdRatePercent(at(10, 20, 30), at(40, 50, 60)), null);
  assert.equal(bdRatePercent(at(10, 20), at(10, 20)), null);
  assert.equal(bdRatePercent([], at(10, 20, 30)), null);
  assert.equal(bdRatePercent(at(50, 50, 50), at(50, 50, 50)), null);
});

test("[EN12] law: the interpolant meets its knots and stays between neighbours", () => {
  const knots = fc
    .array(
      fc.record({
        gap: fc.double({ min: 0.1, max: 10, noNaN: true }),
        y: fc.double({ min: -50, max: 50, noNaN: true }),
      }),
      {
        minLength: 1,
        maxLength: 12,
      },
    )
    .map((steps) => {
      let x = 0;
      return steps.map(({ gap, y }) => {
        x += gap;
        return { x, y };
      });
    });
  fc.assert(
    fc.property(knots, fc.double({ min: 0, max: 1, noNaN: true }), (list, t) => {
      const cubic = pchip(list);
      for (const [index, knot] of list.entries()) {
        assert.ok(Math.abs(evaluate(cubic, knot.x) - knot.y) < 1e-9);
        const next = list[index + 1];
        if (next === undefined) continue;
        const between = evaluate(cubic, knot.x + t * (next.x - knot.x));
        assert.ok(between >= Math.min(knot.y, next.y) - 1e-9 && between <= Math.max(knot.y, next.y) + 1e-9);
      }
    }),
    { seed: 11 },
  );
});

test("[EN12] a straight line is met exactly, and so is the area below it", () => {
  const line = pchip([0, 1, 3, 4].map((x) => ({ x, y: 2 * x + 1 })));
  assert.ok(Math.abs(evaluate(line, 2.2) - 5.4) < 1e-12);
  assert.ok(Math.abs(integrate(line, 0.5, 3.5) - (3.5 ** 2 + 3.5 - 0.75)) < 1e-12);
});
