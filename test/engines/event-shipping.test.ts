// The spool in front of Kafka, held against kills: src/data/README.md, Events behind the log.
import assert from "node:assert/strict";
import { readdir, stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as rest } from "node:timers/promises";
import { bytes, folderOf } from "#test/contract/event-log-builders.ts";
import { engine, ownEngine } from "#test/fixtures/engine.ts";
import { shipComplaint } from "#test/fixtures/ship-check.ts";
import { partitionsOf, settled, shipping, shipWriter, until, urlOf } from "#test/fixtures/shipping-rig.ts";
import type { RunningKafka } from "#tools/engine-kafka.ts";

const kills = process.env.MILLRACE_TEST_LONG === "1" ? 50 : 10;
const { signal } = new AbortController();

function told(t: TestContext, lines: readonly string[], found: readonly (readonly string[])[]): void {
  const all = found.flat();
  const doubles = all.length - new Set(all.map((line) => line.split(":").slice(0, 2).join(":"))).size;
  t.diagnostic(`${lines.length} acknowledged, ${all.length} in Kafka, ${doubles} doubles`);
}

test(`[DA148] the shipper's process killed ${kills} times under load: all that the log acknowledged is in Kafka, in order`, async (t) => {
  const kafka = await engine("kafka");
  if ("missing" in kafka) return t.skip(kafka.missing);
  const [home, url] = [await folderOf(t), urlOf(kafka)];
  const lines: string[] = [];
  for (let kill = 0; kill < kills; kill++) {
    const one = shipWriter(home, url, kill * 100_000);
    await until(() => one.lines.length > 100 + 150 * (kill % 4), "the writer writes");
    await one.kill();
    lines.push(...one.lines);
  }
  const found = await settled(home, url);
  told(t, lines, found);
  assert.ok(lines.length > 100 * kills);
  assert.equal(shipComplaint(lines, found), undefined);
  // Planted: a shipper that loses a record that was acknowledged, and one that sends a later one first.
  const lost = found.map((part) => part.filter((line) => !line.startsWith(`${lines[50]}:`)));
  assert.match(shipComplaint(lines, lost) ?? "", /1 acknowledged are missing/);
  const swapped = found.map((part) => part.toReversed());
  assert.match(shipComplaint(lines, swapped) ?? "", /comes after/);
});

test(`[DA148] Kafka killed ${kills} times under load: all that the log acknowledged is there, in order`, async (t) => {
  const kafka = await ownEngine("kafka");
  if ("missing" in kafka) return t.skip(kafka.missing);
  const [home, url] = [await folderOf(t), urlOf(kafka)];
  const one = shipWriter(home, url, 0);
  for (let kill = 0; kill < kills; kill++) {
    const before = one.lines.length;
    await until(() => one.lines.length > before + 300, "the log takes beacons, with Kafka or without");
    await rest(50 * (kill % 5));
    await kafka.crash();
  }
  await until(() => one.lines.length > 300 * kills, "it goes on");
  await one.kill();
  const found = await settled(home, url);
  told(t, one.lines, found);
  assert.equal(shipComplaint(one.lines, found), undefined);
});

test("[DA149] it starts with Kafka down, takes beacons, says so once, and all arrives when Kafka is there", async (t) => {
  const kafka = await ownEngine("kafka");
  if ("missing" in kafka) return t.skip(kafka.missing);
  await kafka.kill();
  const one = await shipping(await folderOf(t), urlOf(kafka));
  const ids: string[] = [];
  for (let number = 0; number < 2000; number++) {
    await one.log.append([bytes(`s${number % 5}:${number}:`)]);
    ids.push(`s${number % 5}:${number}`);
  }
  await until(() => one.events.length > 0, "it says that it waits");
  await rest(1500);
  assert.deepEqual(
    one.events.map(({ kind }) => kind),
    ["waits"],
  );
  await assert.rejects(one.source.partitions(signal), /cannot be reached.*MILLRACE_EVENTS_URL/);
  assert.equal(one.lag(), 2000);
  await kafka.restart();
  await until(() => one.lag() === 0, "all is shipped");
  assert.equal(shipComplaint(ids, await partitionsOf(one.source)), undefined);
  assert.deepEqual(
    one.events.map(({ kind }) => kind),
    ["waits", "new-topic", "goes-on"],
  );
  await one.close();
});

test("[DA150] a Kafka that lost its last records is sent all that is kept, and its partitions get another name", async (t) => {
  const kafka = await ownEngine("kafka");
  if ("missing" in kafka) return t.skip(kafka.missing);
  const [home, url] = [await folderOf(t), urlOf(kafka)];
  const one = await shipping(home, url, { eventsPartitions: 1 });
  const ids: string[] = [];
  const append = async (from: number): Promise<void> => {
    for (let number = from; number < from + 300; number++) {
      await one.log.append([bytes(`s:${number}:`)]);
      ids.push(`s:${number}`);
    }
    await until(() => one.lag() === 0, "all is shipped");
  };
  t.after(() => one.close());
  await append(0);
  const [before] = await one.source.partitions(signal);
  await kafka.kill();
  const [file = ""] = await logFiles(url, kafka);
  await truncate(file, Math.floor((await stat(file)).size / 2));
  await kafka.restart();
  await append(300);
  await until(() => one.losses() === 1, "the loss is seen");
  await until(() => one.lag() === 0, "all is sent again");
  assert.ok(one.events.some((event) => event.kind === "sent-again" && event.lost > 0));
  const [after] = await one.source.partitions(signal);
  assert.notEqual(after?.log, before?.log, "consumers begin anew");
  assert.equal(shipComplaint(ids, await partitionsOf(one.source)), undefined);
  await one.close();
  const again = await shipping(home, url);
  await until(() => again.events.length > 0 || again.lag() === 0, "it goes on where it was");
  assert.deepEqual([again.losses(), again.events], [1, []]);
  await again.close();
});

/** Of a topic's only partition. */
async function logFiles(url: string, kafka: RunningKafka): Promise<readonly string[]> {
  const folder = join(kafka.data, `${url.split("/").at(-1)}.beacons-0`);
  return (await readdir(folder)).filter((name) => name.endsWith(".log")).map((name) => join(folder, name));
}
