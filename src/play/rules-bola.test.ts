import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { filmOfRates, type Moment, moments } from "#test/fixtures/bola-moments.ts";
import { largestV, maxLevel, minLevel } from "./bola.ts";
import { at } from "./ladder.ts";
import type { NamedRule, Rule, RuleSession } from "./rule.ts";
import { bola } from "./rule-bola.ts";
import { bolaE } from "./rule-bola-e.ts";
import { dynamic } from "./rule-dynamic.ts";
import { throughputRule } from "./rule-throughput.ts";
import { bolaRules } from "./rules-bola.ts";
import { traceOf } from "./sim-network.ts";
import { playSession, type Request } from "./sim-player.ts";
import type { Context, Film } from "./types.ts";

const runs = { numRuns: 1000, seed: 53 };
const names = bolaRules.map((row) => row.name);

function ruleOf(name: string): NamedRule {
  const row = bolaRules.find((one) => one.name === name);
  assert.ok(row !== undefined, name);
  return row.rule;
}

/** What happened to a rule before the moment that is looked at. */
const pasts = fc.array(
  fc.record({
    rung: fc.nat({ max: 100 }),
    ms: fc.double({ min: 1, max: 8000, noNaN: true }),
    bufferMs: fc.double({ min: 0, max: 60_000, noNaN: true }),
    kind: fc.constantFrom(
      "whole" as const,
      "whole" as const,
      "abandoned" as const,
      "delay" as const,
      "seek" as const,
    ),
  }),
  { maxLength: 6 },
);
type Past = readonly {
  rung: number;
  ms: number;
  bufferMs: number;
  kind: "whole" | "abandoned" | "delay" | "seek";
}[];

/** Two decisions at the same moment need the same past: it is lived through again for each. */
function sessionAfter(rule: NamedRule, { film, context }: Moment, past: Past): RuleSession {
  const session = rule.begin(film, context.maxBufferMs);
  for (const { rung: pick, ms, bufferMs, kind } of past) {
    if (kind === "delay") session.delayed(ms);
    if (kind === "seek") session.sought();
    if (kind === "delay" || kind === "seek") continue;
    session.decide({
      ...context,
      bufferMs: Math.min(bufferMs, context.maxBufferMs),
      estimateKbps: 1000 + ms,
    });
    const rung = pick % film.ladder.kbps.length;
    const abandonedTo = kind === "abandoned" && rung > 0 ? rung - 1 : undefined;
    const ready = { bufferAtRequestMs: bufferMs, bufferMs: Math.max(0, bufferMs - ms) };
    session.downloaded({
      segment: 0,
      rung,
      bits: 1e6,
      ms,
      ttfbMs: 0,
      ...ready,
      abandonedTo,
      replacement: false,
    });
  }
  return session;
}

test("[PY53] a decision is a rung within its caps, its wait finite and not negative; unmeasured it is the lowest", () => {
  fc.assert(
    fc.property(moments, pasts, fc.constantFrom(...names), (moment, past, name) => {
      const { context } = moment;
      const { rung, waitMs } = sessionAfter(ruleOf(name), moment, past).decide(context);
      assert.ok(Number.isInteger(rung) && rung >= context.minRung && rung <= context.maxRung, `rung ${rung}`);
      assert.ok(Number.isFinite(waitMs) && waitMs >= 0 && waitMs <= context.bufferMs, `wait ${waitMs}`);
      for (const estimateKbps of [undefined, 0]) {
        const blind = sessionAfter(ruleOf(name), moment, past).decide({ ...context, estimateKbps });
        assert.deepEqual(blind, { rung: context.minRung, waitMs: 0 });
      }
    }),
    { ...runs, numRuns: 10_000 },
  );
});

test("[PY54] a faster network never lowers a choice, nor does more buffer lower BOLA's", () => {
  const more = fc.record({
    faster: fc.double({ min: 1, max: 10, noNaN: true }),
    extraMs: fc.integer({ min: 0, max: 30_000 }),
  });
  fc.assert(
    fc.property(
      moments,
      pasts,
      more,
      fc.constantFrom(...names),
      (moment, past, { faster, extraMs }, name) => {
        const { context } = moment;
        const rung = sessionAfter(ruleOf(name), moment, past).decide(context).rung;
        const quick = { ...context, estimateKbps: (context.estimateKbps ?? 0) * faster };
        assert.ok(sessionAfter(ruleOf(name), moment, past).decide(quick).rung >= rung, "a faster network");
        if (name.startsWith("dynamic")) return;
        const rich = { ...context, bufferMs: context.bufferMs + extraMs };
        assert.ok(sessionAfter(ruleOf(name), moment, past).decide(rich).rung >= rung, "more buffer");
      },
    ),
    { ...runs, numRuns: 10_000 },
  );
});

