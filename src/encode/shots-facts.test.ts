import assert from "node:assert/strict";
import { test } from "node:test";
import {
  changesReader,
  type FrameChange,
  frameFacts,
  packedChanges,
  pictureBytes,
  unpackedFacts,
} from "./shots-facts.ts";

function readChanges(...chunks: readonly string[]): readonly FrameChange[] {
  const reader = changesReader();
  for (const chunk of chunks) reader.take(chunk);
  return reader.end();
}

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
  const frames = frameFacts(readChanges(figures), pictures);
  assert.deepEqual(
    frames?.map(({ mafd, picture }) => [mafd, picture.length, picture[0]]),
    [
      [0, pictureBytes, 7],
      [12.5, pictureBytes, 9],
    ],
  );
  for (const length of [0, pictureBytes, 2 * pictureBytes - 1, 3 * pictureBytes])
    assert.equal(frameFacts(readChanges(figures), new Uint8Array(length)), undefined, `${length} bytes`);
  assert.deepEqual(frameFacts([], new Uint8Array(0)), []);
});

test("[EN99] figures are read as they come, wherever the text is cut", () => {
  for (let at = 0; at <= figures.length; at++) {
    const found = readChanges(figures.slice(0, at), figures.slice(at));
    assert.deepEqual(found, readChanges(figures), `cut at ${at}`);
  }
});

test("[EN43] what is kept is what was found; of another length, or no numbers, it is nothing", () => {
  const pictures = new Uint8Array(2 * pictureBytes).fill(7).fill(9, pictureBytes);
  const changes = readChanges(figures);
  const kept = Buffer.concat([pictures, packedChanges(changes)]);
  assert.deepEqual(
    unpackedFacts(kept)?.map(({ picture, ...change }) => [change, picture[0]]),
    changes.map((change, frame) => [change, frame === 0 ? 7 : 9]),
  );
  assert.equal(unpackedFacts(kept.subarray(1)), undefined);
  assert.equal(unpackedFacts(Buffer.concat([kept, pictures])), undefined);
  assert.equal(unpackedFacts(new Uint8Array(kept.length).fill(0xff)), undefined);
});
