import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type FillWindow, isKnownZone, openings, windowAt } from "./fill-window.ts";

const hour = 3_600_000;
const at = (text: string): number => Date.parse(text);
const told = (moments: readonly number[]): string[] => moments.map((ms) => new Date(ms).toISOString());

function night(zone: string, opensAt: string, hours = 12): FillWindow {
  const [h = "0", m = "0"] = opensAt.split(":");
  return { zone, opensAtMinute: Number(h) * 60 + Number(m), hours };
}

function openingsOf(window: FillWindow, from: string, to: string): string[] {
  return told(openings(window, at(from), at(to)));
}

test("[ED190] a night of twelve hours from two o'clock, in local time", () => {
  const window = night("Europe/Berlin", "02:00");
  assert.deepEqual(windowAt(window, at("2026-01-10T00:59:59.999Z")), {
    isOpen: false,
    sinceMs: at("2026-01-09T13:00:00Z"),
    untilMs: at("2026-01-10T01:00:00Z"),
  });
  assert.deepEqual(windowAt(window, at("2026-01-10T01:00:00Z")), {
    isOpen: true,
    sinceMs: at("2026-01-10T01:00:00Z"),
    untilMs: at("2026-01-10T13:00:00Z"),
  });
  assert.equal(windowAt(window, at("2026-01-10T13:00:00Z")).isOpen, false);
  assert.equal(
    windowAt(night("Asia/Kathmandu", "02:00"), at("2026-01-09T20:15:00Z")).isOpen,
    true,
    "UTC+5:45",
  );
});

test("[ED190] a start that the spring skips opens after the gap, one that the autumn shows twice at the first", () => {
  const spring = night("Europe/Berlin", "02:30", 4);
  assert.deepEqual(openingsOf(spring, "2026-03-28T12:00:00Z", "2026-03-29T12:00:00Z"), [
    "2026-03-29T01:00:00.000Z",
  ]);
  assert.equal(windowAt(spring, at("2026-03-29T04:59:59Z")).isOpen, true);
  assert.equal(windowAt(spring, at("2026-03-29T05:00:00Z")).isOpen, false, "four real hours");
  const autumn = openingsOf(spring, "2026-10-24T12:00:00Z", "2026-10-25T12:00:00Z");
  assert.deepEqual(autumn, ["2026-10-25T00:30:00.000Z"], "once, though it is 02:30 twice");
});

test("[ED190] half an hour of summer, midnight that is skipped or comes twice, a day that a zone left out", () => {
  const lordHowe = night("Australia/Lord_Howe", "02:10");
  assert.deepEqual(openingsOf(lordHowe, "2026-10-03T03:00:00Z", "2026-10-04T03:00:00Z"), [
    "2026-10-03T15:30:00.000Z",
  ]);
  const beirut = night("Asia/Beirut", "00:15");
  assert.deepEqual(openingsOf(beirut, "2026-03-28T12:00:00Z", "2026-03-29T12:00:00Z"), [
    "2026-03-28T22:00:00.000Z",
  ]);
  const havana = openingsOf(night("America/Havana", "00:30"), "2026-10-31T12:00:00Z", "2026-11-01T12:00:00Z");
  assert.deepEqual(havana, ["2026-11-01T04:30:00.000Z"]);
  const apia = openingsOf(night("Pacific/Apia", "23:00", 6), "2011-12-29T12:00:00Z", "2012-01-01T00:00:00Z");
  assert.deepEqual(apia, ["2011-12-30T09:00:00.000Z", "2011-12-31T09:00:00.000Z"], "29th, 31st; no 30th");
  const toronto = openingsOf(
    night("America/Toronto", "23:45"),
    "1919-03-30T12:00:00Z",
    "1919-04-01T12:00:00Z",
  );
  assert.deepEqual(
    toronto,
    ["1919-03-31T04:30:00.000Z", "1919-04-01T03:45:00.000Z"],
    "the gap ends after midnight",
  );
});

test("[ED190] a window over midnight, and one of 24 hours, which a day of 25 interrupts", () => {
  const late = night("America/New_York", "23:00", 3);
  assert.equal(windowAt(late, at("2026-06-02T04:30:00Z")).isOpen, true);
  assert.equal(windowAt(late, at("2026-06-02T06:00:00Z")).isOpen, false);
  const whole = night("America/New_York", "00:00", 24);
  const states = Array.from(
    { length: 49 },
    (_, i) => windowAt(whole, at("2026-10-31T04:30:00Z") + i * hour).isOpen,
  );
  assert.deepEqual(
    states.flatMap((isOpen, i) => (isOpen ? [] : [i])),
    [48],
    "open but for the hour before the midnight that ends a long day",
  );
});

