import assert from "node:assert/strict";
import { test } from "node:test";
import { clocksApartMs, killedNow, killedWords } from "./killed.ts";

const killed = { id: "d00c0ffee", endsAtMs: 10_000_000, durationMs: 60_000 };

test("[ED212] a kill is over at its end, without a word from control", () => {
  assert.equal(killedNow(undefined, 0), undefined);
  assert.equal(killedNow(killed, 9_999_999), killed);
  assert.equal(killedNow(killed, 10_000_000), undefined);
  assert.equal(killedWords(killed), "drill d00c0ffee killed it");
});

test("[ED212] by a clock that would make it longer than it was ordered, nothing is killed", () => {
  const most = killed.durationMs + clocksApartMs;
  assert.equal(killedNow(killed, killed.endsAtMs - most), killed);
  assert.equal(killedNow(killed, killed.endsAtMs - most - 1), undefined);
});
