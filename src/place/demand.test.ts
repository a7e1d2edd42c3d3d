import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { defaultsOf } from "#config/setting.ts";
import { seededRandom } from "#units/random.ts";
import {
  type DemandHistory,
  demandOfRegions,
  type Forecast,
  forecastDemand,
  regionsOfSites,
  type TitleHistory,
} from "./demand.ts";
import type { CountedDays } from "./popularity.ts";
import { placeSettings } from "./settings.ts";

const settings = { ...defaultsOf(placeSettings), priorPlaysPerDay: 10, floorPlaysPerDay: 1 };

function title(titleId: string, plays: CountedDays, more: Partial<TitleHistory> = {}): TitleHistory {
  return {
    titleId,
    plays: { north: plays },
    files: [{ id: `${titleId}/v`, sizeBytes: 100, share: 1 }],
    ...more,
  };
}

function history(titles: readonly TitleHistory[], more: Partial<DemandHistory> = {}): DemandHistory {
  const regions = [{ id: "north", siteIds: ["oslo"], weight: 1 }];
  return { firstDay: 0, regions, titles, events: [], launchPlays: {}, ...more };
}

function playsOf(forecast: Forecast, fileId: string): number {
  return forecast.files.find(({ id }) => id === fileId)?.playsPerDay ?? Number.NaN;
}

const near = (a: number, b: number, part = 1e-9): boolean =>
  Math.abs(a - b) <= part * Math.max(1, Math.abs(b));

test("[PL87] a long steady history is the forecast itself; without one it is the launch prior itself", () => {
  const titles = [
    title("steady", Array(70).fill(42)),
    title("new", []),
    title("old", [], { availableFrom: -500 }),
  ];
  const made = forecastDemand(history(titles), 70, settings);
  assert.ok(near(playsOf(made, "steady/v"), 42, 1e-5));
  assert.equal(playsOf(made, "new/v"), 11);
  assert.ok(near(playsOf(made, "old/v"), 1));
});

test("[PL84] a new title begins at its prior and goes to what is counted", () => {
  const after = (days: number): number =>
    playsOf(forecastDemand(history([title("t", Array(days).fill(500))]), days, settings), "t/v");
  const [first = 0, second = 0, month = 0] = [after(0), after(2), after(30)];
  assert.ok(first === 11 && second > 250 && second < 500 && near(month, 500, 1e-3));
});

test("[PL82] a weekly pattern is reproduced on whatever weekday is forecast", () => {
  const week = [60, 70, 80, 90, 100, 140, 160];
  const row = Array.from({ length: 70 }, (_, day) => week[day % 7] ?? 0);
  for (let ahead = 0; ahead < 7; ahead++) {
    const made = forecastDemand(history([title("t", row)], { firstDay: 3 }), 3 + 70 + ahead, settings);
    assert.ok(near(playsOf(made, "t/v"), week[ahead] ?? 0, 1e-4), `${ahead}: ${playsOf(made, "t/v")}`);
  }
});

test("[PL83] a title that was not there all week does not bend the week", () => {
  const premiere = [...Array(11).fill(undefined), ...Array(10).fill(10_000)];
  const titles = [title("steady", Array(21).fill(100)), title("premiere", premiere)];
  const [north] = forecastDemand(history(titles), 21, settings).regions;
  assert.ok(north?.weekdays.factors.every((factor) => near(factor, 1)));
});

test("[PL89] an event of the past is taken out of the level, and one of the day put on it", () => {
  const row = Array.from({ length: 60 }, (_, day) => (day >= 55 ? 300 : 100));
  const events = [
    { tag: "christmas", from: 55, to: 59, factor: 3 },
    { tag: "christmas", from: 70, to: 70, factor: 5 },
  ];
  const tagged = history([title("t", row, { tags: ["christmas"] })], { events });
  assert.ok(near(playsOf(forecastDemand(tagged, 60, settings), "t/v"), 100, 1e-4));
  assert.ok(near(playsOf(forecastDemand(tagged, 70, settings), "t/v"), 500, 1e-4));
});

test("[PL90] files divide their title's plays as counted; a title nobody counted is made of its files'", () => {
  const files = [
    { id: "t/hi", sizeBytes: 9, share: 0.7, plays: { north: Array(40).fill(100) } },
    { id: "t/lo", sizeBytes: 1, share: 0.3, plays: { north: Array(40).fill(900) } },
    { id: "t/index", sizeBytes: 1, share: 1 },
  ];
  const counted = forecastDemand(history([title("t", Array(40).fill(1000), { files })]), 40, settings);
  assert.ok(near(playsOf(counted, "t/hi"), 100, 0.03) && near(playsOf(counted, "t/lo"), 900, 0.01));
  assert.ok(near(playsOf(counted, "t/index"), 1000, 1e-3));
  const bare = forecastDemand(history([{ ...title("t", [], { files }), plays: {} }]), 40, settings);
  assert.ok(near(playsOf(bare, "t/lo"), 900, 0.01) && near(playsOf(bare, "t/index"), 1000, 1e-3));
});

