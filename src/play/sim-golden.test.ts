// The simulator beside Sabre: small sessions worked out by hand, and Sabre's own figures where they lie beside the clone.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { readMovie } from "./io/movie.ts";
import { readTraces } from "./io/traces.ts";
import { ruleNamed, rules } from "./rules.ts";
import { filmOfSizes, lastingFor } from "./sim-film.ts";
import { metricsOf, type SessionMetrics } from "./sim-metrics.ts";
import { type Period, type Trace, traceOf } from "./sim-network.ts";
import { playSession, type Request, type SessionOrder } from "./sim-player.ts";
import type { Film } from "./types.ts";

const goldens = "../shared/traces/sabre-golden";
const absent = existsSync(goldens)
  ? false
  : `no ${goldens} beside this clone: Sabre's own figures are not compared`;

interface Scenario {
  readonly traces: string;
  readonly movie: string;
  readonly bufferMs: number;
  readonly lengthMs?: number;
  readonly rampupRung?: number;
}

const scenarios: Readonly<Record<string, Scenario>> = {
  "3G-VOD-25": { traces: "norway-hsdpa-3g", movie: "bbb", bufferMs: 25_000 },
  "3G-LIVE-10": { traces: "norway-hsdpa-3g", movie: "bbb", bufferMs: 10_000 },
  "3G-VOD-240": { traces: "norway-hsdpa-3g", movie: "bbb", bufferMs: 240_000, lengthMs: 1_800_000 },
  "4G-VOD-25": { traces: "ghent-lte-4g", movie: "bbb4k", bufferMs: 25_000 },
  "4G-LIVE-10": { traces: "ghent-lte-4g", movie: "bbb4k", bufferMs: 10_000 },
  "4G-VOD-240": { traces: "ghent-lte-4g", movie: "bbb4k", bufferMs: 240_000, lengthMs: 1_800_000 },
  "FCC-SD-25": {
    traces: "fcc-sabre/fcc-sd.ndjson",
    movie: "bbb",
    bufferMs: 25_000,
    lengthMs: 180_000,
    rampupRung: 9,
  },
  "FCC-HD-25": {
    traces: "fcc-sabre/fcc-hd.ndjson",
    movie: "bbb4k",
    bufferMs: 25_000,
    lengthMs: 180_000,
    rampupRung: 4,
  },
};

/** Columns of the goldens: what they are called here, and how far they may be off. */
const columns: Readonly<
  Record<string, { readonly of: (m: SessionMetrics) => number; readonly within: number }>
> = {
  avg_bitrate_kbps: { of: (m) => m.meanKbps, within: 1e-3 },
  rebuffer_ratio: { of: (m) => m.rebufferRatio, within: 1e-6 },
  rebuffer_s: { of: (m) => m.stallMs / 1000, within: 1e-6 },
  rebuffer_events: { of: (m) => m.stalls, within: 0 },
  avg_bitrate_change_kbps: { of: (m) => m.changeKbps, within: 1e-3 },
  avg_utility: { of: (m) => m.utility, within: 1e-6 },
  score: { of: (m) => m.score, within: 1e-6 },
  rampup_s: { of: (m) => m.rampupMs / 1000, within: 1e-6 },
  reaction_s: { of: (m) => m.reactionMs / 1000, within: 1e-6 },
  total_play_s: { of: (m) => m.totalMs / 1000, within: 1e-6 },
};

interface Stage {
  readonly film: Film;
  readonly traces: ReadonlyMap<string, Trace>;
}

const stages = new Map<string, Promise<Stage>>();

function stageOf(scenario: string): Promise<Stage> {
  const known = stages.get(scenario) ?? openStage(scenarioNamed(scenario));
  stages.set(scenario, known);
  return known;
}

async function openStage({ traces, movie, lengthMs }: Scenario): Promise<Stage> {
  const { film } = await readMovie(`../shared/traces/movies/${movie}.json`);
  const { traces: all } = await readTraces(`../shared/traces/${traces}`);
  return {
    film: lengthMs === undefined ? film : lastingFor(film, lengthMs),
    traces: new Map(all.map((trace) => [trace.name, trace])),
  };
}

function scenarioNamed(name: string): Scenario {
  const scenario = scenarios[name];
  assert.ok(scenario !== undefined, `no scenario ${name}`);
  return scenario;
}

function orderOf(stage: Stage, scenario: string, trace: Trace, algorithm: string): SessionOrder {
  const naming = ruleNamed(nameOf(algorithm));
  assert.ok(naming.kind === "known");
  const { rule, replacement } = naming.row;
  const { bufferMs, rampupRung } = scenarioNamed(scenario);
  const order = {
    film: stage.film,
    trace,
    rule,
    replacement,
    maxBufferMs: bufferMs,
    arithmetic: "pieces",
  } as const;
  return rampupRung === undefined ? order : { ...order, rampupRung };
}

