import assert from "node:assert/strict";
import { test } from "node:test";
import { otherwiseOf } from "./otherwise.ts";
import { named } from "./rule.ts";
import { bba0 } from "./rule-bba.ts";
import type { Context, Film } from "./types.ts";

const film: Film = {
  ladder: { kbps: [500, 1000, 2000], heights: [270, 360, 540], names: ["a", "b", "c"], ids: ["a", "b", "c"] },
  segments: {
    durationMs: Array.from({ length: 30 }, () => 2000),
    bits: Array.from({ length: 30 }, () => [1e6, 2e6, 4e6]),
    vmaf: undefined,
  },
};
const context: Context = {
  ...{ segment: 3, bufferMs: 14_000, maxBufferMs: 60_000, lastRung: 1, estimateKbps: 1500, latencyMs: 20 },
  ...{ minRung: 0, maxRung: 1, sinceSeek: 3 },
};

test("[PY181] the other moments differ by what they are called after, and by nothing else", () => {
  const asked: Context[] = [];
  const others = otherwiseOf(context, 2, (other) => {
    asked.push(other);
    return asked.length;
  });
  assert.deepEqual(
    others.map(({ when, rung }) => `${when} ${rung}`),
    ["half-buffer 1", "double-buffer 2", "half-estimate 3", "double-estimate 4", "no-cap 5"],
  );
  assert.deepEqual(asked, [
    { ...context, bufferMs: 7000 },
    { ...context, bufferMs: 28_000 },
    { ...context, estimateKbps: 750 },
    { ...context, estimateKbps: 3000 },
    { ...context, maxRung: 2 },
  ]);
});

test("[PY181] twice the buffer is at most the fullest, and what is not there is not halved", () => {
  const asked: Context[] = [];
  const full = { ...context, bufferMs: 50_000, estimateKbps: undefined, maxRung: 2 };
  otherwiseOf(full, 2, (other) => asked.push(other));
  assert.deepEqual(
    asked.map(({ bufferMs }) => bufferMs),
    [25_000, 60_000],
  );
});

test("[PY181] a buffer map draws its reservoir, the end of its cushion and the rate between them", () => {
  const session = named(bba0).begin(film, 60_000);
  const grounds = session.grounds({ ...context, bufferMs: 40_000 });
  assert.deepEqual(
    [grounds?.reserveMs, grounds?.topMs, grounds?.floorKbps],
    [22_500, 54_000, undefined],
    "three eighths and nine tenths of the buffer",
  );
  assert.equal(grounds?.mapKbps, 500 + (1500 * 17_500) / 31_500);
});
