// The event log as a source of events: src/data/README.md, Events behind the log. On Kafka: test/engines.
import assert from "node:assert/strict";
import { test } from "node:test";
import { openDeadLog } from "#data/io/dead-letters.ts";
import { ownSource } from "#data/io/event-sources.ts";
import type { EventLog } from "#data/ports.ts";
import { bytes, folderOf, open, settings, small } from "./event-log-builders.ts";
import { eventSourceSuite, type SourceRig } from "./event-source-suite.ts";

const chosen = { ...small, logRecordKib: 1024, logSegmentMib: 1.1 };

eventSourceSuite("[DA147] the event log", async (t) => {
  const folder = await folderOf(t);
  const rigOf = (log: EventLog): SourceRig => ({
    source: ownSource(log),
    append: async (values) => void (await log.append(values)),
    async restart() {
      await log.close();
      const again = await open(folder, chosen);
      t.after(() => again.close());
      return rigOf(again);
    },
    async forget() {
      for (let file = 0; file < 2; file++) await log.append([new Uint8Array(1 << 20)]);
      await log.truncateBefore(log.end());
      return true;
    },
  });
  const log = await open(folder, chosen);
  t.after(() => log.close());
  return rigOf(log);
});

const signal = AbortSignal.timeout(60_000);

test("[DA145] dead letters are listed newest first, kept over a restart, once each, and the oldest go", async (t) => {
  const folder = await folderOf(t);
  const few = { ...settings, deadMib: 0.04, logGroupMs: 0 };
  const letter = (offset: number, value = bytes(`v${offset}`)) => ({
    ...{ atMs: 5, consumer: "bookmarks", partition: 0, offset, because: "it is not a beacon" },
    ...{ value, bytes: value.length },
  });
  const dead = await openDeadLog({ folder, settings: few, signal });
  for (const offset of [1, 2, 2, 3]) await dead.keep(letter(offset));
  assert.deepEqual(await dead.newest(2), [letter(3), letter(2)]);
  await dead.close();
  const again = await openDeadLog({ folder, settings: few, signal });
  assert.deepEqual(
    (await again.newest(10)).map(({ offset }) => offset),
    [3, 2, 1],
  );
  for (let offset = 4; offset < 500; offset++) await again.keep(letter(offset));
  const left = await again.newest(1000);
  assert.equal(left[0]?.offset, 499);
  assert.ok(left.length > 50 && left.length < 490, `${left.length}`);
  await again.close();
});

test("[DA145] of a long dead letter the beginning is kept, and its size", async (t) => {
  const dead = await openDeadLog({ folder: await folderOf(t), settings, signal });
  const value = new Uint8Array(1 << 20).fill(7);
  const facts = { atMs: 5, consumer: "shipper", partition: 0, offset: 1, because: "too long" };
  await dead.keep({ ...facts, value, bytes: value.length });
  const [kept] = await dead.newest(1);
  assert.deepEqual([kept?.bytes, kept?.value.length], [1 << 20, 512 << 10]);
  await dead.close();
});

test("[DA145] what stands among dead letters and is none does not hide the others", async (t) => {
  const folder = await folderOf(t);
  const log = await open(folder);
  await log.append([bytes("noise"), bytes('{"v":1}')]);
  await log.close();
  const dead = await openDeadLog({ folder, settings, signal });
  assert.deepEqual(await dead.newest(10), []);
  await dead.close();
});
