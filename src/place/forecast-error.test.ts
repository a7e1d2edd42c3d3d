import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { defaultsOf } from "#config/setting.ts";
import { forecastDemand } from "./demand.ts";
import { ageBuckets, bucketOf, errorText, type ForecastRow, forecastError } from "./forecast-error.ts";
import { heldBack } from "./held-back.ts";
import { placeSettings } from "./settings.ts";

const order = { capacityBytes: 20, depth: 0.5 };
const truth = fc.nat(1000);
const rowOf = (sizeBytes: fc.Arbitrary<number>): fc.Arbitrary<ForecastRow & { truth: number }> =>
  fc.record({ sizeBytes, forecast: fc.nat(1000), truth, ageDays: fc.integer({ min: 0, max: 90 }) });
const rows = fc.array(rowOf(fc.integer({ min: 1, max: 30 })), { maxLength: 30 });

test("[PL93] a forecast that comes true is without error in every number", () => {
  fc.assert(
    fc.property(rows, (given) => {
      const found = forecastError({ ...order, rows: given.map((row) => ({ ...row, forecast: row.truth })) });
      assert.equal(found.total.missedPlays, 0);
      assert.equal(found.total.bias ?? 0, 0);
      assert.equal(found.byteHit.forecast, found.byteHit.oracle);
      assert.equal(found.rankOverlap.share, 1);
    }),
    { seed: 93 },
  );
});

test("[PL93] figures of a small day, worked out by hand", () => {
  const found = forecastError({
    rows: [
      { sizeBytes: 10, forecast: 8, truth: 10, ageDays: 0 },
      { sizeBytes: 10, forecast: 9, truth: 4, ageDays: 5 },
      { sizeBytes: 20, forecast: 3, truth: 6, ageDays: 100 },
      { sizeBytes: 10, forecast: 3, truth: undefined, ageDays: 100 },
    ],
    capacityBytes: 10,
    depth: 0.25,
  });
  assert.deepEqual([found.total.wape, found.uncounted], [(2 + 5 + 3) / 20, 1]);
  assert.equal(found.total.wapeOfBytes, (20 + 50 + 60) / 260);
  assert.deepEqual(found.byteHit, { capacityBytes: 10, forecast: 40 / 260, oracle: 100 / 260 });
  assert.equal(found.rankOverlap.share, 0);
  assert.deepEqual(
    found.ages.map(({ age, files, bias }) => [age, files, bias]),
    [
      ["≤ 1 day", 1, 0.8 - 1],
      ["≤ 7 days", 1, 9 / 4 - 1],
      ["≤ 30 days", 0, undefined],
      ["older", 1, 0.5 - 1],
    ],
  );
  assert.match(errorText(found), /WAPE 50\.0 % of plays.*1 files were not counted/);
});

test("[PL94] with files of one size no forecast serves more than the truth would have", () => {
  fc.assert(
    fc.property(fc.array(rowOf(fc.constant(7)), { maxLength: 30 }), fc.nat(200), (given, capacityBytes) => {
      const { byteHit } = forecastError({ rows: given, capacityBytes, depth: 0.1 });
      assert.ok(byteHit.forecast <= byteHit.oracle + 1e-12);
    }),
    { seed: 94 },
  );
});

test("[PL95] the ages' files, plays, bytes and errors sum to the total, and no share is not a number", () => {
  fc.assert(
    fc.property(rows, fc.nat(300), (given, capacityBytes) => {
      const found = forecastError({ rows: given, capacityBytes, depth: 0.2 });
      for (const key of [
        "files",
        "forecastPlays",
        "truePlays",
        "missedPlays",
        "missedBytes",
        "trueBytes",
      ] as const) {
        assert.equal(
          found.ages.reduce((sum, age) => sum + age[key], 0),
          found.total[key],
          key,
        );
      }
      for (const share of [found.byteHit.forecast, found.byteHit.oracle, found.rankOverlap.share]) {
        assert.ok(share >= 0 && share <= 1);
      }
    }),
    { seed: 95 },
  );
  assert.deepEqual([0, 1, 2, 7, 8, 30, 31].map(bucketOf), [
    ageBuckets[0],
    ageBuckets[0],
    ageBuckets[1],
    ageBuckets[1],
    ageBuckets[2],
    ageBuckets[2],
    ageBuckets[3],
  ]);
});

test("[PL95] a day held back is compared by what files counted, else by their title's plays and share", () => {
  const regions = ["north", "south"].map((id) => ({ id, siteIds: [], weight: 1 }));
  const plays = { north: [10, 10, 20], south: [5, 5, 10] };
  const files = [
    { id: "t/a", sizeBytes: 1, share: 0.5 },
    { id: "t/b", sizeBytes: 1, share: 0.5, plays: { north: [4, 4, 7], south: [1, 1, undefined] } },
  ];
  const silent = {
    titleId: "s",
    plays: { north: [1, 1, 1] },
    files: [{ id: "s/a", sizeBytes: 1, share: 1 }],
  };
  const titles = [{ titleId: "t", availableFrom: -3, plays, files }, silent];
  const history = { firstDay: 0, regions, titles, events: [], launchPlays: {} };
  const forecast = forecastDemand(history, 2, defaultsOf(placeSettings));
  const found = heldBack(history, forecast, ["north", "south"]);
  assert.deepEqual(
    found.map((row) => [row.truth, row.ageDays]),
    [
      [15, 5],
      [7 + 5, 5],
      [undefined, 2],
    ],
  );
  assert.equal(found[0]?.forecast, forecast.files[0]?.playsPerDay);
});
