import assert from "node:assert/strict";
import { test } from "node:test";
import { pictureBytes, readChanges, readFrameFacts } from "./shots-facts.ts";

const figures = [
  ...["frame:0    pts:0", "lavfi.scd.mafd=0.000", "lavfi.scd.score=0.000"],
  ...["frame:1    pts:1", "lavfi.scd.mafd=12.5", "lavfi.scd.score=11.9", "lavfi.scd.time=0.001", ""],
].join("\n");

test("[EN43] ffmpeg's text has one block of figures per frame", () => {
  assert.deepEqual(readChanges(figures), [
    { mafd: 0, score: 0 },
    { mafd: 12.5, score: 11.9 },
  ]);
  assert.deepEqual(readChanges(""), []);
});

test("[EN43] a frame has its own figures and its own picture; too few or too many pictures are no facts", () => {
  const pictures = new Uint8Array(2 * pictureBytes).fill(7).fill(9, pictureBytes);
  const frames = readFrameFacts(figures, pictures);
  assert.deepEqual(
    frames?.map(({ mafd, picture }) => [mafd, picture.length, picture[0]]),
    [
      [0, pictureBytes, 7],
      [12.5, pictureBytes, 9],
    ],
  );
  for (const length of [0, pictureBytes, 2 * pictureBytes - 1, 3 * pictureBytes])
    assert.equal(readFrameFacts(figures, new Uint8Array(length)), undefined, `${length} bytes`);
  assert.deepEqual(readFrameFacts("", new Uint8Array(0)), []);
});
