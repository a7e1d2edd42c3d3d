// Cassandra is killed while bookmarks are written: what was acknowledged is there, and never an older one than before.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { type TestContext, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { readHistoryUrl } from "#data/history-address.ts";
import { cassandraHistory } from "#data/io/cassandra-history.ts";
import { CassandraLink } from "#data/io/cassandra-link.ts";
import { ownEngine } from "#test/fixtures/engine.ts";
import { historyLoad } from "#test/fixtures/history-load.ts";

const kills = process.env.MILLRACE_TEST_LONG === "1" ? 50 : 10;
test(`[DA173] ${kills} times killed under load, Cassandra loses no acknowledged bookmark and moves none back`, async (t: TestContext) => {
  const node = await ownEngine("cassandra");
  if ("missing" in node) return t.skip(node.missing);
  const url = `cassandra://${node.contactPoints.join(",")}/h${randomBytes(6).toString("hex")}?dc=${node.localDataCenter}`;
  const notes: string[] = [];
  const link = new CassandraLink({
    ...{ address: readHistoryUrl(url), deadlineMs: 5000, requests: 64 },
    onNote: (text) => notes.push(text),
  });
  const store = cassandraHistory({ link, playMs: 2000 });
  const running = historyLoad(store);
  for (let kill = 0; kill < kills; kill++) {
    const before = running.acknowledged();
    const deadline = performance.now() + 60_000;
    while (running.acknowledged() < before + 200) {
      assert.ok(performance.now() < deadline, `no writes after ${kill} restarts: ${notes.at(-1)}`);
      await pause(20);
    }
    await node.kill();
    await pause(200);
    assert.deepEqual((await store.get({ profileId: "profile-0", titleId: "film" })).stale, true);
    assert.equal(store.trouble(), "history-away");
    await node.restart();
  }
  const before = running.acknowledged();
  while (running.acknowledged() < before + 200) await pause(20);
  const found = await running.stop();
  await store.close();
  const said = `${found.acknowledged} acknowledged, ${found.doubles} twice, ${running.readings()} read, ${kills} kills`;
  console.log(`           ${said}`);
  assert.deepEqual([found.lost, found.doubles, running.violations()], [[], 0, []]);
  // Each death is said once, and each return.
  assert.ok(notes.length >= 2 * kills && notes.length <= 4 * kills, `${notes.length} notes`);
});
