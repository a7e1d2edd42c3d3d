import assert from "node:assert/strict";
import { test } from "node:test";
import { cutAudio } from "./audio.ts";
import { concat } from "./boxes.ts";
import { readSegment, writeFragment } from "./fragment.ts";
import { readInit } from "./init.ts";
import { audioInit, fragmentOf, opusInit, piece, sound, syncFlags, videoInit } from "./synthetic.ts";
import { checkAudioSegment } from "./verify.ts";

function cut(bytes: Uint8Array, filmSeconds = 60) {
  const result = cutAudio(bytes, filmSeconds);
  assert.ok(result.kind === "cut", JSON.stringify(result));
  return result;
}

function refusal(bytes: Uint8Array, filmSeconds = 60): string {
  const result = cutAudio(bytes, filmSeconds);
  return result.kind === "refused" ? result.because : "accepted";
}

test("[PA7] without an edit list every frame stays where it is", () => {
  const { segments } = cut(sound([188, 188, 47], audioInit()));
  assert.deepEqual(
    segments.map((segment) => [segment.number, segment.start, segment.duration]),
    [
      [1, 0, 188 * 1024],
      [2, 188 * 1024, 188 * 1024],
      [3, 376 * 1024, 47 * 1024],
    ],
  );
});

test("[PA7] an edit list says how many frames are priming, and is taken out with them", () => {
  for (const [editStart, frames] of [
    [0, 0],
    [1024, 1],
    [2048, 2],
    [2112, 2],
  ] as const) {
    const { segments, initBytes, init } = cut(sound([10, 10], audioInit(editStart)));
    assert.equal(segments[0]?.duration, (10 - frames) * 1024);
    assert.deepEqual(initBytes, audioInit());
    assert.deepEqual(readInit(initBytes), { kind: "read", init });
  }
});

test("[PA7] priming that fills whole fragments is taken out with them", () => {
  const { segments } = cut(sound([1, 1, 5], audioInit(2048)));
  assert.deepEqual(
    segments.map((segment) => [segment.number, segment.start, segment.duration]),
    [[1, 0, 5 * 1024]],
  );
});

test("[PA9] each segment holds its fragment's sound, byte for byte, and passes the check", () => {
  const init = audioInit(0);
  const { segments, init: facts } = cut(sound([4, 3], init));
  for (const [index, segment] of segments.entries()) {
    const verdict = checkAudioSegment(
      { init: facts, bytes: segment.bytes, afterSequence: index },
      { start: segment.start, duration: segment.duration },
    );
    assert.deepEqual(verdict, { kind: "sound", lastSequence: index + 1 });
    const read = readSegment(segment.bytes, facts);
    assert.ok(read.kind === "read");
    const sizes = read.fragments.flatMap((fragment) => fragment.samples.map((sample) => sample.bytes));
    assert.deepEqual(sizes, index === 0 ? [10, 11, 12, 13] : [14, 10, 11]);
  }
});

test("[PA9] what begins after the film's end is left out", () => {
  const { segments } = cut(sound([10, 10, 10], audioInit(0)), (11 * 1024) / 48_000);
  assert.equal(segments.length, 2);
});

test("[PA9] a gap, a picture track and an empty track are refused", () => {
  const init = audioInit(0);
  const sample = { duration: 1024, bytes: 3, flags: syncFlags, offset: 0 };
  const gapped = concat([
    init,
    writeFragment(fragmentOf(1, 0, [sample]), 1),
    writeFragment(fragmentOf(2, 3000, [sample]), 1),
  ]);
  assert.match(refusal(gapped), /fragment 2 begins at tick 3000, wanted 1024/);
  assert.equal(refusal(piece([3], 1001, videoInit(30_000))), "it holds no sound track");
  assert.equal(refusal(sound([1], audioInit(1024))), "it holds no sound after its priming");
  assert.match(refusal(new TextEncoder().encode("#EXTM3U\nfilm.ts\n")), /box/);
});

test("[PA18] a sound segment that begins elsewhere or lasts otherwise is found", () => {
  const { segments, init } = cut(sound([4, 3], audioInit()));
  const [first] = segments;
  assert.ok(first);
  const order = { init, bytes: first.bytes, afterSequence: 0 };
  assert.equal(checkAudioSegment(order, { start: 1024, duration: 4096 }).kind, "unsound");
  assert.equal(checkAudioSegment(order, { start: 0, duration: 5120 }).kind, "unsound");
  assert.equal(
    checkAudioSegment({ ...order, afterSequence: 1 }, { start: 0, duration: 4096 }).kind,
    "unsound",
  );
});

/** libopus at 48 kHz: 312 samples of priming, frames of 960. */
const preSkip = 312;

test("[PA21] Opus priming stands in header and edit list, whether the encoder noted it or not", () => {
  for (const init of [opusInit(preSkip), opusInit(preSkip, preSkip)]) {
    const { segments, initBytes, priming, init: facts } = cut(sound([200, 200, 13], init, 960));
    assert.equal(priming, preSkip);
    assert.deepEqual(initBytes, opusInit(preSkip, preSkip));
    assert.deepEqual(readInit(initBytes), { kind: "read", init: facts });
    assert.deepEqual(
      segments.map((segment) => [segment.start, segment.duration]),
      [
        [0, 192_000 - preSkip],
        [192_000 - preSkip, 192_000],
        [384_000 - preSkip, 13 * 960],
      ],
    );
    for (const [index, segment] of segments.entries()) {
      const order = { init: facts, bytes: segment.bytes, afterSequence: index };
      assert.deepEqual(checkAudioSegment(order, segment), { kind: "sound", lastSequence: index + 1 });
    }
  }
});

test("[PA21] whole Opus frames before the edit's start are taken out, the pre-skip never", () => {
  const { segments } = cut(sound([5, 5], opusInit(preSkip, preSkip + 2 * 960), 960));
  assert.equal(segments[0]?.duration, 3 * 960 - preSkip);
  const none = cut(sound([5], opusInit(0), 960));
  assert.deepEqual([none.priming, none.initBytes], [0, opusInit(0)]);
  assert.match(refusal(sound([1], opusInit(960), 960)), /no sound after its priming/);
  assert.match(refusal(sound([1, 5], opusInit(1200), 960)), /fragment 1 is shorter than its priming/);
});
