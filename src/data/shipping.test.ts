import assert from "node:assert/strict";
import { test } from "node:test";
import { backoffMs, type Mark, marked, oneShipment, paceMs, released } from "./shipping.ts";

test("[DA142] tries go apart, up to a limit, and no two machines come back at once", () => {
  assert.deepEqual(
    [1, 2, 3].map((failures) => backoffMs(failures, 30_000, 1)),
    [200, 400, 800],
  );
  assert.deepEqual(
    [1, 2, 3].map((failures) => backoffMs(failures, 30_000, 0)),
    [100, 200, 400],
  );
  assert.equal(backoffMs(1000, 30_000, 1), 30_000);
});

test("[DA143] after an outage it rests as long as it works: half of its capacity; not when the spool fills up", () => {
  const facts = { tookMs: 40, behind: 10_000, shipment: 500, fill: 0.1 };
  assert.equal(paceMs(facts), 40);
  assert.equal(paceMs({ ...facts, behind: 500 }), 0, "who is not behind does not rest");
  assert.equal(paceMs({ ...facts, fill: 0.4 }), 0);
});

test("[DA142] a shipment keeps its size, and one long record goes alone", () => {
  const records = [10, 10, 10, 100, 1].map((length, offset) => ({ offset, value: new Uint8Array(length) }));
  assert.equal(oneShipment(records, 30).length, 3);
  assert.equal(oneShipment(records.slice(3), 30).length, 1);
  assert.equal(oneShipment(records, 1000).length, 5);
  assert.deepEqual(oneShipment([], 1), []);
});

test("[DA144] what was acknowledged is kept for its time, and goes sooner when the spool fills up", () => {
  let marks: readonly Mark[] = [];
  for (let second = 0; second <= 700; second++) {
    marks = marked(marks, { offset: second * 10, atMs: second * 1000 }, 600_000);
  }
  const { below, marks: left } = released(marks, { nowMs: 700_000, keepMs: 600_000, fill: 0 });
  assert.equal(below, 1000, "acknowledged at 100 s");
  assert.equal(released(left, { nowMs: 700_000, keepMs: 600_000, fill: 0 }).below, undefined);
  assert.equal(released(left, { nowMs: 700_000, keepMs: 600_000, fill: 0.4 }).below, 7000);
});

test("[DA144] marks stay few however often it ships, and the newest counts", () => {
  let marks: readonly Mark[] = [];
  for (let moment = 0; moment < 5000; moment++) {
    marks = marked(marks, { offset: moment, atMs: moment * 10 }, 600_000);
  }
  assert.ok(marks.length < 120, `${marks.length}`);
  assert.equal(marks.at(-1)?.offset, 4999);
});
