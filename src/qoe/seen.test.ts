import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { firstSeen, hear, reach } from "./seen.ts";

test("[QO17] in whatever order numbers come, each is new once, and ahead only beyond all before", () => {
  const law = fc.property(
    fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 120 }),
    ([first = 1, ...rest]) => {
      const heard = new Set([first]);
      let seen = firstSeen(first);
      for (const seq of rest) {
        const hearing = hear(seen, seq);
        const expected = heard.has(seq) ? "repeated" : seq > Math.max(...heard) ? "ahead" : "overtaken";
        assert.equal(hearing.kind, expected);
        heard.add(seq);
        if (hearing.kind !== "repeated") seen = hearing.seen;
      }
    },
  );
  fc.assert(law, { seed: 13, numRuns: 300 });
});

test("[QO17] what is remembered is bounded: numbers further back than the reach count as heard", () => {
  let seen = firstSeen(1);
  for (let seq = 3; seq < 60_000; seq += 2) {
    const hearing = hear(seen, seq);
    if (hearing.kind !== "repeated") seen = hearing.seen;
  }
  assert.ok(seen.holes.length <= reach / 2, `${seen.holes.length} holes`);
  assert.equal(hear(seen, 2).kind, "repeated");
  assert.equal(hear(seen, seen.front - 1).kind, "overtaken");
});
