// The quality figures over Kafka: what several control planes wrote into a topic, read as one log; the same again from its start.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as rest } from "node:timers/promises";
import { defaultsOf } from "#config/setting.ts";
import { openMeters } from "#control/io/meters.ts";
import { openQuality } from "#control/io/quality-desk.ts";
import { controlSettings } from "#control/settings.ts";
import { sessionOf, toRecord } from "#control/telemetry.ts";
import { type Events, openEvents } from "#data/io/events.ts";
import type { EventLog } from "#data/ports.ts";
import { systemClock } from "#io/clock.ts";
import { openLog } from "#io/log.ts";
import { said } from "#qoe/sample-stream.ts";
import { folderOf, open, settings as quick } from "#test/contract/event-log-builders.ts";
import { engine } from "#test/fixtures/engine.ts";
import { memoryStores } from "#test/fixtures/memory-stores.ts";

const startMs = Date.now() - 600_000;
const sessions = Array.from({ length: 40 }, (_, nth) => `session-${nth}`);

interface Machine {
  readonly log: EventLog;
  readonly events: Events;
}

async function machine(t: TestContext, eventsUrl: string, signal: AbortSignal): Promise<Machine> {
  const home = await folderOf(t);
  const settings = { ...quick, eventsUrl };
  const log = await open(join(home, "log"), settings);
  const events = await openEvents({
    ...{ log, home, settings, keyOf: sessionOf, clock: systemClock, chance: () => 0.5 },
    ...{ onShip: () => undefined, signal },
  });
  t.after(async () => {
    await events.close();
    await log.close();
  });
  return { log, events };
}

/** Reads until every session's record is there; as texts, whoever made them. */
async function figuresOf(t: TestContext, { log, events }: Machine, stopEarly = false) {
  const stores = memoryStores();
  for (const id of sessions) {
    const who = { accountId: id, profileId: "p", titleId: "film", viewpoint: "", startedAtMs: 0 };
    await stores.playback.open({ id, ...who });
  }
  const settings = {
    ...defaultsOf(controlSettings),
    ...{ qoeLateSeconds: 0, qoeSaveSeconds: 0, qoeTickSeconds: 0.2, consumerIdleMs: 20, consumerBatch: 17 },
  };
  const order = { events, logger: openLog("test", "silent"), clock: systemClock };
  const world = { appliances: () => [], onGate: () => undefined };
  const kept = () =>
    [...stores.qoe.records].map(([key, record]) => `${key} ${JSON.stringify(record)}`).toSorted();
  const until = async (isDone: () => boolean): Promise<void> => {
    const over = new AbortController();
    const running = openQuality(order, { stores, log, settings }, openMeters()).run(world, over.signal);
    for (let tries = 0; !isDone(); tries++) {
      assert.ok(tries < 1200, `${kept().length} records, and it never came to its end`);
      await rest(25);
    }
    over.abort();
    await running;
  };
  if (stopEarly) await until(() => kept().length > 5);
  await until(() => kept().filter((text) => text.includes('"session"')).length >= sessions.length);
  t.diagnostic(`${kept().length} records`);
  return kept();
}

test("[DA272] several machines' events are all counted, over a restart, and the topic read again gives the same, byte for byte", async (t) => {
  const kafka = await engine("kafka");
  if ("missing" in kafka) return t.skip(kafka.missing);
  const eventsUrl = `kafka://${kafka.brokers[0]}/t${randomBytes(6).toString("hex")}`;
  const { signal } = new AbortController();
  const [here, there] = [await machine(t, eventsUrl, signal), await machine(t, eventsUrl, signal)];
  for (let seq = 1; seq <= 6; seq++) {
    const words = sessions.map((sessionId, nth) => ({
      by: nth % 2 === 0 ? here : there,
      record: toRecord(
        said({ sessionId, seq, atMs: startMs + seq * 5000 + nth, startupMs: 300 + nth }).logged,
      ),
    }));
    for (const one of [here, there]) {
      await one.log.append(words.filter(({ by }) => by === one).map(({ record }) => record));
    }
  }
  const first = await figuresOf(t, here, true);
  const plays = first.filter((text) => text.includes('"session"'));
  assert.equal(plays.length, sessions.length);
  assert.ok(
    plays.every((text) => text.includes('"plays":1') && text.includes('"events":6')),
    plays[0],
  );
  assert.deepEqual(await figuresOf(t, there), first);
});