/** "BBA-2+OP" is the rule "bba-2-op". */
function nameOf(algorithm: string): string {
  return algorithm.toLowerCase().replace("+", "-");
}

function skipUnregistered(context: TestContext, algorithm: string): boolean {
  if (ruleNamed(nameOf(algorithm)).kind === "known") return false;
  context.skip(`rules.ts has no rule "${nameOf(algorithm)}"`);
  return true;
}

interface Row {
  readonly scenario: string;
  readonly trace: string;
  readonly figures: readonly (readonly [string, number])[];
}

/** All rows of all scenarios, by algorithm. */
function goldenRows(): ReadonlyMap<string, readonly Row[]> {
  const all = Object.keys(scenarios).flatMap((scenario) => {
    const [head = "", ...lines] = readFileSync(`${goldens}/${scenario}.csv`, "utf8").trim().split("\n");
    const names = head.split(",").slice(2);
    return lines.map((line) => {
      const [algorithm = "", trace = "", ...cells] = line.split(",");
      const figures = names.map((name, i) => [name, Number(cells[i])] as const);
      return { algorithm, scenario, trace, figures };
    });
  });
  return Map.groupBy(all, (row) => row.algorithm);
}

interface Log {
  readonly scenario: string;
  readonly trace: string;
  readonly algorithm: string;
  readonly events: readonly (readonly (number | null)[])[];
}

function goldenLogs(): ReadonlyMap<string, readonly Log[]> {
  const lines = readFileSync(`${goldens}/decisions.ndjson`, "utf8").trim().split("\n");
  const logs: Log[] = lines.map((line) => JSON.parse(line));
  return Map.groupBy(logs, (log) => log.algorithm);
}

test("[PY37] Sabre's goldens name every published rule that is registered here", { skip: absent }, () => {
  const named = new Set([...goldenRows().keys()].map(nameOf));
  const compared = rules.filter((row) => named.has(row.name));
  assert.ok(compared.length >= 2, "a check of parity that compares nothing");
});

if (absent === false) {
  for (const [algorithm, rows] of goldenRows()) {
    test(`[PY37] ${algorithm}: ${rows.length} golden sessions, every figure`, async (context) => {
      if (skipUnregistered(context, algorithm)) return;
      for (const { scenario, trace: name, figures } of rows) {
        const stage = await stageOf(scenario);
        const trace = stage.traces.get(name);
        assert.ok(trace !== undefined, `no trace ${name}`);
        const found = metricsOf(playSession(orderOf(stage, scenario, trace, algorithm)));
        assert.equal(figures.length, Object.keys(columns).length);
        for (const [column, wanted] of figures) compareFigure(found, column, wanted, `${scenario} ${name}`);
      }
    });
  }
  for (const [algorithm, logs] of goldenLogs()) {
    test(`[PY37] ${algorithm}: ${logs.length} golden logs, request by request`, async (context) => {
      if (skipUnregistered(context, algorithm)) return;
      let compared = 0;
      for (const log of logs) {
        const stage = await stageOf(log.scenario);
        const trace = stage.traces.get(log.trace);
        if (trace === undefined)
          context.diagnostic(`${log.scenario} ${log.trace}: no such trace beside this clone`);
        else {
          compareLog(log, orderOf(stage, log.scenario, trace, algorithm));
          compared += 1;
        }
      }
      assert.ok(compared > 0);
    });
  }
}

function compareFigure(found: SessionMetrics, column: string, wanted: number, where: string): void {
  const rule = columns[column];
  assert.ok(rule !== undefined, `nothing here answers to the column ${column}`);
  // Printed with six decimals: half of the last one may be rounding.
  const off = Math.abs(rule.of(found) - wanted);
  assert.ok(off <= rule.within + 5.1e-7, `${where}, ${column}: ${rule.of(found)}, not ${wanted}`);
}

function compareLog({ events, scenario, trace, algorithm }: Log, order: SessionOrder): void {
  const requests: Request[] = [];
  playSession({ ...order, onRequest: (request) => requests.push({ ...request }) });
  const where = `${algorithm} ${scenario} ${trace}`;
  assert.deepEqual(
    requests.map(({ segment, rung, abandonedTo }) => [segment, rung, abandonedTo ?? null]),
    events.map(([segment, rung, , , , , abandonedTo]) => [segment, rung, abandonedTo]),
    where,
  );
  for (const [i, request] of requests.entries()) {
    const [, , bits, arrived, ms, ttfbMs, , buffer] = events[i] ?? [];
    const pairs = [
      [request.bits, bits],
      [request.arrivedBits, arrived],
      [request.ms, ms],
      [request.ttfbMs, ttfbMs],
      [request.bufferAtRequestMs, buffer],
    ] as const;
    for (const [found, wanted] of pairs) {
      assert.ok(
        Math.abs(found - (wanted ?? Number.NaN)) <= 1e-3,
        `${where}, request ${i}: ${found}, not ${wanted}`,
      );
    }
  }
}

