import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { ownerOnly, removeTree, sweepUnfinished, writeWhole } from "./files.ts";

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

test("a file that could not be written leaves nothing beside its place, and what killed writers left is swept", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "millrace-files-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  await mkdir(join(folder, "place"));
  await assert.rejects(writeWhole(join(folder, "place"), "text"), /EISDIR/);
  assert.deepEqual(await readdir(folder), ["place"]);
  for (const name of ["desired.json.0a1b2c3d.new", "mine.new", "desired.json"]) {
    await writeFile(join(folder, name), "");
  }
  await sweepUnfinished(folder);
  assert.deepEqual((await readdir(folder)).sort(), ["desired.json", "mine.new", "place"]);
  await sweepUnfinished(join(folder, "not there"));
});

test("a folder that is still written to is removed all the same", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "millrace-files-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const inner = join(folder, "profile/cache");
  await mkdir(inner, { recursive: true });
  for (let n = 0; n < 50; n++) await writeFile(join(inner, `${n}`), "");
  const writing = (async () => {
    for (let n = 0; n < 300; n++) await writeFile(join(inner, `late-${n}`), "").catch(() => undefined);
  })();
  await removeTree(join(folder, "profile"));
  await writing;
  assert.deepEqual(await readdir(folder), []);
});
