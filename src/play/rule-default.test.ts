// The default rule at single moments: its laws over any film, state and moment, and each clause in the small.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { download, filmWith, type Moment, moments } from "#test/fixtures/default-moments.ts";
import { at } from "./ladder.ts";
import { noRates, usualKbps, withSegment } from "./recent-rates.ts";
import { named, type Progress } from "./rule.ts";
import { defaultConstants, defaultRule } from "./rule-default.ts";
import { lowestRule } from "./rule-lowest.ts";
import { ruleNamed } from "./rules.ts";
import type { Context, Film } from "./types.ts";

const runs = { numRuns: 10_000, seed: 120 };

const ladder = [500, 1000, 2000, 4000];
const film = filmWith(
  ladder,
  Array.from({ length: 300 }, () => 4000),
);
const calm: Context = {
  segment: 20,
  bufferMs: 40_000,
  maxBufferMs: 60_000,
  lastRung: 1,
  estimateKbps: 3000,
  latencyMs: 0,
  minRung: 0,
  maxRung: 3,
  sinceSeek: 20,
};
const fresh = defaultRule.start(film, 60_000);

function rungOf({ film: one, state, context }: Moment): number {
  return defaultRule.decide(one, state, context).choice.rung;
}

function choose(context: Partial<Context>, one: Film = film): number {
  return rungOf({ film: one, state: fresh, context: { ...calm, ...context } });
}

function explain(context: Partial<Context>, one: Film = film): string {
  return defaultRule.explain(one, fresh, { ...calm, ...context });
}

test("[PY120] the choice is a rung within the caps, whatever the film, the past and the moment; nothing is held back", () => {
  fc.assert(
    fc.property(moments, ({ film: one, state, context }) => {
      const { rung, waitMs, paceKbps } = defaultRule.decide(one, state, context).choice;
      assert.ok(Number.isInteger(rung) && rung >= context.minRung && rung <= context.maxRung);
      assert.equal(waitMs, 0);
      assert.ok(paceKbps === undefined || (Number.isFinite(paceKbps) && paceKbps > 0));
    }),
    runs,
  );
});

test("[PY121] more buffer never lowers the choice", () => {
  fc.assert(
    fc.property(moments, fc.integer({ min: 0, max: 60_000 }), ({ film: one, state, context }, more) => {
      const richer = { ...context, bufferMs: context.bufferMs + more };
      assert.ok(rungOf({ film: one, state, context: richer }) >= rungOf({ film: one, state, context }));
    }),
    runs,
  );
});

test("[PY121] a higher estimate never lowers the choice", () => {
  fc.assert(
    fc.property(
      moments,
      fc.double({ min: 1, max: 20, noNaN: true }),
      ({ film: one, state, context }, faster) => {
        const quick = { ...context, estimateKbps: (context.estimateKbps ?? 0) * faster };
        assert.ok(rungOf({ film: one, state, context: quick }) >= rungOf({ film: one, state, context }));
      },
    ),
    runs,
  );
});

test("[PY122] while nothing is measured the lowest rung allowed is chosen", () => {
  fc.assert(
    fc.property(moments, fc.constantFrom(undefined, 0, Number.NaN), ({ film: one, state, context }, none) => {
      assert.equal(
        rungOf({ film: one, state, context: { ...context, estimateKbps: none } }),
        context.minRung,
      );
    }),
    runs,
  );
});

test("[PY123] asked twice it answers the same, and its state survives JSON", () => {
  fc.assert(
    fc.property(moments, ({ film: one, state, context }) => {
      const before = JSON.stringify(state);
      const once = defaultRule.decide(one, state, context);
      assert.deepEqual(defaultRule.decide(one, state, context), once);
      assert.equal(JSON.stringify(state), before);
      const again = defaultRule.start(one, context.maxBufferMs);
      assert.deepEqual(JSON.parse(JSON.stringify(again)), JSON.parse(JSON.stringify(structuredClone(again))));
      const session = named(defaultRule).begin(one, context.maxBufferMs);
      const first = session.decide(context);
      assert.deepEqual(session.decide(context), first);
      assert.deepEqual(session.snapshot().decide(context), first);
    }),
    runs,
  );
});

