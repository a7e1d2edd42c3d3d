import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { bytes } from "#units/quantity.ts";
import { shareFiles, storedAs, sweepShelves } from "./share.ts";

const signal = new AbortController().signal;
let root = "";

before(async () => {
  root = await mkdtemp(join(tmpdir(), "millrace-share-"));
});

after(() => rm(root, { recursive: true, force: true }));

const hashOf = (content: string): string => createHash("sha256").update(content).digest("hex");

async function put(path: string, content: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}

/** A title of these segments, shared. */
async function share(title: string, contents: readonly string[], store: string): Promise<string> {
  const folder = join(root, title);
  const files = contents.map((content, index) => ({
    path: `v/${index + 1}.m4s`,
    bytes: bytes(content.length),
    sha256: hashOf(content),
  }));
  for (const [index, content] of contents.entries()) await put(join(folder, `v/${index + 1}.m4s`), content);
  await shareFiles({ folder, files, store, signal });
  return folder;
}

/** Content as long as its hash begins with these digits. */
function onShelf(shelf: string): string {
  let number = 0;
  while (!hashOf(`${number}`).startsWith(shelf)) number += 1;
  return `${number}`;
}

test("[PA31] a shelf that cannot be made leaves a title whole, with files of its own", async () => {
  const store = join(root, "no-folder");
  await writeFile(store, "a file stands where the store should be");
  const folder = await share("unshared", ["one", "two", "one"], store);
  assert.deepEqual((await readdir(join(folder, "v"))).sort(), ["1.m4s", "2.m4s", "3.m4s"]);
  assert.equal(await readFile(join(folder, "v/2.m4s"), "utf8"), "two");
  assert.equal((await stat(join(folder, "v/2.m4s"))).nlink, 1);
  assert.equal((await stat(join(folder, "v/1.m4s"))).nlink, 2, "within the title it is shared all the same");
  assert.equal(await sweepShelves(store, signal), 0);
});

test("[PA31] a name that vanishes while its shelf is swept is gone, which is well", async () => {
  const store = join(root, "racing");
  const left = join(store, storedAs(hashOf("left")));
  await put(left, "left");
  // Listed, and not there when it is looked at: as a name that another run removes in between.
  await symlink(join(root, "nowhere"), join(dirname(left), "vanished"));
  assert.equal(await sweepShelves(store, signal), 1);
  await assert.rejects(stat(left), { code: "ENOENT" });
});

test("[PA31] nothing but the segments stays in a title when the shelf takes no file", async () => {
  const store = join(root, "odd");
  const odd = join(store, storedAs(hashOf("one")));
  await mkdir(join(odd, "a folder in the place of a file"), { recursive: true });
  const folder = await share("odd-title", ["one"], store);
  assert.deepEqual(await readdir(join(folder, "v")), ["1.m4s"]);
  assert.deepEqual(await readdir(dirname(odd)), [hashOf("one")]);
});

test("[PA31] a large store is gone through in turn: each run goes on where the last one ended", async () => {
  const store = join(root, "large");
  const shelves = ["00", "01", "80", "ff"];
  for (const shelf of shelves) await put(join(store, storedAs(hashOf(onShelf(shelf)))), onShelf(shelf));
  const removed: number[] = [];
  for (let run = 0; run < 5; run++) removed.push(await sweepShelves(store, signal, 1));
  assert.deepEqual(removed, [1, 1, 1, 1, 0]);
  const used = await share("in-use", [onShelf("42")], store);
  assert.equal(await sweepShelves(store, signal), 0, "what a title has stays");
  await rm(used, { recursive: true });
  assert.equal(await sweepShelves(store, signal), 1, "a small store is looked through whole in each run");
});
