import assert from "node:assert/strict";
import { test } from "node:test";
import { type Trace, traceOf } from "#play/sim-network.ts";
import {
  classWords,
  contestants,
  fitted,
  meanKbps,
  programme,
  queueBytes,
  shaping,
  stairs,
} from "./play-plan.ts";

function network(
  ...periods: readonly (readonly [durationMs: number, kbps: number, latencyMs: number])[]
): Trace {
  const made = traceOf(
    "one",
    periods.map(([durationMs, kbps, latencyMs]) => ({ durationMs, kbps, latencyMs })),
  );
  assert.ok(made.kind === "made");
  return made.trace;
}

test("[PY170] every player is on every network in every run, four in a row, and the turns are even", () => {
  const all = programme(6, 3);
  const names = all.map(({ trace, run, player }) => `${trace} ${run} ${player}`);
  assert.equal(new Set(names).size, 6 * 3 * 4);
  const rows = Array.from({ length: 18 }, (_, round) => all.slice(round * 4, round * 4 + 4));
  for (const row of rows) {
    assert.equal(new Set(row.map(({ trace, run }) => `${trace} ${run}`)).size, 1);
    assert.deepEqual(row.map(({ player }) => player).toSorted(), [...contestants].toSorted());
  }
  for (const place of [0, 3]) {
    const counts = contestants.map((player) => rows.filter((row) => row[place]?.player === player).length);
    assert.ok(Math.max(...counts) - Math.min(...counts) <= 1, `place ${place}: ${counts}`);
  }
  const orders = rows
    .filter((row) => row[0]?.trace === 2)
    .map((row) => row.map(({ player }) => player).join());
  assert.equal(new Set(orders).size, 3, "another order in each run of one network");
});

test("[PY171] the link follows the trace, with headers, and begins again with it", () => {
  const changes = shaping(network([1000, 1448, 20], [500, 0, 20], [500, 1448, 50]), 3200);
  assert.deepEqual(
    changes.map(({ atMs, rateKbit, latencyMs }) => [atMs, rateKbit, latencyMs]),
    [
      [0, 1514, 20],
      [1000, 1, 20],
      [1500, 1514, 50],
      [2000, 1514, 20],
      [3000, 1, 20],
    ],
  );
  assert.equal(shaping(network([10, 500, 5]), 100_000).length, 1, "equal neighbours are one");
});

test("[PY171] a burst holds a tick and a half, and two frames at least; the queue half a second", () => {
  const [slow] = shaping(network([1000, 1000, 0]), 10);
  const [fast] = shaping(network([1000, 50_000, 0]), 10);
  assert.ok(slow && fast);
  assert.equal(slow.burstBytes, 3200);
  assert.ok(fast.burstBytes >= (((50_000 * 1514) / 1448) * 125 * 1.5) / 250 - 1);
  assert.equal(queueBytes([slow]), 200_000);
  assert.equal(queueBytes([slow, fast]), Math.ceil((fast.rateKbit * 125) / 2));
  const words = classWords("change", "wire0", slow).join(" ");
  assert.equal(
    words,
    "class change dev wire0 parent 1: classid 1:1 htb rate 1046kbit ceil 1046kbit burst 3200 cburst 3200",
  );
});

test("[PY172] one factor brings the mean over the film to what is wanted, and changes nothing else", () => {
  const given = network([1000, 3000, 20], [3000, 1000, 40]);
  assert.equal(meanKbps(given, 4000), 1500);
  assert.equal(meanKbps(given, 6000), (3000 + 3000 + 3000 + 1000) / 6, "begun again");
  const { trace, factor } = fitted(given, 600, 6000);
  assert.ok(Math.abs(meanKbps(trace, 6000) - 600) < 1e-9);
  assert.deepEqual([...trace.kbps], [3000 * factor, 1000 * factor]);
  assert.deepEqual([trace.durationMs, trace.latencyMs], [given.durationMs, given.latencyMs]);
  assert.throws(
    () => fitted(network([9000, 0, 0], [1000, 5, 0]), 600, 6000),
    /carries nothing in its first 6000 ms/,
  );
});

test("[PY172] without recorded networks six made ones stand in", () => {
  assert.equal(new Set(stairs().map(({ name }) => name)).size, 6);
});
