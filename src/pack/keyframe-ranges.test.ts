import assert from "node:assert/strict";
import { test } from "node:test";
import { concat } from "./boxes.ts";
import { writeFragment } from "./fragment.ts";
import { segmentBytes } from "./fragmenter.ts";
import { readInit } from "./init.ts";
import { keyframesIn } from "./keyframe-ranges.ts";
import { fragmentOf, pictures, videoInit } from "./synthetic.ts";
import { checkKeyframes } from "./verify.ts";

const read = readInit(videoInit(30_000));
assert.ok(read.kind === "read");
const { init } = read;
const one = writeFragment(fragmentOf(1, 0, pictures(4, 1001, 1)), 1);
const two = writeFragment(fragmentOf(2, 4004, pictures(3, 1001, 9)), 1);
const bytes = segmentBytes([one, two]);

test("[PA29] a keyframe reaches from its moof to the end of its fragment's first sample", () => {
  const found = keyframesIn(bytes, init);
  assert.ok(found.kind === "read");
  const styp = bytes.length - one.length - two.length;
  const [first, second] = found.keyframes;
  assert.deepEqual([first?.start, first?.duration, first?.offset], [0, 4004, styp]);
  assert.deepEqual([second?.start, second?.duration, second?.offset], [4004, 3003, styp + one.length]);
  const samples = pictures(4, 1001, 1).map((sample) => sample.bytes);
  const rest = samples.slice(1).reduce((sum, size) => sum + size, 0);
  assert.equal(first?.bytes, one.length - rest);
});

test("[PA18] [PA29] listed ranges that are not those of the bytes are found", () => {
  const found = keyframesIn(bytes, init);
  assert.ok(found.kind === "read");
  const order = { init, bytes, afterSequence: 0 };
  assert.equal(checkKeyframes(order, found.keyframes), undefined);
  assert.match(checkKeyframes(order, found.keyframes.slice(1)) ?? "", /stand alone are .*, wanted/);
  const longer = found.keyframes.map((keyframe) => ({ ...keyframe, bytes: keyframe.bytes + 1 }));
  assert.match(checkKeyframes(order, longer) ?? "", /stand alone are/);
  assert.match(checkKeyframes({ ...order, bytes: concat([bytes, bytes.subarray(0, 9)]) }, []) ?? "", /box/);
});
