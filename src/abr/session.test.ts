import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { TitleSizes } from "#play/ladder.ts";
import type { NamedRule } from "#play/rule.ts";
import { ruleNamed, rules } from "#play/rules.ts";
import type { Context } from "#play/types.ts";
import { guessedShare } from "./guessed-sizes.ts";
import { type PlayerRung, renditionOf } from "./player-film.ts";
import { type AbrDecision, type AbrOptions, AbrSession, type Transfer } from "./session.ts";

const runs = { numRuns: 300, seed: 85 };
const segments = 30;
const kbps = [300, 900, 2700];

const sizes: TitleSizes = {
  metric: { name: "vmaf" },
  durationsMs: Array.from({ length: segments }, () => 4000),
  renditions: kbps.map((rate, rung) => ({
    id: `v${rung}`,
    height: 180 * (rung + 1),
    bitrateBps: rate * 1000,
    bytes: Array.from({ length: segments }, (_, i) => rate * (i % 2 === 0 ? 400 : 600)),
    quality: Array.from({ length: segments }, () => 50 + 20 * rung),
  })),
};
const rungs: readonly PlayerRung[] = kbps.map((rate, rung) => ({
  ...{ key: `v${rung}`, names: [`v${rung}`], height: 180 * (rung + 1), kbps: rate },
}));

interface Table {
  readonly session: AbrSession;
  readonly told: AbrDecision[];
  bufferMs: number;
  top: number;
}

function tableFor(options: AbrOptions = {}): Table {
  const told: AbrDecision[] = [];
  const caps = () => ({ minRung: 0, maxRung: table.top });
  const ports = { bufferMs: () => table.bufferMs, caps };
  const session = new AbrSession({ onDecision: (one) => told.push(one), ...options }, ports);
  const table = { session, told, bufferMs: 0, top: 9 };
  session.setRungs(rungs);
  return table;
}

function chosen({ session }: Table): AbrDecision {
  const decision = session.choose();
  assert.ok(decision);
  return decision;
}

function transfer(segment: number, key: string, bits: number, bufferMs: number): Transfer {
  const ms = { ms: 1100, ttfbMs: 100 };
  return {
    segment,
    key,
    bits,
    ownBits: bits,
    ...ms,
    origin: "network",
    bufferAtRequestMs: bufferMs,
    bufferMs: bufferMs + 4000,
  };
}

/** A rule that writes down what it is told. */
function listener(): { readonly rule: NamedRule; readonly heard: string[]; readonly asked: Context[] } {
  const heard: string[] = [];
  const asked: Context[] = [];
  const rule: NamedRule = {
    name: "listener",
    begin: () => {
      heard.push("begin");
      return {
        name: "listener",
        watchesProgress: false,
        patience: undefined,
        decide: (context) => {
          asked.push(context);
          return { rung: Number.NaN, waitMs: 0 };
        },
        explain: () => "x".repeat(500),
        grounds: () => undefined,
        downloaded: ({ segment, rung, bits, bufferMs }) =>
          heard.push(`${segment} ${rung} ${bits} ${bufferMs}`),
        delayed: (ms) => heard.push(`waited ${ms}`),
        sought: () => heard.push("sought"),
        progressed: () => undefined,
        snapshot: () => assert.fail("nobody branches a player"),
      };
    },
  };
  return { rule, heard, asked };
}

for (const { name, rule } of rules) {
  test(`[PY85] ${name} answers here what it answers when it is asked by hand`, () => {
    const network = fc.array(
      fc.record({
        bits: fc.integer({ min: 1, max: 40_000_000 }),
        bufferMs: fc.integer({ min: 0, max: 60_000 }),
      }),
      {
        minLength: 1,
        maxLength: segments - 1,
      },
    );
    fc.assert(
      fc.property(network, (courses) => {
        const table = tableFor({ rule, sizes });
        const alone = rule.begin(table.session.film, table.session.maxBufferMs);
        for (const [segment, { bits, bufferMs }] of courses.entries()) {
          table.bufferMs = bufferMs;
          const decision = chosen(table);
          assert.equal(decision.segment, segment);
          assert.equal(decision.context.sinceSeek, segment);
          assert.equal(decision.rung, alone.decide(decision.context).rung);
          assert.equal(decision.because, alone.explain(decision.context));
          table.session.taken(decision);
          const came = transfer(segment, decision.key, bits, bufferMs);
          table.session.arrived(came);
          alone.downloaded({ ...came, rung: decision.rung, abandonedTo: undefined, replacement: false });
          table.session.segmentAppended(segment);
        }
      }),
      runs,
    );
  });
}

test("[PY85] a wait for room is what played meanwhile, and counts in playing time", () => {
  const { rule, heard, asked } = listener();
  const table = tableFor({ rule, sizes, maxBufferMs: 20_000 });
  table.session.playbackRate = 2;
  table.bufferMs = 38_000;
  table.session.segmentAppended(3);
  assert.equal(chosen(table).context.bufferMs, 19_000);
  table.session.requested(34_000);
  table.session.requested(34_000);
  assert.deepEqual(heard, ["begin", "waited 2000"]);
  assert.equal(asked[0]?.segment, 4);
});