test("[PY55] asked twice a rule answers the same, and a copy of its state goes on as it does", () => {
  fc.assert(
    fc.property(moments, pasts, pasts, fc.constantFrom(...names), (moment, past, next, name) => {
      const session = sessionAfter(ruleOf(name), moment, past);
      const first = session.decide(moment.context);
      assert.equal(session.explain(moment.context), session.explain(moment.context));
      assert.deepEqual(session.decide(moment.context), first);
      const copy = session.snapshot();
      for (const { ms, bufferMs } of next) {
        const context = { ...moment.context, bufferMs, estimateKbps: ms };
        for (const one of [session, copy]) one.delayed(ms);
        assert.deepEqual(copy.decide(context), session.decide(context));
      }
    }),
    runs,
  );
});

test("[PY55] a rule's state is plain data: through JSON it decides the same", () => {
  const finite = bola({ name: "b", horizon: "finite", guard: "wait" });
  const enhanced = bolaE({ name: "e", guard: "wait", insufficientBufferRule: true });
  const mixed = dynamic({ name: "d", bola: enhanced, throughput: throughputRule, by: "choices" });
  fc.assert(
    fc.property(moments, ({ film, context }) => {
      assertPlain(finite, film, context);
      assertPlain(enhanced, film, context);
      assertPlain(mixed, film, context);
    }),
    runs,
  );
});

/** One decision with the rule's state copied by `structuredClone`, and one with it through JSON. */
function assertPlain<State>(rule: Rule<State>, film: Film, context: Context): void {
  const { state } = rule.decide(film, rule.start(film, context.maxBufferMs), context);
  const parsed: State = JSON.parse(JSON.stringify(state));
  assert.deepEqual(rule.decide(film, parsed, context), rule.decide(film, structuredClone(state), context));
}

test("[PY56] rates, sizes and the network times a constant: the decisions stay", () => {
  const factors = fc.double({ min: 0.1, max: 50, noNaN: true });
  fc.assert(
    fc.property(
      moments,
      pasts,
      factors,
      fc.constantFrom(...names),
      ({ film, context }, past, factor, name) => {
        const times = (list: readonly number[]): number[] => list.map((one) => one * factor);
        const larger: Film = {
          ladder: { ...film.ladder, kbps: times(film.ladder.kbps) },
          segments: { ...film.segments, bits: film.segments.bits.map(times) },
        };
        const without = { ...context, latencyMs: 0 };
        const quiet = past.filter(({ kind }) => kind === "delay" || kind === "seek");
        const before = sessionAfter(ruleOf(name), { film, context: without }, quiet).decide(without);
        const scaled = { ...without, estimateKbps: (without.estimateKbps ?? 0) * factor };
        const after = sessionAfter(ruleOf(name), { film: larger, context: scaled }, quiet).decide(scaled);
        assert.equal(after.rung, before.rung);
        assert.ok(Math.abs(after.waitMs - before.waitMs) < 1e-6);
      },
    ),
    { ...runs, numRuns: 10_000 },
  );
});

const hour = Array.from({ length: 1200 }, () => 3000);
const ladder = [230, 331, 477, 688, 991, 1427, 2056, 2962];

function requestsOf(film: Film, kbps: number, rule: NamedRule, maxBufferMs: number): readonly Request[] {
  const made = traceOf("constant", [{ durationMs: 1e6, kbps, latencyMs: 0 }]);
  assert.ok(made.kind === "made");
  const requests: Request[] = [];
  playSession({ film, trace: made.trace, rule, maxBufferMs, onRequest: (one) => requests.push({ ...one }) });
  return requests;
}

test("[PY57] FINITE's V is that of three segments at both ends, and the largest in the middle", () => {
  const film = filmOfRates(ladder, hour);
  const rule = bola({ name: "b", horizon: "finite", guard: "one-above" });
  const vAt = (segment: number, sought: boolean): number => {
    const from = rule.start(film, 25_000);
    const state = sought ? (rule.sought?.(film, from) ?? from) : from;
    const context: Context = { ...calm, segment, maxBufferMs: 25_000 };
    return rule.decide(film, state, context).state.worth.vMs;
  };
  const { utility, gammaP } = rule.start(film, 25_000).worth;
  const of = (bufferMs: number): number => largestV(bufferMs, 3000, utility, gammaP);
  assert.equal(vAt(1, false), of(9000));
  assert.equal(vAt(10, false), of(15_000));
  assert.equal(vAt(600, false), of(25_000));
  assert.equal(vAt(1190, false), of(15_000));
  assert.equal(vAt(1199, false), of(9000));
  assert.equal(vAt(600, true), of(9000), "a jump begins anew");
});

