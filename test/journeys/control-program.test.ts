// The control plane as a program: its keys, its port, its pages, its end.
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { ensureAccount } from "#control/io/accounts.ts";
import { openPasswords } from "#control/io/passwords.ts";
import { openSecrets } from "#control/io/secrets.ts";
import { dataFaults } from "#data/faults.ts";
import { memoryLog, memoryStores } from "#test/fixtures/memory-stores.ts";
import { smallRoutes, smallSites } from "#test/fixtures/small-network.ts";
import { Fault } from "#units/fault.ts";
import { client } from "./control-client.ts";
import { eventually, openPlane, type Plane, settings, startSmall } from "./control-plane.ts";

let home = "";
let running: Plane | undefined;

function now(): Plane {
  assert.ok(running !== undefined);
  return running;
}

before(async () => {
  home = await mkdtemp(join(tmpdir(), "millrace-control-"));
  running = await openPlane(home);
});

after(async () => {
  await running?.close();
  await rm(home, { recursive: true, force: true });
});

async function freePort(): Promise<number> {
  const probe = createServer();
  await once(probe.listen(0, "127.0.0.1"), "listening");
  const address = probe.address();
  assert.ok(typeof address === "object" && address !== null);
  probe.close();
  await once(probe, "close");
  return address.port;
}

test("[CO11] secrets are made once, for their owner only, and a made-up password is told again", async () => {
  const path = now().secretsPath;
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  assert.deepEqual(await openSecrets(path), await openSecrets(path));
  const order = { stores: now().stores, passwords: openPasswords(settings), secretsPath: path } as const;
  const first = await ensureAccount({ ...order, email: "Guest@Example.org", role: "viewer" });
  const again = await ensureAccount({ ...order, email: "guest@example.org", role: "viewer" });
  assert.deepEqual([first.created, again.created], [true, false]);
  assert.equal(again.password, first.password);
  assert.equal((await client(now().control.url).signIn(first.email, first.password)).status, 200);
  const weak = ensureAccount({ ...order, email: "x@example.org", password: "password", role: "viewer" });
  await assert.rejects(weak, { code: "account-refused" });
});

test("[CO12] a taken port is told with who holds it", async () => {
  const { port } = new URL(now().control.url);
  const second = startSmall({ ...now(), listen: { host: "127.0.0.1", port: Number(port) } });
  await assert.rejects(second, (error: unknown) => {
    assert.ok(error instanceof Fault);
    assert.equal(error.code, "port-taken");
    assert.match(error.message, new RegExp(`\\(pid ${process.pid}\\)`));
    return true;
  });
});

test("[CO10] not ready while the database is gone or beacons are not taken, in words that tell no address", async () => {
  const secret = "db.internal:5432";
  const unreachable = new Fault(dataFaults.databaseUnreachable, { address: secret, reason: "refused" });
  const control = await startSmall({
    secretsPath: now().secretsPath,
    stores: { ...now().stores, ping: () => Promise.reject(unreachable) },
    log: {
      ...memoryLog(),
      trouble: () => new Fault(dataFaults.logBroken, { folder: secret, reason: "EIO" }),
    },
  });
  const said = await client(control.url).get("/readyz");
  await control.close();
  assert.equal(said.status, 503);
  assert.deepEqual(said.body, {
    ready: false,
    reasons: ["the database does not answer (database-unreachable)", "beacons are not taken (log-broken)"],
  });
});

test("[CO10] the lag of the consumer grows while the database is away, and is made up for", async () => {
  const away = memoryStores();
  const log = memoryLog();
  const control = await startSmall({ secretsPath: now().secretsPath, stores: away, log });
  const lag = async (): Promise<number> => {
    const figures = String((await client(control.url).get("/metrics")).body);
    return Number(/millrace_consumer_lag_records (\d+)/.exec(figures)?.[1]);
  };
  await eventually("nothing to do", async () => (await lag()) === 0);
  away.away = new Error("gone");
  await log.append([new Uint8Array(3), new Uint8Array(3)]);
  await eventually("two records wait", async () => (await lag()) === 2);
  await log.append([new Uint8Array(3)]);
  await eventually("three records wait", async () => (await lag()) === 3);
  away.away = undefined;
  await eventually("they are done", async () => (await lag()) === 0);
  await control.close();
});

