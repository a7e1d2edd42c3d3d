import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { defaultsOf } from "#config/setting.ts";
import { type DemandHistory, forecastDemand, partOf } from "./demand.ts";
import { type DemandColumns, forecastColumns, spreadOverFiles } from "./demand-columns.ts";
import { launchPrior } from "./launch.ts";
import { placeSettings } from "./settings.ts";

const settings = defaultsOf(placeSettings);
const days = 30;
const tagSets = [[], ["christmas"], ["christmas", "news"]];
const count = fc.oneof(
  { weight: 6, arbitrary: fc.option(fc.nat(1000), { nil: undefined }) },
  { weight: 1, arbitrary: fc.constantFrom(-3, Number.POSITIVE_INFINITY) },
);
const title = fc.record({
  row: fc.array(count, { minLength: days, maxLength: days }),
  tags: fc.nat(2),
  availableFrom: fc.integer({ min: -30, max: 40 }),
});
const events = [
  { tag: "christmas", from: 12, to: 14, factor: 3 },
  { tag: "news", from: 20, to: 45, factor: 0.5 },
  { from: 31, to: 33, factor: 2 },
];

test("[PL92] columns forecast what objects do, row by row: plays, variance, weekdays and what was left out", () => {
  fc.assert(
    fc.property(fc.array(title, { minLength: 1, maxLength: 8 }), fc.nat(40), (titles, day) => {
      const history: DemandHistory = {
        firstDay: 0,
        regions: [{ id: "all", siteIds: [], weight: 1 }],
        titles: titles.map(({ row, tags, availableFrom }, at) => ({
          titleId: `t${at}`,
          tags: tagSets[tags] ?? [],
          availableFrom,
          plays: { all: row },
          files: [{ id: `t${at}/v`, sizeBytes: 1, share: 1 }],
        })),
        events,
        launchPlays: {},
      };
      const columns: DemandColumns = {
        regionId: "all",
        firstDay: 0,
        history: Array.from({ length: days }, (_, at) =>
          Float32Array.from(titles, ({ row }) => row[at] ?? Number.NaN),
        ),
        prior: Float64Array.from(titles, ({ availableFrom }) =>
          launchPrior({ regionWeight: 1, ageDays: day - availableFrom }, {}, settings),
        ),
        events,
        tagSets,
        tagSetOf: Uint16Array.from(titles, ({ tags }) => tags),
      };
      const plain = forecastDemand(history, day, settings);
      const fast = forecastColumns(columns, day, settings);
      plain.files.forEach(({ playsPerDay, variance }, row) => {
        assert.ok(close(fast.playsPerDay[row], playsPerDay), `${fast.playsPerDay[row]} ${playsPerDay}`);
        assert.ok(close(fast.variance[row], variance), `${fast.variance[row]} ${variance}`);
      });
      assert.deepEqual(fast.weekdays, plain.regions[0]?.weekdays);
      assert.equal(fast.ignored, plain.ignored.count);
    }),
    { seed: 92 },
  );
});

test("[PL92] titles spread over files as the plain form divides them", () => {
  const titles = { playsPerDay: Float64Array.of(10, 4), variance: Float64Array.of(20, 5) };
  const share = Float64Array.of(0.25, 1, 0.5, Number.NaN);
  const files = spreadOverFiles(titles, Uint32Array.of(0, 0, 1, 1), share);
  const wanted = [
    partOf({ playsPerDay: 10, variance: 20 }, 0.25),
    partOf({ playsPerDay: 10, variance: 20 }, 1),
    partOf({ playsPerDay: 4, variance: 5 }, 0.5),
    partOf({ playsPerDay: 4, variance: 5 }, 1),
  ];
  assert.deepEqual(
    [...files.playsPerDay],
    wanted.map((file) => file.playsPerDay),
  );
  assert.deepEqual(
    [...files.variance],
    wanted.map((file) => file.variance),
  );
});

function close(a: number | undefined, b: number): boolean {
  return a !== undefined && Math.abs(a - b) <= 1e-9 * Math.max(1, b);
}
