// Kafka over TLS, whose certificate an authority of our own signed, with a password.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { bytes } from "#test/contract/event-log-builders.ts";
import { partitionsOf, shipping, until } from "#test/fixtures/shipping-rig.ts";
import type { RunningKafka } from "#tools/engine-kafka.ts";
import { type Missing, startSecureKafka } from "#tools/engines.ts";
import type { Fault } from "#units/fault.ts";

const password = "correct horse:battery/staple";
const { signal } = new AbortController();

interface Rig {
  readonly kafka: RunningKafka;
  readonly folder: string;
  readonly caFile: string;
  url(login: string, more?: string): string;
}

/** An authority, and a key with its certificate for 127.0.0.1, as PEM. */
async function certificates(folder: string): Promise<void> {
  const openssl = (...words: readonly string[]): void =>
    void execFileSync("openssl", words, { cwd: folder, stdio: "ignore" });
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  openssl(
    "req",
    "-x509",
    ...key,
    "-keyout",
    "ca.key",
    "-out",
    "ca.pem",
    "-days",
    "2",
    "-subj",
    "/CN=A test's authority",
  );
  openssl("req", ...key, "-keyout", "broker.key", "-out", "broker.csr", "-subj", "/CN=broker");
  await writeFile(join(folder, "names"), "subjectAltName=IP:127.0.0.1");
  const signed = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "names"];
  openssl("x509", "-req", "-in", "broker.csr", "-out", "broker.pem", ...signed);
  const files = ["broker.key", "broker.pem", "ca.pem"].map((name) => readFile(join(folder, name), "utf8"));
  await writeFile(join(folder, "keystore.pem"), (await Promise.all(files)).join(""));
}

async function open(t: TestContext): Promise<Rig | Missing> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-secure-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  await certificates(folder);
  const secure = { keyFile: join(folder, "keystore.pem"), username: "millrace", password };
  const kafka = await startSecureKafka({ folder: join(folder, "kafka"), secure });
  if ("missing" in kafka) return kafka;
  t.after(() => kafka.stop());
  const url = (login: string, more = ""): string =>
    `kafka://${login}${kafka.secureBrokers.join(",")}/t${randomBytes(6).toString("hex")}?tls=true${more}`;
  return { kafka, folder, caFile: join(folder, "ca.pem"), url };
}

/** Ships a few records, and reads them back. */
async function goesThrough({ folder, caFile }: Rig, url: string): Promise<void> {
  const home = await mkdtemp(join(folder, "home-"));
  const one = await shipping(home, url, { eventsCaFile: caFile, eventsPartitions: 2 });
  try {
    const sent = Array.from({ length: 20 }, (_, number) => `s${number % 3}:${number}:`);
    for (const text of sent) await one.log.append([bytes(text)]);
    await until(() => one.lag() === 0, "all is shipped");
    assert.deepEqual((await partitionsOf(one.source)).flat().toSorted(), sent.toSorted());
  } finally {
    await one.close();
  }
}

/** What an operator is told, all of it. */
async function refusal({ folder }: Rig, url: string, eventsCaFile: string): Promise<string> {
  const home = await mkdtemp(join(folder, "home-"));
  const one = await shipping(home, url, { eventsCaFile });
  try {
    await one.log.append([bytes("s:1:")]);
    await until(() => one.events.length > 0, "it says what is wrong");
    const fault = await one.source.partitions(signal).then(
      () => assert.fail("it was let in"),
      (error: Fault) => error,
    );
    assert.equal(one.lag(), 1);
    const all = [fault.stack, JSON.stringify(fault), JSON.stringify(one.events), String(fault.cause)].join(
      "\n",
    );
    for (const secret of [password, encodeURIComponent(password), "wrong-password"])
      assert.ok(!all.includes(secret), "a password was told");
    return fault.message;
  } finally {
    await one.close();
  }
}

test("[DA287] over TLS with a password, PLAIN and SCRAM, beacons go to Kafka and back; who is not let in is told so, without the password", async (t) => {
  const rig = await open(t);
  if ("missing" in rig) return t.skip(rig.missing);
  const login = `millrace:${encodeURIComponent(password)}@`;
  await goesThrough(rig, rig.url(login));
  await goesThrough(rig, rig.url(login, "&sasl=scram-sha-512"));
  const wrong = "millrace:wrong-password@";
  assert.match(await refusal(rig, rig.url(wrong), rig.caFile), /SASL|authentication/i);
  assert.match(await refusal(rig, rig.url(wrong, "&sasl=scram-sha-512"), rig.caFile), /SASL|authentication/i);
  assert.match(await refusal(rig, rig.url(login), ""), /certificate|self-signed/i);
  await assert.rejects(
    shipping(join(rig.folder, "none"), rig.url(login), { eventsCaFile: join(rig.folder, "no.pem") }),
    { code: "events-ca" },
  );
});
