import assert from "node:assert/strict";
import { test } from "node:test";
import { type Choice, type NamedRule, named, type Rule } from "./rule.ts";
import { ruleNamed, rules } from "./rules.ts";
import { lastingFor } from "./sim-film.ts";
import { type Period, type Trace, traceOf } from "./sim-network.ts";
import { playSession, type Request, type SessionOrder } from "./sim-player.ts";
import type { Film } from "./types.ts";

function filmWith(kbps: readonly number[], durationMs: readonly number[]): Film {
  const names = kbps.map((rate) => `${rate} kbit/s`);
  return {
    ladder: { kbps, heights: kbps.map(() => 0), names, ids: names },
    segments: { durationMs, bits: durationMs.map((ms) => kbps.map((rate) => rate * ms)), vmaf: undefined },
  };
}

function traceFrom(periods: readonly Period[]): Trace {
  const reading = traceOf("trace", periods);
  assert.ok(reading.kind === "made", JSON.stringify(reading));
  return reading.trace;
}

function requestsOf(order: SessionOrder): Request[] {
  const requests: Request[] = [];
  playSession({ ...order, onRequest: (request) => requests.push({ ...request }) });
  return requests;
}

const twoRungs = filmWith(
  [200, 1000],
  Array.from({ length: 12 }, () => 2000),
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

test("[PY43] a film is cut or repeated to a length, in whole segments", () => {
  const film = filmWith([100, 200], [2000, 3000]);
  assert.deepEqual(lastingFor(film, 4000).segments.durationMs, [2000, 3000]);
  assert.deepEqual(lastingFor(film, 2000).segments.durationMs, [2000]);
  assert.deepEqual(lastingFor(film, 5001).segments.durationMs, [2000, 3000, 2000]);
  assert.deepEqual(lastingFor(film, 5001).segments.bits[2], film.segments.bits[0]);
});
