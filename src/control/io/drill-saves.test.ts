import assert from "node:assert/strict";
import { test } from "node:test";
import { DrillSaves } from "./drill-saves.ts";

test("[CO481] saves of a drill come one after another, and what changed during one is saved after it", async () => {
  const saves = new DrillSaves();
  const said: string[] = [];
  const first = Promise.withResolvers<void>();
  saves.changed("d1");
  const one = saves.settle("d1", async () => {
    await first.promise;
    said.push("running");
  });
  await Promise.resolve();
  saves.changed("d1");
  const two = saves.settle("d1", async () => void said.push("aborted"));
  await saves.settle("d2", async () => void said.push("nothing changed here"));
  assert.deepEqual([said, saves.unsaved()], [[], ["d1"]]);
  first.resolve();
  await Promise.all([one, two]);
  assert.deepEqual([said, saves.unsaved()], [["running", "aborted"], []]);
});

test("[CO481] what could not be saved stays noted, and whoever settles it again saves it", async () => {
  const saves = new DrillSaves();
  saves.changed("d1");
  const fails = async (): Promise<void> => Promise.reject(new Error("away"));
  await assert.rejects(saves.settle("d1", fails), /away/);
  await assert.rejects(saves.settle("d1", fails), /away/);
  assert.deepEqual(saves.unsaved(), ["d1"]);
  let saved = 0;
  await saves.settle("d1", async () => void saved++);
  await saves.settle("d1", async () => void saved++);
  assert.deepEqual([saved, saves.unsaved()], [1, []]);
});
