import assert from "node:assert/strict";
import { test } from "node:test";
import { seededRandom } from "#units/random.ts";
import { searchOf, searchText, toWatch } from "./addresses.ts";
import { watchFrom } from "./watch-from.ts";

test("[WE4] what stands behind an address's question mark comes back as it was", () => {
  const random = seededRandom(4);
  const letters = [..."aZ0-._~/%?#&= +'\"<>é日🎬\\"];
  for (let round = 0; round < 500; round++) {
    const text = Array.from(
      { length: random.integer(1, 12) },
      () => letters[random.integer(0, letters.length - 1)],
    ).join("");
    assert.deepEqual(searchOf(searchText({ q: text })), { q: text }, `seed 4, ${JSON.stringify(text)}`);
  }
});

test("[WE4] a number searched for stays text, and nothing asked leaves no mark", () => {
  assert.deepEqual(searchOf("?q=1984"), { q: "1984" });
  assert.equal(searchText({ q: undefined, from: "" }), "");
});

test("[WE4] an unknown beginning asks", () => {
  assert.equal(watchFrom("nowhere"), "ask");
  assert.equal(watchFrom("resume"), "resume");
  assert.deepEqual(toWatch("bunny", "ask").search, {});
});
