import assert from "node:assert/strict";
import { test } from "node:test";
import type { Eliminated, RankRule } from "#model/steering.ts";
import { rankId } from "./rank-words.ts";

const rules: Readonly<Record<RankRule, true>> = {
  ...{ "longest-prefix": true, "as-path": true, med: true, distance: true, "load-bound": true, load: true },
  ...{ "tie-break": true, spread: true, "origin-last": true },
};
const reasons: Readonly<Record<Eliminated["by"], true>> = {
  ...{ "no-route": true, unhealthy: true, draining: true, silent: true, unadmitted: true, degraded: true },
  ...{ "not-held": true, "list-full": true },
};

test("[WE163] every rule that steering may name, and every reason to be left out, has words; a new one is not made up", () => {
  for (const rule of Object.keys(rules)) assert.notEqual(rankId("r", rule), "other", rule);
  for (const reason of Object.keys(reasons)) assert.notEqual(rankId("e", reason), "other", reason);
  assert.equal(rankId("r", "phase-of-the-moon"), "other");
  assert.equal(rankId("e", "longest-prefix"), "other");
});
