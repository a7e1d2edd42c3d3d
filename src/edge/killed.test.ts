import assert from "node:assert/strict";
import { test } from "node:test";
import { longestDrillMs } from "#model/drill.ts";
import { killedNow, killedWords } from "./killed.ts";

const killed = { id: "d00c0ffee", endsAtMs: 10_000_000 };

test("[ED212] a kill is over at its end, without a word from control", () => {
  assert.equal(killedNow(undefined, 0), undefined);
  assert.equal(killedNow(killed, 9_999_999), killed);
  assert.equal(killedNow(killed, 10_000_000), undefined);
  assert.equal(killedWords(killed), "drill d00c0ffee killed it");
});

test("[ED212] by a clock that would make it longer than any drill, nothing is killed", () => {
  assert.equal(killedNow(killed, 10_000_000 - longestDrillMs), killed);
  assert.equal(killedNow(killed, 10_000_000 - longestDrillMs - 1), undefined);
});
