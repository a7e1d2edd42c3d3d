import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Choice, type NamedRule, named, type Rule, type RuleSession } from "./rule.ts";
import { ruleNamed, rules } from "./rules.ts";
import { filmOfSizes, lastingFor } from "./sim-film.ts";
import { metricsOf } from "./sim-metrics.ts";
import { type Period, type Trace, traceOf } from "./sim-network.ts";
import { playSession, type Request, type SessionOrder } from "./sim-player.ts";
import type { Context, Film } from "./types.ts";

const runs = { numRuns: 10_000, seed: 35 };

interface Case {
  readonly film: Film;
  readonly periods: readonly Period[];
  readonly maxBufferMs: number;
  readonly row: (typeof rules)[number];
}

function filmWith(kbps: readonly number[], durationMs: readonly number[], weights: readonly number[]): Film {
  const read = filmOfSizes({
    segmentMs: 1,
    kbps,
    bits: durationMs.map((ms, i) => kbps.map((rate) => rate * ms * (weights[i % weights.length] ?? 1))),
  });
  assert.ok(read.kind === "film", JSON.stringify(read));
  return { ladder: read.film.ladder, segments: { ...read.film.segments, durationMs } };
}

const films: fc.Arbitrary<Film> = fc
  .record({
    lowest: fc.double({ min: 80, max: 500, noNaN: true }),
    steps: fc.array(fc.double({ min: 1.2, max: 2.5, noNaN: true }), { maxLength: 5 }),
    durations: fc.array(fc.integer({ min: 500, max: 6000 }), { minLength: 1, maxLength: 25 }),
    weights: fc.array(fc.double({ min: 0.4, max: 2, noNaN: true }), { minLength: 1, maxLength: 5 }),
  })
  .map(({ lowest, steps, durations, weights }) => {
    const kbps = [lowest];
    for (const step of steps) kbps.push((kbps.at(-1) ?? 1) * step);
    return filmWith(kbps, durations, weights);
  });

const networks = (latencyMs: fc.Arbitrary<number>): fc.Arbitrary<readonly Period[]> =>
  fc
    .array(
      fc.record({
        durationMs: fc.double({ min: 200, max: 9000, noNaN: true }),
        kbps: fc.oneof(
          { weight: 1, arbitrary: fc.constant(0) },
          { weight: 6, arbitrary: fc.double({ min: 30, max: 9000, noNaN: true }) },
        ),
        latencyMs,
      }),
      { minLength: 1, maxLength: 10 },
    )
    .filter((list) => list.some((period) => period.kbps > 0));

const casesWith = (latencyMs: fc.Arbitrary<number>): fc.Arbitrary<Case> =>
  fc
    .record({
      film: films,
      periods: networks(latencyMs),
      room: fc.double({ min: 1, max: 12, noNaN: true }),
      row: fc.constantFrom(...rules),
    })
    .map(({ film, periods, room, row }) => ({
      film,
      periods,
      maxBufferMs: room * Math.max(...film.segments.durationMs),
      row,
    }));
const cases = casesWith(fc.double({ min: 0, max: 400, noNaN: true }));

function traceFrom(periods: readonly Period[]): Trace {
  const reading = traceOf("trace", periods);
  assert.ok(reading.kind === "made", JSON.stringify(reading));
  return reading.trace;
}

function orderOf({ film, periods, maxBufferMs, row }: Case): SessionOrder {
  return { film, trace: traceFrom(periods), rule: row.rule, replacement: row.replacement, maxBufferMs };
}

function requestsOf(order: SessionOrder): Request[] {
  const requests: Request[] = [];
  playSession({ ...order, onRequest: (request) => requests.push({ ...request }) });
  return requests;
}

