// The Pensieve environment beside its published figures, where the traces lie beside the clone, and by hand everywhere.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { readMovie } from "./io/movie.ts";
import { readTraces } from "./io/traces.ts";
import { type PensieveStep, playPensieve } from "./pensieve-env.ts";
import { pensieveBb, pensieveRate } from "./pensieve-rules.ts";
import { type NamedRule, named } from "./rule.ts";
import { lowestRule } from "./rule-lowest.ts";
import { mpc, robustMpc } from "./rule-mpc.ts";
import { filmOfSizes, lastingFor } from "./sim-film.ts";
import { type Period, traceOf } from "./sim-network.ts";

const traces = "../shared/traces";
const absent = existsSync(`${traces}/fcc-pensieve-test`)
  ? false
  : `no ${traces} beside this clone: the published table is not compared`;

interface Row {
  readonly rule: NamedRule;
  /** Mean over the sessions: reward of segments 1–48 and 2–48, stall in s, kbit/s, |ΔR| in kbit/s over 47 changes. */
  readonly figures: readonly [number, number, number, number, number];
}

const table: readonly Row[] = [
  { rule: named(lowestRule), figures: [-0.077834, 0.290426, 4.2177, 309.38, 9.57] },
  { rule: named(pensieveBb), figures: [0.392082, 0.770339, 4.9372, 1231.91, 405.99] },
  { rule: named(pensieveRate), figures: [0.486337, 0.866599, 4.6637, 943.61, 40.33] },
  { rule: named(mpc), figures: [0.418141, 0.796953, 8.2509, 1296.4, 142.07] },
  { rule: named(robustMpc), figures: [0.650275, 1.034026, 5.1279, 1248.44, 141.74] },
];
/** Half of the last digit that was printed, and what adding in another order may do. */
const within = [1e-6, 1e-6, 5.1e-5, 5.1e-3, 5.1e-3];

for (const { rule, figures } of table) {
  test(`[PY79] the Pensieve table: ${rule.name}`, { skip: absent }, async () => {
    const { film } = await readMovie(`${traces}/movies/envivio-dash3.json`);
    const read = await readTraces(`${traces}/fcc-pensieve-test`);
    assert.equal(read.traces.length, 100);
    const short = lastingFor(film, 48 * 4000);
    const sessions = read.traces.map((trace) => playPensieve({ film: short, trace, rule, firstRung: 1 }));
    const sums = sessions.map((steps) => [
      mean(steps, (step) => step.reward),
      mean(steps.slice(1), (step) => step.reward),
      mean(steps, (step) => step.stallMs) * (steps.length / 1000),
      mean(steps, (step) => step.kbps),
      mean(steps.slice(1), (step) => step.changeKbps),
    ]);
    for (const [column, wanted] of figures.entries()) {
      const found = mean(sums, (row) => row[column] ?? Number.NaN);
      assert.ok(
        Math.abs(found - wanted) <= (within[column] ?? 0),
        `column ${column}: ${found}, not ${wanted}`,
      );
    }
  });
}

function mean<T>(list: readonly T[], of: (one: T) => number): number {
  return list.reduce((sum, one) => sum + of(one), 0) / list.length;
}

function playByHand(
  bits: readonly (readonly number[])[],
  periods: readonly Period[],
): readonly PensieveStep[] {
  const read = filmOfSizes({ segmentMs: 4000, kbps: [500, 1000], bits });
  const made = traceOf("by hand", periods);
  assert.ok(read.kind === "film" && made.kind === "made");
  return playPensieve({ film: read.film, trace: made.trace, rule: named(lowestRule), firstRung: 1 });
}

test("[PY80] by hand: 0.95 of the bandwidth carries the segment, a round trip follows, and start-up is a stall", () => {
  // 1.9 Mbit at 0.95 · 1000 kbit/s: 2000 ms, and 80. Then 1.9 Mbit: 2080 ms of 4000 that lie ready.
  const steps = playByHand(
    [
      [1e6, 1.9e6],
      [1.9e6, 4e6],
    ],
    [{ durationMs: 60_000, kbps: 1000, latencyMs: 0 }],
  );
  assert.deepEqual(
    steps.map((step) => [step.rung, step.stallMs, step.changeKbps]),
    [
      [1, 2080, 0],
      [0, 0, 500],
    ],
  );
  const rewards = [1 - 4.3 * 2.08, 0.5 - 0.5];
  for (const [i, step] of steps.entries()) assert.ok(Math.abs(step.reward - (rewards[i] ?? 0)) < 1e-12);
});

test("[PY80] by hand: a segment goes on in the next period, and the trace begins again", () => {
  // 950 bits/ms for 1 s, nothing for 2 s: 1.9 Mbit take 1 s, 2 s of nothing, and 1 s of the trace's new round.
  const steps = playByHand(
    [[1e6, 1.9e6 - 1]],
    [
      { durationMs: 1000, kbps: 1000, latencyMs: 0 },
      { durationMs: 2000, kbps: 0, latencyMs: 0 },
    ],
  );
  assert.ok(Math.abs((steps[0]?.stallMs ?? 0) - 4080) < 0.01);
});

test("[PY80] by hand: over 60 s, the player waits in steps of 500 ms", () => {
  // Each segment takes 50 + 80 ms and brings 4000: 4000, 7870, … 58,180 after 15. The 16th makes 62,050, so that 2500 ms are
  // waited. From then on every segment lifts the buffer above 60 s, and none stalls.
  const count = 40;
  const fast: Period = { durationMs: 4000, kbps: 20_000, latencyMs: 0 };
  const dead: Period = { durationMs: 59_000, kbps: 0.001, latencyMs: 0 };
  const bits = Array.from({ length: count }, () => [950_000, 950_000]);
  const steady = playByHand(bits, [fast]);
  assert.equal(
    steady.reduce((sum, step) => sum + step.stallMs, 0),
    130,
  );
  // After 16 segments of 50 ms and 2500 ms of waiting the hand stands at 3300 of 4000 ms: the 17th comes in time, and 3500 ms
  // later the network is dead for 59 s. What lies ready, 59,550 − 130 + 4000 − 3500 ms, outlasts what is left of that.
  const outage = playByHand(bits.slice(0, 18), [fast, dead]);
  assert.equal(
    outage.slice(0, 17).reduce((sum, step) => sum + step.stallMs, 0),
    130,
  );
  assert.equal(outage[17]?.stallMs, 0);
  const longer = playByHand(bits.slice(0, 18), [fast, { ...dead, durationMs: 69_000 }]);
  const left = 59_550 - 130 + 4000 - 3500;
  const lasts = 69_000 - 2850 + 50 + 80;
  assert.ok(Math.abs((longer[17]?.stallMs ?? 0) - (lasts - left)) < 1);
});
