// The default rule over whole sessions: it settles, it never overfills, and a session that was interrupted goes on as if not.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { filmWith, ladders } from "#test/fixtures/default-moments.ts";
import { at } from "./ladder.ts";
import { type NamedRule, named } from "./rule.ts";
import { defaultRule } from "./rule-default.ts";
import { metricsOf } from "./sim-metrics.ts";
import { type Period, type Trace, traceOf } from "./sim-network.ts";
import { playSession, type Request } from "./sim-player.ts";
import type { Film } from "./types.ts";

const runs = { numRuns: 10_000, seed: 125 };
const rule = named(defaultRule);

function trace(periods: readonly Period[]): Trace {
  const made = traceOf("law", periods);
  assert.ok(made.kind === "made");
  return made.trace;
}

const periods = fc.array(
  fc.record({
    durationMs: fc.integer({ min: 200, max: 20_000 }),
    kbps: fc.integer({ min: 1, max: 20_000 }),
    latencyMs: fc.integer({ min: 0, max: 300 }),
  }),
  { minLength: 1, maxLength: 8 },
);

interface Played {
  readonly rungs: readonly number[];
  readonly requests: readonly Readonly<Request>[];
  readonly stallMs: number;
}

function play(film: Film, over: Trace, maxBufferMs: number, by: NamedRule = rule): Played {
  const requests: Request[] = [];
  const end = playSession({
    film,
    trace: over,
    rule: by,
    maxBufferMs,
    onRequest: (request) => requests.push({ ...request }),
  });
  return {
    rungs: Array.from(end.playout.rungs),
    requests,
    stallMs: metricsOf(end).stallMs,
  };
}

test("[PY125] over a steady network the choice settles: after 5 minutes at most one switch in 10, and no stall", () => {
  const quarterHour = Array.from({ length: 90 }, () => 10_000);
  fc.assert(
    fc.property(
      ladders,
      fc.double({ min: 1, max: 3, noNaN: true }),
      fc.integer({ min: 0, max: 5 }),
      fc.integer({ min: 21_000, max: 240_000 }),
      (kbps, above, pick, maxBufferMs) => {
        const film = filmWith(kbps, quarterHour);
        const rate = above * at(kbps, pick % kbps.length);
        const { rungs, stallMs } = play(
          film,
          trace([{ durationMs: 1000, kbps: rate, latencyMs: 0 }]),
          maxBufferMs,
        );
        const settled = rungs.slice(30);
        assert.ok(settled.filter((rung, i) => i > 0 && rung !== at(settled, i - 1)).length <= 1);
        assert.ok(stallMs < 1e-6, `${stallMs} ms of stall`);
      },
    ),
    runs,
  );
});

test("[PY126] the buffer never exceeds its maximum, and a choice sees at most the maximum less one segment", () => {
  fc.assert(
    fc.property(ladders, periods, fc.integer({ min: 8000, max: 120_000 }), (kbps, list, maxBufferMs) => {
      const film = filmWith(
        kbps,
        Array.from({ length: 40 }, (_, i) => 2000 + 500 * (i % 5)),
      );
      const { requests } = play(film, trace(list), maxBufferMs);
      for (const request of requests) {
        assert.ok(request.bufferMs <= maxBufferMs + 1e-6);
        const ms = at(film.segments.durationMs, request.segment);
        assert.ok(request.bufferAtRequestMs <= maxBufferMs - ms + 1e-6);
      }
    }),
    runs,
  );
});

test("[PY123] a session kept and restored at every step plays as one that was not interrupted", () => {
  const interrupted: NamedRule = {
    name: "interrupted",
    begin: (film, maxBufferMs) => {
      let session = rule.begin(film, maxBufferMs);
      return {
        ...session,
        decide: (context) => {
          session.decide({ ...context, bufferMs: 0 });
          session = session.snapshot();
          session.decide(context);
          session = session.snapshot();
          return session.decide(context);
        },
        explain: (context) => session.explain(context),
        downloaded: (download) => session.downloaded(download),
        delayed: (ms) => session.delayed(ms),
        sought: () => session.sought(),
        progressed: (progress) => session.progressed(progress),
        snapshot: () => session.snapshot(),
      };
    },
  };
  fc.assert(
    fc.property(ladders, periods, fc.integer({ min: 8000, max: 120_000 }), (kbps, list, maxBufferMs) => {
      const film = filmWith(
        kbps,
        Array.from({ length: 25 }, () => 3000),
        (i) => 0.6 + 0.2 * (i % 5),
      );
      const whole = play(film, trace(list), maxBufferMs);
      assert.deepEqual(play(film, trace(list), maxBufferMs, interrupted), whole);
    }),
    runs,
  );
});

test("[PY136] one rung, a buffer shorter than two segments, a film of one segment: sessions end", () => {
  const over = trace([
    { durationMs: 5000, kbps: 3000, latencyMs: 50 },
    { durationMs: 5000, kbps: 0, latencyMs: 50 },
  ]);
  const minute = Array.from({ length: 15 }, () => 4000);
  assert.deepEqual(new Set(play(filmWith([800], minute), over, 20_000).rungs), new Set([0]));
  assert.equal(play(filmWith([500, 1000, 2000], minute), over, 5000).rungs.length, 15);
  assert.deepEqual(play(filmWith([500, 1000], [4000]), over, 20_000).rungs, [0]);
});

test("[PY137] a network with much to spare reaches the top with the second segment", () => {
  const film = filmWith(
    [500, 1000, 2000, 4000],
    Array.from({ length: 30 }, () => 4000),
  );
  const { rungs } = play(film, trace([{ durationMs: 1000, kbps: 40_000, latencyMs: 20 }]), 60_000);
  assert.deepEqual(rungs.slice(0, 3), [0, 3, 3]);
});
