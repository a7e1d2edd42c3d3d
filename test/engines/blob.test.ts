// The promises of a blob store, on a real S3 store, and what only a bucket has: parts, keys that are refused.
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { test } from "node:test";
import {
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { isFault, keysOf, piecesOf, readAll, sha256Of, textAt } from "#test/contract/blob-builders.ts";
import { blobSuite } from "#test/contract/blob-suite.ts";
import { engine } from "#test/fixtures/engine.ts";
import { type Bucket, freshBucket, inBucket, stored, urlOf } from "./blob-bucket.ts";

blobSuite("S3", async () => {
  const found = await inBucket(await engine("s3"));
  return "missing" in found ? found : found.store;
});

function onBucket(title: string, body: (bucket: Bucket) => Promise<void>): void {
  test(title, async (t) => {
    const found = await inBucket(await engine("s3"));
    if ("missing" in found) return t.skip(found.missing);
    await body(found);
  });
}

onBucket("[DA240] what is large goes in parts and keeps its sha256; it is whole or not there", async (at) => {
  const { store, client, bucket: Bucket } = at;
  const content = randomBytes((12 << 20) + 17);
  const sha256 = sha256Of(content);
  const pieces = (): AsyncGenerator<Uint8Array> =>
    piecesOf(content.subarray(0, 7_000_001), content.subarray(7_000_001));
  const put = await store.put("masters/film", pieces(), { sha256 });
  assert.ok(put.kind === "stored" && put.size === content.length);
  const head = await client.send(new HeadObjectCommand({ Bucket, Key: "masters/film" }));
  assert.equal(head.Metadata?.sha256, sha256);
  assert.match(head.ETag ?? "", /-3"$/);
  assert.ok(content.equals(Buffer.from(await readAll(await store.get("masters/film")))));
  const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: "masters/film" }));
  assert.equal(
    createHash("sha256")
      .update((await Body?.transformToByteArray()) ?? "")
      .digest("hex"),
    sha256,
  );

  const again = await store.put("masters/film", pieces(), { sha256, ifNoneMatch: "*" });
  assert.equal(again.kind, "exists");
  await assert.rejects(
    store.put("other", pieces(), { sha256: "0".repeat(64) }),
    isFault("blob-hash", sha256),
  );
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield content;
    throw new Error("the sender hung up");
  }
  await assert.rejects(store.put("other", broken()), /the sender hung up/);
  assert.equal(await textAt(store, "other"), "absent");
  for (const end = performance.now() + 5000; ; ) {
    const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket }));
    if (Uploads.length === 0) break;
    assert.ok(performance.now() < end, "parts of an upload that failed are there still");
  }
});

onBucket("[DA240] of eight who put large things where there is nothing, one stores", async ({ store }) => {
  const contents = Array.from({ length: 8 }, () => randomBytes(6 << 20));
  const puts = await Promise.all(
    contents.map((content) => store.put("one", piecesOf(content), { ifNoneMatch: "*" })),
  );
  const winners = contents.filter((_, writer) => puts[writer]?.kind === "stored");
  assert.equal(winners.length, 1);
  assert.ok(winners[0]?.equals(Buffer.from(await readAll(await store.get("one")))));
});

onBucket(
  "[DA241] an object that others spoiled is not taken for what was put",
  async ({ store, client, bucket }) => {
    const Metadata = { sha256: sha256Of("as it was") };
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: "x", Body: "as it is", Metadata }));
    await assert.rejects(
      readAll(await store.get("x")),
      isFault("blob-broken", sha256Of("as it was"), sha256Of("as it is")),
    );
  },
);

onBucket(
  "[DA242] a wrong secret, key, or bucket is told in words that hold no secret",
  async ({ s3, bucket }) => {
    const secret = "mistyped-secret";
    const cases: readonly (readonly [string, string])[] = [
      [urlOf(s3, bucket, secret), "the secret is not that of the key"],
      [urlOf(s3, bucket, secret).replace("millrace:", "somebody:"), "does not know the key"],
      [urlOf(s3, freshBucket()), "there is no such bucket"],
    ];
    for (const [url, words] of cases) {
      const store = await stored(url);
      const calls = [
        () => store.put("a", piecesOf("x")),
        () => store.get("a"),
        () => keysOf(store, ""),
        () => store.head("a"),
      ];
      for (const call of calls) {
        await assert.rejects(call, (error: Error) => {
          assert.ok(isFault("blob-refused", words)(error), error.message);
          assert.ok(
            !error.message.includes(secret) && !error.message.includes(s3.credentials.secretAccessKey),
          );
          return true;
        });
      }
    }
  },
);
