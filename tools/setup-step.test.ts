// Set-up waits for registries, so each such step has an end.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";

function stepWithin(seconds: number, script: string): { readonly answer: string; readonly said: string } {
  const program = `
    import { stepWithin } from "./tools/setup-step.mjs";
    console.log(stepWithin(${seconds}, "a step", "sh", ["-c", ${JSON.stringify(script)}]));
  `;
  const argv = ["--input-type=module", "-e", program];
  const { stdout, stderr } = spawnSync(process.execPath, argv, { encoding: "utf8", timeout: 30_000 });
  return { answer: stdout.trim(), said: stderr };
}

test("a step that hangs is ended with what it started, and set-up says so and goes on", () => {
  const { answer, said } = stepWithin(0.2, "sleep 300 & wait");
  assert.equal(answer, "false");
  assert.match(said, /a step: FAILED \(no end within its time\)/);
});

test("a step that fails says why; one that succeeds says how long it took", () => {
  const failed = stepWithin(20, "echo the registry said no >&2; exit 1");
  assert.equal(failed.answer, "false");
  assert.match(failed.said, /FAILED\n\s+the registry said no/);
  const done = stepWithin(20, "true");
  assert.equal(done.answer, "true");
  assert.match(done.said, /a step: done in \d+\.\d s/);
});
