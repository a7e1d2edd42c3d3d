import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type EarlierPlay, playsIn, priorKbps, textOfPlays, withPlay } from "./prior.ts";

const dayMs = 24 * 3600 * 1000;
const nowMs = 10 * dayMs;

function play(kbps: number, change: Partial<EarlierPlay> = {}): EarlierPlay {
  return { id: `${kbps}`, network: "wifi", kbps, atMs: nowMs - 1000, ...change };
}

test("[PY141] the prior is the lower quartile of the last day's plays on the same kind of network", () => {
  const wifi = [4000, 1000, 3000, 2000, 5000].map((kbps) => play(kbps));
  assert.equal(priorKbps(wifi, "wifi", nowMs), 2000);
  assert.equal(priorKbps([...wifi, play(9, { network: "cellular" })], "wifi", nowMs), 2000);
  assert.equal(priorKbps(wifi, "cellular", nowMs), undefined);
  assert.equal(priorKbps([play(7000)], "wifi", nowMs), 7000);
  assert.equal(priorKbps([], "wifi", nowMs), undefined);
});

test("[PY141] a play counts for a day, and none of the future does", () => {
  const at = (atMs: number): number | undefined => priorKbps([play(1000, { atMs })], "wifi", nowMs);
  assert.equal(at(nowMs - dayMs + 1), 1000);
  assert.equal(at(nowMs - dayMs), undefined);
  assert.equal(at(nowMs), 1000);
  assert.equal(at(nowMs + 1), undefined, "the clock was set back since");
});

test("[PY141] what a play says later takes the place of what it said; at most 24 are kept, and what is old goes", () => {
  const first = withPlay([], play(1000, { id: "a" }));
  const again = withPlay(first, play(3000, { id: "a" }));
  assert.deepEqual(
    again.map(({ kbps }) => kbps),
    [3000],
  );
  assert.deepEqual(withPlay(again, play(Number.NaN)), again, "nothing was measured");
  assert.deepEqual(withPlay([play(1, { atMs: 5 })], play(2)), [play(2)]);
  let many: readonly EarlierPlay[] = [];
  for (let kbps = 1; kbps <= 100; kbps++) many = withPlay(many, play(kbps));
  assert.equal(many.length, 24);
  assert.equal(many.at(-1)?.kbps, 100);
  assert.deepEqual(playsIn(textOfPlays(many)), many);
});

test("[PY142] whatever is stored, plays are read from it or nothing, and a prior is a rate", () => {
  for (const text of [
    null,
    "",
    "{",
    "null",
    "7",
    "[1,null,{}]",
    '[{"id":"a","network":"wifi","kbps":-1,"atMs":1}]',
  ])
    assert.deepEqual(playsIn(text), [], `${text}`);
  assert.deepEqual(playsIn(`[7,${JSON.stringify(play(1000))}]`), [play(1000)], "what is whole stays");
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      const kbps = priorKbps(withPlay(playsIn(text), play(2000)), "wifi", nowMs);
      assert.ok(kbps !== undefined && Number.isFinite(kbps) && kbps > 0);
    }),
    { numRuns: 2000, seed: 142 },
  );
});
