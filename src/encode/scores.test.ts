import assert from "node:assert/strict";
import { test } from "node:test";
import { type FrameScores, scoresComplaint } from "./scores.ts";

function scored(...frames: readonly number[]): FrameScores {
  return new Map(frames.map((frame) => [frame, 80]));
}

test("[EN102] every frame that was to be scored has a score", () => {
  assert.equal(scoresComplaint(scored(0, 5, 10), 11, 5), undefined);
  assert.equal(scoresComplaint(scored(0, 5, 10), 15, 5), undefined);
  assert.match(scoresComplaint(scored(0, 5, 10), 16, 5) ?? "", /^3 of 4 .* frame 15 was not/);
  assert.match(scoresComplaint(scored(1, 5, 10), 11, 5) ?? "", /^2 of 3 .* frame 0 was not/);
  assert.match(scoresComplaint(scored(), 1, 1) ?? "", /^0 of 1/);
});
