import assert from "node:assert/strict";
import { test } from "node:test";
import { predict } from "./predict.ts";
import type { StockFile } from "./stock.ts";

function sends(id: string, traffic: number): StockFile {
  return { id, titleId: id, sizeBytes: 1, playsPerDay: traffic, plays: traffic, traffic };
}

const servers = [
  { id: "slow", throughputBps: 10 },
  { id: "fast", throughputBps: 30 },
];

test("[PL20] a file that both hold levels what one of them alone must send", () => {
  const holdings = [
    { file: sends("both", 40), serverIds: ["slow", "fast"] },
    { file: sends("only-slow", 10), serverIds: ["slow"] },
  ];
  const found = predict({ servers, holdings, previous: new Map() });
  assert.equal(found.maxUtilisation, 1);
  assert.deepEqual(
    found.servers.map((server) => server.trafficShare),
    [0.25, 0.75],
  );
});

test("[PL20] one hot file on the slow box caps the cluster", () => {
  const holdings = [
    { file: sends("hot", 30), serverIds: ["slow"] },
    { file: sends("cold", 10), serverIds: ["fast"] },
  ];
  const found = predict({ servers, holdings, previous: new Map() });
  assert.equal(found.maxUtilisation, 3);
  assert.ok(Math.abs(found.effectiveCapacity - 1 / 3) < 1e-12);
});

test("[PL20] what nobody holds is a hole and no load", () => {
  const holdings = [
    { file: sends("held", 30), serverIds: ["fast"] },
    { file: sends("missing", 10), serverIds: [] },
  ];
  const found = predict({ servers, holdings, previous: new Map() });
  assert.equal(found.holePercent, 25);
  assert.equal(
    found.servers.reduce((sum, server) => sum + server.trafficShare, 0),
    1,
  );
});

test("[PL20] an empty catalogue loads nobody", () => {
  const found = predict({ servers, holdings: [], previous: new Map() });
  assert.deepEqual([found.maxUtilisation, found.effectiveCapacity, found.holePercent], [0, 1, 0]);
});