const calm: Context = {
  segment: 600,
  bufferMs: 20_000,
  maxBufferMs: 25_000,
  lastRung: 3,
  estimateKbps: 800,
  latencyMs: 0,
  minRung: 0,
  maxRung: 7,
  sinceSeek: 600,
};

test("[PY58] an upward step beyond what the network carries stops and waits, or goes one above; a film above it stays", () => {
  const film = filmOfRates(ladder, hour);
  const waiting = bola({ name: "o", horizon: "basic", guard: "wait" });
  const bold = bola({ name: "u", horizon: "basic", guard: "one-above" });
  const start = waiting.start(film, 25_000);
  const from = (lastRung: number) => ({ ...start, lastRung });
  const held = waiting.decide(film, from(2), calm).choice;
  assert.equal(held.rung, 3, "800 kbit/s carry 688");
  assert.ok(Math.abs(held.waitMs - (20_000 - maxLevel(start.worth, 3))) < 1e-9 && held.waitMs > 0);
  assert.deepEqual(bold.decide(film, from(2), calm).choice, { rung: 4, waitMs: 0 });
  assert.deepEqual(waiting.decide(film, from(5), calm).choice, { rung: 5, waitMs: 0 });
  const quick = { ...calm, estimateKbps: 1e5 };
  assert.ok(waiting.decide(film, from(2), quick).choice.rung >= 6);
});

test("[PY59] constant bandwidth between two rungs: the O variants settle to at most one switch in ten minutes", () => {
  const film = filmOfRates(ladder, hour.slice(0, 600));
  for (const name of names.filter(
    (one) => one.endsWith("-o") || one === "dynamic" || one === "dynamicdash",
  )) {
    for (const kbps of [260, 400, 560, 800, 1200, 1700, 2500, 4000]) {
      const rungs = requestsOf(film, kbps, ruleOf(name), 25_000)
        .map((one) => one.rung)
        .slice(200);
      for (let from = 0; from + 200 <= rungs.length; from += 200) {
        const window = rungs.slice(from, from + 200);
        const switches = window.filter((rung, i) => i > 0 && rung !== window[i - 1]).length;
        assert.ok(switches <= 1, `${name} at ${kbps} kbit/s: ${switches} switches in ten minutes`);
      }
    }
  }
});

const enhanced = bolaE({ name: "e", guard: "wait", insufficientBufferRule: true });

test("[PY60] the placeholder lifts the start to what the network carries, takes in waits, and falls with an abandoned request", () => {
  const film = filmOfRates(ladder, hour);
  const context: Context = { ...calm, segment: 1, bufferMs: 3000, sinceSeek: 0, lastRung: 0 };
  const first = enhanced.decide(film, enhanced.start(film, 25_000), context);
  assert.equal(first.choice.rung, 3);
  const { worth, placeholderMs } = first.state;
  assert.equal(placeholderMs, minLevel(film.ladder, worth, 3) - 3000);
  assert.equal(enhanced.delayed?.(film, first.state, 700).placeholderMs, placeholderMs + 700);
  const ended = {
    segment: 1,
    rung: 3,
    bits: 1e6,
    ms: 1000,
    ttfbMs: 0,
    bufferAtRequestMs: 3000,
    replacement: false,
  };
  const fled = enhanced.downloaded?.(film, first.state, { ...ended, bufferMs: 2000, abandonedTo: 1 });
  assert.equal(fled?.placeholderMs, minLevel(film.ladder, worth, 1) - 2000);
  const lowest = enhanced.downloaded?.(film, first.state, { ...ended, bufferMs: 2000, abandonedTo: 0 });
  assert.equal(lowest?.placeholderMs, Math.min(placeholderMs, 8000));
  const whole = enhanced.downloaded?.(film, first.state, {
    ...ended,
    bufferMs: 5000,
    abandonedTo: undefined,
  });
  assert.ok(whole !== undefined && whole.placeholderMs + 6000 <= maxLevel(worth, 3));
  const replaced = { ...ended, replacement: true, bufferMs: 2000, abandonedTo: undefined };
  assert.equal(enhanced.downloaded?.(film, first.state, replaced).placeholderMs, placeholderMs + 3000);
  const sought = enhanced.sought?.(film, first.state) ?? first.state;
  assert.equal(
    enhanced.decide(film, sought, { ...context, bufferMs: 0 }).state.placeholderMs,
    placeholderMs + 3000,
  );
});

