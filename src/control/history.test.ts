// What the control plane does while viewing history cannot be asked.
import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultsOf } from "#config/setting.ts";
import { consumeBatch, consumerGroup } from "#control/consume.ts";
import { carryOutErasures } from "#control/io/history-keeper.ts";
import { resumeOf } from "#control/play.ts";
import { controlSettings } from "#control/settings.ts";
import { toRecord } from "#control/telemetry.ts";
import { dataFaults } from "#data/faults.ts";
import { historyElsewhere } from "#data/io/history-elsewhere.ts";
import type { HistoryStore } from "#data/ports-history.ts";
import { consumerPorts } from "#test/fixtures/consumer-ports.ts";
import { memoryHistory } from "#test/fixtures/memory-history.ts";
import { memoryLog, memoryStores } from "#test/fixtures/memory-stores.ts";
import { Fault } from "#units/fault.ts";
import { milliseconds } from "#units/quantity.ts";

const settings = defaultsOf(controlSettings);
const away = new Fault(dataFaults.historyAway, { address: "h1", reason: "gone" });

/** Stores whose history lies elsewhere, and may be away; its adapter answers a bookmark as Cassandra's does. */
function rig() {
  let isAway = true;
  const demand = (): void => {
    if (isAway) throw away;
  };
  const { history: kept } = memoryHistory(demand).stores;
  const history: HistoryStore = {
    ...kept,
    get: (of, signal) => kept.get(of, signal).catch(() => ({ bookmark: undefined, stale: true })),
    trouble: () => (isAway ? away.code : undefined),
  };
  const memory = memoryStores();
  const stores = { ...memory, ...historyElsewhere({ ...memory, history }) };
  const comeBack = (): void => {
    isAway = false;
  };
  return { stores, memory, log: memoryLog(), comeBack };
}

const beacon = (sessionId: string, seq: number) => ({
  ...{ sessionId, seq, state: "playing" as const, positionMs: seq * 1000, durationMs: 100_000, bufferMs: 0 },
  ...{ bitrateBps: 1, height: 360, throughputBps: 1, stallCount: 0, stallMs: 0, switchCount: 0 },
  ...{ startupMs: 5, applianceId: "a1", because: "" },
});

test("[DA172] a film starts without its bookmark, and says that it is not known", async () => {
  const { stores, comeBack } = rig();
  const key = { profileId: "p", titleId: "film" };
  assert.deepEqual(await resumeOf({ stores }, key), { point: null, stale: true });
  const account = await stores.accounts.create({
    ...{ email: "ann@example.org", passwordHash: "x", role: "viewer", profileName: "Ann" },
  });
  assert.ok(account !== "email-taken");
  const session = {
    ...{ id: "s", accountId: account.id, profileId: account.profileId, titleId: "film" },
    ...{ viewpoint: "", startedAtMs: 1 },
  };
  const acquired = await stores.leases.acquire({ session, deviceId: "d", ttlMs: 1000, graceMs: 0 });
  assert.ok(acquired.kind === "granted");
  assert.deepEqual([acquired.bookmark, acquired.bookmarkStale], [undefined, true]);
  comeBack();
  const again = await stores.leases.acquire({ session, deviceId: "d", ttlMs: 1000, graceMs: 0 });
  assert.ok(again.kind === "granted");
  assert.equal(again.bookmarkStale, undefined);
});

test("[DA172] the consumer waits while history is away: nothing is skipped, and nothing is lost after", async () => {
  const { stores, log, comeBack } = rig();
  await stores.playback.open({
    ...{ id: "s", accountId: "a", profileId: "p", titleId: "film", viewpoint: "", startedAtMs: 7 },
  });
  await log.append([1, 2, 3].map((seq) => toRecord({ receivedMs: seq, beacon: beacon("s", seq) })));
  for (let tries = 0; tries < settings.consumerTries + 2; tries++) {
    await assert.rejects(consumeBatch(consumerPorts({ stores, log, settings }), 0), { code: "history-away" });
  }
  assert.equal(await stores.playback.offset(consumerGroup({})), 0);
  comeBack();
  assert.equal((await consumeBatch(consumerPorts({ stores, log, settings }), 0)).offset, 3);
  const { bookmark } = await stores.history.get({ profileId: "p", titleId: "film" });
  assert.equal(bookmark?.positionMs, 3000);
  const { items } = await stores.history.page("p", { limit: 5 });
  assert.deepEqual(
    items.map(({ titleId, startedAtMs, positionMs }) => [titleId, startedAtMs, positionMs]),
    [["film", 7, 3000]],
  );
});

test("[DA167] an erasure waits until history is back, and is done again when nothing late can come", async () => {
  const { stores, memory, comeBack } = rig();
  const pending = [{ profileId: "p", askedAtMs: 1000 }];
  const erasures = {
    pending: async () => [...pending],
    done: async (ids: readonly string[]) => void (ids.includes("p") && pending.pop()),
  };
  const once = new Set<string>();
  let nowMs = 2000;
  const clock = { wallMs: () => milliseconds(nowMs), monoMs: () => milliseconds(nowMs) };
  const order = { ports: { stores: { ...memory, ...stores, erasures }, settings }, clock };
  await assert.rejects(carryOutErasures(order, once), { code: "history-away" });
  assert.equal(pending.length, 1);
  comeBack();
  const late = { profileId: "p", titleId: "film", ord: 9, positionMs: 1, durationMs: 2, finished: false };
  await stores.history.put([late]);
  await carryOutErasures(order, once);
  assert.deepEqual(await stores.history.recent("p", 5), []);
  await stores.history.put([late]);
  nowMs += 3_600_000;
  await carryOutErasures(order, once);
  assert.deepEqual(await stores.history.recent("p", 5), []);
  assert.deepEqual(pending, []);
});
