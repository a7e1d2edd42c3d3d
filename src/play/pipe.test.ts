import assert from "node:assert/strict";
import { test } from "node:test";
import { madeNames, madeNetwork } from "./made-networks.ts";
import { pipeOf } from "./pipe.ts";
import { traceOf } from "./sim-network.ts";

test("[PY182] a simulated network is the same each time it is made, carries something, and has the mean it is called by", () => {
  for (const name of madeNames) {
    const [one, other] = [madeNetwork(name), madeNetwork(name)];
    assert.deepEqual(one, other);
    const lasted = one.trace.durationMs.reduce((sum, ms) => sum + ms, 0);
    assert.ok(one.meanKbps > 0 && lasted >= 30_000, name);
    assert.ok(
      one.trace.kbps.every((kbps) => kbps > 0),
      `${name} never stands still`,
    );
  }
  const { meanKbps } = madeNetwork("train");
  assert.ok(meanKbps > 1500 && meanKbps < 4000, `${meanKbps} of 2500 in the mean`);
  assert.equal(new Set(madeNetwork("train").trace.kbps).size > 100, true, "it does vary");
});

test("[PY182] bits come through at the rate of the trace, never earlier than they came, and one after the other", () => {
  const made = traceOf("two", [
    { durationMs: 1000, kbps: 1000, latencyMs: 40 },
    { durationMs: 1000, kbps: 250, latencyMs: 90 },
  ]);
  assert.equal(made.kind, "made");
  if (made.kind !== "made") return;
  const pipe = pipeOf(made.trace, 5000);
  assert.equal(pipe.latencyMs(5000), 40);
  assert.equal(pipe.through(500_000, 5000), 5500);
  assert.equal(pipe.through(100_000, 5100), 5600, "behind what came before");
  assert.equal(pipe.through(100_000, 5800), 5900, "capacity that nobody used is gone");
  assert.equal(
    pipe.through(200_000, 5900),
    6400,
    "100 kbit until the period ends, and 100 kbit at 250 kbit/s",
  );
  assert.equal(pipe.latencyMs(6400), 90);
  assert.equal(pipe.through(0, 7100), 7100, "the trace begins again");
  assert.equal(pipe.latencyMs(7100), 40);
});
