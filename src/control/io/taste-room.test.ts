import assert from "node:assert/strict";
import { test } from "node:test";
import { sampleTaste } from "#catalog/sample-taste.ts";
import { tasteFor } from "#catalog/taste.ts";
import { defaultsOf } from "#config/setting.ts";
import { controlSettings } from "#control/settings.ts";
import { openLog } from "#io/log.ts";
import { memoryStores } from "#test/fixtures/memory-stores.ts";
import { memoryTaste } from "#test/fixtures/memory-taste.ts";
import { milliseconds } from "#units/quantity.ts";
import { TasteRoom } from "./taste-room.ts";

const history = sampleTaste({ profiles: 200, titles: 40, genres: 4, perProfile: 8, seed: 7 });
const { signal } = new AbortController();

function room() {
  const time = { nowMs: 1e12 };
  const clock = { wallMs: () => milliseconds(time.nowMs), monoMs: () => milliseconds(time.nowMs) };
  const taste = memoryTaste();
  const stores = { ...memoryStores(), taste };
  const settings = { ...defaultsOf(controlSettings), tasteDays: 3650 };
  const open = () =>
    new TasteRoom({ ports: { stores }, settings, clock, logger: openLog("control", "silent") });
  return { time, taste, stores, open };
}

test("[CO273] taste is learned in a thread, kept, and there after a restart", async () => {
  const { taste, open, time } = room();
  taste.history = history.map((row) => ({ ...row, atMs: row.atMs + 9e11 }));
  const first = open();
  assert.equal(first.taste(), undefined);
  assert.equal(await first.learn(signal), true);
  const model = first.taste() ?? assert.fail("it was learned");
  assert.ok(tasteFor(model, ["title-0"]).length > 0);
  const second = open();
  await second.recall();
  assert.deepEqual(second.taste(), model);
  time.nowMs += 15 * 86_400_000;
  assert.equal(second.taste(), undefined, "too old to be believed");
});

test("[CO273] too little history leaves the model before in force", async () => {
  const { taste, open } = room();
  const one = open();
  assert.equal(await one.learn(signal), false);
  assert.equal(one.taste(), undefined);
  taste.history = history.map((row) => ({ ...row, atMs: row.atMs + 9e11 }));
  await one.learn(signal);
  const model = one.taste();
  taste.history = [];
  assert.equal(await one.learn(signal), false);
  assert.equal(one.taste(), model);
});

test("[CO273] a stopping control plane does not wait for a learning", async () => {
  const { taste, open } = room();
  taste.history = sampleTaste({ profiles: 2000, titles: 600, genres: 9, perProfile: 9, seed: 7 });
  const stopping = new AbortController();
  const learning = open().learn(stopping.signal);
  stopping.abort(new Error("stopped"));
  await assert.rejects(learning, /stopped/);
});

test("[CO274] what is popular is counted seldom, and stays as it was while the database is away", async () => {
  const { stores, open, time } = room();
  const one = open();
  const begin = (id: string) =>
    stores.playback.open({
      id,
      accountId: "a",
      profileId: "p",
      titleId: "film",
      viewpoint: "",
      startedAtMs: 1e12,
    });
  await begin("s1");
  assert.deepEqual((await one.popular()).everywhere, [{ titleId: "film", plays: 1 }]);
  await begin("s2");
  assert.deepEqual((await one.popular()).everywhere, [{ titleId: "film", plays: 1 }], "counted a moment ago");
  time.nowMs += 1001;
  await one.popular();
  await new Promise(setImmediate);
  assert.deepEqual((await one.popular()).everywhere, [{ titleId: "film", plays: 2 }]);
  const counted = stores.playback.playsByRegion;
  Object.assign(stores.playback, { playsByRegion: () => Promise.reject(new Error("away")) });
  time.nowMs += 2002;
  await one.popular();
  await new Promise(setImmediate);
  assert.deepEqual((await one.popular()).everywhere, [{ titleId: "film", plays: 2 }]);
  Object.assign(stores.playback, { playsByRegion: counted });
});
