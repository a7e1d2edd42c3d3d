// The compiled schema takes what zod takes, and nothing else.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { beatBody } from "#wire/screens.ts";
import { telemetryBody } from "#wire/viewer.ts";
import { quickValidator } from "./quick-validator.ts";

const beacon = {
  ...{ sessionId: "s-1", seq: 1, state: "playing", positionMs: 1, durationMs: 2, bufferMs: 3, bitrateBps: 4 },
  ...{ height: 5, throughputBps: 6.5, stallCount: 0, stallMs: 0, switchCount: 0, startupMs: 7 },
  ...{ applianceId: "a1", because: "", madeMs: 8.5, codec: "av1", rule: "default" },
};
const odd = fc.oneof(
  fc.constantFrom<unknown>(
    ...[
      null,
      undefined,
      true,
      "",
      "1",
      -1,
      0,
      0.5,
      1e9,
      1e9 + 1,
      1e12,
      1e13,
      1e15,
      2 ** 24,
      1e300,
      -0,
      [],
      {},
    ],
    ...[
      "x".repeat(64),
      "x".repeat(65),
      "x".repeat(400),
      "x".repeat(401),
      "😀".repeat(200),
      "😀".repeat(201),
      "a b",
      "é",
      "h264",
      "other",
    ],
  ),
  fc.string(),
  fc.double(),
);
const key = fc.constantFrom(...Object.keys(beacon), "more", "constructor");

test("[CO367] whatever a body holds, the compiled schema takes it exactly when zod does, with the same left of it", () => {
  let [taken, refused] = [0, 0];
  for (const [schema, proof] of [
    [telemetryBody, { sessionToken: "t", sentMs: 9 }],
    [beatBody, { sessionToken: "t", generation: 1, seq: 1 }],
  ] as const) {
    const validate = quickValidator({ schema, method: "POST", url: "/", httpPart: "body" });
    const bodies = fc.record({
      events: fc.array(fc.tuple(key, odd, fc.boolean()), { maxLength: 3 }),
      wrong: fc.option(fc.tuple(fc.constantFrom("sessionToken", "sentMs", "seq", "events", "else"), odd), {
        nil: undefined,
        freq: 4,
      }),
    });
    fc.assert(
      fc.property(bodies, ({ events, wrong }) => {
        const changed = events.map(([name, value, is]) => (is ? { ...beacon, [name]: value } : beacon));
        const body = { ...proof, events: changed, ...(wrong !== undefined && { [wrong[0]]: wrong[1] }) };
        // As it comes over the wire.
        const text = JSON.stringify(body);
        const expected = schema.safeParse(JSON.parse(text));
        const found: { readonly value?: unknown; readonly error?: unknown } = Object(
          validate(JSON.parse(text)),
        );
        assert.equal(found.error === undefined, expected.success, text);
        if (expected.success) assert.deepEqual(found.value, expected.data);
        if (expected.success) taken += 1;
        else refused += 1;
      }),
      { numRuns: 2000, seed: 41 },
    );
  }
  assert.ok(taken > 300 && refused > 300, `${taken} taken, ${refused} refused`);
});