test("[PY124] all rates and sizes times a constant: the same choice", () => {
  fc.assert(
    fc.property(moments, fc.constantFrom(0.25, 0.5, 2, 4, 8), ({ film: one, state, context }, by) => {
      const { rates } = state;
      const shift = (mean: { weights: number; logs: number }): { weights: number; logs: number } => ({
        weights: mean.weights,
        logs: mean.logs + mean.weights * Math.log(by),
      });
      const scaled = {
        film: {
          ladder: { ...one.ladder, kbps: one.ladder.kbps.map((rate) => rate * by) },
          segments: { ...one.segments, bits: one.segments.bits.map((row) => row.map((bits) => bits * by)) },
        },
        state: {
          ...state,
          givenUpKbps: state.givenUpKbps === undefined ? undefined : state.givenUpKbps * by,
          rates: {
            short: shift(rates.short),
            long: shift(rates.long),
            last: rates.last.map((kbps) => kbps * by),
            worstKbps: rates.worstKbps === undefined ? undefined : rates.worstKbps * by,
          },
        },
        context: {
          ...context,
          estimateKbps: context.estimateKbps === undefined ? undefined : context.estimateKbps * by,
        },
      };
      assert.equal(rungOf(scaled), rungOf({ film: one, state, context }));
    }),
    runs,
  );
});

test("[PY127] a rung that adds less than 1 VMAF is not taken, and the rung planned is gone on from after it", () => {
  fc.assert(
    fc.property(moments, ({ film: one, state, context }) => {
      const scores = one.segments.vmaf?.[context.segment];
      if (scores === undefined) return;
      const rung = rungOf({ film: one, state, context });
      if (rung === context.minRung || rung === context.lastRung) return;
      assert.ok(
        at(scores, rung) - at(scores, rung - 1) >= 1 || at(scores, rung) - at(scores, context.minRung) >= 1,
      );
    }),
    runs,
  );
  const credits = filmWith(
    ladder,
    film.segments.durationMs,
    () => 1,
    (segment, rung) => (segment === 20 ? 90 : 60 + 10 * rung),
  );
  const moment = { ...calm, lastRung: 2, bufferMs: 40_000, estimateKbps: 2500 };
  const black = defaultRule.decide(credits, fresh, { ...moment, lastRung: 1, estimateKbps: 60_000 });
  assert.equal(black.choice.rung, 1);
  const after = defaultRule.decide(credits, black.state, { ...moment, segment: 21, lastRung: 1 });
  assert.equal(after.choice.rung, 3, "the top was planned, and 2.5 Mbit/s keep it for 12 s");
});

test("[PY128] above the lowest rung allowed, no segment is asked for that 0.7 of the buffer does not surely bring", () => {
  fc.assert(
    fc.property(moments, ({ film: one, state, context }) => {
      const rung = rungOf({ film: one, state, context });
      if (rung === context.minRung || context.sinceSeek === 0) return;
      const bits = at(at(one.segments.bits, context.segment), rung);
      const kbps = context.estimateKbps ?? 0;
      assert.ok(
        bits <= defaultConstants.safeShare * (context.bufferMs - context.latencyMs) * kbps * (1 + 1e-9),
      );
    }),
    runs,
  );
  assert.match(explain({ bufferMs: 1500, estimateKbps: 8000 }), /segment 21 at 1440p|only .* are safe/);
});

