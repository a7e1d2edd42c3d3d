import assert from "node:assert/strict";
import { test } from "node:test";
import { agoOf } from "./ago.ts";
import { healths, inOrder } from "./fleet-order.ts";

const fleet = (["healthy", "silent", "healthy", "draining", "unhealthy"] as const).map((health, index) => ({
  id: `box-${[10, 3, 2, 4, 5][index]}`,
  siteId: `site-${index}`,
  siteName: index < 3 ? "Aarhus" : "Bern",
  health,
}));

test("[WE102] whoever is not well stands first, equals by name as people count", () => {
  const ids = inOrder(fleet, { health: "all", text: "" }).map(({ id }) => id);
  assert.deepEqual(ids, ["box-5", "box-3", "box-4", "box-2", "box-10"]);
});

test("[WE102] a search is for the appliance or its site, within one health", () => {
  const found = (health: "all" | "healthy", text: string) =>
    inOrder(fleet, { health, text }).map(({ id }) => id);
  assert.deepEqual(found("healthy", " AARHUS "), ["box-2", "box-10"]);
  assert.deepEqual(found("all", "bern"), ["box-5", "box-4"]);
  assert.deepEqual(found("all", "nowhere"), []);
  assert.deepEqual(healths(fleet).healthy, 2);
});

test("[WE101] a moment is told in the largest unit that is not too coarse; what lies ahead is now", () => {
  const told = [-1, 4999, 5000, 89_999, 90_000, 5_400_000, 129_600_000].map((ms) => agoOf(ms));
  assert.deepEqual(told, [
    { unit: "justNow", n: 0 },
    { unit: "justNow", n: 0 },
    { unit: "secondsAgo", n: 5 },
    { unit: "secondsAgo", n: 90 },
    { unit: "minutesAgo", n: 2 },
    { unit: "hoursAgo", n: 2 },
    { unit: "daysAgo", n: 2 },
  ]);
});
