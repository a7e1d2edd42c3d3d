import assert from "node:assert/strict";
import { test } from "node:test";
import { controlFaults } from "#control/faults.ts";
import { oneReading } from "./one-reading.ts";

test("[CO444] logs are read one at a time, a few wait, more are refused, and a failure holds up nobody", async () => {
  const inTurn = oneReading(3);
  const gates = Array.from({ length: 3 }, () => Promise.withResolvers<number>());
  const begun: number[] = [];
  const asked = gates.map(({ promise }, n) =>
    inTurn(async () => {
      begun.push(n);
      return promise;
    }),
  );
  await assert.rejects(
    inTurn(async () => 9),
    { code: controlFaults.tooMany.code, status: 429 },
  );
  await Promise.resolve();
  assert.deepEqual(begun, [0]);
  const failed = assert.rejects(asked[0] ?? Promise.resolve(), /torn/);
  gates[0]?.reject(new Error("torn"));
  await failed;
  gates[1]?.resolve(1);
  assert.equal(await asked[1], 1);
  gates[2]?.resolve(2);
  assert.equal(await asked[2], 2);
  assert.deepEqual(begun, [0, 1, 2]);
  assert.equal(await inTurn(async () => 7), 7);
});
