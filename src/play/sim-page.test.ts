import assert from "node:assert/strict";
import { test } from "node:test";
import { ruleNamed } from "./rules.ts";
import { filmOfSizes } from "./sim-film.ts";
import { metricsOf } from "./sim-metrics.ts";
import { traceOf } from "./sim-network.ts";
import { type Drawn, simulationPage } from "./sim-page.ts";
import { playSession, type Request } from "./sim-player.ts";
import { csvOf, rowOf, type Simulated, summaries } from "./sim-report.ts";
import { timelineOf } from "./sim-timeline.ts";

const read = filmOfSizes({
  segmentMs: 2000,
  kbps: [500, 1000],
  bits: Array.from({ length: 6 }, () => [1e6, 2e6]),
});
assert.ok(read.kind === "film");
const { film } = read;

function simulated(rule: string, name: string, kbps: number): Drawn {
  const made = traceOf(name, [{ durationMs: 5000, kbps, latencyMs: 0 }]);
  const naming = ruleNamed(rule);
  assert.ok(made.kind === "made" && naming.kind === "known");
  const requests: Request[] = [];
  const end = playSession({
    film,
    trace: made.trace,
    rule: naming.row.rule,
    maxBufferMs: 6000,
    onRequest: (request) => requests.push({ ...request }),
  });
  const session: Simulated = { rule, trace: name, metrics: metricsOf(end) };
  return { session, timeline: timelineOf(requests, made.trace) };
}

const nasty = `</title><script>alert("x")</script>&'`;
const slow = simulated("rmin", nasty, 400);
const fast = simulated("throughput", "fast, with a comma", 4000);
const sessions = [slow.session, fast.session];

function page(drawn: readonly Drawn[]): string {
  return simulationPage({
    movie: nasty,
    ladder: film.ladder,
    filmMs: 12_000,
    maxBufferMs: 6000,
    sessions,
    drawn,
  });
}

test("[PY47] the page refers to nothing outside it, and no name becomes markup", () => {
  const html = page([slow, fast]);
  assert.doesNotMatch(html, /<script|<link|<img|@import|url\(|href=|src=/);
  assert.equal(html.match(/&lt;\/title&gt;&lt;script&gt;alert\(&quot;x&quot;\)/g)?.length, 3);
  assert.equal(html.match(/<svg /g)?.length, 2);
  assert.doesNotMatch(html, /NaN|undefined|Infinity/);
});

test("[PY47] sessions beyond those drawn are said to be left out", () => {
  assert.match(page([slow]), /The first 1 sessions are drawn, 1 are left out\./);
  assert.doesNotMatch(page([slow, fast]), /left out/);
});

test("[PY47] a timeline shows each stall, and the buffer as it was", () => {
  // 1 Mbit at 400 kbit/s: 2.5 s per segment of 2 s.
  assert.deepEqual(slow.timeline.stalls[0], { fromMs: 4500, toMs: 5000 });
  assert.equal(slow.timeline.stalls.length, 5);
  assert.equal(slow.timeline.endMs, slow.session.metrics.totalMs);
  assert.deepEqual(
    slow.timeline.bufferMs.slice(0, 6).map(({ atMs, value }) => [atMs, value]),
    [
      [0, 0],
      [2500, 0],
      [2500, 2000],
      [2500, 2000],
      [4500, 0],
      [5000, 0],
    ],
  );
  assert.ok(slow.timeline.capacityKbps.every(({ value }) => Math.abs(value - 400) < 1e-6));
});

test("[PY46] rows carry what their names say, and CSV keeps names with commas and quotes whole", () => {
  const [first, second] = sessions.map(rowOf);
  assert.equal(first?.rebufferSeconds, 2.5);
  assert.equal(first?.meanBitrateBps, (500_000 * 12_000) / 17_000);
  assert.equal(first?.meanQuality, null);
  assert.ok(first !== undefined && second !== undefined);
  const lines = csvOf([first, second]).trimEnd().split("\r\n");
  assert.equal(lines.length, 3);
  assert.match(lines[0] ?? "", /^rule,trace,startupMs,rebufferSeconds,/);
  assert.match(lines[1] ?? "", /^rmin,"<\/title><script>alert\(""x""\)<\/script>&'",2500,2\.5,/);
  assert.match(lines[2] ?? "", /^throughput,"fast, with a comma",/);
});

test("[PY46] a summary pools stalls over time, and means the rest over sessions", () => {
  const [summary] = summaries([slow.session, { ...fast.session, rule: "rmin" }]);
  assert.equal(summary?.sessions, 2);
  const { totalMs } = fast.session.metrics;
  assert.equal(summary?.pooledRebufferRatio, 2500 / (17_000 + totalMs));
  assert.equal(summary?.rebufferRatio, 2500 / 17_000 / 2);
  assert.equal(summary?.quality, undefined);
});
