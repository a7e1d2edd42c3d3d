import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { ownerOnly, writeWhole } from "./files.ts";

test("a file that opens doors is its owner's alone, also when it replaces one that was not", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "millrace-files-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, "deep/token");
  await writeWhole(path, "old");
  assert.notEqual((await stat(path)).mode & 0o777, ownerOnly);
  await writeWhole(path, "new", ownerOnly);
  assert.equal((await stat(path)).mode & 0o777, ownerOnly);
  assert.equal(await readFile(path, "utf8"), "new");
  assert.deepEqual(await readdir(join(folder, "deep")), ["token"]);
});
