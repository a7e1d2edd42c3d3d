import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { claimFolder, filesUnder, WorkerFolder } from "./worker-folder.ts";

const signal = new AbortController().signal;
let root = "";

before(async () => {
  root = await mkdtemp(join(tmpdir(), "millrace-worker-"));
});

after(() => rm(root, { recursive: true, force: true }));

const sha = (data: string): string => createHash("sha256").update(data).digest("hex");

test("[PB47] each worker has a folder of its own; one of a worker that is gone is taken over with what is in it", async () => {
  const home = join(root, "workers");
  const first = await claimFolder(home);
  const second = await claimFolder(home);
  assert.deepEqual([first, second], [join(home, "1"), join(home, "2")]);
  await writeFile(join(first, "owner"), "4194399 17");
  await writeFile(join(first, "kept"), "work");
  assert.equal(await claimFolder(home), first, "process 4194399 is none");
  assert.equal(await readFile(join(first, "kept"), "utf8"), "work");
  assert.deepEqual(
    (await filesUnder(home)).filter((name) => name.endsWith(".new")),
    [],
  );
});

test("[PB46] a master lies inside the worker's folder, whatever its name is", async () => {
  const store = new WorkerFolder(join(root, "m"), 1);
  const inside = join(root, "m", "masters", sha("x"));
  for (const name of [
    "film.mp4",
    "../../etc/passwd",
    "/etc/passwd",
    "..",
    "",
    "a\0b",
    "x".repeat(400),
    ".hidden",
  ]) {
    const path = store.master(sha("x"), name);
    assert.equal(join(path, ".."), inside, name);
    assert.notEqual(path, inside, name);
  }
});

test("[PB47] inputs are laid as links with their seals, and what was made is what lies beside them", async () => {
  const store = new WorkerFolder(join(root, "p"), 1e9);
  await mkdir(join(root, "p", "kept"), { recursive: true });
  await writeFile(store.kept(sha("input")), "input");
  const work = join(store.jobFolder("j"), "work");
  const input = { name: "pieces/a.mp4", bytes: 5, sha256: sha("input"), sealed: true };
  await store.place(input, work);
  await store.place(input, work);
  assert.equal((await stat(join(work, "pieces/a.mp4"))).ino, (await stat(store.kept(sha("input")))).ino);
  assert.equal(await readFile(join(work, "pieces/a.mp4.seal"), "utf8"), `5 ${sha("input")}\n`);
  await mkdir(join(work, "scratch/1-2"), { recursive: true });
  await writeFile(join(work, "scratch/1-2/x"), "half");
  await writeFile(join(work, "pieces/b.mp4"), "made");
  await writeFile(join(work, "pieces/b.mp4.seal"), "whatever");
  await writeFile(join(work, "pieces/c.mp4.claim"), "1 2");
  await writeFile(join(work, "pieces/d.json"), "{}");
  assert.deepEqual(await store.made(work, [input], signal), [
    { name: "pieces/b.mp4", bytes: 4, sha256: sha("made"), sealed: true },
    { name: "pieces/d.json", bytes: 2, sha256: sha("{}"), sealed: false },
  ]);
});

test("[PB48] the longest unused goes first, until no more is kept than may be; what is in work stays", async () => {
  const store = new WorkerFolder(join(root, "e"), 25);
  await mkdir(join(root, "e", "kept"), { recursive: true });
  for (const [age, name] of ["a", "b", "c", "d"].entries()) {
    await writeFile(store.kept(name), "0123456789");
    await utimes(store.kept(name), age + 1, age + 1);
  }
  const using = store.use(store.kept("a"));
  const again = store.use(store.kept("a"));
  assert.equal(await store.evict(), 1);
  assert.deepEqual(await filesUnder(join(root, "e", "kept")), ["a", "c", "d"]);
  using.free();
  assert.equal(await store.evict(), 0, "somebody else uses it still, and the rest is little enough");
  again.free();
  assert.equal(await store.evict(), 1);
  assert.deepEqual(await filesUnder(join(root, "e", "kept")), ["c", "d"]);
});

test("[PB47] two turns that want the same file fetch it one after the other", async () => {
  const store = new WorkerFolder(join(root, "t"), 1);
  const said: string[] = [];
  const turn = (name: string): Promise<void> =>
    store.alone("x", async () => {
      said.push(`${name} begins`);
      await new Promise((resolve) => setImmediate(resolve));
      said.push(`${name} ends`);
      if (name === "1") throw new Error("lost");
    });
  const both = await Promise.allSettled([turn("1"), turn("2")]);
  assert.deepEqual(
    both.map(({ status }) => status),
    ["rejected", "fulfilled"],
  );
  assert.deepEqual(said, ["1 begins", "1 ends", "2 begins", "2 ends"]);
});
