import assert from "node:assert/strict";
import { test } from "node:test";
import { nextUp } from "./next-up.ts";

test("[WE84] the next episode is offered in the last 15 s with the seconds left, and due at the end", () => {
  const film = { durationMs: 3_600_000, ended: false };
  assert.deepEqual(nextUp({ ...film, positionMs: 3_584_900 }), { kind: "later" });
  assert.deepEqual(nextUp({ ...film, positionMs: 3_585_000 }), { kind: "offered", seconds: 15 });
  assert.deepEqual(nextUp({ ...film, positionMs: 3_599_001 }), { kind: "offered", seconds: 1 });
  assert.deepEqual(nextUp({ ...film, positionMs: 3_600_000, ended: true }), { kind: "due" });
});

test("[WE84] of a short film it is the last tenth, and before a film is known nothing is offered", () => {
  assert.equal(nextUp({ durationMs: 20_000, positionMs: 17_900, ended: false }).kind, "later");
  assert.deepEqual(nextUp({ durationMs: 20_000, positionMs: 18_000, ended: false }), {
    kind: "offered",
    seconds: 2,
  });
  assert.equal(nextUp({ durationMs: 0, positionMs: 0, ended: false }).kind, "later");
});
