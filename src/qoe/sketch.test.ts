import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  addSketch,
  bucketOf,
  fromSketchRow,
  percentile,
  sketchError,
  sketchIn,
  sketchRow,
} from "./sketch.ts";

const values = fc.array(fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 1e9 })), {
  minLength: 1,
  maxLength: 60,
});

function sketchOf(all: readonly number[]): Map<number, number> {
  const sketch = new Map<number, number>();
  for (const value of all) sketchIn(sketch, value, 1);
  return sketch;
}

test("[QO21] every percentile is nearer than 1/128 to the value of that rank", () => {
  const law = fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (all, share) => {
    const rank = Math.max(1, Math.ceil(share * all.length));
    const exact = all.toSorted((a, b) => a - b)[rank - 1] ?? Number.NaN;
    const found = percentile(sketchOf(all), share) ?? Number.NaN;
    assert.ok(Math.abs(found - exact) <= sketchError * exact, `${found} for ${exact}`);
  });
  fc.assert(law, { seed: 11, numRuns: 500 });
});

test("[QO21] sketches of parts, added in any order, are the sketch of the whole", () => {
  const law = fc.property(fc.array(values, { maxLength: 6 }), (parts) => {
    const sum = (order: readonly (readonly number[])[]): Readonly<Record<string, number>> => {
      const whole = new Map<number, number>();
      for (const part of order) addSketch(whole, sketchOf(part));
      return sketchRow(whole);
    };
    const whole = JSON.stringify(sketchRow(sketchOf(parts.flat())));
    assert.equal(JSON.stringify(sum(parts)), whole);
    assert.equal(JSON.stringify(sum(parts.toReversed())), whole);
    assert.equal(JSON.stringify(sketchRow(fromSketchRow(JSON.parse(whole)))), whole);
  });
  fc.assert(law, { seed: 12, numRuns: 200 });
});

test("[QO21] a bucket is named by its smallest value, is its own bucket, and small values are exact", () => {
  for (let value = 0; value < 128; value++) assert.equal(bucketOf(value), value);
  assert.equal(bucketOf(128), 128);
  assert.equal(bucketOf(129), 128);
  assert.equal(bucketOf(1999), 1984);
  assert.equal(bucketOf(bucketOf(123_456_789)), bucketOf(123_456_789));
  assert.equal(bucketOf(-5), 0);
  assert.equal(bucketOf(5e12), bucketOf(1e9));
});

test("[QO21] a percentile of nothing is not known", () => {
  assert.equal(percentile(new Map(), 0.5), undefined);
});