/** The same rule, with something done at every decision. */
function watched(
  rule: NamedRule,
  around: (session: RuleSession, context: Context) => RuleSession,
): NamedRule {
  return {
    name: rule.name,
    begin: (film, maxBufferMs) => {
      let session = rule.begin(film, maxBufferMs);
      return {
        name: session.name,
        watchesProgress: session.watchesProgress,
        patience: session.patience,
        decide: (context) => {
          session = around(session, context);
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
}

function sameRequests(found: readonly Request[], wanted: readonly Request[], withinMs: number): void {
  assert.deepEqual(
    found.map(({ segment, rung, abandonedTo }) => [segment, rung, abandonedTo]),
    wanted.map(({ segment, rung, abandonedTo }) => [segment, rung, abandonedTo]),
  );
  for (const [i, request] of found.entries()) {
    const other = wanted[i];
    assert.ok(
      other !== undefined && Math.abs(request.ms - other.ms) <= withinMs,
      `request ${i}: ${request.ms} ms`,
    );
  }
}

function close(found: number, wanted: number, what: string): void {
  const within = 1e-6 * Math.max(1, Math.abs(wanted));
  assert.ok(Math.abs(found - wanted) <= within, `${what}: ${found}, not ${wanted}`);
}

test("[PY30] law: a period cut in halves changes no session", () => {
  fc.assert(
    fc.property(cases, (one) => {
      const halves = one.periods.flatMap((period) => {
        const half = { ...period, durationMs: period.durationMs / 2 };
        return [half, half];
      });
      sameRequests(requestsOf(orderOf({ ...one, periods: halves })), requestsOf(orderOf(one)), 1e-5);
    }),
    runs,
  );
});

test("[PY32] law: start-up, film and stalls are the whole time, and what arrived is what the network carried", () => {
  fc.assert(
    fc.property(cases, (one) => {
      const requests: Request[] = [];
      const order = orderOf(one);
      const end = playSession({ ...order, onRequest: (request) => requests.push({ ...request }) });
      const { startupMs, stallMs, totalMs } = metricsOf(end);
      const filmMs = one.film.segments.durationMs.reduce((sum, ms) => sum + ms, 0);
      close(startupMs + filmMs + stallMs, totalMs, "time");
      close(end.playout.playedFilmMs, filmMs, "film played");
      for (const { sentMs, ttfbMs, ms, arrivedBits } of requests) {
        const carried = carriedBetween(one.periods, sentMs + ttfbMs, sentMs + ms);
        assert.ok(
          Math.abs(carried - arrivedBits) <= 1e-6 * arrivedBits + 1,
          `${arrivedBits} arrived of ${carried}`,
        );
      }
    }),
    runs,
  );
});

function carriedBetween(list: readonly Period[], fromMs: number, toMs: number): number {
  let begins = 0;
  let bits = 0;
  for (let i = 0; begins < toMs; i++) {
    const { durationMs = 1, kbps = 0 } = list[i % list.length] ?? {};
    bits += kbps * Math.max(0, Math.min(toMs, begins + durationMs) - Math.max(fromMs, begins));
    begins += durationMs;
  }
  return bits;
}

test("[PY33] law: the buffer never exceeds its maximum, and leaves room for the segment that is asked for", () => {
  fc.assert(
    fc.property(cases, (one) => {
      let decisions = 0;
      const rule = watched(one.row.rule, (session, context) => {
        decisions += 1;
        const length = one.film.segments.durationMs[context.segment] ?? 0;
        assert.ok(
          context.bufferMs <= one.maxBufferMs - length + 1e-6,
          `${context.bufferMs} ms at a decision`,
        );
        return session;
      });
      for (const { bufferMs } of requestsOf({ ...orderOf(one), rule })) {
        assert.ok(bufferMs <= one.maxBufferMs + 1e-6, `${bufferMs} ms in the buffer`);
      }
      assert.ok(decisions >= one.film.segments.durationMs.length - 1);
    }),
    runs,
  );
});

test("[PY34] law: four times the rates, sizes and capacities make the same decisions", () => {
  fc.assert(
    fc.property(casesWith(fc.constant(0)), (one) => {
      const { ladder, segments } = one.film;
      const larger: Case = {
        ...one,
        film: {
          ladder: { ...ladder, kbps: ladder.kbps.map((rate) => rate * 4) },
          segments: { ...segments, bits: segments.bits.map((sizes) => sizes.map((bits) => bits * 4)) },
        },
        periods: one.periods.map((period) => ({ ...period, kbps: period.kbps * 4 })),
      };
      // Without giving up: reports come after a fixed number of bits, which does not scale.
      const plain = { abandons: false, replacement: "none" } as const;
      sameRequests(
        requestsOf({ ...orderOf(larger), ...plain }),
        requestsOf({ ...orderOf(one), ...plain }),
        1e-6,
      );
    }),
    runs,
  );
});

test("[PY35] law: going on with a copy, or asking twice, is the same session", () => {
  fc.assert(
    fc.property(cases, fc.integer({ min: 1, max: 5 }), (one, every) => {
      const order = orderOf(one);
      const wanted = requestsOf(order);
      let asked = 0;
      const copied = watched(one.row.rule, (session, context) => {
        asked += 1;
        if (asked % every !== 0) return session;
        const copy = session.snapshot();
        // What happens to the one that is left behind must not reach the copy.
        session.decide(context);
        session.delayed(500);
        session.sought();
        return copy;
      });
      sameRequests(requestsOf({ ...order, rule: copied }), wanted, 0);
      const twice = watched(one.row.rule, (session, context) => {
        assert.deepEqual(session.decide(context), session.decide(context));
        return session;
      });
      sameRequests(requestsOf({ ...order, rule: twice }), wanted, 0);
    }),
    runs,
  );
});

test("[PY36] law: reports left out for a patient rule, and times added up in pieces, change no session", () => {
  const patient = rules.filter((row) => row.rule.begin(oneSegment, 1000).patience !== undefined);
  assert.ok(patient.length > 0);
  fc.assert(
    fc.property(cases, fc.constantFrom(...patient), (one, row) => {
      const order = orderOf({ ...one, row });
      const wanted = requestsOf(order);
      const impatient: NamedRule = {
        name: row.name,
        begin: (film, maxBufferMs) => {
          const session = row.rule.begin(film, maxBufferMs);
          return { ...session, patience: undefined };
        },
      };
      sameRequests(requestsOf({ ...order, rule: impatient }), wanted, 0);
      sameRequests(
        requestsOf({ ...order, abandons: false, arithmetic: "pieces" }),
        requestsOf({ ...order, abandons: false }),
        1e-5,
      );
    }),
    runs,
  );
});

const oneSegment = filmWith([300], [2000], [1]);
const twoRungs = filmWith(
  [200, 1000],
  Array.from({ length: 12 }, () => 2000),
  [1],
);
const steady = traceFrom([{ durationMs: 60_000, kbps: 2000, latencyMs: 0 }]);

function always(rung: number, more: Partial<Rule<null>> = {}): NamedRule {
  return named<null>({
    name: "always",
    start: () => null,
    decide: (_film, state) => ({ choice: { rung, waitMs: 0 } satisfies Choice, state }),
    explain: () => "As it was told.",
    ...more,
  });
}

test("[PY38] a request given up leaves the estimate as it was, and a rule that never lets one end is not asked for ever", () => {
  let asked = 0;
  const stubborn = always(1, {
    progressed: () => {
      asked += 1;
      return 0;
    },
  });
  const trace = traceFrom([{ durationMs: 60_000, kbps: 1000, latencyMs: 0 }]);
  const requests = requestsOf({ film: lastingFor(twoRungs, 4000), trace, rule: stubborn, maxBufferMs: 9000 });
  assert.equal(requests.length, 1 + 10_000 + 1);
  assert.equal(asked, 10_000);
  assert.ok(requests.every((request, i) => i === 0 || Math.abs((request.estimateKbps ?? 0) - 1000) < 1e-9));
  assert.deepEqual(requests.at(-1)?.abandonedTo, undefined);
});

test("[PY39] fast switching fetches later segments of lower rungs again, and leaves the next one and a half alone", () => {
  const upAfterFour = named<number>({
    name: "up after four",
    start: () => 0,
    decide: (_film, decided) => ({ choice: { rung: decided < 4 ? 0 : 1, waitMs: 0 }, state: decided + 1 }),
    explain: () => "Low at first.",
  });
  const order = { film: twoRungs, trace: steady, rule: upAfterFour, maxBufferMs: 60_000 };
  const plain = requestsOf(order);
  const fast = requestsOf({ ...order, replacement: "left" });
  assert.deepEqual(
    plain.map(({ segment }) => segment),
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
  );
  // Segments 0 to 4 lie ready at rung 0 after 1 s (200 ms each), and 0.8 s of segment 0 are over: 2 is the first that may be
  // replaced, in 1 s. Of segment 0 1.8 s are over then: 3 is the first. After that 1 plays, and 3 is the first but done.
  assert.deepEqual(
    fast.slice(5, 9).map(({ segment, rung, replacement }) => [segment, rung, replacement]),
    [
      [2, 1, true],
      [3, 1, true],
      [4, 1, true],
      [5, 1, false],
    ],
  );
});

test("[PY39] a replacement is given up when its segment's time has come", () => {
  const trace = traceFrom([
    { durationMs: 1000, kbps: 2000, latencyMs: 0 },
    { durationMs: 60_000, kbps: 200, latencyMs: 0 },
  ]);
  const upAfterFour = named<number>({
    name: "up after four",
    start: () => 0,
    decide: (_film, decided) => ({ choice: { rung: decided < 4 ? 0 : 1, waitMs: 0 }, state: decided + 1 }),
    explain: () => "Low at first.",
  });
  const requests = requestsOf({
    film: twoRungs,
    trace,
    rule: upAfterFour,
    maxBufferMs: 60_000,
    replacement: "left",
  });
  const givenUp = requests.find((request) => request.replacement);
  assert.equal(givenUp?.segment, 2);
  assert.equal(givenUp?.abandonedTo, -1);
  // 9.2 s lie ready, segment 2 begins in 3.2 s; reports come every 60 ms (12,000 bits at 200 kbit/s).
  assert.ok(givenUp !== undefined && Math.abs(givenUp.ms - 3240) < 1e-6, `${givenUp?.ms} ms`);
});

test("[PY40] a jump empties the buffer and goes on with the segment at the new position", () => {
  let sought = 0;
  const since: number[] = [];
  const rule = always(0, {
    sought: (_film, state) => {
      sought += 1;
      return state;
    },
    decide: (_film, state, context) => {
      since.push(context.sinceSeek);
      return { choice: { rung: 0, waitMs: 0 }, state };
    },
  });
  const requests = requestsOf({
    film: twoRungs,
    trace: steady,
    rule,
    maxBufferMs: 60_000,
    jumps: [{ whenMs: 6000, toMs: 17_000 }],
  });
  assert.deepEqual(
    requests.map(({ segment }) => segment),
    [0, 1, 2, 8, 9, 10, 11],
  );
  assert.equal(requests[3]?.bufferAtRequestMs, 0);
  assert.equal(sought, 1);
  assert.deepEqual(since, [0, 1, 0, 1, 2, 3]);
});

test("[PY41] an unknown rule is told with those that are known", () => {
  const naming = ruleNamed("Throughput ");
  assert.equal(naming.kind === "known" && naming.row.name, "throughput");
  assert.deepEqual(ruleNamed("thruput"), {
    kind: "unknown",
    name: "thruput",
    known: rules.map((row) => row.name),
  });
  assert.equal(new Set(rules.map((row) => row.name)).size, rules.length);
});

test("[PY42] law: every rule chooses within its caps and says why in at most 400 characters", () => {
  const contexts = fc.record({
    estimate: fc.option(fc.double({ min: 0, max: 1e6, noNaN: true }), { nil: undefined }),
    latencyMs: fc.double({ min: 0, max: 9000, noNaN: true }),
    buffer: fc.double({ min: 0, max: 1, noNaN: true }),
    caps: fc.tuple(fc.nat(5), fc.nat(5)),
    last: fc.option(fc.nat(5), { nil: undefined }),
  });
  const named42 = rules.filter((row) => row.name === "rmin" || row.name === "throughput");
  assert.equal(named42.length, 2);
  fc.assert(
    fc.property(cases, contexts, fc.constantFrom(...named42), (one, drawn, row) => {
      const top = one.film.ladder.kbps.length - 1;
      const [a, b] = drawn.caps.map((cap) => Math.min(cap, top));
      const context: Context = {
        segment: 0,
        bufferMs: drawn.buffer * one.maxBufferMs,
        maxBufferMs: one.maxBufferMs,
        lastRung: drawn.last === undefined ? undefined : Math.min(drawn.last, top),
        estimateKbps: drawn.estimate,
        latencyMs: drawn.latencyMs,
        minRung: Math.min(a ?? 0, b ?? 0),
        maxRung: Math.max(a ?? 0, b ?? 0),
        sinceSeek: 0,
      };
      const session = row.rule.begin(one.film, one.maxBufferMs);
      const { rung, waitMs } = session.decide(context);
      assert.ok(Number.isInteger(rung) && rung >= context.minRung && rung <= context.maxRung, `rung ${rung}`);
      assert.ok(waitMs >= 0 && Number.isFinite(waitMs));
      const because = session.explain(context);
      assert.ok(because.length > 0 && because.length <= 400, because);
    }),
    runs,
  );
});

test("[PY43] a film is cut or repeated to a length, in whole segments", () => {
  const film = filmWith([100, 200], [2000, 3000], [1]);
  assert.deepEqual(lastingFor(film, 4000).segments.durationMs, [2000, 3000]);
  assert.deepEqual(lastingFor(film, 2000).segments.durationMs, [2000]);
  assert.deepEqual(lastingFor(film, 5001).segments.durationMs, [2000, 3000, 2000]);
  assert.deepEqual(lastingFor(film, 5001).segments.bits[2], film.segments.bits[0]);
});
