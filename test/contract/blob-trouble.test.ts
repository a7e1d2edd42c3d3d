// S3 that cuts, lies, is busy or silent; the promises themselves are held against a real store in test/engines.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { openBlobs } from "#data/io/open-blobs.ts";
import { partBytesAt } from "#data/io/s3-parts.ts";
import type { BlobStore } from "#data/ports-blob.ts";
import { troubleS3 } from "#test/fixtures/trouble-s3.ts";
import { isFault, piecesOf, readAll } from "./blob-builders.ts";

const content = randomBytes(300_000);

async function stored(url: string, more: object = {}): Promise<BlobStore> {
  const settings = { blobsDeadlineSeconds: 5, blobsTries: 3, blobsPartMib: 5, ...more };
  const opened = await openBlobs(url, settings);
  assert.ok(opened !== undefined);
  return opened.store;
}

test("[DA241] a body that is cut goes on where it ended, as often as the setting says", async (t) => {
  const s3 = await troubleS3(t, content);
  const store = await stored(s3.url);
  s3.cutAfter = [100_000, 0, 50_000];
  assert.ok(content.equals(Buffer.from(await readAll(await store.get("film")))));
  assert.equal(s3.asked.length, 4);
  s3.cutAfter = [100, 100, 100, 100];
  await assert.rejects(readAll(await store.get("film")), isFault("blob-broken", "of 300000 bytes, 4 times"));
  s3.cutAfter = [10];
  const part = await store.get("film", { range: { from: 1000, to: 1999 } });
  assert.ok(content.subarray(1000, 2000).equals(Buffer.from(await readAll(part))));
});

test("[DA241] what was replaced after a cut is not put together of two", async (t) => {
  const s3 = await troubleS3(t, content);
  s3.cutAfter = [1000];
  const found = await (await stored(s3.url)).get("film");
  s3.etag = '"second"';
  await assert.rejects(readAll(found), isFault("blob-broken", "replaced or deleted"));
});

test("[DA241] a store that acknowledges other bytes than were sent is not believed", async (t) => {
  const s3 = await troubleS3(t, content);
  const store = await stored(s3.url);
  await assert.rejects(store.put("film", piecesOf("x")), isFault("blob-broken", "acknowledged other bytes"));
  s3.putEtag = '"9dd4e461268c8034f5c8564e155c67a6"';
  assert.equal((await store.put("film", piecesOf("x"))).kind, "stored");
});

test("[DA243] a busy store is asked again, and told of when it stays so", async (t) => {
  const s3 = await troubleS3(t, content);
  const store = await stored(s3.url);
  s3.busy = 2;
  assert.equal((await store.head("film"))?.size, 300_000);
  assert.equal(s3.asked.length, 3);
  s3.busy = 3;
  await assert.rejects(store.head("film"), isFault("blob-away", "503", "3 times"));
});

test("[DA243] every call is over at its deadline, and at once when its caller gives up", async (t) => {
  const s3 = await troubleS3(t, content);
  const store = await stored(s3.url, { blobsDeadlineSeconds: 0.1 });
  s3.hangs = true;
  await assert.rejects(store.head("film"), isFault("blob-away", "no answer within"));
  await assert.rejects(store.put("film", piecesOf("x")), isFault("blob-away", "no answer within"));
  const patient = await stored(s3.url);
  const ending = new AbortController();
  const calls = [
    patient.head("film", ending.signal),
    patient.get("film", { signal: ending.signal }),
    patient.delete("film", ending.signal),
    patient.put("film", piecesOf("x"), { signal: ending.signal }),
  ];
  setTimeout(() => ending.abort(new Error("gave up")), 20);
  const begun = performance.now();
  for (const call of calls) await assert.rejects(call, /gave up/);
  assert.ok(performance.now() - begun < 500);
  const nobody = await stored("s3://key:not-a-secret@127.0.0.1:1/bucket?tls=false", { blobsTries: 1 });
  await assert.rejects(nobody.head("film"), isFault("blob-away", "127.0.0.1:1/bucket", "ECONNREFUSED"));
});

test("[DA240] parts grow, so that any film fits into the ten thousand that S3 takes", () => {
  const [first, least] = [5 << 20, 5 << 20];
  let whole = 0;
  for (let number = 0; number < 10_000; number++) {
    const bytes = partBytesAt(number, first);
    assert.ok(bytes >= least && bytes <= 128 << 20);
    whole += bytes;
  }
  assert.ok(whole > 500e9, `${whole}`);
});
