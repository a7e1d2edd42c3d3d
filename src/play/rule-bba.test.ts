// Laws of the buffer-based rules and of HYB, over drawn films and moments. What holds of every rule is in sim-player.test.ts.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Curve, fixedZones, linear, logarithmic, mappedRung } from "./bba-map.ts";
import { at } from "./ladder.ts";
import { named, type Rule } from "./rule.ts";
import {
  bba0,
  bba1,
  bba2,
  bba2Op,
  bbaLog,
  bbaOthers,
  type ChunkState,
  dynamicReservoirMs,
  nominal,
} from "./rule-bba.ts";
import { hybO, hybU } from "./rule-hyb.ts";
import { mpc, robustMpc } from "./rule-mpc.ts";
import { metricsOf } from "./sim-metrics.ts";
import { traceOf } from "./sim-network.ts";
import { playSession, type Request } from "./sim-player.ts";
import type { Context, Film, RateMap } from "./types.ts";

const runs = { numRuns: 10_000, seed: 65 };

function filmWith(
  kbps: readonly number[],
  durationMs: readonly number[],
  weights: readonly number[] = [1],
): Film {
  const names = kbps.map((rate) => `${rate.toFixed(0)} kbit/s`);
  return {
    ladder: { kbps, heights: kbps.map(() => 0), names, ids: names },
    segments: {
      durationMs,
      bits: durationMs.map((ms, i) => kbps.map((rate) => rate * ms * at(weights, i % weights.length))),
      vmaf: undefined,
    },
  };
}

const ladders = (leastStep: number, mostStep: number): fc.Arbitrary<readonly number[]> =>
  fc
    .tuple(
      fc.double({ min: 80, max: 500, noNaN: true }),
      fc.array(fc.double({ min: leastStep, max: mostStep, noNaN: true }), { maxLength: 6 }),
    )
    .map(([lowest, steps]) => {
      const kbps = [lowest];
      for (const step of steps) kbps.push((kbps.at(-1) ?? 1) * step);
      return kbps;
    });

const films: fc.Arbitrary<Film> = fc
  .tuple(
    ladders(1.1, 2.5),
    fc.array(fc.integer({ min: 500, max: 6000 }), { minLength: 1, maxLength: 25 }),
    fc.array(fc.double({ min: 0.4, max: 2, noNaN: true }), { minLength: 1, maxLength: 5 }),
  )
  .map(([kbps, durations, weights]) => filmWith(kbps, durations, weights));

interface Moment {
  readonly film: Film;
  readonly context: Context;
}

const moments: fc.Arbitrary<Moment> = films.chain((film) => {
  const top = film.ladder.kbps.length - 1;
  const rung = fc.integer({ min: 0, max: top });
  return fc
    .record({
      segment: fc.integer({ min: 0, max: film.segments.durationMs.length - 1 }),
      maxBufferMs: fc.integer({ min: 1000, max: 300_000 }),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
      lastRung: fc.option(rung, { nil: undefined }),
      estimateKbps: fc.option(fc.double({ min: 1, max: 20_000, noNaN: true }), { nil: undefined }),
      latencyMs: fc.integer({ min: 0, max: 1000 }),
      sinceSeek: fc.integer({ min: 0, max: 20 }),
      caps: fc.tuple(rung, rung),
    })
    .map(({ share, caps, ...rest }) => ({
      film,
      context: {
        ...rest,
        bufferMs: share * rest.maxBufferMs,
        minRung: Math.min(...caps),
        maxRung: Math.max(...caps),
      },
    }));
});

const fixedMaps: readonly { readonly rule: Rule<RateMap>; readonly curve: Curve }[] = [
  { rule: bba0, curve: linear },
  { rule: bbaLog, curve: logarithmic },
];
const chunkMaps: readonly Rule<ChunkState>[] = [bba1, bba2, bba2Op, bbaOthers];
const hybs = [hybO, hybU];

/** The rung that a rule chooses from its start state. */
function freshRung<State>(rule: Rule<State>, { film, context }: Moment): number {
  return rule.decide(film, rule.start(film, context.maxBufferMs), context).choice.rung;
}

function withContext(moment: Moment, change: Partial<Context>): Moment {
  return { film: moment.film, context: { ...moment.context, ...change } };
}

