import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Moment, moments } from "#test/fixtures/bola-moments.ts";
import {
  bestRung,
  longestSegment,
  maxLevel,
  minLevel,
  plainWorth,
  rungToFleeTo,
  scoreOf,
  type Worth,
} from "./bola.ts";
import { at } from "./ladder.ts";
import { type BolaEState, bolaE } from "./rule-bola-e.ts";

const runs = { numRuns: 10_000, seed: 50 };
const enhanced = bolaE({ name: "e", guard: "wait", insufficientBufferRule: true });

/** Plain BOLA's worth and BOLA-E's. */
function worths({ film, context }: Moment): readonly Worth[] {
  const started: BolaEState = enhanced.start(film, context.maxBufferMs);
  return [plainWorth(film.ladder, longestSegment(film), context.maxBufferMs, 0), started.worth];
}

test("[PY50] the rung with the highest score is chosen, and the lowest of equals", () => {
  fc.assert(
    fc.property(moments, ({ film, context }) => {
      for (const worth of worths({ film, context })) {
        const best = bestRung(film.ladder, worth, context.bufferMs, context);
        const scores = film.ladder.kbps.map((_, rung) => scoreOf(film.ladder, worth, rung, context.bufferMs));
        const allowed = scores.slice(context.minRung, context.maxRung + 1);
        assert.equal(best, context.minRung + allowed.indexOf(Math.max(...allowed)));
      }
    }),
    runs,
  );
});

test("[PY50] the score by hand: (V·(ln(R/R0) + 5) − B) / R", () => {
  const ladder = { kbps: [500, 1000], heights: [], names: [], ids: [] };
  const worth = plainWorth(ladder, 3000, 25_000, 0);
  assert.ok(Math.abs(worth.vMs - 22_000 / (Math.log(2) + 5)) < 1e-9);
  assert.ok(Math.abs(scoreOf(ladder, worth, 1, 10_000) - 12) < 1e-9);
  assert.ok(
    Math.abs(scoreOf(ladder, worth, 0, 10_000) - ((5 * 22_000) / (Math.log(2) + 5) - 10_000) / 500) < 1e-9,
  );
});

test("[PY51] V is above 0, minLevel below maxLevel, and from minLevel on a rung beats every lower one", () => {
  fc.assert(
    fc.property(moments, (moment) => {
      const { ladder } = moment.film;
      for (const worth of worths(moment)) {
        assert.ok(worth.vMs > 0 && Number.isFinite(worth.vMs));
        for (const rung of ladder.kbps.keys()) {
          const from = minLevel(ladder, worth, rung);
          assert.ok(from < maxLevel(worth, rung), `rung ${rung}: ${from} to ${maxLevel(worth, rung)}`);
          for (let below = 0; below < rung; below++) {
            const margin = scoreOf(ladder, worth, rung, from + 1) - scoreOf(ladder, worth, below, from + 1);
            assert.ok(margin > 0, `at ${from} ms rung ${rung} loses to ${below}`);
          }
          if (from <= 1) continue;
          const before = bestRung(ladder, worth, from - 1, { minRung: 0, maxRung: rung });
          assert.ok(before < rung, `before ${from} ms a lower rung wins`);
        }
      }
    }),
    { ...runs, numRuns: 2000 },
  );
});

test("[PY52] downloads that begin at a score of 0 or more keep the buffer within V·w_top + p", () => {
  const speeds = fc.array(fc.double({ min: 10, max: 1e5, noNaN: true }), { minLength: 1, maxLength: 10 });
  const vs = fc.double({ min: 1, max: 20_000, noNaN: true });
  fc.assert(
    fc.property(moments, speeds, fc.option(vs, { nil: undefined }), ({ film, context }, kbps, vMs) => {
      const longest = longestSegment(film);
      const largest = plainWorth(film.ladder, longest, context.maxBufferMs, 0);
      const worth = vMs === undefined ? largest : { ...largest, vMs };
      const top = film.ladder.kbps.length - 1;
      const bound = maxLevel(worth, top) + longest;
      if (vMs === undefined) assert.ok(bound <= Math.max(2 * longest, context.maxBufferMs) + 1e-6);
      let level = 0;
      for (const [segment, duration] of film.segments.durationMs.entries()) {
        level = Math.min(level, maxLevel(worth, top));
        const rung = bestRung(film.ladder, worth, level, { minRung: 0, maxRung: top });
        assert.ok(scoreOf(film.ladder, worth, rung, level) >= -1e-9);
        level =
          Math.max(0, level - at(at(film.segments.bits, segment), rung) / at(kbps, segment % kbps.length)) +
          duration;
        assert.ok(level <= bound + 1e-6, `${level} ms lie ready, the bound is ${bound}`);
      }
    }),
    runs,
  );
});

test("[PY62] a request is given up only for a lower rung, smaller than what is left of it and with a higher score", () => {
  const under = fc.record({ pick: fc.nat(), left: fc.double({ min: 0.001, max: 1, noNaN: true }) });
  let fled = 0;
  fc.assert(
    fc.property(moments, under, ({ film, context }, { pick, left }) => {
      const { ladder } = film;
      const rung = pick % ladder.kbps.length;
      const bits = at(at(film.segments.bits, context.segment), rung);
      const leftBits = bits * left;
      for (const worth of worths({ film, context })) {
        const levelMs = context.bufferMs;
        const to = rungToFleeTo(ladder, worth, { rung, bits, leftBits, levelMs });
        const left = (maxLevel(worth, rung) - levelMs) / leftBits;
        const better = [...ladder.kbps.keys()].filter((other) => {
          const size = (bits * at(ladder.kbps, other)) / at(ladder.kbps, rung);
          return other < rung && size < leftBits && (maxLevel(worth, other) - levelMs) / size > left;
        });
        fled += to === undefined ? 0 : 1;
        if (left < 0 || better.length === 0) assert.equal(to, undefined);
        else assert.ok(to !== undefined && better.includes(to));
      }
    }),
    runs,
  );
  assert.ok(fled > 100, `only ${fled} of the moments fled`);
});