test("[PY143] the rule is told the playback rate, and buffer and maximum in playing time", () => {
  const { rule, heard, asked } = listener();
  const table = tableFor({ rule, sizes, maxBufferMs: 40_000 });
  chosen(table);
  table.session.playbackRate = 2;
  table.bufferMs = 39_000;
  table.session.segmentAppended(3);
  chosen(table);
  const told = asked.map(({ playbackRate, bufferMs, maxBufferMs }) => [playbackRate, bufferMs, maxBufferMs]);
  assert.deepEqual(told, [
    [1, 0, 40_000],
    [2, 19_500, 20_000],
  ]);
  // 19.5 s and a segment of 2 s are 1.5 s more than there is room for; 2 s were waited, the rest was the player's.
  table.session.requested(35_000);
  assert.deepEqual(heard, ["begin", "waited 1500"]);
});

test("[PY144] what earlier plays saw counts until something is measured, and the sentence says so", () => {
  const start = (options: AbrOptions): AbrDecision => chosen(tableFor({ sizes, ...options }));
  assert.deepEqual([start({}).key, start({}).context.estimateKbps], ["v0", undefined]);
  assert.match(start({}).because, /^no throughput measured yet → start at 180p$/);
  assert.deepEqual(
    [start({ priorKbps: 50_000 }).key, start({ priorKbps: 50_000 }).grounds?.reserveMs],
    ["v2", 20_000],
  );
  assert.match(start({ priorKbps: 50_000 }).because, /nothing is measured yet: by earlier plays/);
  assert.equal(start({ priorKbps: 400 }).key, "v0", "a network that was slow is not trusted with more");
  const table = tableFor({ sizes, priorKbps: 50_000 });
  table.session.taken(chosen(table));
  table.session.arrived(transfer(0, "v2", 1_600_000, 0));
  table.session.segmentAppended(0);
  const { context, because } = chosen(table);
  assert.equal(context.estimateKbps, 1600);
  assert.doesNotMatch(because, /earlier plays/);
});

test("[PY99] what decides is the rule that the table calls default, unless another is named", () => {
  const row = ruleNamed("default");
  assert.ok(row.kind === "known");
  const answers = (options: AbrOptions): readonly string[] => {
    const table = tableFor({ sizes, ...options });
    return [900, 5000, 20_000, 700, 300].map((rate, segment) => {
      const decision = chosen(table);
      table.session.taken(decision);
      table.session.arrived(transfer(segment, decision.key, rate * 1000, 4000 * segment));
      table.bufferMs = 4000 * (segment + 1);
      table.session.segmentAppended(segment);
      return decision.because;
    });
  };
  assert.deepEqual(answers({}), answers({ rule: row.row.rule }));
  assert.notDeepEqual(answers({}), answers({ rule: listener().rule }));
});

test("[PY86] asked again it answers the same without asking the rule; a decision is told once, when it is acted on", () => {
  const { rule, asked } = listener();
  const table = tableFor({ rule, sizes });
  const first = chosen(table);
  assert.equal(chosen(table), first);
  assert.equal(asked.length, 1);
  table.bufferMs = 500;
  assert.notEqual(chosen(table), first);
  assert.deepEqual([asked.length, table.told.length], [2, 0]);
  table.session.taken(chosen(table));
  table.session.taken(chosen(table));
  assert.equal(table.told.length, 1);
  assert.equal(table.told[0]?.because.length, 400);
  assert.equal(chosen(table).context.sinceSeek, 1);
});

test("[PY87] a rung is found by name, by a part of its address, or by height and nearest rate", () => {
  const rung = (names: readonly string[], height = 1, rate = 1): PlayerRung => ({
    key: "k",
    names,
    height,
    kbps: rate,
  });
  const found = (one: PlayerRung): string | undefined => renditionOf(one, sizes.renditions)?.id;
  assert.equal(found(rung(["v1"])), "v1");
  assert.equal(found(rung(["https://x.test/a/v2/index.m3u8?v0"])), "v2");
  assert.equal(found(rung(["../package/v2.m3u8"])), "v2");
  assert.equal(found(rung(["720p"], 360, 1000)), "v1");
  assert.equal(found(rung(["720p"], 360, 2000)), undefined, "the rate is another's");
  assert.equal(found(rung(["720p"], 720, 900)), undefined, "the height is another's");
});

