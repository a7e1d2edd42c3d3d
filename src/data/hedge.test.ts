import assert from "node:assert/strict";
import { test } from "node:test";
import { Hedge } from "./hedge.ts";

test("[DA226] a read asks again after what 95 of 100 recent reads took, and at least after a millisecond", () => {
  const hedge = new Hedge();
  assert.equal(hedge.delayMs(), 1);
  for (let read = 0; read < 256; read++) hedge.took(read % 100);
  assert.ok(Math.abs(hedge.delayMs() - 95) <= 3, `${hedge.delayMs()}`);
  for (let read = 0; read < 256; read++) hedge.took(0.2);
  assert.equal(hedge.delayMs(), 1);
});

test("[DA226] at most one read in ten asks again, however slow all of them are", () => {
  const hedge = new Hedge();
  let again = 0;
  for (let read = 0; read < 1000; read++) {
    hedge.begun();
    if (hedge.allows()) again += 1;
  }
  assert.ok(again >= 99 && again <= 102, `${again}`);
});
