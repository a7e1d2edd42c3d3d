import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { bandOf, draws, preference } from "./rendezvous.ts";
import { shareOut } from "./shares.ts";

const ids = ["alpha", "bravo", "charlie", "delta"];
const weights = [0.1, 0.2, 0.3, 0.4];

/** How often each box is among the first `copies` of 20,000 titles. */
function included(copies: number): number[] {
  const band = bandOf(weights, copies);
  const counts = ids.map(() => 0);
  for (let title = 0; title < 20_000; title++) {
    for (const box of preference(draws(`title-${title}`, ids), band).slice(0, copies)) {
      counts[box] = (counts[box] ?? 0) + 1;
    }
  }
  return counts.map((count) => count / 20_000);
}

test("[PL16] a single copy lands in proportion to the weights", () => {
  included(1).forEach((share, i) => {
    assert.ok(Math.abs(share / (weights[i] ?? 1) - 1) < 0.06, `${ids[i]}: ${share}`);
  });
});

test("[PL16] two copies are included in proportion to the weights", () => {
  included(2).forEach((share, i) => {
    assert.ok(Math.abs(share / (2 * (weights[i] ?? 1)) - 1) < 0.06, `${ids[i]}: ${share}`);
  });
});

test("[PL16] taking a box away moves only what it held", () => {
  for (let title = 0; title < 500; title++) {
    const before = preference(draws(`t${title}`, ids), bandOf(weights, 1)).map((box) => ids[box]);
    const three = ids.slice(0, 3);
    const after = preference(draws(`t${title}`, three), bandOf([0.1, 0.2, 0.3], 1)).map((box) => three[box]);
    assert.deepEqual(
      after,
      before.filter((id) => id !== "delta"),
    );
  }
});

test("[PL16] boxes without weight come last, in an order of their own", () => {
  const order = preference(draws("t", ids), bandOf([0, 1, 0, 1], 1));
  assert.deepEqual(order.slice(0, 2).sort(), [1, 3]);
  assert.deepEqual(order.slice(2).sort(), [0, 2]);
});

test("[PL16] shares are given out in full, in proportion, and none above the cap", () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(100), { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 1, max: 4 }),
      (list, total) => {
        const amounts = shareOut(total, list, 1);
        const able = list.filter((weight) => weight > 0).length;
        const sum = amounts.reduce((acc, amount) => acc + amount, 0);
        assert.ok(Math.abs(sum - Math.min(total, able)) < 1e-9);
        assert.ok(amounts.every((amount, i) => amount <= 1 + 1e-12 && (amount === 0) === (list[i] === 0)));
      },
    ),
    { seed: 21 },
  );
});