function checkDecision<State>(rule: Rule<State>, { film, context }: Moment): void {
  const state = rule.start(film, context.maxBufferMs);
  const { choice, state: next } = rule.decide(film, state, context);
  assert.ok(choice.rung >= context.minRung && choice.rung <= context.maxRung, `${rule.name} ${choice.rung}`);
  assert.ok(choice.waitMs >= 0 && Number.isFinite(choice.waitMs));
  assert.deepEqual(rule.decide(film, state, context), { choice, state: next });
  const because = rule.explain(film, state, context);
  assert.ok(because.length > 0 && because.length <= 400, because);
  assert.ok(!/NaN|undefined|Infinity/.test(because), because);
  assert.ok(because.endsWith(at(film.ladder.names, choice.rung)), because);
}

test("[PY65] law: within the caps, the same when asked twice, with a reason", () => {
  fc.assert(
    fc.property(moments, (moment) => {
      for (const { rule } of fixedMaps) checkDecision(rule, moment);
      for (const rule of chunkMaps) checkDecision(rule, moment);
      for (const rule of hybs) checkDecision(rule, moment);
    }),
    runs,
  );
});

test("[PY66] law: more buffer never lowers a map's answer, nor HYB's", () => {
  const more = fc.double({ min: 0, max: 60_000, noNaN: true });
  fc.assert(
    fc.property(moments, more, (moment, ms) => {
      const fuller = withContext(moment, { bufferMs: moment.context.bufferMs + ms });
      for (const { rule } of fixedMaps) assert.ok(freshRung(rule, fuller) >= freshRung(rule, moment));
      assert.ok(freshRung(bba1, fuller) >= freshRung(bba1, moment));
      for (const rule of hybs) assert.ok(freshRung(rule, fuller) >= freshRung(rule, moment), rule.name);
    }),
    runs,
  );
});

test("[PY66] law: a faster network never lowers HYB's answer", () => {
  const times = fc.double({ min: 1, max: 20, noNaN: true });
  fc.assert(
    fc.property(moments, times, (moment, factor) => {
      const kbps = moment.context.estimateKbps ?? 500;
      const slow = withContext(moment, { estimateKbps: kbps });
      const fast = withContext(moment, { estimateKbps: kbps * factor });
      for (const rule of hybs) assert.ok(freshRung(rule, fast) >= freshRung(rule, slow), rule.name);
    }),
    runs,
  );
});

test("[PY67] law: the lowest rung in the reservoir, the highest beyond the cushion", () => {
  fc.assert(
    fc.property(moments, (moment) => {
      const { film, context } = moment;
      const { minRung, maxRung, maxBufferMs } = context;
      const { topMs, reservoirMs } = fixedZones(film, maxBufferMs);
      for (const { rule } of fixedMaps) {
        assert.equal(freshRung(rule, withContext(moment, { bufferMs: reservoirMs })), minRung);
        assert.equal(freshRung(rule, withContext(moment, { bufferMs: topMs })), maxRung);
      }
      const dynamicMs = dynamicReservoirMs(film, { maxBufferMs, topMs }, context.segment);
      assert.equal(freshRung(bba1, withContext(moment, { bufferMs: dynamicMs })), minRung);
      for (const rule of [bba1, bbaOthers])
        assert.equal(freshRung(rule, withContext(moment, { bufferMs: topMs })), maxRung);
      const unmeasured = withContext(moment, { estimateKbps: undefined });
      for (const rule of hybs) assert.equal(freshRung(rule, unmeasured), minRung);
    }),
    runs,
  );
});

test("[PY68] law: between the needs beside the last rung, the map stays", () => {
  const places = fc.double({ min: 0.001, max: 0.999, noNaN: true });
  const buffers = fc.integer({ min: 20_000, max: 300_000 });
  let stayed = 0;
  fc.assert(
    fc.property(films, places, buffers, fc.boolean(), (film, place, maxBufferMs, risen) => {
      const zones = fixedZones(film, maxBufferMs);
      const bufferMs = zones.reservoirMs + place * (zones.topMs - zones.reservoirMs);
      const maxRung = film.ladder.kbps.length - 1;
      const drawn = contextWith({ bufferMs, maxBufferMs, maxRung });
      for (const { rule, curve } of fixedMaps) {
        const { kbps, needs } = nominal(film, zones, drawn, curve);
        const reached = needs.findLastIndex((need) => need < kbps);
        const lastRung = risen ? reached : Math.min(maxRung, reached + 1);
        if (reached < 0 || needs.includes(kbps)) continue;
        stayed += 1;
        assert.equal(freshRung(rule, { film, context: { ...drawn, lastRung } }), lastRung);
      }
    }),
    runs,
  );
  assert.ok(stayed > 10_000, `${stayed} moments between two rungs`);
});

