import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { gridLines, planSegments } from "./segment-plan.ts";
import { findCuts, shotsFrom, splitLong } from "./shots.ts";
import { filmOf, mixed, scene, times } from "./shots-drawn.ts";
import { minShotFrames } from "./shots-rules.ts";

const rates = [
  { num: 24, den: 1 },
  { num: 25, den: 1 },
  { num: 24000, den: 1001 },
  { num: 30000, den: 1001 },
  { num: 60, den: 1 },
  { num: 10, den: 1 },
];

/** A random film: its length, rate and cuts at least a shot's least length apart. */
const filmAndCuts = fc
  .record({
    rate: fc.constantFrom(...rates),
    lengths: fc.array(fc.integer({ min: minShotFrames, max: 400 }), { minLength: 1, maxLength: 30 }),
  })
  .map(({ rate, lengths }) => {
    const ends = lengths.map((_, index) =>
      lengths.slice(0, index + 1).reduce((sum, length) => sum + length, 0),
    );
    return { rate, frames: ends.at(-1) ?? 0, cuts: ends.slice(0, -1) };
  });

test("[EN8] of two cuts five frames apart the one to the more similar shot goes; none is near the ends", () => {
  const strange = times(40, () => scene(1));
  const alike = mixed(scene(2), scene(3), 0.4);
  const short = times(5, () => alike);
  const own = times(40, () => scene(2));
  assert.deepEqual(findCuts(filmOf(strange, short, own)), [40]);
  assert.deepEqual(findCuts(filmOf(own, short, strange)), [45]);
  assert.deepEqual(findCuts(filmOf(short, own, strange, short)), [45]);
});

test("[EN8] law: shots partition the film, none is too short, and the same film has the same cuts", () => {
  const part = fc
    .record({
      number: fc.nat(9),
      frames: fc.integer({ min: 1, max: 40 }),
      speed: fc.integer({ min: 0, max: 4 }),
    })
    .map(({ number, frames, speed }) => times(frames, (index) => scene(number, index * speed)));
  const noise = fc
    .array(fc.uint8Array({ minLength: 144, maxLength: 144 }), { minLength: 1, maxLength: 30 })
    .map((pictures) => pictures.map((picture) => Uint8Array.from(picture)));
  fc.assert(
    fc.property(fc.array(fc.oneof(part, part, noise), { minLength: 1, maxLength: 12 }), (parts) => {
      const film = filmOf(...parts);
      const cuts = findCuts(film);
      assert.deepEqual(findCuts(filmOf(...parts)), cuts);
      const shots = shotsFrom(cuts, film.length);
      assert.equal(shots[0]?.startFrame, 0);
      assert.equal(shots.at(-1)?.endFrame, film.length);
      for (const [index, shot] of shots.entries()) {
        assert.equal(shot.id, index);
        assert.ok(shot.endFrame - shot.startFrame >= Math.min(minShotFrames, film.length));
        if (index > 0) assert.equal(shot.startFrame, shots[index - 1]?.endFrame);
      }
    }),
    { seed: 2 },
  );
});

test("[EN9] law: long shots are split on grid lines only, and no keyframe is added", () => {
  fc.assert(
    fc.property(filmAndCuts, ({ rate, frames, cuts }) => {
      const lines = gridLines(4, rate, frames);
      const most = Math.round((8 * rate.num) / rate.den);
      const split = splitLong(cuts, lines, frames, most);
      for (const cut of split) assert.ok(cuts.includes(cut) || lines.includes(cut), `cut ${cut}`);
      const before = planSegments(shotsFrom(cuts, frames), 4, rate, frames);
      const after = planSegments(shotsFrom(split, frames), 4, rate, frames);
      assert.deepEqual(after, before);
    }),
    { seed: 3 },
  );
});

test("[EN9] a shot of a minute becomes parts no longer than the limit", () => {
  const rate = { num: 25, den: 1 };
  const split = splitLong([], gridLines(4, rate, 1500), 1500, 600);
  const shots = shotsFrom(split, 1500);
  assert.ok(shots.length >= 3);
  for (const shot of shots)
    assert.ok(shot.endFrame - shot.startFrame <= 600, `${shot.startFrame}–${shot.endFrame}`);
});

test("[EN10] law: segments keep to the grid, the window and their length", () => {
  fc.assert(
    fc.property(filmAndCuts, fc.constantFrom(2, 4), ({ rate, frames, cuts }, grid) => {
      const { boundaries, keyframes } = planSegments(shotsFrom(cuts, frames), grid, rate, frames);
      const secondsAt = (frame: number): number => (frame * rate.den) / rate.num;
      const oneFrame = secondsAt(1) + 1e-9;
      for (const [k, start] of boundaries.entries()) {
        assert.ok(secondsAt(start) >= grid * k - 1e-9 && secondsAt(start) < grid * (k + 0.5) + oneFrame);
        const length = secondsAt((boundaries[k + 1] ?? frames) - start);
        const isLast = k + 1 === boundaries.length;
        const most = isLast ? grid + 1 : grid * 1.5;
        assert.ok(length < most + oneFrame, `segment ${k} lasts ${length} s`);
        assert.ok(isLast || length > grid / 2 - oneFrame);
      }
      assert.deepEqual(
        keyframes,
        [...new Set([...cuts, ...boundaries])].sort((a, b) => a - b),
      );
    }),
    { seed: 4 },
  );
});

test("[EN10] a boundary waits two seconds for a cut and no longer", () => {
  const rate = { num: 25, den: 1 };
  const plan = (cuts: readonly number[], frames: number) =>
    planSegments(shotsFrom(cuts, frames), 4, rate, frames).boundaries;
  assert.deepEqual(plan([149], 300), [0, 149, 200]);
  assert.deepEqual(plan([150], 300), [0, 100, 200]);
  assert.deepEqual(plan([], 120), [0]);
  assert.deepEqual(plan([], 125), [0, 100]);
  assert.deepEqual(plan([], 1), [0]);
});
