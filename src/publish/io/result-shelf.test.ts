import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { resultFile } from "#wire/job-spec.ts";
import { ResultShelf } from "./result-shelf.ts";

const signal = new AbortController().signal;
let folder = "";

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-shelf-"));
});

after(() => rm(folder, { recursive: true, force: true }));

const sha = (data: Uint8Array | string): string => createHash("sha256").update(data).digest("hex");

test("[PB45] a file is whole on the shelf or not there, whoever else sends the same, and what is no such file is dropped", async () => {
  const shelf = new ResultShelf(join(folder, "a"), 1000);
  const data = Buffer.from("0123456789");
  const send = (sender: string, offset: number, end: number, key = sha(data)): Promise<number> =>
    shelf.take({ key, sender, offset, total: 10, data: data.subarray(offset, end) }, signal);
  assert.equal(await send("w1", 0, 4), 4);
  assert.equal(await shelf.size(sha(data)), undefined, "half a file is none");
  assert.equal(await send("w2", 0, 7), 7, "another sender has a part of its own");
  await assert.rejects(send("w1", 5, 10), { code: "result-offset" });
  await assert.rejects(send("w1", 4, 10, sha("x")), { code: "result-offset" });
  assert.equal(await send("w1", 4, 10), 10);
  assert.deepEqual(await readFile(shelf.path(sha(data))), data);
  assert.equal(await send("w2", 7, 10), 10);
  await assert.rejects(send("w3", 0, 10, sha("x")), { code: "result-mismatch" });
  const tooMuch = { key: sha("y"), sender: "w", offset: 0, total: 1001, data };
  await assert.rejects(shelf.take(tooMuch, signal), { code: "result-too-large" });
  await assert.rejects(shelf.take({ ...tooMuch, total: 5 }, signal), { code: "result-too-large" });
  const left = await readdir(join(folder, "a", "incoming"));
  assert.deepEqual(left, [`${sha(data)}.w2`], "what was refused is gone; an old part goes with its time");
});

test("[PB46] a file's name has no step that begins with a dot, none that is empty, and no root", () => {
  const named = (name: string): boolean =>
    resultFile.safeParse({ name, bytes: 1, sha256: sha("x"), sealed: false }).success;
  for (const good of ["a", "trials/ab.json", "package/v180-1/0.m4s"]) assert.ok(named(good), good);
  for (const bad of ["", "/etc/x", "../x", "a/../b", "a//b", "a/.b", "a/", "a\0", "a b", "ä", "a\\b"]) {
    assert.ok(!named(bad), bad);
  }
});

test("[PB49] what nobody used for long goes, but for what a run still needs", async () => {
  const shelf = new ResultShelf(join(folder, "b"), 1000);
  const names = ["old", "needed", "used", "young"];
  for (const name of names) {
    const data = Buffer.from(name);
    await shelf.take({ key: sha(data), sender: "w", offset: 0, total: data.length, data }, signal);
    const when = new Date(name === "young" ? 3000 : 1000);
    await utimes(shelf.path(sha(data)), when, when);
  }
  await shelf.touch([sha("used")], new Date(3000));
  assert.equal(await shelf.sweep(new Date(2000), new Set([sha("needed")])), 1);
  const here = await Promise.all(names.map(async (name) => (await shelf.size(sha(name))) !== undefined));
  assert.deepEqual(here, [false, true, true, true]);
});
