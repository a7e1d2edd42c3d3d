import assert from "node:assert/strict";
import { test } from "node:test";
import { type Missed, missedFiles, missesInAll, timesOf } from "./missed.ts";

type Box = Parameters<typeof missedFiles>[0][number];
type Told = Omit<Missed, "applianceIds">;

const quiet = {
  ...{ bootId: "b", baseUrl: "http://192.0.2.1", nginx: "up" as const, trouble: "", draining: false },
  desiredEpoch: 1,
  load: { bitsPerSecond: 0, connections: 0, requests: 0, errors: 0 },
  disk: { usedBytes: 0, budgetBytes: 0 },
  fill: {
    ...{ queued: 0, filesVerified: 0, bytes: 0, bytesFromPeers: 0, bytesFromOrigin: 0, rejected: 0 },
    lastProblem: "",
  },
};

function box(id: string, total: number, ...files: readonly Told[]): Box {
  return { id, report: { ...quiet, misses: { total, files: [...files] } } };
}

function told(path: string, atLeast: number, count: number, sinceMs: number): Told {
  return { titleId: "t1", path, atLeast, count, sinceMs, lastMs: sinceMs + 10 };
}

test("[ED154] what several appliances miss is one row, most missed first, with what is certain and where", () => {
  const boxes = [
    box("a", 20, told("v/1", 2, 2, 50), told("v/2", 7, 9, 100)),
    box("b", 4, told("v/2", 4, 4, 200)),
    { id: "c", report: quiet },
    { id: "d", report: null },
  ];
  const rows = missedFiles(boxes);
  const seen = rows.map((row) => [
    row.path,
    timesOf(row),
    row.applianceIds.join(" "),
    row.sinceMs,
    row.lastMs,
  ]);
  assert.deepEqual(seen, [
    ["v/2", "11–13", "a b", 100, 210],
    ["v/1", "2", "a", 50, 60],
  ]);
  assert.equal(missesInAll(boxes), 24);
});

test("[ED154] appliances that missed nothing, or never reported, add nothing", () => {
  assert.deepEqual(missedFiles([{ id: "a", report: null }]), []);
  assert.equal(missesInAll([{ id: "a", report: null }]), 0);
});
