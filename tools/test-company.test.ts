// Files that share a process must not hide each other's failures.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

test("in company each file's tests run, and one that fails or does not load is a failure by itself", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "millrace-company-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const write = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  const files = [
    write("a.test.mjs", `import { test } from "node:test"; test("a holds", () => {});`),
    write("b.test.mjs", `throw new Error("b is broken");`),
    write(
      "c.test.mjs",
      `import { test } from "node:test"; test("c fails", () => { throw new Error("c"); });`,
    ),
    write("d.test.mjs", `import { test } from "node:test"; test("d holds", () => {});`),
  ];
  // Without what tells a test's process that it is one: it would speak to the runner in its own way.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const argv = ["--test-reporter=tap", "tools/test-company.ts", ...files];
  const { stdout, status } = spawnSync(process.execPath, argv, { encoding: "utf8", timeout: 60_000, env });
  assert.equal(status, 1);
  assert.match(stdout, /^ok \d+ - a holds$/m);
  assert.match(stdout, /^not ok \d+ - \S+b\.test\.mjs is loaded$/m);
  assert.match(stdout, /^not ok \d+ - c fails$/m);
  assert.match(stdout, /^ok \d+ - d holds$/m);
});
