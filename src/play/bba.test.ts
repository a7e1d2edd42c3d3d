import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decide, mappedRung } from "./bba.ts";
import { safeBits } from "./budget.ts";
import { at } from "./ladder.ts";
import { rateAt, rateMap } from "./rate-map.ts";
import type { Context, Film } from "./types.ts";

const runs = { numRuns: 3000, seed: 7 };

/** Films with 1–6 rungs and 1–40 segments of uneven length and size. */
const films: fc.Arbitrary<Film> = fc
  .record({
    first: fc.integer({ min: 50, max: 500 }),
    steps: fc.array(fc.double({ min: 1.2, max: 2.5, noNaN: true }), { maxLength: 5 }),
    durations: fc.array(fc.integer({ min: 500, max: 6000 }), { minLength: 1, maxLength: 40 }),
    weight: fc.double({ min: 0.4, max: 2, noNaN: true }),
    scored: fc.boolean(),
  })
  .map(({ first, steps, durations, weight, scored }) => {
    const kbps = [first];
    for (const step of steps) kbps.push(at(kbps, kbps.length - 1) * step);
    return filmWith(kbps, durations, (segment) => (segment % 2 === 0 ? weight : 2 - weight), scored);
  });

function filmWith(
  kbps: readonly number[],
  durationMs: readonly number[],
  weight: (segment: number) => number,
  scored = false,
): Film {
  return {
    ladder: {
      kbps,
      heights: kbps.map((_, rung) => 180 * (rung + 1)),
      names: kbps.map((_, rung) => `${180 * (rung + 1)}p`),
      ids: kbps.map((_, rung) => `v${rung}`),
    },
    segments: {
      durationMs,
      bits: durationMs.map((ms, segment) => kbps.map((rate) => Math.max(1, rate * ms * weight(segment)))),
      vmaf: scored ? durationMs.map((_, s) => kbps.map((_, q) => 60 + q * (s % 3) * 0.6)) : undefined,
    },
  };
}

const steadyContext: Context = {
  segment: 3,
  bufferMs: 30_000,
  maxBufferMs: 60_000,
  lastRung: 1,
  estimateKbps: 50_000,
  latencyMs: 0,
  minRung: 0,
  maxRung: 2,
  sinceSeek: 5,
};
const minute = Array.from({ length: 60 }, () => 4000);

const moments = films.chain((film) => {
  const top = film.ladder.kbps.length - 1;
  return fc
    .record({
      segment: fc.integer({ min: 0, max: film.segments.durationMs.length - 1 }),
      maxBufferMs: fc.integer({ min: 2000, max: 240_000 }),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
      lastRung: fc.option(fc.integer({ min: 0, max: top }), { nil: undefined }),
      estimateKbps: fc.option(fc.double({ min: 0, max: 1e5, noNaN: true }), { nil: undefined }),
      latencyMs: fc.integer({ min: 0, max: 2000 }),
      sinceSeek: fc.integer({ min: 0, max: 20 }),
      caps: fc.tuple(fc.integer({ min: 0, max: top }), fc.integer({ min: 0, max: top })),
    })
    .map(({ share, caps, ...rest }) => ({
      film,
      context: {
        ...rest,
        bufferMs: share * rest.maxBufferMs,
        minRung: Math.min(...caps),
        maxRung: Math.max(...caps),
      } satisfies Context,
    }));
});

test("[PY4] a decision is a rung within its caps, its wait finite and not negative", () => {
  fc.assert(
    fc.property(moments, ({ film, context }) => {
      const made = decide(film, context);
      assert.ok(made.rung >= context.minRung && made.rung <= context.maxRung);
      assert.ok(Number.isInteger(made.rung));
      assert.ok(Number.isFinite(made.waitMs) && made.waitMs >= 0);
    }),
    runs,
  );
});

test("[PY5] more buffer never lowers the map or the choice", () => {
  fc.assert(
    fc.property(moments, fc.integer({ min: 0, max: 30_000 }), ({ film, context }, extra) => {
      const richer = { ...context, bufferMs: context.bufferMs + extra };
      const map = rateMap(film, context.maxBufferMs);
      assert.ok(mappedRung(film.ladder, map, richer) >= mappedRung(film.ladder, map, context));
      assert.ok(decide(film, richer).rung >= decide(film, context).rung);
    }),
    runs,
  );
});