test("[PL91] a cluster's demand and its variance are the sums of its regions'; regions are found by site", () => {
  const regions = [
    { id: "north", siteIds: ["oslo", "bergen"], weight: 1 },
    { id: "south", siteIds: ["rome"], weight: 2 },
  ];
  const rows = { north: Array(30).fill(10), south: Array(30).fill(50) };
  const made = forecastDemand(
    history([title("t", [], { plays: rows }), title("new", [])], { regions }),
    30,
    settings,
  );
  const [both] = demandOfRegions(made, ["north", "south"]);
  const [north] = demandOfRegions(made, ["north"]);
  const [south] = demandOfRegions(made, ["south"]);
  assert.ok(near(both?.playsPerDay ?? 0, 60, 1e-3));
  assert.ok(near(both?.playsPerDay ?? 0, (north?.playsPerDay ?? 0) + (south?.playsPerDay ?? 0)));
  assert.ok(near(both?.variance ?? 0, (north?.variance ?? 0) + (south?.variance ?? 0)));
  assert.equal(playsOf(made, "new/v"), 11 + 21, "a launch is as large as its region");
  assert.deepEqual(regionsOfSites(regions, ["bergen"]), ["north"]);
  assert.deepEqual(regionsOfSites(regions, ["rome", "oslo"]), ["north", "south"]);
});

test("[PL91] the variance is what steady plays deviate by, and grows where they do not keep steady", () => {
  const random = seededRandom(91);
  const chance = (mean: number): number => {
    let [count, product] = [0, random.next()];
    while (product > Math.exp(-mean)) [count, product] = [count + 1, product * random.next()];
    return count;
  };
  let [squares, files] = [0, 0];
  const titles = Array.from({ length: 400 }, (_, at) =>
    title(
      `t${at}`,
      Array.from({ length: 31 }, () => chance(20)),
    ),
  );
  const made = forecastDemand(history(titles), 30, { ...settings, weekdayWeeks: 0 });
  for (const { titleId, plays } of titles) {
    const file = made.files.find((one) => one.titleId === titleId);
    squares += ((plays.north?.[30] ?? 0) - (file?.playsPerDay ?? 0)) ** 2 / (file?.variance ?? 0);
    files += 1;
  }
  assert.ok(squares / files > 0.6 && squares / files < 1.2, `${squares / files}`);
  const wild = forecastDemand(
    history([
      title(
        "t",
        Array.from({ length: 30 }, (_, day) => (day % 2) * 40),
      ),
    ]),
    30,
    {
      ...settings,
      weekdayWeeks: 0,
    },
  );
  assert.ok((wild.files[0]?.variance ?? 0) > 400);
});

const count = fc.oneof(fc.nat(1000), fc.constant(undefined));
const garbage = fc.constantFrom(
  -1,
  Number.NaN,
  Number.NEGATIVE_INFINITY,
  Number.POSITIVE_INFINITY,
  1e30,
  -1e300,
);
const row = fc.array(count, { maxLength: 40 });

test("[PL85] whatever is in a history, no forecast is negative or not a number, and what was left out is told", () => {
  const dirty = fc.array(fc.oneof({ weight: 4, arbitrary: count }, { weight: 1, arbitrary: garbage }), {
    maxLength: 40,
  });
  const odd = fc.oneof(fc.nat(5), garbage);
  fc.assert(
    fc.property(dirty, odd, odd, odd, fc.nat(60), (plays, share, marketing, factor, day) => {
      const files = [{ id: "t/v", sizeBytes: 1, share, plays: { north: plays } }];
      const titles = [title("t", plays, { files, marketing, tags: ["x"] })];
      const events = [{ tag: "x", from: 3, to: 30, factor }];
      const made = forecastDemand(history(titles, { events }), day, settings);
      for (const { playsPerDay, variance } of made.files) {
        assert.ok(playsPerDay >= 0 && playsPerDay <= 1e18 && variance >= 0 && Number.isFinite(variance));
      }
      const heard = plays
        .slice(0, day)
        .filter((one) => one !== undefined && !(one >= 0 && one <= 1e12)).length;
      assert.ok(made.ignored.count >= 2 * heard);
      assert.equal(made.ignored.count === 0, made.ignored.first === undefined);
    }),
    { seed: 85 },
  );
});

test("[PL86] ten times the plays and the priors are ten times the forecast", () => {
  const scaled = (by: number, rows: readonly CountedDays[]): Forecast => {
    const titles = rows.map((plays, at) =>
      title(
        `t${at}`,
        plays.map((one) => (one === undefined ? one : one * by)),
      ),
    );
    const priors = { priorPlaysPerDay: 10 * by, floorPlaysPerDay: by, sharePriorPlays: 20 * by };
    return forecastDemand(history(titles), 40, { ...settings, ...priors });
  };
  fc.assert(
    fc.property(fc.array(row, { maxLength: 5 }), fc.integer({ min: 2, max: 1000 }), (rows, by) => {
      const [plain, large] = [scaled(1, rows), scaled(by, rows)];
      for (const { id, playsPerDay } of plain.files) assert.ok(near(playsOf(large, id), by * playsPerDay));
    }),
    { seed: 86 },
  );
});

test("[PL88] the order of titles changes no forecast", () => {
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 6 }), (rows) => {
      const titles = rows.map((plays, at) => title(`t${at}`, plays));
      const there = forecastDemand(history(titles), 40, settings);
      const back = forecastDemand(history(titles.toReversed()), 40, settings);
      for (const { id, playsPerDay } of there.files) assert.ok(near(playsOf(back, id), playsPerDay));
    }),
    { seed: 88 },
  );
});

test("[PL88] days after the one that is forecast are not heard", () => {
  const known = forecastDemand(history([title("t", [5, 6, 7, 900, 900])]), 3, settings);
  assert.equal(
    playsOf(known, "t/v"),
    playsOf(forecastDemand(history([title("t", [5, 6, 7])]), 3, settings), "t/v"),
  );
});