test("[PY68] exactly on Rate+, the published map stays, and the map over sizes moves", () => {
  const film = filmWith([100, 200, 300], [4000]);
  const zones = { reservoirMs: 0, topMs: 20_000 };
  const context = contextWith({ bufferMs: 10_000, maxBufferMs: 24_000, lastRung: 0 });
  const question = nominal(film, zones, context, linear);
  assert.equal(question.kbps, 200);
  assert.equal(mappedRung(context, question), 0);
  assert.equal(mappedRung(context, { ...question, passed: (kbps, need) => kbps >= need }), 1);
});

function contextWith(change: Partial<Context>): Context {
  return {
    segment: 0,
    bufferMs: 0,
    maxBufferMs: 240_000,
    lastRung: 0,
    estimateKbps: undefined,
    latencyMs: 0,
    minRung: 0,
    maxRung: 1,
    sinceSeek: 1,
    ...change,
  };
}

/** The least buffer, of a doubling row, under whose map no rung needs longer at the lowest rate than lies ready. */
function safeBufferMs(
  kbps: readonly number[],
  ms: number,
  reservoirOf: (bufferMs: number) => number,
): number {
  const lowest = at(kbps, 0);
  const highest = at(kbps, kbps.length - 1);
  for (let bufferMs = 60_000; ; bufferMs *= 2) {
    const topMs = Math.min(0.9 * bufferMs, bufferMs - ms);
    const reservoirMs = reservoirOf(bufferMs);
    const safe = kbps.every((rate, rung) => {
      if (rung === 0) return true;
      const share = (at(kbps, rung - 1) - lowest) / (highest - lowest);
      return (ms * rate) / lowest <= reservoirMs + (topMs - reservoirMs) * share;
    });
    if (safe) return bufferMs;
  }
}

test("[PY69] law: on a steady network of at least the lowest rate, the map never lets the buffer run dry", () => {
  const cases = fc.record({
    kbps: ladders(1.2, 1.9),
    ms: fc.integer({ min: 1000, max: 4000 }),
    count: fc.integer({ min: 2, max: 60 }),
    faster: fc.double({ min: 1, max: 40, noNaN: true }),
    rule: fc.constantFrom(named(bba0), ...chunkMaps.map((rule) => named(rule))),
  });
  fc.assert(
    fc.property(cases, ({ kbps, ms, count, faster, rule }) => {
      const reservoirOf =
        rule.name === "bba-0" ? (bufferMs: number): number => 0.375 * bufferMs : (): number => 8000;
      const film = filmWith(
        kbps,
        Array.from({ length: count }, () => ms),
      );
      const trace = steadyTrace(at(kbps, 0) * faster);
      const maxBufferMs = safeBufferMs(kbps, ms, reservoirOf);
      const { stallMs } = metricsOf(playSession({ film, trace, rule, maxBufferMs }));
      assert.ok(stallMs < 1e-6, `${rule.name} stalled for ${stallMs} ms`);
    }),
    runs,
  );
});

function steadyTrace(kbps: number): Parameters<typeof playSession>[0]["trace"] {
  const made = traceOf("steady", [{ durationMs: 60_000, kbps, latencyMs: 0 }]);
  assert.ok(made.kind === "made");
  return made.trace;
}

test("[PY70] law: HYB-O settles on a steady network", () => {
  const cases = fc.record({
    kbps: ladders(1.2, 2.5),
    ms: fc.integer({ min: 2000, max: 6000 }),
    faster: fc.double({ min: 1, max: 40, noNaN: true }),
    room: fc.double({ min: 2, max: 10, noNaN: true }),
  });
  fc.assert(
    fc.property(cases, ({ kbps, ms, faster, room }) => {
      const film = filmWith(
        kbps,
        Array.from({ length: Math.ceil(660_000 / ms) }, () => ms),
      );
      let switches = 0;
      let before: Request | undefined;
      playSession({
        film,
        trace: steadyTrace(at(kbps, 0) * faster),
        rule: named(hybO),
        maxBufferMs: room * ms,
        onRequest: (request) => {
          if (before !== undefined && request.sentMs > 60_000 && request.rung !== before.rung) switches += 1;
          before = { ...request };
        },
      });
      assert.ok(switches <= 1, `${switches} switches`);
    }),
    { ...runs, numRuns: 1000 },
  );
});

