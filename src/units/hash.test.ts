import assert from "node:assert/strict";
import { test } from "node:test";
import { hash64, unitInterval } from "./hash.ts";

const names = Array.from({ length: 20_000 }, (_, i) => `title-${i % 100}/v${i}`);

test("places in the unit interval are spread evenly over similar names", () => {
  const bins = new Array<number>(20).fill(0);
  for (const name of names) {
    const at = unitInterval(name);
    assert.ok(at > 0 && at < 1);
    const bin = Math.floor(at * bins.length);
    bins[bin] = (bins[bin] ?? 0) + 1;
  }
  // χ² with 19 degrees of freedom: 43.8 is exceeded once in a thousand tries; the input is fixed.
  const expected = names.length / bins.length;
  const chiSquare = bins.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  assert.ok(chiSquare < 43.8, `χ² = ${chiSquare}`);
});

test("20 000 names have 20 000 hashes, and one changed letter changes about half of the bits", () => {
  assert.equal(new Set(names.map((name) => hash64(name).join())).size, names.length);
  let changed = 0;
  for (const name of names) {
    const [high, low] = hash64(name);
    const [otherHigh, otherLow] = hash64(`${name.slice(0, -1)}x`);
    changed += ones(high ^ otherHigh) + ones(low ^ otherLow);
  }
  const share = changed / (names.length * 64);
  assert.ok(share > 0.49 && share < 0.51, `${share}`);
});

test("a name's place never moves: plans outlive releases", () => {
  assert.deepEqual(hash64("millrace"), [3682206345, 3834246418]);
  assert.deepEqual(hash64(""), [392334338, 1445779757]);
});

function ones(value: number): number {
  let count = 0;
  for (let rest = value >>> 0; rest > 0; rest = (rest & (rest - 1)) >>> 0) count++;
  return count;
}
