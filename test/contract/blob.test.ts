// The promises of a blob store, on a folder; test/engines has the same on S3. The suite, blob-suite.ts, holds [DA130], [DA131],
// [DA132], [DA133], [DA134], [DA135] and [DA136].
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { spanOf } from "#data/blob-key.ts";
import { openFolderBlobs } from "#data/io/folder-blobs.ts";
import { blobFolder } from "./blob-builders.ts";
import { blobSuite } from "./blob-suite.ts";

blobSuite("folder", async () => openFolderBlobs(await blobFolder()));

test("[DA133] any part of any size is within it, and never more than was asked for", () => {
  const range = fc.oneof(
    fc.record({ last: fc.nat(50) }),
    fc.record({ from: fc.nat(50), to: fc.nat(60) }),
    fc.record({ from: fc.nat(50) }),
  );
  fc.assert(
    fc.property(fc.nat(40), range, (size, wanted) => {
      const whole = Array.from({ length: size }, (_, at) => at);
      const isWanted = (at: number): boolean =>
        "last" in wanted
          ? at >= size - wanted.last
          : at >= wanted.from && at <= ("to" in wanted ? wanted.to : size);
      const span = spanOf(wanted, size);
      const got = span === undefined ? [] : whole.slice(span.first, span.end);
      assert.deepEqual(got, whole.filter(isWanted));
      assert.ok(span === undefined || (span.first < span.end && span.end <= size));
    }),
    { seed: 133, numRuns: 2000 },
  );
});
