import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type CalendarEvent, dateOfDay, dayOfDate, upliftOf, weekdayOf } from "./calendar.ts";

test("[PL80] a date is a day's number and back, over leap years and centuries", () => {
  assert.equal(dayOfDate("1970-01-01"), 0);
  assert.equal(dayOfDate("2000-02-29"), 11_016);
  assert.equal(weekdayOf(dayOfDate("2026-11-26") ?? 0), 4, "a Thursday");
  assert.equal(weekdayOf(-1), 3);
  fc.assert(
    fc.property(fc.integer({ min: -200_000, max: 1_000_000 }), (day) => {
      const date = dateOfDay(day);
      assert.equal(dayOfDate(date), day);
      assert.equal(date, new Date(day * 86_400_000).toISOString().slice(0, 10));
      assert.equal(weekdayOf(day), new Date(day * 86_400_000).getUTCDay());
    }),
    { seed: 80 },
  );
});

test("[PL80] a date that no calendar has is none", () => {
  for (const text of ["2026-02-29", "2026-13-01", "2026-00-10", "2026-04-31", "2026-4-3", "today", ""]) {
    assert.equal(dayOfDate(text), undefined, text);
  }
});

const christmas: CalendarEvent = { tag: "christmas", from: 10, to: 12, factor: 4 };
const holiday: CalendarEvent = { from: 12, to: 12, factor: 1.5, regionIds: ["north"] };

function lift(day: number, tags: readonly string[], regionId = "north"): number {
  return upliftOf([christmas, holiday], { regionId, day, tags });
}

test("[PL81] of the events that match day, region and tag the highest factor counts; both ends are included", () => {
  assert.deepEqual(
    [9, 10, 12, 13].map((day) => lift(day, ["christmas"])),
    [1, 4, 4, 1],
  );
  assert.equal(lift(12, []), 1.5, "without a tag an event is for every title");
  assert.equal(lift(12, [], "south"), 1);
  assert.equal(lift(11, ["easter"]), 1);
});

test("[PL81] a factor is held within 0.1 and 10, and one that is no number changes nothing", () => {
  const of = (factor: number): number =>
    upliftOf([{ from: 0, to: 0, factor }], { regionId: "r", day: 0, tags: [] });
  assert.deepEqual([of(1e6), of(-3), of(0.5), of(Number.NaN)], [10, 0.1, 0.5, 1]);
});
