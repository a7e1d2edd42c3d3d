import assert from "node:assert/strict";
import { test } from "node:test";
import { missedBars } from "./bench.ts";

test("a ratio below its bar is missed, as is one that is no number; rows without either are not judged", () => {
  const rows = [
    { what: "reference", ratio: "1" },
    { what: "kept", ratio: "0.600", bar: 0.6 },
    { what: "missed", ratio: "0.599", bar: 0.6 },
    { what: "not measured", ratio: "NaN", bar: 0.6 },
    { what: "told in words", ratio: "0.1", bar: "kept" },
    { what: "of something else", perSecond: 1, bar: 3 },
  ];
  assert.deepEqual(missedBars(rows), [
    "missed: 0.599 of the reference, less than 0.6",
    "not measured: NaN of the reference, less than 0.6",
  ]);
});
