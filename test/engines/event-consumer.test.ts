// Beacons all the way over Kafka: taken by the event log, shipped, folded from every partition, and what is none put aside.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as rest } from "node:timers/promises";
import { defaultsOf } from "#config/setting.ts";
import { consumerGroup } from "#control/consume.ts";
import { startConsumer } from "#control/io/consumer.ts";
import { openMeters } from "#control/io/meters.ts";
import { controlSettings } from "#control/settings.ts";
import { sessionOf, toRecord } from "#control/telemetry.ts";
import { openEvents } from "#data/io/events.ts";
import { systemClock } from "#io/clock.ts";
import { openLog } from "#io/log.ts";
import { folderOf, open, settings as quick } from "#test/contract/event-log-builders.ts";
import { engine } from "#test/fixtures/engine.ts";
import { memoryStores } from "#test/fixtures/memory-stores.ts";

test("[DA145] [DA146] over Kafka every session is folded, each partition has its offset, and poison lies in its topic", async (t) => {
  const kafka = await engine("kafka");
  if ("missing" in kafka) return t.skip(kafka.missing);
  const home = await folderOf(t);
  const eventsUrl = `kafka://${kafka.brokers[0]}/t${randomBytes(6).toString("hex")}`;
  const settings = { ...quick, eventsUrl };
  const over = new AbortController();
  const log = await open(join(home, "log"), settings);
  const events = await openEvents({
    ...{ log, home, settings, keyOf: sessionOf, clock: systemClock, chance: () => 0.5 },
    ...{ onShip: () => undefined, signal: over.signal },
  });
  const stores = memoryStores();
  const ids = Array.from({ length: 20 }, (_, number) => `session-${number}`);
  for (const id of ids) {
    const who = { accountId: id, profileId: `p-${id}`, titleId: "film" };
    await stores.playback.open({ id, ...who, viewpoint: "", startedAtMs: 0 });
  }
  const facts = { state: "playing", durationMs: 60_000, bufferMs: 1, bitrateBps: 1, height: 1 } as const;
  const more = {
    throughputBps: 1,
    stallCount: 0,
    stallMs: 0,
    switchCount: 0,
    startupMs: 1,
    applianceId: "a",
    because: "",
  };
  for (let seq = 1; seq <= 10; seq++) {
    const beacons = ids.map((sessionId) => ({ sessionId, seq, positionMs: seq * 1000, ...facts, ...more }));
    await log.append(beacons.map((beacon) => toRecord({ receivedMs: seq, beacon })));
    if (seq === 5) await log.append([new TextEncoder().encode("poison")]);
  }
  const meters = openMeters();
  const limits = { ...defaultsOf(controlSettings), consumerIdleMs: 20 };
  const consumer = startConsumer({
    ports: Object.assign({ stores, log, settings: limits }),
    ...{ events, meters, clock: systemClock, signal: over.signal, logger: openLog("test", "silent") },
    keptFrom: () => Number.POSITIVE_INFINITY,
  });
  const isDone = async (): Promise<boolean> => {
    const found = await stores.playback.summaries(ids);
    const dead = await events.dead.newest(10);
    return found.length === 20 && found.every(({ lastSeq }) => lastSeq === 10) && dead.length === 1;
  };
  for (let tries = 0; !(await isDone()); tries++) {
    assert.ok(tries < 600, "it never came to its end");
    await rest(50);
  }
  assert.deepEqual(
    (await events.dead.newest(10)).map(({ consumer: who, because, bytes }) => [who, because, bytes]),
    [["bookmarks", "it is neither a beacon nor a report", 6]],
  );
  const partitions = await events.source.partitions(over.signal);
  assert.equal(partitions.length, 8);
  const lag = async (): Promise<number> => (await meters.lag.get()).values[0]?.value ?? -1;
  for (let tries = 0; (await lag()) !== 0 && tries < 100; tries++) await rest(20);
  assert.equal(await lag(), 0);
  let applied = 0;
  for (const partition of partitions) {
    const offset = await stores.playback.offset(consumerGroup({}, partition));
    assert.equal(offset, await events.source.end(partition.id, over.signal));
    applied += offset;
  }
  assert.ok(applied >= 201, `${applied}`);
  over.abort();
  await consumer.ended;
  await events.close();
  await log.close();
});
