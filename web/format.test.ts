import assert from "node:assert/strict";
import { test } from "node:test";
import { seededRandom } from "#units/random.ts";
import {
  digits,
  formatAgo,
  formatBytes,
  formatClock,
  formatCount,
  formatDuration,
  formatLength,
  formatPercent,
  formatRate,
  formatShare,
  fraction,
} from "./format.ts";

test("[WE5] bytes and rates carry decimal prefixes", () => {
  assert.equal(formatBytes(0), "0 B");
  assert.equal(formatBytes(999), "999 B");
  assert.equal(formatBytes(999_600), "1 MB");
  assert.equal(formatBytes(1_254_000), "1.25 MB");
  assert.equal(formatRate(3_400_000), "3.4 Mbit/s");
  assert.equal(formatRate(100e9), "100 Gbit/s");
});

test("[WE5] a position is read like a clock", () => {
  assert.equal(formatClock(0), "0:00");
  assert.equal(formatClock(187_999), "3:07");
  assert.equal(formatClock(3_729_000), "1:02:09");
});

test("[WE5] lengths and durations name their units", () => {
  assert.equal(formatLength(48_200), "48 s");
  assert.equal(formatLength(100_000), "2 min");
  assert.equal(formatLength(6_420_000), "1 h 47 min");
  assert.equal(formatLength(7_200_000), "2 h");
  assert.equal(formatDuration(240), "240 ms");
  assert.equal(formatDuration(3210), "3.21 s");
  assert.equal(formatDuration(250_000), "4 min 10 s");
  assert.equal(formatDuration(3_720_000), "1 h 2 min");
});

test("[WE5] a moment is its distance from now, never in the future", () => {
  assert.equal(formatAgo(10_000, 8_000), "just now");
  assert.equal(formatAgo(0, 40_000), "40 s ago");
  assert.equal(formatAgo(0, 7_200_000), "2 h ago");
  assert.equal(formatAgo(0, 3 * 86_400_000), "3 days ago");
});

test("[WE5] shares and counts", () => {
  assert.equal(formatShare(0.1234), "12.3 %");
  assert.equal(formatPercent(-5.25), "−5.25 %");
  assert.equal(formatCount(1, "shot", "shots"), "1 shot");
  assert.equal(formatCount(1200, "shot", "shots"), "1,200 shots");
});

test("[WE5] what is not a number is a dash", () => {
  for (const write of [formatBytes, formatRate, formatClock, formatLength, formatDuration, formatPercent]) {
    assert.equal(write(Number.NaN), "–");
  }
});

test("[WE5] at most three significant digits below a thousand", () => {
  const random = seededRandom(5);
  for (let round = 0; round < 2000; round++) {
    const value = random.next() * 0.999 * 10 ** random.integer(-3, 3);
    const text = digits(value);
    assert.ok(text.replace(/^0\.0*|\D/g, "").length <= 3, `seed 5: ${value} as ${text}`);
    const error = Math.abs(Number(text) - value);
    assert.ok(error <= Math.max(0.005, value * 0.005) + 1e-9, `seed 5: ${value} as ${text}`);
  }
});

test("[WE5] a part of an unknown whole is an empty bar", () => {
  assert.equal(fraction(3, 0), 0);
  assert.equal(fraction(Number.NaN, 4), 0);
  assert.equal(fraction(5, 4), 1);
  assert.equal(fraction(1, 4), 0.25);
});
