// The compose file of the engines cannot be run where these tests are: it is read, and held to what the tested engines are.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { parse } from "yaml";
import * as z from "zod";
import versions from "./engine-versions.json" with { type: "json" };

const serviceSchema = z.object({
  image: z.string().regex(/^[a-z/]+:\d[\d.]+$/, "a tag of digits, which stays what it is"),
  ports: z.array(z.string().startsWith("127.0.0.1:")).optional(),
  volumes: z.array(z.string()).optional(),
  healthcheck: z
    .object({ test: z.array(z.string()).min(2), timeout: z.string(), retries: z.number() })
    .optional(),
});

const schema = z.object({
  services: z.record(z.string(), serviceSchema),
  volumes: z.record(z.string(), z.null()),
});

const text = readFileSync("engines/compose.yaml", "utf8");
const { services, volumes } = schema.parse(parse(text, { merge: true }));

test("the compose file has every engine at the version that is tested, on loopback, with a health check", () => {
  const image = (name: string): string | undefined => services[name]?.image;
  assert.equal(image("kafka"), `apache/kafka:${versions.kafka.version}`);
  assert.equal(image("cassandra"), `cassandra:${versions.cassandra.version}`);
  assert.equal(image("s3"), `chrislusf/seaweedfs:${versions.seaweedfs.release}`);
  assert.match(`${image("postgres")} ${image("memcached-1")}`, /^postgres:\S+ memcached:\S+$/);
  const engines = Object.entries(services).filter(([name]) => name !== "s3-flushes");
  assert.deepEqual(
    engines.filter(([, { ports = [], healthcheck }]) => ports.length === 0 || healthcheck === undefined),
    [],
  );
});

test("what the compose file's engines hold is on volumes that it declares; a cache holds nothing", () => {
  const mounted = Object.values(services).flatMap(({ volumes: own = [] }) =>
    own.map((volume) => volume.split(":")[0]),
  );
  assert.deepEqual(mounted.sort(), Object.keys(volumes).sort());
  assert.deepEqual(mounted, ["cassandra", "kafka", "postgres", "s3"]);
});

test("the compose file's engines flush before they acknowledge, and report to nobody", () => {
  for (const setting of [
    "fsync=on",
    "commitlog_sync: group",
    "KAFKA_LOG_FLUSH_INTERVAL_MESSAGES: 1",
    "-fsync -apply",
    "-master.telemetry=false",
  ])
    assert.ok(text.includes(setting), setting);
});
