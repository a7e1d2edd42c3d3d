// Blobs in a folder: kills, full disks, and what is left lying.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { type FileHandle, open, readdir, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { openFolderBlobs } from "#data/io/folder-blobs.ts";
import { blobFolder, isFault, keysOf, piecesOf, readAll, textAt } from "./blob-builders.ts";

/** Runs the writer, kills it after so many lines, and returns all that it got out. */
async function killedWriter(folder: string, first: number, count: number): Promise<readonly string[]> {
  const child = spawn(process.execPath, ["test/fixtures/blob-writer.ts", folder, `${first}`], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let printed = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    printed += chunk;
    if (printed.split("\n").length > count) child.kill("SIGKILL");
  });
  const timer = setTimeout(() => child.kill("SIGKILL"), 60_000);
  await new Promise((resolve) => child.on("close", resolve));
  clearTimeout(timer);
  return printed.split("\n").slice(0, -1);
}

test("[DA137] after kills every blob is one whole put, and what was acknowledged is there", async (t) => {
  const folder = await blobFolder();
  const said = new Map<string, string>();
  for (let kill = 0; kill < 6; kill++) {
    for (const line of await killedWriter(folder, kill * 1000, 30 + kill * 17)) {
      const [key = "", number = ""] = line.split(" ");
      said.set(key, number);
    }
  }
  assert.ok(said.size > 100, `only ${said.size} keys`);
  const store = await openFolderBlobs(folder);
  const keys = await keysOf(store, "");
  for (const key of keys) {
    const bytes = await readAll(await store.get(key));
    assert.ok(Buffer.isBuffer(bytes));
    const isWhole = Array.from({ length: 6000 }, (_, number) => number).some(
      (number) =>
        bytes.length === (1 + (number % 5)) * (20_000 + number) &&
        bytes.every((byte) => byte === 1 + (number % 250)),
    );
    assert.ok(isWhole, `${key} has ${bytes.length} bytes of ${bytes[0]}`);
  }
  // A name that a killed put or delete was about to change may be either; nobody else's is lost.
  const lost = [...said].filter(
    ([key, number]) => number !== "-" && !keys.includes(key) && Number(number) % 7 !== 0,
  );
  assert.deepEqual(lost, []);
  t.diagnostic(`${said.size} keys acknowledged, ${keys.length} found`);
});

test("[DA137] content is on disk before it has its name, and the name before the put resolves", async (t) => {
  const folder = await blobFolder();
  const store = await openFolderBlobs(folder);
  const path = join(folder, "objects", "a", "=b");
  const handle = await open(folder, "r");
  const disk: FileHandle = Object.getPrototypeOf(handle);
  await handle.close();
  const seen: string[] = [];
  const real = disk.sync;
  t.mock.method(disk, "sync", async function (this: FileHandle): Promise<void> {
    const what = (await this.stat()).isDirectory() ? "folder" : "content";
    seen.push(`${what}, ${existsSync(path) ? "named" : "unnamed"}`);
    await real.call(this);
  });
  await store.put("a/b", piecesOf("x"));
  assert.deepEqual(seen, ["content, unnamed", "folder, named", "folder, named"]);
});

test("[DA138] a disk that is full refuses in words, keeps nothing of it, and what was there stays", async (t) => {
  const folder = await blobFolder();
  const program = `
    const { openFolderBlobs } = await import("#data/io/folder-blobs.ts");
    const store = await openFolderBlobs(process.argv[1]);
    async function* short() { yield Buffer.alloc(1000, 1); }
    await store.put("small", short());
    async function* long() { for (let n = 0; n < 100; n++) yield Buffer.alloc(1000, 2); }
    await store.put("long", long()).catch((error) => console.log(error.code, error.message));
    await store.put("later", short());
    console.log("later");`;
  const argv = ["--fsize=20000", process.execPath, "--input-type=module", "-e", program, folder];
  const child = spawn("prlimit", argv, { stdio: ["ignore", "pipe", "inherit"] });
  let printed = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    printed += chunk;
  });
  const missing = await new Promise<boolean>((resolve) => {
    child.on("error", () => resolve(true));
    child.on("close", () => resolve(false));
  });
  if (missing) return t.skip("prlimit is missing: apt-get install util-linux");
  assert.match(printed, /^blob-full There is no room for "long" .*\nlater\n$/);
  assert.deepEqual(await keysOf(await openFolderBlobs(folder), ""), ["later", "small"]);
  assert.deepEqual(await readdir(join(folder, "incoming")), []);
});

test("[DA138] what a dead put left is cleared away after a day, folders go with what lay in them, and what is not ours is left alone", async () => {
  const folder = await blobFolder();
  const store = await openFolderBlobs(folder);
  const [old, fresh] = [join(folder, "incoming", "old"), join(folder, "incoming", "fresh")];
  await writeFile(old, "x");
  await writeFile(fresh, "x");
  await utimes(old, 1, 1);
  await openFolderBlobs(folder);
  assert.deepEqual(await readdir(join(folder, "incoming")), ["fresh"]);
  await store.put("a/b/c", piecesOf("c"));
  await store.put("a/d", piecesOf("d"));
  await writeFile(join(folder, "objects", "notes.txt"), "not ours");
  assert.deepEqual(await keysOf(store, ""), ["a/b/c", "a/d"]);
  await store.delete("a/b/c");
  assert.deepEqual(await readdir(join(folder, "objects", "a")), ["=d"]);
  await store.delete("a/d");
  assert.deepEqual(await readdir(join(folder, "objects")), ["notes.txt"]);
  assert.equal(await textAt(store, "notes.txt/x"), "absent");
  await assert.rejects(store.put("notes.txt/x", piecesOf("x")), isFault("blob-failed", "notes.txt"));
});

test("[DA138] puts into folders that others empty at the same moment all succeed", async () => {
  const store = await openFolderBlobs(await blobFolder());
  await Promise.all(
    Array.from({ length: 8 }, async (_, writer) => {
      for (let round = 0; round < 25; round++) {
        const key = `deep/er/still/${writer}`;
        await store.put(key, piecesOf("x"));
        await store.delete(key);
      }
      await store.put(`deep/er/${writer}`, piecesOf("x"));
    }),
  );
  assert.equal((await keysOf(store, "deep/")).length, 8);
});