test("[PY5] a faster network never lowers the choice", () => {
  fc.assert(
    fc.property(moments, fc.double({ min: 1, max: 20, noNaN: true }), ({ film, context }, faster) => {
      const quick = { ...context, estimateKbps: (context.estimateKbps ?? 0) * faster };
      assert.ok(decide(film, quick).rung >= decide(film, context).rung);
    }),
    runs,
  );
});

test("[PY6] in the reservoir the map is lowest, beyond the cushion highest, unmeasured the choice is lowest", () => {
  fc.assert(
    fc.property(moments, ({ film, context }) => {
      const map = rateMap(film, context.maxBufferMs);
      assert.ok(map.reservoirMs > 0 && map.reservoirMs < map.topMs);
      const low = { ...context, bufferMs: map.reservoirMs };
      const high = { ...context, bufferMs: map.topMs };
      assert.equal(mappedRung(film.ladder, map, low), context.minRung);
      assert.equal(mappedRung(film.ladder, map, high), context.maxRung);
      assert.equal(decide(film, { ...high, estimateKbps: undefined }).rung, context.minRung);
    }),
    runs,
  );
});

test("[PY7] while f(B) lies between the rates beside the last rung, the map stays", () => {
  const ladders = fc.array(fc.double({ min: 1.2, max: 2.5, noNaN: true }), { minLength: 2, maxLength: 5 });
  const share = fc.double({ min: 0.001, max: 0.999, noNaN: true });
  fc.assert(
    fc.property(ladders, fc.nat(), share, (steps, pick, between) => {
      const kbps = [300];
      for (const step of steps) kbps.push(at(kbps, kbps.length - 1) * step);
      const film = filmWith(kbps, minute, () => 1);
      const top = kbps.length - 1;
      const lastRung = 1 + (pick % (top - 1));
      const rate = at(kbps, lastRung - 1) + between * (at(kbps, lastRung + 1) - at(kbps, lastRung - 1));
      const map = rateMap(film, 60_000);
      const part = (rate - at(kbps, 0)) / (at(kbps, top) - at(kbps, 0));
      const bufferMs = map.reservoirMs + part * (map.topMs - map.reservoirMs);
      const context: Context = { ...steadyContext, maxRung: top, lastRung, bufferMs };
      assert.ok(Math.abs(rateAt(film.ladder, map, bufferMs) - rate) < 1e-6 * rate);
      assert.equal(mappedRung(film.ladder, map, context), lastRung);
    }),
    runs,
  );
});

test("[PY9] asked twice, it answers the same", () => {
  fc.assert(
    fc.property(moments, ({ film, context }) =>
      assert.deepEqual(decide(film, context), decide(film, structuredClone(context))),
    ),
    { ...runs, numRuns: 500 },
  );
});

test("[PY11] above the lowest rung, a segment's real size is safe to arrive in time", () => {
  fc.assert(
    fc.property(moments, ({ film, context }) => {
      const { rung } = decide(film, context);
      if (rung === context.minRung) return;
      const size = at(at(film.segments.bits, context.segment), rung);
      assert.ok(size <= safeBits(context, context.estimateKbps ?? 0));
    }),
    runs,
  );
});

test("[PY10] a rung that adds less than 1 VMAF is not taken, and not switched to", () => {
  const film = filmWith([500, 1200, 2600], minute, () => 1);
  const withScores = (scores: readonly number[]): Film => ({
    ...film,
    segments: { ...film.segments, vmaf: minute.map(() => scores) },
  });
  assert.equal(decide(withScores([80, 94, 94.9]), steadyContext).rung, 1);
  assert.equal(decide(withScores([80, 90, 95]), steadyContext).rung, 2);
  assert.equal(decide(withScores([94, 94.2, 94.9]), steadyContext).rung, 1, "the last rung is good enough");
  assert.equal(decide(withScores([94, 94.2, 94.9]), { ...steadyContext, lastRung: undefined }).rung, 0);
});

