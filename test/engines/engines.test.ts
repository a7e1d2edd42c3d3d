// The engines themselves, before anything of ours speaks to them: each takes a write, and what it acknowledged is there
// after `kill -9` and a start on the same folder.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import {
  Admin,
  Consumer,
  ProduceAcks,
  Producer,
  stringDeserializers,
  stringSerializers,
} from "@platformatic/kafka";
import cassandra from "cassandra-driver";
import pg from "pg";
import { engine, ownEngine } from "#test/fixtures/engine.ts";
import { listens, type RunningEngine } from "#tools/engine-process.ts";
import type { RunningS3 } from "#tools/engine-s3.ts";
import type { Engines, Missing } from "#tools/engines.ts";

/** A test on a shared engine, left out where there is none. */
function onEngine<Name extends keyof Engines>(
  name: Name,
  title: string,
  body: (engine: Engines[Name]) => Promise<void>,
): void {
  test(`${name}: ${title}`, async (t: TestContext) => {
    const found: Engines[Name] | Missing = await engine(name);
    if ("missing" in found) return t.skip(found.missing);
    await body(found);
  });
}

const fresh = (): string => `t${randomBytes(6).toString("hex")}`;

async function crash(of: RunningEngine): Promise<void> {
  const before = of.pid;
  await of.crash();
  assert.notEqual(of.pid, undefined);
  assert.notEqual(of.pid, before);
}

onEngine("kafka", "an acknowledged event outlives the broker", async (kafka) => {
  const client = { clientId: "test", bootstrapBrokers: kafka.brokers };
  const topic = fresh();
  const admin = new Admin(client);
  const configs = [{ name: "flush.messages", value: "1" }];
  await admin.createTopics({ topics: [topic], partitions: 2, replicas: 1, configs });
  await admin.close();
  const producer = new Producer({ ...client, serializers: stringSerializers });
  const value = "Żółw 🐢";
  await producer.send({ messages: [{ topic, key: "k", value }], acks: ProduceAcks.ALL });
  await producer.close();

  await crash(kafka);

  const consumer = new Consumer({ ...client, groupId: fresh(), deserializers: stringDeserializers });
  const stream = await consumer.consume({ topics: [topic], mode: "earliest", autocommit: false });
  const [found] = await stream.take(1).toArray();
  assert.deepEqual([found?.key, found?.value], ["k", value]);
  await consumer.close(true);
});

onEngine("kafka", "a topic that nobody made does not come about", async (kafka) => {
  const admin = new Admin({ clientId: "test", bootstrapBrokers: kafka.brokers, retries: 0 });
  await assert.rejects(admin.metadata({ topics: [fresh()] }));
  await admin.close();
});

onEngine("cassandra", "an acknowledged row outlives the node", async (node) => {
  const keyspace = fresh();
  const query = async (
    statement: string,
    ...values: readonly string[]
  ): Promise<readonly cassandra.types.Row[]> => {
    const { contactPoints, localDataCenter } = node;
    const client = new cassandra.Client({ contactPoints, localDataCenter });
    return client
      .execute(statement, values, { prepare: true })
      .then(({ rows }) => rows)
      .finally(() => client.shutdown());
  };
  const replication = "{'class': 'SimpleStrategy', 'replication_factor': 1}";
  await query(`create keyspace ${keyspace} with replication = ${replication}`);
  await query(`create table ${keyspace}.bookmark (profile text primary key, title text)`);
  await query(`insert into ${keyspace}.bookmark (profile, title) values (?, ?)`, "ann", "Żółw 🐢");
  await crash(node);
  const [row] = await query(`select title from ${keyspace}.bookmark where profile = ?`, "ann");
  assert.equal(row?.get("title"), "Żółw 🐢");
});

onEngine("postgres", "a committed row outlives the server", async (postgres) => {
  const table = fresh();
  const query = async (statement: string): Promise<readonly unknown[]> => {
    const client = new pg.Client({ connectionString: postgres.url });
    await client.connect();
    return client
      .query(statement)
      .then(({ rows }) => rows)
      .finally(() => client.end());
  };
  await query(`create table ${table} as select 7 as answer`);
  await crash(postgres);
  assert.deepEqual(await query(`select answer from ${table}`), [{ answer: 7 }]);
  await query(`drop table ${table}`);
});

function s3Client({ endpoint, region, credentials }: RunningS3): S3Client {
  return new S3Client({ endpoint, region, credentials, forcePathStyle: true });
}

