import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { keyTimes } from "./argv.ts";
import { trialArgs } from "./argv-video.ts";
import { filmParts, mostKeyBytes, type PlannedFilm } from "./film-parts.ts";

const rate = { num: 24, den: 1 };
const x264 = { codec: "h264", preset: "veryfast", crf: 26, width: 64, height: 64 } as const;

function film(keyframes: readonly number[], frames: number): PlannedFilm {
  return { keyframes, frames, rate };
}

test("[EN96] one encode as long as its keyframes fit into an argument, exactly", () => {
  const keyframes = [0, 24, 48, 60];
  const bytes = keyTimes(keyframes, rate).length;
  assert.equal(filmParts(x264, film(keyframes, 72), bytes), undefined);
  const parts = filmParts(x264, film(keyframes, 72), bytes - 1);
  assert.deepEqual(
    parts?.map(({ startFrame, frames, keyframes: inside }) => [startFrame, frames, inside]),
    [
      [0, 60, [0, 24, 48]],
      [60, 12, [60]],
    ],
  );
});

test("[EN96] no argument of a film with 20,000 keyframes is longer than the system takes", () => {
  const keyframes = Array.from({ length: 20_000 }, (_, index) => index * 100);
  const longest = (args: readonly string[]): number => Math.max(...args.map((arg) => arg.length));
  const reference = { path: "/film.mp4", container: "mov", stream: 0, rate, display: x264 } as const;
  assert.ok(longest(trialArgs(reference, x264, keyframes, "trial.mp4")) > 131_072);
  const parts = filmParts(x264, film(keyframes, 2_000_000)) ?? [];
  assert.equal(parts.length, 3);
  for (const { startFrame, keyframes: inside } of parts) {
    const times = inside.map((frame) => frame - startFrame);
    assert.ok(keyTimes(times, rate).length <= mostKeyBytes);
  }
});

test("[EN61] SVT-AV1 has one part per keyframe interval, whatever fits", () => {
  const parts = filmParts({ ...x264, codec: "av1" }, film([0, 10, 30], 40));
  assert.deepEqual(
    parts?.map(({ startFrame, frames }) => [startFrame, frames]),
    [
      [0, 10],
      [10, 20],
      [30, 10],
    ],
  );
});

test("[EN96] law: the parts are the film, and their keyframes the plan's", () => {
  const gaps = fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(gaps, fc.integer({ min: 12, max: 400 }), (lengths, most) => {
      const keyframes: number[] = [];
      let frames = 0;
      for (const length of lengths) {
        keyframes.push(frames);
        frames += length;
      }
      const parts = filmParts(x264, film(keyframes, frames), most);
      if (parts === undefined) return assert.ok(keyTimes(keyframes, rate).length <= most);
      assert.deepEqual(
        parts.flatMap((part) => part.keyframes),
        keyframes,
      );
      let end = 0;
      for (const part of parts) {
        assert.equal(part.startFrame, end);
        assert.equal(part.keyframes[0], end);
        end += part.frames;
      }
      assert.equal(end, frames);
    }),
    { seed: 96 },
  );
});
