// An S3 store that is killed: src/data/README.md, Blobs.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { openBlobs } from "#data/io/open-blobs.ts";
import { isFault, keysOf, piecesOf, readAll, sha256Of } from "#test/contract/blob-builders.ts";
import { ownEngine } from "#test/fixtures/engine.ts";
import { inBucket, settings } from "./blob-bucket.ts";

test("[DA243] a store that was killed: nothing that was acknowledged is lost, and the next call finds it back", async (t) => {
  const found = await inBucket(await ownEngine("s3"));
  if ("missing" in found) return t.skip(found.missing);
  const { s3, store, url } = found;
  const said = new Map<string, Buffer>();
  const writers = Array.from({ length: 4 }, async (_, writer) => {
    for (let round = 0; ; round++) {
      const content = randomBytes(round % 3 === 0 ? 6 << 20 : 50_000);
      const put = store.put(`${writer}/${round}`, piecesOf(content), { sha256: sha256Of(content) });
      if (!(await put.then(() => true, isFault("blob-away")))) return "another fault";
      const isThere = await put.then(
        () => true,
        () => false,
      );
      if (!isThere) return "away";
      said.set(`${writer}/${round}`, content);
    }
  });
  while (said.size < 12) await new Promise((resolve) => setTimeout(resolve, 10));
  await s3.kill();
  assert.deepEqual(await Promise.all(writers), ["away", "away", "away", "away"]);
  const quick = await openBlobs(url, { ...settings, blobsDeadlineSeconds: 0.5 });
  await assert.rejects(async () => quick?.store.head("0/0"), isFault("blob-away", "MILLRACE_BLOBS_URL"));
  await s3.restart();
  for (const [key, content] of said) {
    assert.ok(content.equals(Buffer.from(await readAll(await store.get(key)))), key);
  }
  for (const key of await keysOf(store, "")) {
    const bytes = await readAll(await store.get(key));
    assert.ok(said.get(key)?.equals(Buffer.from(bytes)) ?? Buffer.isBuffer(bytes), key);
  }
});