/** Of two parts; all but the last must have 5 MiB. */
async function putInParts(
  client: S3Client,
  at: { readonly Bucket: string; readonly Key: string },
): Promise<Buffer> {
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(at));
  const bodies = [Buffer.alloc(5 << 20, 1), Buffer.alloc(1 << 20, 2)];
  const Parts = [];
  for (const [index, Body] of bodies.entries()) {
    const PartNumber = index + 1;
    const { ETag } = await client.send(new UploadPartCommand({ ...at, UploadId, PartNumber, Body }));
    Parts.push({ ETag, PartNumber });
  }
  await client.send(new CompleteMultipartUploadCommand({ ...at, UploadId, MultipartUpload: { Parts } }));
  return Buffer.concat(bodies);
}

onEngine("s3", "objects outlive the store; ranges are served, and no name is taken twice", async (s3) => {
  const client = s3Client(s3);
  const Bucket = fresh();
  const at = { Bucket, Key: "a/b.m4s" };
  const inParts = { Bucket, Key: "master" };
  await client.send(new CreateBucketCommand({ Bucket }));
  await client.send(new PutObjectCommand({ ...at, Body: "0123456789", IfNoneMatch: "*" }));
  const whole = await putInParts(client, inParts);

  await crash(s3);

  const part = await client.send(new GetObjectCommand({ ...at, Range: "bytes=2-4" }));
  assert.equal(await part.Body?.transformToString(), "234");
  assert.equal(part.ContentRange, "bytes 2-4/10");
  const { Body } = await client.send(new GetObjectCommand(inParts));
  assert.ok(whole.equals((await Body?.transformToByteArray()) ?? Buffer.alloc(0)));
  const again = client.send(new PutObjectCommand({ ...at, Body: "x", IfNoneMatch: "*" }));
  await assert.rejects(again, { name: "PreconditionFailed" });
  await client.send(new PutObjectCommand({ ...inParts, Key: "other", Body: "x" }));
  client.destroy();
});

/** What memcached answers to one request, up to the line that ends it. */
async function ask(port: number, request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(request));
    let said = "";
    socket.setEncoding("utf8").setTimeout(5000, () => socket.destroy(new Error("no answer")));
    socket.on("data", (chunk: string) => {
      said += chunk;
      if (/(STORED|END)\r\n$/.test(said)) socket.end();
    });
    socket.once("error", reject);
    socket.once("close", () => resolve(said));
  });
}

onEngine("memcached", "it answers, and forgets with its process", async (memcached) => {
  const { port } = memcached;
  assert.equal(await ask(port, "set a 0 0 3\r\nxyz\r\n"), "STORED\r\n");
  assert.equal(await ask(port, "get a\r\n"), "VALUE a 0 3\r\nxyz\r\nEND\r\n");
  await crash(memcached);
  assert.equal(await ask(port, "get a\r\n"), "END\r\n");
});

test("memcached: two at once know nothing of each other, and a stopped one leaves nothing", async (t) => {
  const [one, other] = await Promise.all([ownEngine("memcached"), ownEngine("memcached")]);
  if ("missing" in one || "missing" in other) return t.skip("missing" in one ? one.missing : "");
  assert.equal(await ask(one.port, "set a 0 0 1\r\n1\r\n"), "STORED\r\n");
  assert.equal(await ask(other.port, "get a\r\n"), "END\r\n");
  const { pid } = one;
  await one.kill();
  assert.equal(one.pid, undefined);
  assert.ok(!existsSync(`/proc/${pid}`));
  await assert.rejects(ask(one.port, "get a\r\n"), { code: "ECONNREFUSED" });
  await one.restart();
  assert.equal(await ask(one.port, "get a\r\n"), "END\r\n");
});

test("memcached: an engine does not outlive the process that started it, even one that is killed", async (t) => {
  const running = await engine("memcached");
  if ("missing" in running) return t.skip(running.missing);
  const folder = join(tmpdir(), `millrace-orphan-${fresh()}`);
  const program = `
    import { startMemcached } from "#tools/engine-memcached.ts";
    const { port } = await startMemcached({ folder: ${JSON.stringify(folder)} });
    console.log(port);
  `;
  const parent = spawn(process.execPath, ["--input-type=module-typescript", "-e", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [said] = await once(parent.stdout.setEncoding("utf8"), "data");
  const port = Number(said);
  assert.equal(await ask(port, "get a\r\n"), "END\r\n");
  parent.kill("SIGKILL");
  await once(parent, "close");
  await until(async () => !(await listens(port)));
  await rm(folder, { recursive: true });
});

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!(await condition())) assert.ok(performance.now() < deadline, "still not so after ten seconds");
}