test("[PY87] without sizes a segment is rate times length, and 0.7 of what surely arrives must carry it", () => {
  const top: NamedRule = {
    ...listener().rule,
    begin: () => ({
      ...listener().rule.begin(tableFor().session.film, 1),
      decide: ({ maxRung }) => ({ rung: maxRung, waitMs: 0 }),
      explain: () => "the top",
    }),
  };
  const table = tableFor({ rule: top });
  table.session.setTimeline({ segmentMs: 4000, totalMs: 10_000 });
  assert.deepEqual(
    table.session.film.segments.bits,
    Array.from({ length: 3 }, () => kbps.map((rate) => rate * 4000)),
  );
  assert.equal(table.session.film.segments.vmaf, undefined);
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 10_000 }),
      fc.integer({ min: 0, max: 60_000 }),
      (rate, bufferMs) => {
        const one = tableFor({ rule: top, throughput: () => ({ kbps: rate, latencyMs: 50 }) });
        one.session.taken(chosen(one));
        one.bufferMs = bufferMs;
        one.session.segmentAppended(0);
        const { rung, because, segment, film } = chosen(one);
        const bits = film.segments.bits[segment] ?? [];
        const safe = guessedShare * (bufferMs - 50) * rate;
        assert.ok(rung === 0 || (bits[rung] ?? 0) <= safe);
        assert.ok(rung === 2 || (bits[rung + 1] ?? 0) > safe, "no lower than it must");
        assert.equal(because === "the top", rung === 2);
      },
    ),
    runs,
  );
});

test("[PY88] sizes that contradict themselves are refused with what was wanted, where, and what was found", () => {
  const [first] = sizes.renditions;
  assert.ok(first);
  const wrong: readonly (readonly [unknown, RegExp])[] = [
    [{ ...sizes, durationsMs: [] }, /a list that is not empty was wanted at durationsMs, found \[\]/],
    [{ ...sizes, durationsMs: [4000, -1] }, /a number above 0 was wanted at durationsMs\[1\], found -1/],
    [{ ...sizes, renditions: [{ ...first, id: "" }] }, /a name was wanted at renditions\[0\]\.id/],
    [
      { ...sizes, renditions: [{ ...first, bytes: [1] }] },
      /one value for each of 30 segments was wanted at renditions\[0\]\.bytes, found 1/,
    ],
    [{ ...sizes, renditions: [{ ...first, quality: undefined }] }, /renditions\[0\]\.quality, found nothing/],
    [{ ...sizes, metric: { name: "psnr" } }, /vmaf or ssim was wanted at metric\.name, found "psnr"/],
    [{}, /durationsMs, found nothing/],
  ];
  for (const [given, words] of wrong) {
    assert.throws(() => tableFor({ sizes: JSON.parse(JSON.stringify(given)) }), words);
  }
});

test("[PY89] when rungs go, the estimate stays and the last rung is the nearest; the rule begins anew, and not for caps", () => {
  const { rule, heard, asked } = listener();
  const table = tableFor({ rule, sizes });
  table.session.taken(chosen(table), "v1");
  table.session.arrived(transfer(0, "v1", 1_600_000, 0));
  assert.deepEqual(heard, ["begin", "0 1 1600000 4000"]);
  const { kbps: before } = table.session.throughput;
  table.top = 1;
  assert.equal(chosen(table).context.maxRung, 1);
  table.session.setRungs(rungs.filter(({ key }) => key !== "v1"));
  assert.equal(chosen(table).context.lastRung, 0, "300 is nearer to 900 than 2700");
  assert.deepEqual(heard.slice(2), ["begin"]);
  assert.equal(table.session.throughput.kbps, before);
  table.session.setRungs([]);
  assert.equal(table.session.choose(), undefined);
  assert.ok(asked.every(({ minRung, maxRung }) => minRung <= maxRung && maxRung >= 0));
});

test("[PY89] a rule that answers nonsense cannot give a player a rung that it has not", () => {
  const nonsense = fc.oneof(fc.double(), fc.integer());
  const caps = fc.tuple(fc.integer({ min: -3, max: 6 }), fc.integer({ min: -3, max: 6 }));
  fc.assert(
    fc.property(nonsense, caps, (rung, [minRung, maxRung]) => {
      const { rule } = listener();
      const odd: NamedRule = {
        name: "odd",
        begin: (...film) => ({ ...rule.begin(...film), decide: () => ({ rung, waitMs: 0 }) }),
      };
      const session = new AbrSession(
        { rule: odd, sizes },
        { bufferMs: () => 0, caps: () => ({ minRung, maxRung }) },
      );
      session.setRungs(rungs);
      const decision = session.choose();
      assert.ok(decision && rungs.some(({ key }) => key === decision.key));
      assert.ok(decision.rung <= Math.max(0, maxRung), "never above the cap");
    }),
    runs,
  );
});

test("[PY90] after a seek decisions count from the start, and a segment fetched again says nothing of the line", () => {
  const { rule, heard } = listener();
  const table = tableFor({ rule, sizes });
  table.session.taken(chosen(table));
  table.session.arrived(transfer(0, "v0", 1_600_000, 0));
  table.session.segmentAppended(0);
  table.session.taken(chosen(table));
  const { kbps: before } = table.session.throughput;
  table.session.sought(table.session.segmentAt(81_000));
  const { context, segment } = chosen(table);
  assert.deepEqual([segment, context.sinceSeek], [20, 0]);
  assert.ok(heard.includes("sought"));
  table.session.arrived(transfer(0, "v0", 99_000_000, 0));
  assert.equal(table.session.throughput.kbps, before);
});
