import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { chown, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { newKeyFile, readKeyFile } from "./key-file.ts";

let root = "";

before(async () => {
  root = await mkdtemp(join(tmpdir(), "millrace-keys-"));
});

after(() => rm(root, { recursive: true, force: true }));

test("[PA35] a pipe in the key file's place is refused at once, not waited for", {
  timeout: 20_000,
}, async () => {
  const path = join(root, "pipe.json");
  execFileSync("mkfifo", ["-m", "600", path]);
  const script = `import("./src/pack/io/key-file.ts").then((file) => file.readKeyFile(process.argv[1], "/nowhere"))`;
  // In a process of its own: a read that hangs would keep this one from ending.
  const done = spawnSync(process.execPath, ["-e", script, path], { timeout: 15_000, encoding: "utf8" });
  assert.equal(done.signal, null, "it waits for somebody to write into the pipe");
  assert.match(done.stderr, /it is not a file/);
});

test("[PA35] a key file that could not be written is taken away, so that the next run may make it", async () => {
  const path = join(root, "full.json");
  const script = `import("./src/pack/io/key-file.ts").then((file) => file.newKeyFile(process.argv[1]))`;
  const command = 'ulimit -f 0; exec "$@"';
  const args = ["-c", command, "sh", process.execPath, "-e", script, path];
  const done = spawnSync("sh", args, { timeout: 15_000, encoding: "utf8" });
  assert.match(done.stderr, /pack-keys-unfit[\s\S]*EFBIG/);
  await assert.rejects(stat(path), { code: "ENOENT" });
  assert.equal((await newKeyFile(path)).length, 4);
});

test("[PA35] a key file of another user is refused: who owns it may read and change it", async (t) => {
  if (process.getuid?.() !== 0) return t.skip("only root can give a file away");
  const path = join(root, "given.json");
  await newKeyFile(path);
  assert.equal((await readKeyFile(path, "/nowhere")).length, 4);
  await chown(path, 12_345, 12_345);
  await assert.rejects(readKeyFile(path, "/nowhere"), { message: /belongs to user 12345.*chown/ });
});
