import assert from "node:assert/strict";
import { appendFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { isKept, keepFile, keepValue, keptValue, keyOf } from "./vault.ts";

const { signal } = new AbortController();

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-vault-"));
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

test("[EN25] a kept value comes back; half, altered or foreign text does not", () =>
  inFolder(async (folder) => {
    const path = join(folder, "trials/a.json");
    assert.equal(await keptValue(path), undefined);
    await keepValue(path, [{ bits: 1, quality: 99.5 }]);
    assert.deepEqual(await keptValue(path), [{ bits: 1, quality: 99.5 }]);
    const text = await readFile(path, "utf8");
    for (const spoilt of [text.slice(0, 40), text.replace("99.5", "99.6"), "", "null", "[]"]) {
      await writeFile(path, spoilt);
      assert.equal(await keptValue(path), undefined, spoilt);
    }
  }));

test("[EN25] a kept file is known by size and content", () =>
  inFolder(async (folder) => {
    const [fresh, path] = [join(folder, "fresh"), join(folder, "pieces/a.mp4")];
    assert.equal(await isKept(path, signal), false);
    await writeFile(fresh, "frames");
    await keepFile(fresh, path, signal);
    assert.equal(await isKept(path, signal), true);
    await writeFile(path, "fremas");
    assert.equal(await isKept(path, signal), false);
    await appendFile(path, "frames");
    assert.equal(await isKept(path, signal), false);
    await rm(path);
    assert.equal(await isKept(path, signal), false);
  }));

test("[EN25] the key changes with everything that went in", () => {
  assert.equal(keyOf({ crf: 18, args: ["a"] }), keyOf({ crf: 18, args: ["a"] }));
  assert.notEqual(keyOf({ crf: 18 }), keyOf({ crf: 19 }));
  assert.match(keyOf([]), /^[0-9a-f]{64}$/);
});
