import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Choice, inForce, type Steered, sharesOf, siteOf, type Verdict, verdictOf } from "./detours.ts";

function steered(best: readonly Partial<Choice>[], atMs = 0): Steered {
  return {
    sessionId: "s",
    atMs,
    best: best.map((one, i) => ({ id: `best${i}`, siteId: "near", ...one })),
  };
}

function verdict(best: readonly Partial<Choice>[], sourceId: string, folder = "v1"): Verdict {
  return verdictOf(steered(best), { sourceId, folder, pulled: false });
}

test("[QO29] bytes of the best tier are no detour, whichever of its appliances served them", () => {
  const tier = [{ id: "a", out: "content" as const }, { id: "b" }];
  assert.equal(verdict(tier, "b"), "best");
  assert.equal(verdict(tier, "a"), "best");
  assert.equal(verdict([], "origin"), "best", "where no appliance may ever serve, nothing is better");
});

test("[QO29] the cause is what kept the best tier from serving", () => {
  const best = (...outs: readonly Choice["out"][]) => outs.map((out) => (out === undefined ? {} : { out }));
  assert.equal(verdict(best("content", "content"), "far"), "content");
  assert.equal(verdict(best("content", "health"), "far"), "health");
  assert.equal(verdict(best("content", "health", "capacity"), "origin"), "capacity");
  assert.equal(verdict(best(undefined), "far"), "other");
  assert.equal(verdict([], "far"), "other");
  assert.equal(verdictOf(undefined, { sourceId: "far", folder: "", pulled: false }), "unjoined");
});

test("[QO29] of a title that is held in part, what is not is a content miss; so is what was pulled meanwhile", () => {
  const partly = [{ lacks: ["v4000"] }];
  assert.equal(verdict(partly, "far", "v4000"), "content");
  assert.equal(verdict(partly, "far", "v360"), "other");
  assert.equal(
    verdict([{ lacks: ["v4000"], out: "health" as const }, { lacks: ["x"] }], "far", "v4000"),
    "other",
  );
  const pulled = { sourceId: "best0", folder: "v1", pulled: true };
  assert.equal(verdictOf(steered([{}]), pulled), "content");
});

test("[QO29] the decision in force is the latest before the bytes", () => {
  const decisions = [steered([], 0), steered([{}], 100)];
  assert.equal(inForce(decisions, 50)?.atMs, 0);
  assert.equal(inForce(decisions, 150)?.atMs, 100);
  assert.equal(inForce(decisions, -1)?.atMs, 0);
  assert.equal(inForce([], 5), undefined);
});

test("[QO29] bytes belong to the site that served them best, else to the one that should have", () => {
  const tier = steered([{ siteId: "b" }, { siteId: "a" }]);
  assert.equal(siteOf(tier, { id: "best0", siteId: "b" }), "b");
  assert.equal(siteOf(tier, { id: "far", siteId: "z" }), "a");
  assert.equal(siteOf(undefined, { id: "far", siteId: "z" }), "z");
});

test("[QO30] shares add up to exactly 100 %, and none is off by a hundredth of a percent", () => {
  assert.deepEqual(sharesOf([0, 0, 0]), [0, 0, 0]);
  assert.deepEqual(sharesOf([1, 1, 1]), [3334, 3333, 3333]);
  fc.assert(
    fc.property(fc.array(fc.nat(1e9), { minLength: 1, maxLength: 5 }), (parts) => {
      const whole = parts.reduce((a, b) => a + b, 0);
      const shares = sharesOf(parts);
      assert.equal(
        shares.reduce((a, b) => a + b, 0),
        whole === 0 ? 0 : 10_000,
      );
      for (const [i, part] of parts.entries()) {
        if (whole > 0) assert.ok(Math.abs((shares[i] ?? 0) - (10_000 * part) / whole) < 1);
      }
    }),
    { seed: 30 },
  );
});