test("[ED204] zones that are not known are told apart", () => {
  assert.deepEqual(["Europe/Berlin", "Mars/Olympus", ""].map(isKnownZone), [true, false, false]);
});

/** The site's clock, read with the library's own words: what is checked does its own sums. */
function shown(zone: string): (ms: number) => string {
  const format = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "short" });
  return (ms) => format.format(ms);
}

const zones = Intl.supportedValuesOf("timeZone");
const anyWindow = fc.record({
  zone: fc.oneof(
    fc.constantFrom(...zones),
    fc.constantFrom(
      "Australia/Lord_Howe",
      "Asia/Kathmandu",
      "America/Nuuk",
      "Africa/Casablanca",
      "Asia/Gaza",
    ),
  ),
  opensAtMinute: fc.nat(1439),
  hours: fc.oneof(fc.constant(12), fc.double({ min: 0.01, max: 24, noNaN: true })),
});
/** Days around which clocks change often, and any others; from 1950 on. */
const anyDay = fc.oneof(
  fc.integer({ min: at("1950-01-01T00:00:00Z") / hour, max: at("2037-12-31T00:00:00Z") / hour }),
  fc
    .tuple(
      fc.integer({ min: 1970, max: 2037 }),
      fc.constantFrom("03-27", "10-27", "04-04", "11-02"),
      fc.nat(168),
    )
    .map(([year, day, hours]) => at(`${year}-${day}T00:00:00Z`) / hour + hours),
);

test("[ED190] law: once for each day of the site's calendar, at the first minute that shows its time or a later one", () => {
  const law = fc.property(anyWindow, anyDay, (window, hours) => {
    const clock = shown(window.zone);
    const from = hours * hour;
    const time = [window.opensAtMinute / 60, window.opensAtMinute % 60].map((n) =>
      `${Math.floor(n)}`.padStart(2, "0"),
    );
    const wanted: number[] = [];
    const opened = new Set<string>();
    // A day before the first one counted is walked as well: on it, windows of that day are known to have opened.
    for (let ms = from - 26 * hour; ms < from + 50 * hour; ms += 60_000) {
      const [day = "", minute = ""] = clock(ms).split(" ");
      if (minute < time.join(":") || opened.has(day)) continue;
      opened.add(day);
      if (ms >= from) wanted.push(ms);
    }
    // A gap over midnight: the day's window opens after it, on a clock that shows the next day.
    const found = openings(window, from, from + 50 * hour).filter(
      (ms) => clock(ms).slice(11) >= time.join(":"),
    );
    assert.deepEqual(
      told(found),
      told(wanted),
      `${JSON.stringify(window)} from ${new Date(from).toISOString()}`,
    );
  });
  fc.assert(law, { numRuns: 80, seed: 190 });
});

test("[ED190] law: open for exactly its hours after each opening, closed otherwise, and each answer holds until it says", () => {
  const law = fc.property(
    anyWindow,
    anyDay,
    fc.integer({ min: 0, max: 72 * hour }),
    (window, hours, later) => {
      const moment = hours * hour + later;
      const now = windowAt(window, moment);
      const starts = openings(window, moment - 30 * hour, moment + 1);
      assert.equal(
        now.isOpen,
        starts.some((start) => moment < start + window.hours * hour),
      );
      assert.ok(now.sinceMs <= moment && moment < now.untilMs);
      for (const other of [now.sinceMs, (now.sinceMs + now.untilMs) / 2, now.untilMs - 1]) {
        if (other >= now.sinceMs) assert.equal(windowAt(window, other).isOpen, now.isOpen);
      }
      if (window.hours < 22.5) {
        assert.equal(windowAt(window, now.untilMs).isOpen, !now.isOpen, "and no longer");
        const [start = Number.NaN] = openings(window, moment, moment + 60 * hour);
        const open = windowAt(window, start);
        assert.deepEqual([open.sinceMs, open.untilMs], [start, start + window.hours * hour]);
      }
    },
  );
  fc.assert(law, { numRuns: 150, seed: 191 });
});

test("[ED191] a clock that jumps finds the window where it is now", () => {
  const window = night("America/Sao_Paulo", "02:00");
  const [before, inside, after] = [
    "2026-05-05T04:59:00Z",
    "2026-05-05T09:00:00Z",
    "2026-05-05T17:01:00Z",
  ].map(at);
  const asked = [inside, after, inside, before, inside].map((ms) => windowAt(window, ms ?? 0).isOpen);
  assert.deepEqual(asked, [true, false, true, false, true]);
});
