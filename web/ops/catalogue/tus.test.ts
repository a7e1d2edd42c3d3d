import assert from "node:assert/strict";
import { test } from "node:test";
import { base64, nextPiece, passes, pauseMs } from "./tus.ts";

test("[WE145] pieces grow while they are quick and shrink where they are slow, within bounds", () => {
  assert.deepEqual(
    [nextPiece(2 ** 20, 100), nextPiece(2 ** 20, 1500), nextPiece(2 ** 20, 9000)],
    [2 ** 21, 2 ** 20, 2 ** 19],
  );
  let bytes = 2 ** 20;
  for (let turn = 0; turn < 20; turn += 1) bytes = nextPiece(bytes, 1);
  assert.equal(bytes, 2 ** 24);
  for (let turn = 0; turn < 20; turn += 1) bytes = nextPiece(bytes, 60_000);
  assert.equal(bytes, 2 ** 18);
});

test("[WE145] what passes by itself is tried again, ever more seldom; a quota or a wrong file is told at once", () => {
  for (const status of [0, 409, 423, 429, 502, 503, 504])
    assert.ok(passes({ status, code: "" }), `${status}`);
  for (const [status, code] of [
    [413, "upload-account-full"],
    [507, "upload-disk-full"],
    [429, "upload-too-many-open"],
    [503, "publishing-off"],
    [403, ""],
  ] as const)
    assert.ok(!passes({ status, code }), code);
  assert.deepEqual([1, 2, 3, 9].map(pauseMs), [1000, 2000, 4000, 30_000]);
});

test("[WE145] a file may be called what it likes", () => {
  assert.equal(Buffer.from(base64("Ночь ☾.mov"), "base64").toString(), "Ночь ☾.mov");
});
