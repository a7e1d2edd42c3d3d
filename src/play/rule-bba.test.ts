// Laws of the buffer-based rules and of HYB, over drawn films and moments. What holds of every rule is in sim-player.test.ts.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { contextWith, films, filmWith, ladders } from "#test/fixtures/rule-films.ts";
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
    grounds: (film, text, context) => rule.grounds?.(film, read(text), context),
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