function filmOf(kbps: readonly number[], segments: number): Film {
  const read = filmOfSizes({
    segmentMs: 2000,
    kbps,
    bits: Array.from({ length: segments }, () => kbps.map((rate) => rate * 2000)),
  });
  assert.ok(read.kind === "film");
  return read.film;
}

function handSession(
  rule: string,
  film: Film,
  periods: readonly Period[],
  maxBufferMs: number,
): { readonly requests: readonly (readonly number[])[]; readonly metrics: SessionMetrics } {
  const reading = traceOf("by hand", periods);
  const naming = ruleNamed(rule);
  assert.ok(reading.kind === "made" && naming.kind === "known");
  const requests: number[][] = [];
  const end = playSession({
    film,
    trace: reading.trace,
    rule: naming.row.rule,
    maxBufferMs,
    onRequest: ({ segment, rung, ms, bufferAtRequestMs, sentMs }) =>
      requests.push([segment, rung, sentMs, ms, bufferAtRequestMs].map((x) => Math.round(x * 1e6) / 1e6)),
  });
  return { requests, metrics: metricsOf(end) };
}

function close(found: number, wanted: number): void {
  assert.ok(Math.abs(found - wanted) < 1e-6, `${found}, not ${wanted}`);
}

test("[PY37] by hand: one rung up, and then a full buffer", () => {
  // 1 Mbit in 500 ms + 100 ms latency; then 2000 · 0.9 kbit/s carry the upper rung: 2 Mbit in 1000 + 100 ms. Before segment 4
  // there are 4700 ms and 2000 to come: 700 too many.
  const periods = [{ durationMs: 30_000, kbps: 2000, latencyMs: 100 }];
  const { requests, metrics } = handSession("throughput", filmOf([500, 1000], 6), periods, 6000);
  assert.deepEqual(requests, [
    [0, 0, 0, 600, 0],
    [1, 1, 600, 1100, 2000],
    [2, 1, 1700, 1100, 2900],
    [3, 1, 2800, 1100, 3800],
    [4, 1, 4600, 1100, 4000],
    [5, 1, 6600, 1100, 4000],
  ]);
  close(metrics.totalMs, 600 + 12_000);
  close(metrics.meanKbps, (500 * 2000 + 1000 * 10_000) / 12_600);
  close(metrics.changeKbps, (500 * 2000) / 12_600);
  close(metrics.utility, (Math.LN2 * 10_000) / 12_600);
  close(metrics.rampupMs, 2600);
  close(metrics.qoeKbps, (500 + 5 * 1000 - 500 - 1000 * 0.6) / 6);
  assert.equal(metrics.stalls, 0);
  assert.equal(metrics.switches, 1);
});

test("[PY37] by hand: a network below the lowest rung stalls before every segment", () => {
  // 1 Mbit takes 2500 ms and plays for 2000.
  const periods = [{ durationMs: 5000, kbps: 400, latencyMs: 0 }];
  const { metrics } = handSession("rmin", filmOf([500, 1000], 6), periods, 6000);
  close(metrics.startupMs, 2500);
  close(metrics.stallMs, 5 * 500);
  assert.equal(metrics.stalls, 5);
  close(metrics.totalMs, 2500 + 12_000 + 2500);
  close(metrics.score, (-5 * 2500) / 17_000);
});

test("[PY37] by hand: a request that the network breaks off under is given up for the lowest rung", () => {
  // Segment 0 takes 200 ms. Segment 1 has 2 Mbit: 0.6 in the 300 ms that are left of the fast period, then 12,000 bits every
  // 120 ms. It would end within 1.8 · 2000 ms until e = 300 + 8·120 = 1260 ms: e·2 Mbit / 0.696 Mbit = 3621 ms.
  // 740 ms are left then; 0.81 · 740 ms · 2000 kbit/s bear no 2 Mbit, so that the lowest rung follows: 0.4 Mbit in 4000 ms.
  const periods = [
    { durationMs: 500, kbps: 2000, latencyMs: 0 },
    { durationMs: 60_000, kbps: 100, latencyMs: 0 },
  ];
  const { requests, metrics } = handSession("throughput", filmOf([200, 1000], 2), periods, 6000);
  assert.deepEqual(requests, [
    [0, 0, 0, 200, 0],
    [1, 1, 200, 1260, 2000],
    [1, 0, 1460, 4000, 740],
  ]);
  close(metrics.stallMs, 3260);
  assert.equal(metrics.abandoned, 1);
});