test("[PY61] after its start BOLA-E asks, above the lowest rung, for nothing that could not arrive in time", () => {
  fc.assert(
    fc.property(moments, pasts, fc.integer({ min: 0, max: 8 }), (moment, _past, decisions) => {
      const { film, context } = moment;
      let { state } = enhanced.decide(film, enhanced.start(film, context.maxBufferMs), {
        ...context,
        estimateKbps: 500,
      });
      for (let i = 0; i < decisions; i++)
        state = enhanced.decide(film, state, { ...context, estimateKbps: 500 }).state;
      const share = Math.max(0.5, 0.9 ** (decisions + 1));
      const { rung } = enhanced.decide(film, state, context).choice;
      if (rung === context.minRung) return;
      const nominal = at(film.ladder.kbps, rung) * at(film.segments.durationMs, context.segment);
      const safe = share * (context.bufferMs - context.latencyMs) * (context.estimateKbps ?? 0);
      assert.ok(nominal <= safe * (1 + 1e-9), `${nominal} bits, ${safe} are safe`);
    }),
    { ...runs, numRuns: 10_000 },
  );
});

/** A rule that always wants one rung, to see who chooses. */
function wanting(name: string, rung: number): Rule<null> {
  return {
    name,
    start: () => null,
    decide: () => ({ choice: { rung, waitMs: 0 }, state: null }),
    explain: () => `${name} wants it`,
  };
}

test("[PY63] DYNAMIC: who chooses follows the buffer and both choices", () => {
  const film = filmOfRates(ladder, hour);
  const at = (bolaRung: number, bufferMs: number, bolaChooses: boolean): boolean => {
    const rule = dynamic({
      name: "d",
      bola: wanting("b", bolaRung),
      throughput: wanting("t", 3),
      by: "choices",
    });
    const state = { bola: null, throughput: null, bolaChooses };
    const made = rule.decide(film, state, { ...calm, bufferMs });
    assert.equal(made.choice.rung, made.state.bolaChooses ? bolaRung : 3);
    return made.state.bolaChooses;
  };
  assert.deepEqual([at(3, 10_001, false), at(3, 10_000, false), at(2, 20_000, false)], [true, false, false]);
  assert.deepEqual([at(2, 9999, true), at(3, 9999, true), at(2, 10_000, true)], [false, true, true]);
  const rule = dynamic({ name: "d", bola: wanting("b", 4), throughput: wanting("t", 3), by: "choices" });
  const request = { segment: 9, rung: 4, bits: 1, ms: 1, ttfbMs: 0, bufferAtRequestMs: 1, bufferMs: 1 };
  const download = { ...request, abandonedTo: undefined };
  const state = { bola: null, throughput: null, bolaChooses: true };
  assert.equal(rule.downloaded?.(film, state, { ...download, replacement: false }).bolaChooses, true);
  assert.equal(rule.downloaded?.(film, state, { ...download, replacement: true }).bolaChooses, false);
});

test("[PY63] DYNAMICDASH: who chooses follows the buffer alone", () => {
  const film = filmOfRates(ladder, hour);
  const rule = dynamic({ name: "d", bola: wanting("b", 1), throughput: wanting("t", 3), by: "buffer" });
  const next = (bufferMs: number, bolaChooses: boolean): boolean =>
    rule.decide(film, { bola: null, throughput: null, bolaChooses }, { ...calm, bufferMs }).state.bolaChooses;
  assert.deepEqual([next(10_001, false), next(10_000, false)], [true, false]);
  assert.deepEqual([next(5000, true), next(4999, true)], [true, false]);
});

test("[PY64] sentences say what decided", () => {
  const film = filmOfRates(ladder, hour);
  const said = (name: string): string =>
    ruleOf(name)
      .begin(film, 25_000)
      .explain({ ...calm, lastRung: 0 });
  assert.match(
    said("bola-basic-o"),
    /^buffer 20\.0 s: \d+p scores -?\d+\.\d\d, .* carry only 720p → wait \d/,
  );
  assert.match(said("bola-basic-u"), /carry only 720p, one above is taken → up to 900p$/);
  assert.match(
    said("bola-e-o"),
    /^start: 0\.80 Mbit\/s carry 720p, buffer 20\.0 s \+ placeholder 0\.0 s → up to 720p$/,
  );
  assert.match(said("dynamic"), /^BOLA chooses at 20\.0 s, BOLA wants 720p, throughput 720p: buffer 20\.0 s/);
  assert.match(said("dynamicdash"), /^BOLA chooses at 20\.0 s: start/);
});

test("[PY64] every sentence is of at most 400 characters, ends with the choice of BOLA, and never says NaN", () => {
  fc.assert(
    fc.property(moments, pasts, fc.constantFrom(...names), (moment, past, name) => {
      const session = sessionAfter(ruleOf(name), moment, past);
      const said = session.explain(moment.context);
      assert.ok(said.length > 0 && said.length <= 400, said);
      assert.doesNotMatch(said, /NaN|undefined|Infinity/);
      if (name.startsWith("dynamic")) return;
      assert.ok(said.endsWith(at(moment.film.ladder.names, session.decide(moment.context).rung)), said);
    }),
    runs,
  );
});