test("[PY129] nothing is climbed to that the network carried in none of the last 5 segments", () => {
  fc.assert(
    fc.property(moments, ({ film: one, state, context }) => {
      const rung = rungOf({ film: one, state, context });
      if (rung <= Math.max(context.minRung, context.lastRung ?? 0)) return;
      const proven = Math.max(context.estimateKbps ?? 0, ...state.rates.last);
      assert.ok(state.rates.last.length <= 5);
      assert.ok(at(one.ladder.kbps, rung) * (context.playbackRate ?? 1) <= proven * (1 + 1e-9));
    }),
    runs,
  );
  assert.equal(choose({ bufferMs: 56_000, estimateKbps: 3900 }), 2, "a full buffer alone is no reason");
  assert.equal(choose({ bufferMs: 56_000, estimateKbps: 4100 }), 3);
});

test("[PY130] every choice has one sentence of at most 400 characters that names its rung and what decided", () => {
  fc.assert(
    fc.property(moments, ({ film: one, state, context }) => {
      const sentence = defaultRule.explain(one, state, context);
      assert.ok(sentence.length <= 400, sentence);
      assert.ok(sentence.endsWith(at(one.ladder.names, rungOf({ film: one, state, context }))), sentence);
      assert.doesNotMatch(sentence, /NaN|undefined|Infinity/);
    }),
    runs,
  );
  assert.match(explain({ estimateKbps: undefined }), /^no throughput measured yet → down to 180p$/);
  assert.match(
    explain({ estimateKbps: 3000 }),
    /^buffer 40\.0 s stays above the reserve of 20\.0 s for 98\.0 s at 540p over 2\.4 Mbit\/s → up to 540p$/,
  );
  assert.match(
    explain({ lastRung: 2, estimateKbps: 700 }),
    /would fall under the reserve .* → down to 360p$/,
  );
  assert.match(
    explain({ lastRung: 0, bufferMs: 9000, estimateKbps: 7000 }),
    /^the usual 7\.0 Mbit\/s carry 720p/,
  );
  assert.match(explain({ bufferMs: 1500, estimateKbps: 3000 }), /is 4\.0 Mbit, only 3\.1 are safe/);
  assert.match(explain({ lastRung: 2, estimateKbps: 2500 }), /^buffer 40\.0 s keeps 540p above the reserve/);
});

test("[PY140] what is drawn is the reserve that the sentence names and what is spent without buffer; unmeasured, nothing", () => {
  fc.assert(
    fc.property(moments, ({ film: one, state, context }) => {
      const grounds = defaultRule.grounds?.(one, state, context);
      assert.equal(grounds === undefined, !((context.estimateKbps ?? 0) > 0) || state.givenUpKbps === 0);
      if (grounds === undefined) return;
      const named = /reserve of ([\d.]+) s/.exec(defaultRule.explain(one, state, context))?.[1];
      if (named !== undefined) assert.equal((grounds.reserveMs / 1000).toFixed(1), named);
      const { floorKbps = 0 } = grounds;
      assert.ok(grounds.reserveMs >= 0 && grounds.reserveMs <= 60_000 && floorKbps > 0);
      const proven = Math.max(context.estimateKbps ?? 0, ...state.rates.last);
      assert.ok(floorKbps <= proven);
    }),
    { ...runs, numRuns: 2000 },
  );
  const session = named(lowestRule).begin(film, 60_000);
  assert.equal(session.grounds(calm), undefined);
});

test("[PY131] the pace lies between 1.5 and 3 times the highest rate allowed, and stays while the network carries the rung", () => {
  fc.assert(
    fc.property(moments, ({ film: one, state, context }) => {
      const { rung, paceKbps } = defaultRule.decide(one, state, context).choice;
      if (paceKbps === undefined) return;
      const top = at(one.ladder.kbps, context.maxRung) * (context.playbackRate ?? 1);
      assert.ok(paceKbps >= 1.5 * top * (1 - 1e-9) && paceKbps <= 3 * top * (1 + 1e-9));
      assert.ok((context.estimateKbps ?? 0) >= (context.playbackRate ?? 1) * at(one.ladder.kbps, rung));
    }),
    runs,
  );
  const paced = (bufferMs: number, estimateKbps = 20_000): number | undefined =>
    defaultRule.decide(film, fresh, { ...calm, bufferMs, lastRung: 3, estimateKbps }).choice.paceKbps;
  assert.equal(paced(56_000), 6000);
  assert.equal(paced(28_000), 9000);
  assert.equal(paced(56_000, 6000), 6000, "a pace does not end by what it makes of the estimate");
  assert.equal(paced(56_000, 3900), undefined);
});

