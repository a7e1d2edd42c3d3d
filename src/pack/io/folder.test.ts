import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { foldersIn } from "./folder.ts";

test("[PA13] every folder of a package is flushed, those within folders too, each before the one that names it", async () => {
  const root = await mkdtemp(join(tmpdir(), "millrace-folders-"));
  try {
    for (const path of ["ts/h264-1", "h264-1"]) {
      await mkdir(join(root, path), { recursive: true });
      await writeFile(join(root, path, "1"), "");
    }
    const found = (await foldersIn(root)).map((path) => path.slice(root.length));
    assert.deepEqual(found.toSorted(), ["", "/h264-1", "/ts", "/ts/h264-1"]);
    assert.ok(found.indexOf("/ts/h264-1") < found.indexOf("/ts"));
    assert.equal(found.at(-1), "");
  } finally {
    await rm(root, { recursive: true });
  }
});
