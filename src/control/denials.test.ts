import assert from "node:assert/strict";
import { test } from "node:test";
import { type Denial, mostDenials } from "#model/denial.ts";
import { allowed, denialsOnWire, denied, evicted, isDenied } from "./denials.ts";

const hour = 3_600_000;
const session = { kind: "session", id: "s1" } as const;
const title = { kind: "title", id: "t1" } as const;

function deny(
  denials: readonly Denial[],
  what: Pick<Denial, "kind" | "id">,
  nowMs: number,
): readonly Denial[] {
  const answer = denied(denials, what, 4, nowMs);
  assert.ok(answer.kind === "denied");
  return answer.denials;
}

test("[ED75] a denial lasts as long as a path that was signed before it, to the full minute", () => {
  const list = deny(deny([], session, 1), title, 1);
  const untilMs = 4 * hour + 60_000;
  assert.deepEqual(denialsOnWire(list, 1), [
    { ...session, untilMs },
    { ...title, untilMs },
  ]);
  assert.deepEqual(denialsOnWire(list, untilMs), []);
  assert.equal(isDenied(list, "session", "s1", untilMs - 1), true);
  assert.equal(isDenied(list, "session", "s1", untilMs), false);
  assert.equal(isDenied(list, "title", "t1", untilMs), true, "a title would be signed again");
  assert.equal(isDenied(allowed(list, title), "title", "t1", 1), false);
});

test("[ED74] the list is bounded; what is on it may be said again, and what is over makes room", () => {
  let list: readonly Denial[] = Array.from({ length: mostDenials }, (_, i) => ({
    kind: "session",
    id: `s${i}`,
    untilMs: 100,
  }));
  assert.equal(denied(list, title, 4, 0).kind, "full");
  assert.equal(denied(list, session, 4, 0).kind, "denied");
  list = deny(list, title, 100);
  assert.equal(list.length, 1);
});

test("[CO393] a session that is denied until its long paths end is denied no shorter for a later reason", () => {
  const long = evicted([], "s1", 4 * hour, 0);
  assert.ok(long.kind === "denied");
  const again = evicted(long.denials, "s1", 60_000, 0);
  assert.ok(again.kind === "denied");
  assert.deepEqual([again.denial.untilMs, again.denials.length], [4 * hour, 1]);
});
