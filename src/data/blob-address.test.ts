import assert from "node:assert/strict";
import { test } from "node:test";
import { readBlobsUrl } from "./blob-address.ts";

test("[DA244] the address of a store is read whole", () => {
  assert.deepEqual(readBlobsUrl("file:"), { kind: "home" });
  const folder = "/mnt/films";
  assert.deepEqual(readBlobsUrl(`file://${folder}`), { kind: "folder", folder, shown: folder });
  assert.deepEqual(
    readBlobsUrl(
      "s3://us%3Aer:se/cr%40t@store.example:8333/films?region=eu-1&tls=false".replace("se/", "se%2F"),
    ),
    {
      kind: "s3",
      endpoint: "http://store.example:8333",
      bucket: "films",
      region: "eu-1",
      login: { key: "us:er", secret: "se/cr@t" },
      shown: "store.example:8333/films",
    },
  );
  const bare = readBlobsUrl("s3://s3.eu-west-1.amazonaws.com/films");
  assert.ok(bare.kind === "s3" && bare.login === undefined && bare.endpoint.startsWith("https://"));
});

test("[DA244] anything else is refused, and what was found is not repeated", () => {
  const secret = "S3cr3t";
  const wrong = [
    ...["", "film", "file://", "file:films", "s3://", `s3://k:${secret}@host`, `s3://k:${secret}@host/`],
    ...[`s3://k:${secret}@ho st/films`, `s3://k:${secret}@host/Films`, `s3://k:${secret}@host/a/b`],
    ...[
      `s3://k:${secret}@host/films?tls=maybe`,
      `s3://k:${secret}@host/films?zone=1`,
      `s3://${secret}@host/films`,
    ],
    ...[
      `s3://k:%zz${secret}@host/films`,
      `https://k:${secret}@host/films`,
      `s3://k:${secret}@host:port/films`,
    ],
  ];
  for (const url of wrong) {
    const read = readBlobsUrl(url);
    assert.ok(read.kind === "refused", url);
    assert.ok(read.because.length > 10 && !read.because.includes(secret), read.because);
  }
});
