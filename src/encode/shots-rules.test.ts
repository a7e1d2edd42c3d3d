import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { detectorWith, findCuts, shotLimits } from "./shots.ts";
import { brighter, filmOf, mixed, plain, scene, times } from "./shots-drawn.ts";
import type { FrameFacts } from "./shots-facts.ts";

const black = plain(16);
const white = plain(235);
const still = (number: number, frames = 40): readonly Uint8Array[] => times(frames, () => scene(number));
/** `frames` pictures on the way from one to the other, neither of them included. */
const dissolve = (one: Uint8Array, other: Uint8Array, frames: number): readonly Uint8Array[] =>
  times(frames, (index) => mixed(one, other, (index + 1) / (frames + 1)));
/** The same pictures with other figures, as an overlay or a dark grade lowers them. */
const told = (film: readonly FrameFacts[], mafd: number, score: number): readonly FrameFacts[] =>
  film.map((frame) => (frame.mafd === 0 ? { ...frame, mafd: 1, score: 0.1 } : { ...frame, mafd, score }));

test("[EN40] a high score is a cut, and so is a lone peak of difference with a lower one", () => {
  const film = filmOf(still(1), still(2));
  assert.deepEqual(findCuts(film), [40]);
  assert.deepEqual(findCuts(told(film, 7, 4.5)), [40]);
  assert.deepEqual(findCuts(told(film, 9, 4)), [40]);
  assert.deepEqual(findCuts(told(film, 7, 4)), []);
});

test("[EN40] the echo of a cut, the beginning of a pan, and a pan are no cuts", () => {
  const pan = times(40, (index) => scene(2, index));
  assert.deepEqual(findCuts(filmOf(still(1), pan)), [40]);
  assert.deepEqual(findCuts(filmOf(still(2), pan, still(2))), []);
  assert.deepEqual(findCuts(filmOf(pan)), []);
});

test("[EN40] under an overlay that covers half of the picture a cut is found; a lamp switched on is none", () => {
  const covered = (picture: Uint8Array): Uint8Array =>
    picture.map((value, at) => (at < 72 ? (scene(7)[at] ?? 0) : value));
  const under = (picture: Uint8Array): readonly Uint8Array[] => times(40, () => covered(picture));
  assert.deepEqual(findCuts(filmOf(under(scene(1)), under(scene(2)))), [40]);
  assert.deepEqual(findCuts(filmOf(under(scene(1)), under(brighter(scene(1), 60)))), []);
});

test("[EN40] law: light that flickers at random over one picture is never a cut", () => {
  const flicker = fc.array(fc.integer({ min: -70, max: 70 }), { minLength: 30, maxLength: 80 });
  fc.assert(
    fc.property(flicker, fc.nat(9), (steps, number) => {
      assert.deepEqual(findCuts(filmOf(steps.map((by) => brighter(scene(number), by)))), []);
    }),
    { seed: 40 },
  );
});

test("[EN41] a flash of one frame, of three, and one that dies away are no cuts", () => {
  const dying = times(6, (index) => brighter(scene(1), 140 - 25 * index));
  for (const flash of [[white], [white, white, white], [black, black], dying]) {
    assert.deepEqual(findCuts(filmOf(still(1), flash, still(1))), []);
  }
});

test("[EN41] a strobe, a start marker and a picture shown too shortly are no cuts", () => {
  const strobe = times(64, (index) => (index % 8 < 4 ? scene(1) : brighter(scene(1), 120)));
  assert.deepEqual(findCuts(filmOf(still(1), strobe, still(1))), []);
  assert.deepEqual(findCuts(filmOf([white], still(1))), []);
  assert.deepEqual(findCuts(filmOf(still(1), still(2, 7), still(1))), []);
  assert.deepEqual(findCuts(filmOf(still(1), still(2, 8), still(1))), [40, 48]);
});

test("[EN41] a cut with a flash shortly before or after it is still found", () => {
  assert.deepEqual(findCuts(filmOf(still(1), [white], still(1, 3), still(2))), [44]);
  assert.deepEqual(findCuts(filmOf(still(1), still(2, 3), [white], still(2))), [40]);
});

test("[EN42] a dissolve makes one border, and is whole in the longer shot", () => {
  for (const frames of [7, 11, 24, 40]) {
    const across = dissolve(scene(1), scene(2), frames);
    const [early, ...none] = findCuts(filmOf(still(1, 30), across, still(2, 90)));
    const [late, ...noneEither] = findCuts(filmOf(still(1, 90), across, still(2, 30)));
    assert.deepEqual([none, noneEither], [[], []]);
    assert.ok(early !== undefined && Math.abs(early - 30) <= 2, `${frames} frames: border ${early}`);
    assert.ok(late !== undefined && Math.abs(late - 90 - frames) <= 2, `${frames} frames: border ${late}`);
  }
});

test("[EN42] law: however long a dissolve is, no border is inside it", () => {
  const kind = fc.record({
    from: fc.nat(4),
    to: fc.integer({ min: 5, max: 9 }),
    frames: fc.integer({ min: 3, max: 80 }),
  });
  fc.assert(
    fc.property(kind, ({ from, to, frames }) => {
      const cuts = findCuts(filmOf(still(from), dissolve(scene(from), scene(to), frames), still(to)));
      const inside = cuts.filter((cut) => cut > 42 && cut < 40 + frames - 2);
      assert.deepEqual(inside, []);
    }),
    { seed: 42 },
  );
});

test("[EN42] a lamp turned up slowly makes no border: it is the same picture", () => {
  const dim = mixed(black, scene(1), 0.3);
  assert.deepEqual(
    findCuts(
      filmOf(
        times(40, () => dim),
        dissolve(dim, scene(1), 20),
        still(1),
      ),
    ),
    [],
  );
});

test("[EN42] a fade through black makes one border, where another picture appears; film ends make none", () => {
  const out = dissolve(scene(1), black, 12);
  const dark = times(5, () => black);
  const into = dissolve(black, scene(2), 12);
  assert.deepEqual(findCuts(filmOf(still(1), out, dark, into, still(2))), [57]);
  assert.deepEqual(findCuts(filmOf(still(1), out, dark, dissolve(black, scene(1), 12), still(1))), []);
  assert.deepEqual(
    findCuts(
      filmOf(
        times(20, () => black),
        into,
        still(2),
      ),
    ),
    [],
  );
  assert.deepEqual(
    findCuts(
      filmOf(
        still(1),
        out,
        times(20, () => black),
      ),
    ),
    [],
  );
});

test("[EN44] limits are values: with others the same frames have other cuts", () => {
  const film = told(filmOf(still(1), still(2)), 7, 5);
  const strict = detectorWith({ ...shotLimits, cut: { ...shotLimits.cut, certainScore: 5.5 } });
  assert.deepEqual([findCuts(film), strict(film)], [[40], []]);
});
