import assert from "node:assert/strict";
import { test } from "node:test";
import { barsOf, bootstrap, type Outcome, outcomeOf } from "./bars.ts";
import { hasRecorded, openScenario, recordedFolder } from "./io/scenario.ts";
import { ruleNamed } from "./rules.ts";
import { madeTraces, scenarios } from "./scenarios.ts";
import { metricsOf } from "./sim-metrics.ts";
import { playSession } from "./sim-player.ts";

const absent = hasRecorded()
  ? false
  : `no ${recordedFolder} beside this clone: the bars are for its networks`;

function outcome(change: Partial<Outcome>): Outcome {
  return { scores: [1, 1.2], score: 1.1, stallPercent: 2, kbps: 900, changeKbps: 40, ...change };
}

const rivals = { rmin: outcome({ stallPercent: 1.5 }), bolaE: outcome({}), dynamic: outcome({ score: 1 }) };

test("[PY138] a bar holds at its edge and not beyond: 0.02 of score, BOLA-E-O's stalls, 1.5 times its change", () => {
  const edge = outcome({ score: 1.1 + 0.02, changeKbps: 60 });
  const bars = barsOf(edge, rivals);
  assert.deepEqual([bars.holds, bars.better, bars.change], [true, "bola-e-o", 1.5]);
  assert.ok(Math.abs(bars.excess - 0.5) < 1e-12 && Math.abs(bars.allowedExcess - 0.5) < 1e-12);
  assert.equal(barsOf({ ...edge, score: 1.119 }, rivals).holds, false);
  assert.equal(barsOf({ ...edge, stallPercent: 2.001 }, rivals).holds, false);
  assert.equal(barsOf({ ...edge, changeKbps: 60.1 }, rivals).holds, false);
  assert.equal(
    barsOf(edge, { ...rivals, dynamic: outcome({ score: 1.11 }) }).holds,
    false,
    "the better of both",
  );
});

test("[PY138] the interval is around the mean of the differences, narrows with their number, and is the same every time", () => {
  const some = Array.from({ length: 50 }, (_, i) => (i % 2 === 0 ? 0.1 : 0.3));
  const [low, high] = bootstrap(some);
  assert.ok(low > 0.16 && low < 0.2 && high > 0.2 && high < 0.24, `${low} to ${high}`);
  assert.deepEqual(bootstrap(some), [low, high]);
  const [nearLow, nearHigh] = bootstrap([...some, ...some, ...some, ...some], 2000);
  assert.ok(nearHigh - nearLow < high - low);
  assert.deepEqual(bootstrap([0.5, 0.5]), [0.5, 0.5]);
});

test("[PY138] without recorded networks there are made ones, the same every time", async () => {
  for (const scenario of scenarios) {
    const { film, traces } = await openScenario(scenario, "no/such/folder");
    assert.equal(traces.length, 20);
    assert.deepEqual(
      madeTraces(scenario)[3]?.kbps,
      traces.find(({ name }) => name.endsWith(" made 3"))?.kbps,
    );
    assert.ok(film.segments.durationMs.length >= 60);
  }
});

test("[PY139] the default rule clears its bars in all eight scenarios", { skip: absent }, async () => {
  for (const scenario of scenarios) {
    const { film, traces } = await openScenario(scenario);
    const [rmin, bolaE, dynamic, ours] = ["rmin", "bola-e-o", "dynamic", "default"].map((name) => {
      const naming = ruleNamed(name);
      assert.ok(naming.kind === "known");
      const { rule } = naming.row;
      return outcomeOf(
        traces.map((trace) => metricsOf(playSession({ film, trace, rule, maxBufferMs: scenario.bufferMs }))),
      );
    });
    assert.ok(rmin !== undefined && bolaE !== undefined && dynamic !== undefined && ours !== undefined);
    const bars = barsOf(ours, { rmin, bolaE, dynamic });
    assert.ok(bars.holds, `${scenario.name}: ${JSON.stringify(bars)}`);
  }
});
