import assert from "node:assert/strict";
import { test } from "node:test";
import { CaptionBox, type CueLike } from "./caption-box.ts";
import { captionStyleOf, usualCaptions } from "./caption-style.ts";

function cue(startTime: number, endTime: number, payload: string, nestedCues: CueLike[] = []): CueLike {
  return { startTime, endTime, payload, nestedCues, lineBreak: false };
}

test("[WE83] subtitles stand from their beginning until before their end, and only while they are wanted", () => {
  const box = new CaptionBox();
  box.append([cue(4, 6, "Later"), cue(2, 5, "Now")]);
  assert.deepEqual(box.at(3), [], "not shown yet");
  box.setTextVisibility(true);
  assert.deepEqual(
    [1.9, 2, 4.5, 5, 6].map((at) => box.at(at)),
    [[], ["Now"], ["Now", "Later"], ["Later"], []],
  );
  box.append([cue(4, 6, "Later")]);
  assert.deepEqual(box.at(5.5), ["Later"], "the same line read twice is one");
  box.remove(0, 5);
  assert.deepEqual(box.at(4.5), ["Later"]);
});

test("[WE83] marks inside a line are left out, its words and its breaks stay", () => {
  const box = new CaptionBox();
  box.setTextVisibility(true);
  const end = { ...cue(0, 1, ""), lineBreak: true };
  box.append([
    cue(0, 1, "", [cue(0, 1, "Who "), cue(0, 1, "is it?"), end, cue(0, 1, "Me.")]),
    cue(0, 1, " "),
  ]);
  assert.deepEqual(box.at(0), ["Who is it?\nMe."]);
});

test("[WE83] how subtitles look is read back part by part; what is no choice is the usual one", () => {
  assert.deepEqual(captionStyleOf(null), usualCaptions);
  for (const broken of ["", "nonsense", "3", "null", "[]"])
    assert.deepEqual(captionStyleOf(broken), usualCaptions, broken);
  const stored = JSON.stringify({ size: "huge", colour: "pink", background: "black", more: 1 });
  assert.deepEqual(captionStyleOf(stored), { ...usualCaptions, size: "huge", background: "black" });
});
