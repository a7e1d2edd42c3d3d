import assert from "node:assert/strict";
import { test } from "node:test";
import { readEntry } from "#control/log-record.ts";
import { film, openScreenRig } from "#test/fixtures/screen-rig.ts";
import { eventually } from "#test/journeys/control-plane.ts";

test("[CO414] decisions of plays that begin together are one write", async (t) => {
  const rig = await openScreenRig(t);
  const devices = await Promise.all(
    ["ada", "bob", "cy"].map(async (name) => rig.device(await rig.account(`${name}@example.org`))),
  );
  const append = t.mock.method(rig.log, "append");
  await Promise.all(devices.map((one) => one.play(film)));
  const decisions = (): number =>
    rig.log.records.filter(({ value }) => readEntry(value).kind === "steered").length;
  await eventually("the decisions to be written", async () => decisions() === 3);
  const carrying = append.mock.calls.filter(({ arguments: [records] }) =>
    records.some((record) => readEntry(record).kind === "steered"),
  );
  assert.equal(carrying.length, 1);
});