test("[PY13] the sentence says buffer, f(B) and the rates beside", () => {
  const film = filmWith([500, 1200, 2600], minute, () => 1);
  const said = decide(film, { ...steadyContext, bufferMs: 36_000, estimateKbps: 1400 }).because;
  assert.equal(said, "buffer 36.0 s, f(B) = 1.4 Mbit/s lies between rate− 0.50 and rate+ 2.6 → stay at 360p");
});

test("[PY13] the sentence says what throughput, size and quality changed", () => {
  const film = filmWith([500, 1200, 2600], minute, (segment) => (segment === 3 ? 2 : 1));
  const said = decide(film, { ...steadyContext, bufferMs: 4100, estimateKbps: 6600 }).because;
  assert.match(
    said,
    /inside the reservoir of 22\.5 s; 0\.8 · 6\.6 Mbit\/s carry 540p; segment 4 at 540p is 20\.8 Mbit/,
  );
  assert.match(said, /→ stay at 360p$/);
});

test("[PY13] every sentence fits a beacon", () => {
  fc.assert(
    fc.property(moments, ({ film, context }) => {
      const { because, rung } = decide(film, context);
      assert.ok(because.length <= 400, because);
      assert.ok(because.endsWith(at(film.ladder.names, rung)), because);
      assert.doesNotMatch(because, /NaN|undefined|Infinity/);
    }),
    runs,
  );
});

/** Plays a film at constant bandwidth with the rule's own waits; the smallest simulator that can contradict it. */
function playThrough(film: Film, maxBufferMs: number, kbps: number) {
  const course = { bufferMs: 0, stallMs: 0, rungs: [] as number[], highest: 0, atDecision: 0 };
  for (const [segment, duration] of film.segments.durationMs.entries()) {
    const context: Context = {
      segment,
      bufferMs: course.bufferMs,
      maxBufferMs,
      lastRung: course.rungs.at(-1),
      estimateKbps: segment === 0 ? undefined : kbps,
      latencyMs: 0,
      minRung: 0,
      maxRung: film.ladder.kbps.length - 1,
      sinceSeek: segment,
    };
    const made = decide(film, context);
    course.bufferMs = Math.max(0, course.bufferMs - made.waitMs);
    course.atDecision = Math.max(course.atDecision, course.bufferMs + duration);
    const ms = at(at(film.segments.bits, segment), made.rung) / kbps;
    if (segment > 0) course.stallMs += Math.max(0, ms - course.bufferMs);
    course.bufferMs = Math.max(0, course.bufferMs - ms) + duration;
    course.highest = Math.max(course.highest, course.bufferMs);
    course.rungs.push(made.rung);
  }
  return course;
}

test("[PY8] held back as it asks, the buffer never exceeds its maximum", () => {
  fc.assert(
    fc.property(
      films,
      fc.integer({ min: 12_000, max: 90_000 }),
      fc.integer({ min: 100, max: 100_000 }),
      (film, maxBufferMs, kbps) => {
        const course = playThrough(film, maxBufferMs, kbps);
        assert.ok(course.highest <= maxBufferMs + 1e-6);
        assert.ok(course.atDecision <= maxBufferMs + 1e-6);
      },
    ),
    { ...runs, numRuns: 1000 },
  );
});

test("[PY14] constant bandwidth, constant sizes: no stall after the first segment, and the choice settles", () => {
  const long = Array.from({ length: 300 }, () => 4000);
  const film = filmWith([300, 600, 1200, 2400, 4800], long, () => 1);
  for (const kbps of [310, 500, 700, 1100, 1900, 3000, 4700, 6100, 40_000]) {
    const course = playThrough(film, 60_000, kbps);
    assert.equal(course.stallMs, 0, `${kbps} kbit/s stalls`);
    const settled = course.rungs.slice(150);
    const switches = settled.filter((rung, i) => i > 0 && rung !== settled[i - 1]).length;
    assert.ok(switches <= 1, `${kbps} kbit/s: ${switches} switches in the last ten minutes`);
  }
});
