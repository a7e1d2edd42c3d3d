import assert from "node:assert/strict";
import { test } from "node:test";
import { noticeOf, returnOf } from "./drill-sentences.ts";

const drill = {
  kind: "withdraw",
  noticedAfterMs: null,
  backAfterMs: null,
  endedAtMs: null,
  firstAt: 1,
} as const;

test("[WE180] where nobody could see what a drill did, the page says so and claims neither", () => {
  const unseen = { ...drill, firstAt: 0 };
  assert.deepEqual([noticeOf(unseen)[0], returnOf(unseen)[0]], ["notSeen", "notSeenBack"]);
  assert.deepEqual([noticeOf(drill)[0], returnOf(drill)[0]], ["notNoticed", "notBack"]);
  assert.equal(noticeOf({ ...unseen, kind: "kill" })[0], "notNoticed", "its health tells of a kill");
  const told = { ...unseen, endedAtMs: 9, noticedAfterMs: 2000, backAfterMs: 1000 };
  assert.deepEqual([noticeOf(told)[0], returnOf(told)[0]], ["noticed", "back"]);
  assert.equal(noticeOf({ ...drill, endedAtMs: 9 })[0], "wasNotNoticed");
});