test("[PY132] a film at double rate is a film of half the length at twice the rates", () => {
  fc.assert(
    fc.property(moments, ({ film: one, state, context }) => {
      const squeezed = {
        ladder: { ...one.ladder, kbps: one.ladder.kbps.map((rate) => rate * 2) },
        segments: { ...one.segments, durationMs: one.segments.durationMs.map((ms) => ms / 2) },
      };
      const plain = rungOf({ film: squeezed, state, context: { ...context, playbackRate: 1 } });
      assert.equal(rungOf({ film: one, state, context: { ...context, playbackRate: 2 } }), plain);
    }),
    runs,
  );
});

test("[PY133] a request is given up only when it would outlast the buffer and less would be fetched instead", () => {
  const slow: Progress = {
    segment: 20,
    rung: 3,
    bits: 16e6,
    arrivedBits: 1e6,
    ms: 1000,
    ttfbMs: 0,
    bufferMs: 10_000,
    latencyMs: 0,
  };
  const told = (change: Partial<Progress>): number | undefined =>
    defaultRule.progressed?.(film, fresh, { ...slow, ...change });
  assert.equal(told({}), 0, "15 s are left of it, and 0.9 · 1 Mbit/s carry 500 kbit/s");
  assert.equal(told({ bufferMs: 15_000 }), undefined, "the buffer lasts until it is here");
  assert.equal(told({ ms: 400, arrivedBits: 4e5 }), undefined, "too early to say");
  assert.equal(told({ rung: 0, bits: 16e6 }), undefined, "nothing is lower");
  assert.equal(told({ arrivedBits: 0 }), undefined);
  const given = defaultRule.downloaded?.(film, fresh, download(1000, 600, 0));
  assert.ok(given !== undefined);
  assert.equal(rungOf({ film, state: given, context: { ...calm, lastRung: 3, bufferMs: 30_000 } }), 0);
  const whole = defaultRule.downloaded?.(film, given, download(1000, 600, undefined));
  assert.equal(whole?.givenUpKbps, undefined, "for one decision only");
});

test("[PY134] a steady rate is the usual rate, and cached or abandoned transfers say nothing of it", () => {
  const memory = { shortMs: 6000, longMs: 28_000, forgivenMs: 1_800_000, segments: 5 };
  fc.assert(
    fc.property(
      fc.double({ min: 1, max: 1e6, noNaN: true }),
      fc.array(fc.integer({ min: 500, max: 10_000 }), { minLength: 1, maxLength: 30 }),
      (kbps, lengths) => {
        const rates = lengths.reduce(
          (sum, ms) => withSegment(sum, download(ms, kbps, undefined), ms, memory),
          noRates,
        );
        assert.ok(Math.abs((usualKbps(rates) ?? 0) - kbps) < 1e-9 * kbps);
        assert.equal(withSegment(rates, download(2000, 9, 0), 4000, memory), rates);
        assert.equal(withSegment(rates, download(4, 1e9, undefined), 4000, memory), rates);
      },
    ),
    runs,
  );
  assert.equal(usualKbps(noRates), undefined);
});

test("[PY135] the rule is in the table by the name that players ask for", () => {
  const naming = ruleNamed("default");
  assert.ok(naming.kind === "known");
  assert.equal(naming.row.replacement, "none");
});
