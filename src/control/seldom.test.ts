import assert from "node:assert/strict";
import { test } from "node:test";
import { milliseconds } from "#units/quantity.ts";
import { seldom } from "./seldom.ts";

test("[BG164] while facts go stale again and again, a twentieth of the time goes into them; others count at once", () => {
  let nowMs = 0;
  let computed = 0;
  const told = seldom<{ readonly sites: number; readonly routes: number }, string>({
    clock: { monoMs: () => milliseconds(nowMs) },
    compute: ({ sites, routes }) => {
      nowMs += 100;
      computed += 1;
      return `${sites}/${routes}`;
    },
    compare: (last, now) =>
      last.sites !== now.sites ? "other" : last.routes === now.routes ? "same" : "stale",
  });
  assert.equal(told({ sites: 1, routes: 1 }), "1/1");
  assert.equal(told({ sites: 1, routes: 2 }), "1/1");
  nowMs += 1999;
  assert.equal(told({ sites: 1, routes: 2 }), "1/1");
  nowMs += 1;
  assert.equal(told({ sites: 1, routes: 2 }), "1/2");
  assert.equal(told({ sites: 2, routes: 2 }), "2/2");
  nowMs += 1e6;
  assert.equal(told({ sites: 2, routes: 2 }), "2/2");
  assert.equal(computed, 3);
});
