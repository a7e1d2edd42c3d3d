import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";

/** Node itself says what it found, and writes at its end. */
function started(): string {
  const env = { ...process.env, NODE_DEBUG_NATIVE: "COMPILE_CACHE" };
  const argv = ["src/bin/millrace.ts", "doctor", "--help"];
  const { status, stdout, stderr } = spawnSync(process.execPath, argv, { encoding: "utf8", env });
  assert.equal(status, 0, stderr.slice(-400));
  return `${stdout}${stderr}`;
}

test("[BI20] a program that was started before finds what it compiled then, beside the packages", () => {
  started();
  const again = started();
  assert.match(again, /resolved path \S*node_modules\/\.cache\/compiled/);
  assert.match(again, /reading cache from .* for StrippedTypeScript .*doctor\.ts\.\.\.(?! no such file)/);
});
