import assert from "node:assert/strict";
import { test } from "node:test";
import { Fault } from "#units/fault.ts";
import { milliseconds } from "#units/quantity.ts";
import { run } from "./process.ts";

const { signal } = new AbortController();
const deadline = milliseconds(20_000);

test("an argument that the system does not take is a fault with its size, not a stack", async () => {
  const longest = "x".repeat(131_071);
  assert.equal((await run({ argv: ["printf", "%.3s", longest], signal, deadline })).stdout, "xxx");
  await assert.rejects(run({ argv: ["printf", "%.3s", `${longest}x`], signal, deadline }), (error) => {
    assert.ok(error instanceof Fault, String(error));
    assert.equal(error.code, "process-arguments");
    assert.match(error.message, /printf could not be started: .*\(131078 bytes, the longest 131073\)/);
    return true;
  });
});
