import assert from "node:assert/strict";
import { test } from "node:test";
import { fieldsOf, windowsOf } from "./window-form.ts";

const noon = Date.parse("2026-03-01T12:00:00Z");
const windows = [
  { territories: ["DE", "AT"], fromMs: noon, untilMs: Date.parse("2026-12-31T00:00:00Z") },
  { territories: [], fromMs: null, untilMs: null },
];

test("[WE141] windows that nobody touched are sent as they were, to the millisecond", () => {
  assert.deepEqual(windowsOf(fieldsOf(windows), windows), windows);
});

test("[WE141] territories are told apart by spaces or commas; a day is its first moment in UTC; empty is no bound", () => {
  const made = [{ key: "new", territories: "fr, be  LU", from: "2026-05-01", until: "" }];
  assert.deepEqual(windowsOf(made, windows), [
    { territories: ["FR", "BE", "LU"], fromMs: Date.parse("2026-05-01T00:00:00Z"), untilMs: null },
  ]);
  const [first, second] = fieldsOf(windows);
  assert.ok(first !== undefined && second !== undefined);
  const moved = windowsOf([{ ...first, from: "2026-04-01" }, second], windows);
  assert.equal(moved[0]?.fromMs, Date.parse("2026-04-01T00:00:00Z"));
});
