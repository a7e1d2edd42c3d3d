import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { hash64 } from "#units/hash.ts";
import { type Boxes, hashColumn, nobody } from "./columns.ts";
import { asked, drawFirst, type Lots, lotsOf, mixed, placed } from "./draw.ts";
import { shareOut } from "./shares.ts";

const ids = ["alpha", "bravo", "charlie", "delta"];
const weights = [0.1, 0.2, 0.3, 0.4];

function boxesOf(names: readonly string[]): Boxes {
  const count = names.length;
  return {
    count,
    ids: names,
    room: new Float64Array(count).fill(1),
    throughput: new Float64Array(count).fill(1),
    hash: hashColumn(names, count),
    serverOf: Uint16Array.from(names, (_, i) => i),
    boxOf: Uint16Array.from(names, (_, i) => i),
  };
}

function first(lots: Lots, title: string): number[] {
  const out = new Uint16Array(lots.copies);
  const [high, low] = hash64(title);
  drawFirst(lots, high, low, out, 0, nobody);
  return Array.from(out);
}

/** How often each box is among the first `copies` of so many titles. */
function included(lots: Lots, titles: number, boxes: number): number[] {
  const counts = new Array<number>(boxes).fill(0);
  for (let title = 0; title < titles; title++) {
    for (const box of first(lots, `title-${title}`)) counts[box] = (counts[box] ?? 0) + 1;
  }
  return counts.map((count) => count / titles);
}

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

test("[PL16] a single copy lands in proportion to the weights, within 1.5 % of 400,000 titles", () => {
  included(lotsOf(boxesOf(ids), weights, 1), 400_000, 4).forEach((share, i) => {
    assert.ok(Math.abs(share / (weights[i] ?? 1) - 1) < 0.015, `${ids[i]}: ${share}`);
  });
});

test("[PL16] two copies are included in proportion to the weights, and so are three of many boxes", () => {
  const law = (list: readonly number[], copies: number, within: number): void => {
    const chances = shareOut(copies, list, 1);
    const names = list.map((_, i) => `box-${i}`);
    included(lotsOf(boxesOf(names), list, copies), 100_000, list.length).forEach((share, i) => {
      const part = share / (chances[i] ?? 1) - 1;
      assert.ok(Math.abs(part) < within, `${copies} copies, box ${i} of ${list.length}: ${part}`);
    });
  };
  law([0.15, 0.2, 0.3, 0.35], 2, 0.07);
  law(
    Array.from({ length: 16 }, (_, i) => 1 + (i % 3)),
    3,
    0.04,
  );
});

test("[PL16] taking a box away moves only what it held", () => {
  const lots = lotsOf(boxesOf(ids), weights, 1);
  const fewer = lotsOf(boxesOf(ids.slice(0, 3)), [0.1, 0.2, 0.3], 1);
  for (let title = 0; title < 2000; title++) {
    const [before] = first(lots, `t${title}`);
    if (before !== 3) assert.deepEqual(first(fewer, `t${title}`), [before]);
  }
});

test("[PL16] boxes without weight draw nothing, and of equal ones one is as likely as another", () => {
  const lots = lotsOf(boxesOf(ids), [0, 1, 0, 1], 2);
  assert.deepEqual(first(lots, "t").sort(), [1, 3]);
  assert.deepEqual(first(lotsOf(boxesOf(ids), [0, 0, 1, 0], 2), "t"), [2, nobody]);
});

test("[PL17] the least askers are who a plain sort of all boxes finds", () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(4), { minLength: 1, maxLength: 12 }).filter((list) => list.some((w) => w > 0)),
      fc.integer({ min: 1, max: 5 }),
      fc.string(),
      (list, copies, title) => {
        const names = list.map((_, i) => `box-${i}`);
        const boxes = boxesOf(names);
        const lots = lotsOf(boxes, list, copies);
        const [high, low] = hash64(title);
        const asks = (box: number): number =>
          asked(
            lots,
            lots.priceOf[box] ?? 0,
            mixed(high, low, boxes.hash[2 * box] ?? 0, boxes.hash[2 * box + 1] ?? 0),
          );
        const plain = list
          .flatMap((weight, box) => (weight > 0 ? [box] : []))
          .sort((a, b) => asks(a) - asks(b) || a - b)
          .slice(0, copies);
        assert.deepEqual(
          first(lots, title).filter((box) => box !== nobody),
          plain,
        );
      },
    ),
    { numRuns: 500, seed: 31 },
  );
});

test("[PL16] draws are even: 256 cells of 200,000 draws each way stay within five deviations", () => {
  const titles = 200_000;
  const names = Array.from({ length: 3 }, (_, i) => `box-${i}`);
  const { hash } = boxesOf(names);
  const cells = new Float64Array(256 * 4);
  for (let title = 0; title < titles; title++) {
    const [high, low] = hash64(`t${title}`);
    const at = names.map((_, b) => placed(mixed(high, low, hash[2 * b] ?? 0, hash[2 * b + 1] ?? 0)));
    const [a = 0, b = 0, c = 0] = at;
    const found = [Math.floor(a * 256), Math.floor(a * 16) * 16 + Math.floor(b * 16)];
    found.push(
      Math.floor(b * 16) * 16 + Math.floor(c * 16),
      Math.floor((a * 4096) % 16) * 16 + Math.floor(c * 16),
    );
    found.forEach((cell, view) => {
      cells[view * 256 + cell] = (cells[view * 256 + cell] ?? 0) + 1;
    });
  }
  for (let view = 0; view < 4; view++) {
    const expected = titles / 256;
    const chi = cells
      .subarray(view * 256, view * 256 + 256)
      .reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    assert.ok(Math.abs(chi - 255) < 5 * Math.sqrt(2 * 255), `view ${view}: χ² ${chi} of 255 degrees`);
  }
});
