// Kafka and Cassandra, killed under load, and our shipper in front of the one.
import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as rest } from "node:timers/promises";
import { readHistoryUrl } from "#data/history-address.ts";
import { cassandraHistory } from "#data/io/cassandra-history.ts";
import { CassandraLink } from "#data/io/cassandra-link.ts";
import { folderOf } from "#test/contract/event-log-builders.ts";
import type { Ends } from "#test/fixtures/endings.ts";
import { historyLoad } from "#test/fixtures/history-load.ts";
import { keptOf } from "#test/fixtures/kept.ts";
import { shipComplaint } from "#test/fixtures/ship-check.ts";
import { settled, shipWriter, until, urlOf } from "#test/fixtures/shipping-rig.ts";
import { type Engines, starts } from "#tools/engines.ts";
import type { Killed, Missing } from "./killed.ts";

/** One of the run's own; its folder's path is short, as PostgreSQL has a socket in it. */
export async function startOne<Name extends keyof Engines>(
  name: Name,
  ends: Ends,
): Promise<Engines[Name] | Missing> {
  const found = await starts[name]({
    folder: join(tmpdir(), `millrace-k-${randomBytes(4).toString("hex")}`),
  });
  if (!("missing" in found)) ends.after(() => found.stop());
  return found;
}

/** The program that has log and shipper is killed; Kafka lives. */
export async function killShipper(kills: number, ends: Ends): Promise<Killed | Missing> {
  const kafka = await startOne("kafka", ends);
  if ("missing" in kafka) return kafka;
  const [home, url] = [await folderOf(ends), urlOf(kafka)];
  const lines: string[] = [];
  for (let kill = 0; kill < kills; kill++) {
    const writer = shipWriter(home, url, kill * 100_000);
    await writer.reaches(200 + 300 * (kill % 4));
    await writer.kill();
    lines.push(...writer.lines);
  }
  return shipped(lines, await settled(home, url));
}

/** Kafka is killed; the program lives. */
export async function killKafka(kills: number, ends: Ends): Promise<Killed | Missing> {
  const kafka = await startOne("kafka", ends);
  if ("missing" in kafka) return kafka;
  const [home, url] = [await folderOf(ends), urlOf(kafka)];
  const writer = shipWriter(home, url, 0);
  ends.after(() => writer.kill());
  for (let kill = 0; kill < kills; kill++) {
    await writer.reaches(writer.lines.length + 300);
    await rest(50 * (kill % 5));
    await kafka.crash();
  }
  await writer.reaches(writer.lines.length + 300);
  await writer.kill();
  return shipped(writer.lines, await settled(home, url));
}

function shipped(lines: readonly string[], partitions: readonly (readonly string[])[]): Killed {
  const wrong = shipComplaint(lines, partitions);
  const found = partitions.flat().map((line) => line.split(":").slice(0, 2).join(":"));
  return {
    ...keptOf(lines, found),
    violations: wrong === undefined ? [] : [wrong],
    promises: "all, perhaps twice",
  };
}

export async function killCassandra(kills: number, ends: Ends): Promise<Killed | Missing> {
  const node = await startOne("cassandra", ends);
  if ("missing" in node) return node;
  const keyspace = `h${randomBytes(6).toString("hex")}`;
  const url = `cassandra://${node.contactPoints.join(",")}/${keyspace}?dc=${node.localDataCenter}`;
  const address = readHistoryUrl(url);
  const link = new CassandraLink({ address, deadlineMs: 5000, requests: 64, onNote: () => undefined });
  const store = cassandraHistory({ link, playMs: 2000 });
  ends.after(() => store.close());
  const load = historyLoad(store);
  for (let kill = 0; kill < kills; kill++) {
    const before = load.acknowledged();
    await until(() => load.acknowledged() > before + 200, "plays are taken");
    await node.crash();
  }
  const before = load.acknowledged();
  await until(() => load.acknowledged() > before + 200, "plays are taken");
  const kept = await load.stop();
  return { ...kept, violations: load.violations(), promises: "all, once" };
}
