// What the rules from BBA-1 on are made of: reservoir, fast start, outage protection, calm; by hand and as laws.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { contextWith, films, filmWith } from "#test/fixtures/rule-films.ts";
import { fixedZones } from "./bba-map.ts";
import { at } from "./ladder.ts";
import { bba2, bba2Op, bbaOthers, type ChunkState, dynamicReservoirMs } from "./rule-bba.ts";
import type { Film } from "./types.ts";

const runs = { numRuns: 10_000, seed: 73 };

const hour = Array.from({ length: 900 }, () => 4000);

test("[PY72] a buffer of 240 s has the published zones", () => {
  assert.deepEqual(fixedZones(filmWith([235, 5000], hour), 240_000), { reservoirMs: 90_000, topMs: 216_000 });
  const reservoirs = [0.5, 1, 1.1, 1.25, 2].map((weight) => {
    const film = filmWith([235, 5000], hour, [weight]);
    return dynamicReservoirMs(film, { maxBufferMs: 240_000, topMs: 216_000 }, 0);
  });
  const wanted = [8000, 8000, 48_000, 120_000, 140_000];
  for (const [i, ms] of reservoirs.entries()) assert.ok(Math.abs(ms - at(wanted, i)) < 1e-6, `${ms}`);
});

test("[PY72] protection grows by 400 ms a segment while the buffer grows, below 180 s, up to 80 s", () => {
  const film = filmWith([235, 5000], hour);
  let state: ChunkState = { ...bba2Op.start(film, 240_000), startingUp: false };
  const after = (bufferMs: number): number => {
    state = bba2Op.decide(film, state, contextWith({ bufferMs })).state;
    return state.protectionMs;
  };
  assert.equal(after(10_000), 0);
  assert.equal(after(12_000), 400);
  assert.equal(after(11_000), 400);
  assert.equal(after(11_000), 400);
  assert.equal(after(13_000), 800);
  assert.equal(after(180_000), 800);
  assert.equal(after(170_000), 800);
  for (let i = 1; i <= 300; i++) after(100_000 + i);
  assert.equal(state.protectionMs, 80_000);
  // The reservoir is 8 s, and with protection 88 s.
  const because = bba2Op.explain(film, state, contextWith({ bufferMs: 87_000 }));
  assert.match(because, /inside the reservoir of 88\.0 s/);
  const sought = bba2Op.sought?.(film, state);
  assert.equal(sought?.protectionMs, 0);
  assert.equal(sought?.startingUp, true);
});

test("[PY73] law: segments cut in halves need the same reservoir", () => {
  fc.assert(
    fc.property(films, fc.integer({ min: 5000, max: 240_000 }), (film, maxBufferMs) => {
      const twice = <T>(list: readonly T[]): T[] => list.flatMap((one) => [one, one]);
      const halves: Film = {
        ladder: film.ladder,
        segments: {
          durationMs: twice(film.segments.durationMs).map((ms) => ms / 2),
          bits: twice(film.segments.bits).map((bits) => bits.map((size) => size / 2)),
          vmaf: undefined,
        },
      };
      // A window that the film does not fill ends with the film, however that is cut.
      const whole = film.segments.durationMs.reduce((sum, ms) => sum + ms, 0);
      const scale = { maxBufferMs: Math.max(maxBufferMs, whole), topMs: 1e9 };
      const found = dynamicReservoirMs(halves, scale, 0);
      assert.ok(Math.abs(found - dynamicReservoirMs(film, scale, 0)) < 1e-6);
    }),
    runs,
  );
});

