import assert from "node:assert/strict";
import { test } from "node:test";
import type { QoeBreakdown } from "#data/ports-qoe.ts";
import { noFigures } from "#qoe/figures.ts";
import { breakdownAsked, breakdownOf } from "./quality-breakdown.ts";
import { nothingOpen } from "./quality-so-far.ts";
import { qualityOf } from "./quality-view.ts";

const dayMs = 86_400_000;

function breakdownFor(time: { readonly from?: number; readonly to?: number }) {
  const asked = breakdownAsked(
    { by: "network", and: "network", also: "codec", limit: 5, ...time },
    100 * dayMs,
  );
  assert.ok(asked.kind === "asked");
  return asked;
}

test("[CO446] a breakdown is of 28 days at most, however its time is named", () => {
  assert.equal(breakdownFor({ from: 72 * dayMs }).query.untilMs, 100 * dayMs);
  const query = { by: "title", limit: 5 } as const;
  const tooLong = { kind: "too-long", most: "28 days" };
  assert.deepEqual(breakdownAsked({ ...query, from: 72 * dayMs - 1 }, 100 * dayMs), tooLong);
  assert.deepEqual(breakdownAsked({ ...query, from: 0, to: 28 * dayMs + 1 }, 0), tooLong);
});

test("[CO446] a breakdown has measures of sums beside how sessions are spread; a dimension that is named again counts once", () => {
  const { query: asked } = breakdownFor({ to: 90_000_000 });
  assert.deepEqual(asked, {
    by: "network",
    and: "codec",
    also: undefined,
    fromMs: 3_600_000,
    untilMs: 90_000_000,
    limit: 5,
  });
  const spread = { median: 1, slow: 2 };
  const group: QoeBreakdown["groups"][number] = {
    ...noFigures(),
    ...{
      key: "AS1",
      other: "av1",
      third: "",
      sessions: 4,
      stalled: 1,
      plays: 4,
      starts: 3,
      startFailures: 1,
    },
    ...{
      playMs: 9000,
      stallMs: 1000,
      playedBits: 18_000,
      startup: spread,
      stallRatio: spread,
      bitrate: spread,
    },
  };
  const { groups, leftOut, and, also } = breakdownOf(asked, { groups: [group], leftOut: 7 });
  const [one] = groups;
  assert.deepEqual([and, also, leftOut], ["codec", null, 7]);
  assert.deepEqual([one?.other, one?.third], ["av1", ""]);
  const three = breakdownAsked({ by: "network", and: "appliance", also: "rule", limit: 5 }, 0);
  assert.ok(three.kind === "asked");
  assert.deepEqual([three.query.and, three.query.also], ["appliance", "rule"]);
  assert.deepEqual(
    [one?.startFailureRatio, one?.stallRatio, one?.bitrate, one?.exitRatio, one?.stallRatioOfSessions],
    [0.25, 0.1, 2000, 0, spread],
  );
});

test("[CO447] the windows say up to when they are in", () => {
  const query = { by: "title", sizeMs: 60_000, fromMs: 0, untilMs: 600_000 } as const;
  const nothing = { sums: [], startups: [], watching: [] };
  const still = { open: nothingOpen, waitingFor: "" };
  assert.equal(qualityOf(query, nothing, still).settledUntilMs, null);
  const sums = [120_000, 60_000].map((startMs) => ({
    ...noFigures(),
    key: "film",
    startMs,
    plays: 1,
    estimates: 0,
  }));
  assert.equal(qualityOf(query, { ...nothing, sums }, still).settledUntilMs, 180_000);
});
