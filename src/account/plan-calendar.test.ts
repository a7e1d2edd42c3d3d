import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { boundary, periodsUntil } from "./plan-calendar.ts";
import { share, taxWithin, unusedPart } from "./proration-share.ts";

const runs = { seed: 60, numRuns: 300 };
const moment = fc.integer({ min: 0, max: 4_102_444_800_000 });
const period = fc.constantFrom("month", "year");

test("[AC60] an anchor on the 31st keeps its day wherever the month has it", () => {
  const days = Array.from({ length: 6 }, (_, count) =>
    new Date(boundary(Date.UTC(2027, 7, 31, 23, 59, 59, 999), "month", count)).toISOString().slice(0, 10),
  );
  assert.deepEqual(days, [
    "2027-08-31",
    "2027-09-30",
    "2027-10-31",
    "2027-11-30",
    "2027-12-31",
    "2028-01-31",
  ]);
  assert.equal(boundary(Date.UTC(2028, 1, 29), "year", 1), Date.UTC(2029, 1, 28));
  assert.equal(boundary(Date.UTC(2028, 1, 29), "year", 4), Date.UTC(2032, 1, 29));
});

test("[AC60] boundaries are those of the platform's own calendar, and rise", () => {
  fc.assert(
    fc.property(moment, period, fc.integer({ min: 0, max: 600 }), (anchor, length, count) => {
      const date = new Date(anchor);
      const months = date.getUTCMonth() + count * (length === "year" ? 12 : 1);
      const last = new Date(Date.UTC(date.getUTCFullYear(), months + 1, 0)).getUTCDate();
      const day = Math.min(date.getUTCDate(), last);
      const expected = Date.UTC(date.getUTCFullYear(), months, day) + (anchor % 86_400_000);
      assert.equal(boundary(anchor, length, count), expected);
      assert.ok(boundary(anchor, length, count + 1) > expected);
    }),
    runs,
  );
});

test("[AC60] every moment lies in exactly one period", () => {
  fc.assert(
    fc.property(moment, period, fc.integer({ min: 0, max: 20_000 }), (anchor, length, days) => {
      const at = anchor + days * 86_400_000;
      const count = periodsUntil(anchor, length, at);
      assert.ok(boundary(anchor, length, count) <= at && at < boundary(anchor, length, count + 1));
    }),
    runs,
  );
});

test("[AC61] parts sum to the whole, each within a unit of its exact share", () => {
  const weights = fc.array(fc.integer({ min: 0, max: 2 ** 40 }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 50 }), weights, (total, given) => {
      const parts = share(total, given);
      assert.equal(
        parts.reduce((sum, part) => sum + BigInt(part), 0n),
        BigInt(total),
      );
      const all = given.reduce((sum, weight) => sum + BigInt(weight), 0n);
      for (const [index, weight] of given.entries()) {
        const off = BigInt(parts[index] ?? 0) * all - BigInt(total) * BigInt(weight);
        assert.ok(all === 0n || (off < all && off > -all), `${parts} of ${total} by ${given}`);
      }
    }),
    runs,
  );
  assert.deepEqual(share(100, [1, 1, 1]), [34, 33, 33]);
});

test("[AC62] what is used and what is left of a period sum to its price at every second", () => {
  const price = fc.integer({ min: 0, max: 10 ** 9 });
  fc.assert(
    fc.property(moment, price, fc.double({ min: 0, max: 1, noNaN: true }), (anchor, total, part) => {
      const span = { startMs: anchor, endMs: boundary(anchor, "month", 1) };
      const now = Math.floor(anchor + part * (span.endMs - anchor));
      const left = unusedPart(total, span, now);
      const seconds = Math.floor((now - anchor) / 1000);
      const length = (span.endMs - anchor) / 1000;
      const used = share(total, [length - (length - seconds), length - seconds])[0] ?? Number.NaN;
      assert.equal(used + left, total);
      assert.ok(left >= 0 && left <= total);
      assert.ok(unusedPart(total, span, now + 60_000) <= left, "it never grows");
    }),
    runs,
  );
  const february = { startMs: Date.UTC(2026, 1, 1), endMs: Date.UTC(2026, 2, 1) };
  assert.equal(unusedPart(2800, february, Date.UTC(2026, 1, 15)), 1400);
  assert.equal(unusedPart(2800, february, february.endMs + 1), 0);
  assert.equal(unusedPart(2800, february, february.startMs - 1), 2800);
});

test("[AC63] tax is the part of the price that the rate makes it", () => {
  assert.equal(taxWithin(1190, 1900), 190);
  assert.equal(taxWithin(999, 0), 0);
  assert.equal(taxWithin(0, 1900), 0);
});