test("[PY73] a segment of twice the length counts twice", () => {
  // At 100 kbit/s: 2 s of film need 3 s, then 4 s need 6 s, then 10 s need 5 s: 1 + 2 − 5. Only 2·3 s of film are looked at.
  const film: Film = {
    ...filmWith([100], [2000, 4000, 10_000]),
    segments: { durationMs: [2000, 4000, 10_000], bits: [[300_000], [600_000], [500_000]], vmaf: undefined },
  };
  assert.equal(dynamicReservoirMs(film, { maxBufferMs: 8000, topMs: 7000 }, 0), 3000);
  assert.equal(dynamicReservoirMs(film, { maxBufferMs: 3000, topMs: 1e9 }, 0), 1750);
  assert.equal(dynamicReservoirMs(film, { maxBufferMs: 6000, topMs: 1e9 }, 0), 2250);
});

test("[PY74] the start steps up for 8 times real time at an empty buffer, for less as it fills", () => {
  const film = filmWith([100, 3000], hour);
  const start = bba2.start(film, 240_000);
  const rungAfter = (tookMs: number, bufferMs: number): number => {
    const state = { ...start, bufferMs: 0, arrived: { tookMs, playsMs: 4000 } };
    return bba2.decide(film, state, contextWith({ bufferMs })).choice.rung;
  };
  assert.deepEqual([rungAfter(500, 0), rungAfter(499, 0)], [0, 1]);
  // Half-way to the cushion's end, 108 of 216 s: 0.6875 · 4 s are to be gained.
  assert.deepEqual([rungAfter(1250, 108_000), rungAfter(1249, 108_000)], [0, 1]);
});

test("[PY74] the start ends when the buffer shrinks or the map asks for more, and begins again after a seek", () => {
  const film = filmWith([100, 3000], hour);
  const state = { ...bba2.start(film, 240_000), bufferMs: 9000, arrived: { tookMs: 10, playsMs: 4000 } };
  const startingAt = (bufferMs: number): boolean =>
    bba2.decide(film, state, contextWith({ bufferMs })).state.startingUp;
  assert.deepEqual([startingAt(9000), startingAt(8999), startingAt(216_000)], [true, false, false]);
  const first = bba2.downloaded?.(film, state, {
    segment: 0,
    rung: 0,
    bits: 400_000,
    ms: 10,
    ttfbMs: 0,
    bufferAtRequestMs: 0,
    bufferMs: 4000,
    abandonedTo: undefined,
    replacement: false,
  });
  assert.equal(
    first?.arrived,
    undefined,
    "the first segment, asked for at an empty buffer, says nothing of growth",
  );
});

test("[PY75] law: the reservoir of BBA-Others never shrinks", () => {
  const buffers = fc.array(fc.double({ min: 0, max: 60_000, noNaN: true }), { minLength: 2, maxLength: 25 });
  fc.assert(
    fc.property(films, buffers, (film, levels) => {
      let state = bbaOthers.start(film, 60_000);
      for (const [i, bufferMs] of levels.entries()) {
        const segment = i % film.segments.durationMs.length;
        const maxRung = film.ladder.kbps.length - 1;
        const next = bbaOthers.decide(film, state, contextWith({ segment, bufferMs, maxRung })).state;
        assert.ok(next.longestReservoirMs >= state.longestReservoirMs);
        state = next;
      }
    }),
    runs,
  );
});

test("[PY75] BBA-Others waits when the segments ahead are large, though the next is small", () => {
  const film = filmWith([100, 1000], hour, [0.5, 1.5, 1.5, 1.5]);
  const calm = { ...bbaOthers.start(film, 240_000), startingUp: false };
  const quick = { ...bba2.start(film, 240_000), startingUp: false };
  // The reservoir is 480 s · 0.25 = 120 s, so that at 160 s f(B) = 125 + 1125 · 40 / 96 = 594 kbit/s: enough for the next
  // segment, which needs 500, but not for the 40 ahead, which need 1250.
  const eager = bba2.decide(film, quick, contextWith({ bufferMs: 160_000 }));
  const waits = bbaOthers.decide(film, calm, contextWith({ bufferMs: 160_000 }));
  assert.deepEqual([eager.choice.rung, waits.choice.rung], [1, 0]);
});