test("[CO23] the built pages are served, the page's own addresses too, and a missing file is missing", async () => {
  const folder = join(home, "pages");
  await mkdir(join(folder, "assets"), { recursive: true });
  await writeFile(join(folder, "index.html"), "<!doctype html><title>Millrace</title>");
  await writeFile(join(folder, "assets/main-abc123.js"), "export {};");
  const stop = new AbortController();
  const control = await startSmall({ ...now(), pagesFolder: folder, signal: stop.signal });
  const anyone = client(control.url);
  for (const path of ["/", "/ops", "/watch/film-1?t=2"]) {
    const page = await anyone.get(path);
    assert.equal(page.status, 200, path);
    assert.match(String(page.body), /<title>Millrace/);
    assert.equal(page.headers.get("cache-control"), "no-cache");
  }
  const script = await anyone.get("/assets/main-abc123.js");
  assert.match(script.headers.get("cache-control") ?? "", /immutable/);
  for (const path of ["/assets/gone.js", "/v1/gone", "/../secrets.json"]) {
    assert.equal((await anyone.get(path)).code, "no-route", path);
  }
  stop.abort();
  await control.close();
  await assert.rejects(fetch(`${control.url}/healthz`));
});

test("[CO26] a request that never ends holds the end up for the grace time only", async () => {
  const control = await startSmall({ ...now() });
  const { hostname, port } = new URL(control.url);
  const socket = connect({ host: hostname, port: Number(port) });
  socket.on("error", () => undefined).resume();
  await once(socket, "connect");
  socket.write(
    "POST /v1/sign-in HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{",
  );
  const begun = performance.now();
  await client(control.url).get("/healthz");
  await control.close();
  // Not the grace time to the millisecond, but far from the half minute that the request itself would be given.
  assert.ok(performance.now() - begun < 20_000, `it took ${Math.round(performance.now() - begun)} ms`);
  socket.destroy();
});

test("[CO26] the program alone tells where it is, ends with SIGTERM, and lets go of its folders", async (t) => {
  const own = await mkdtemp(join(tmpdir(), "millrace-control-program-"));
  const children: ChildProcess[] = [];
  t.after(async () => {
    // One that is left running would keep this file's process alive for ever.
    for (const child of children) child.kill("SIGKILL");
    await rm(own, { recursive: true, force: true });
  });
  await writeFile(join(own, "sites.json"), JSON.stringify(smallSites));
  await writeFile(join(own, "routes.json"), JSON.stringify(smallRoutes));
  const argv = ["src/bin/millrace.ts", "control", "--sites", join(own, "sites.json")];
  argv.push("--routes", join(own, "routes.json"), "--origin", "http://127.0.1.1:8180");
  argv.push("--listen", `127.0.0.1:${await freePort()}`, "--operator", "op@example.org");
  const env = { ...process.env, MILLRACE_HOME: join(own, "var"), MILLRACE_LOG_LEVEL: "warn" };
  for (const round of [1, 2]) {
    const child = spawn(process.execPath, argv, { env, stdio: ["ignore", "ignore", "pipe"] });
    children.push(child);
    const ended = once(child, "exit");
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    await eventually(
      `round ${round} is up`,
      async () => said.includes("control  http") || child.exitCode !== null,
    );
    const url = /control {2}(\S+)/.exec(said)?.[1];
    assert.ok(url !== undefined, said);
    assert.match(said, /operator op@example\.org {3}password (\w{4}-){3}\w{4}\n/);
    assert.deepEqual((await client(url).get("/readyz")).body, { ready: true, reasons: [] });
    child.kill("SIGTERM");
    assert.deepEqual(await ended, [0, null], said);
  }
});
