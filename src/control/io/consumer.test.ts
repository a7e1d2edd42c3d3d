import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as rest } from "node:timers/promises";
import { defaultsOf } from "#config/setting.ts";
import { controlSettings } from "#control/settings.ts";
import { ownSource } from "#data/io/event-sources.ts";
import { systemClock } from "#io/clock.ts";
import { openLog } from "#io/log.ts";
import { memoryLog, memoryStores } from "#test/fixtures/memory-stores.ts";
import { startConsumer } from "./consumer.ts";
import { openMeters } from "./meters.ts";

async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; !isSo(); tries++) {
    assert.ok(tries < 1000, "it never came to it");
    await rest(5);
  }
}

function rigOf(events: "own" | "kafka") {
  const log = memoryLog();
  const gone: number[] = [];
  const kept = { ...log, truncateBefore: async (below: number) => void gone.push(below) };
  const settings = {
    ...defaultsOf(controlSettings),
    ...{ consumerIdleMs: 5, keptRecords: 0, qoeBehindRecords: 1000 },
  };
  const reader = { saved: 0, limit: (below: number): number => below };
  const over = new AbortController();
  const source = ownSource(log);
  const elsewhere = { ...source, partitions: async () => [{ id: 0, log: "kafka x/0" }] };
  const meters = openMeters();
  const consumer = startConsumer({
    ports: Object.assign({ stores: memoryStores(), log: kept, settings }),
    events: {
      source: events === "own" ? source : elsewhere,
      keepFor(limit) {
        reader.limit = limit;
      },
    },
    ...{ meters, clock: systemClock, signal: over.signal, logger: openLog("test", "silent") },
    keptFrom: () => reader.saved,
  });
  const end = async (): Promise<void> => {
    over.abort();
    await consumer.ended;
  };
  const skipped = async (): Promise<number> => (await meters.consumed.get()).values[0]?.value ?? 0;
  return { log, gone, reader, end, skipped };
}

test("[DA151] the log keeps what its other reader has not saved, and lets go once it has, though nothing more comes", async () => {
  const { log, gone, reader, end, skipped } = rigOf("own");
  await log.append(Array.from({ length: 10 }, () => new Uint8Array(1)));
  while ((await skipped()) < 10) await rest(5);
  await rest(20);
  assert.deepEqual(gone, []);
  reader.saved = 7;
  await until(() => gone.length > 0);
  reader.saved = 50;
  await until(() => gone.length > 1);
  await end();
  assert.deepEqual(gone, [7, 10]);
});

test("[DA151] what is read from Kafka lets go of nothing here; the shipper is told how far the other reader is", async () => {
  const { log, gone, reader, end, skipped } = rigOf("kafka");
  await log.append([new Uint8Array(1)]);
  while ((await skipped()) < 1) await rest(5);
  reader.saved = 7;
  assert.deepEqual([5, 7, 9, 5000].map(reader.limit), [5, 7, 7, 4000]);
  await end();
  assert.deepEqual(gone, []);
});