/** The rule with its state read from JSON at every step. */
function written<State>(rule: Rule<State>): Rule<string> {
  const read = (text: string): State => JSON.parse(text);
  return {
    ...rule,
    start: (film, maxBufferMs) => JSON.stringify(rule.start(film, maxBufferMs)),
    decide: (film, text, context) => {
      const { choice, state } = rule.decide(film, read(text), context);
      return { choice, state: JSON.stringify(state) };
    },
    explain: (film, text, context) => rule.explain(film, read(text), context),
    downloaded: (film, text, download) =>
      JSON.stringify(rule.downloaded?.(film, read(text), download) ?? read(text)),
    delayed: (film, text, ms) => JSON.stringify(rule.delayed?.(film, read(text), ms) ?? read(text)),
    sought: (film, text) => JSON.stringify(rule.sought?.(film, read(text)) ?? read(text)),
    progressed: (film, text, progress) => rule.progressed?.(film, read(text), progress),
  };
}

function rungsOf<State>(rule: Rule<State>, film: Film, kbps: readonly number[]): readonly number[] {
  const made = traceOf(
    "drawn",
    kbps.map((rate) => ({ durationMs: 3000, kbps: rate, latencyMs: 50 })),
  );
  assert.ok(made.kind === "made");
  const { playout } = playSession({ film, trace: made.trace, rule: named(rule), maxBufferMs: 25_000 });
  return [...playout.rungs];
}

test("[PY71] law: states written as JSON and read again go on the same", () => {
  const networks = fc.array(fc.integer({ min: 50, max: 8000 }), { minLength: 1, maxLength: 10 });
  const same = <State>(rule: Rule<State>, film: Film, kbps: readonly number[]): void =>
    assert.deepEqual(rungsOf(written(rule), film, kbps), rungsOf(rule, film, kbps), rule.name);
  fc.assert(
    fc.property(films, networks, (film, kbps) => {
      for (const { rule } of fixedMaps) same(rule, film, kbps);
      for (const rule of chunkMaps) same(rule, film, kbps);
      for (const rule of hybs) same(rule, film, kbps);
      for (const rule of [mpc, robustMpc]) same(rule, film, kbps);
    }),
    { ...runs, numRuns: 1000 },
  );
});

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

test("[PY76] law: HYB asks for no segment that would not surely arrive in time", () => {
  fc.assert(
    fc.property(moments, fc.integer({ min: 0, max: 12 }), (moment, before) => {
      const { film, context } = moment;
      for (const rule of hybs) {
        let state = rule.start(film, context.maxBufferMs);
        for (let i = 0; i < before; i++) state = rule.decide(film, state, context).state;
        const { rung } = rule.decide(film, state, context).choice;
        if (rung === context.minRung) continue;
        const caution = Math.max(0.5, 0.9 ** (before + 1));
        const safe = caution * (context.bufferMs - context.latencyMs) * (context.estimateKbps ?? 0);
        assert.ok(at(at(film.segments.bits, context.segment), rung) <= safe * (1 + 1e-9));
      }
    }),
    runs,
  );
});

test("[PY76] a request is given up only when it would outlast the buffer, and for something smaller", () => {
  const film = filmWith([200, 1000], [4000]);
  const state = hybO.start(film, 25_000);
  // A tenth of 4 Mbit in 1 s: 9 s are left, 10 s in all.
  const slow = {
    segment: 0,
    rung: 1,
    bits: 4e6,
    arrivedBits: 4e5,
    ms: 1000,
    ttfbMs: 0,
    bufferMs: 8000,
    latencyMs: 0,
  };
  assert.equal(hybO.progressed?.(film, state, slow), 0);
  assert.equal(
    hybO.progressed?.(film, state, { ...slow, bufferMs: 9500 }),
    undefined,
    "the buffer outlasts it",
  );
  assert.equal(hybO.progressed?.(film, state, { ...slow, ms: 499 }), undefined, "too early to tell");
  const nearlyThere = { ...slow, arrivedBits: 3.5e6, ms: 20_000, bufferMs: 1000 };
  assert.equal(
    hybO.progressed?.(film, state, nearlyThere),
    undefined,
    "the lowest rung is larger than what is left",
  );
});
