// What keeps one nginx standing: it accepts every text that is compared in test/golden, slow clients are cut, one address
// cannot take everything, and the disk is waited for by threads.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { type NginxPlace, tryConfig } from "#edge/io/nginx-files.ts";
import { ownProcesses } from "#edge/io/nginx-process.ts";
import { openBox } from "./edge-box.ts";
import {
  atEnd,
  begun,
  freeListen,
  get,
  k1,
  missing,
  publish,
  signed,
  tempFolder,
  tools,
  until,
} from "./edge-rig.ts";
import { makeCertificate, missingTls } from "./edge-tls-rig.ts";

const one = { workers: 1, stopGraceMs: 500 };
const goldens = "test/golden";

/** The golden text as it would be on this machine: other folders and addresses, and what only FreeBSD knows left out. */
function here(golden: string, folder: string, listens: readonly [string, string]): string {
  return golden
    .replaceAll("/srv/millrace/appliance 1", folder)
    .replaceAll("127.0.1.11:8181", listens[0])
    .replaceAll("127.0.1.11:8443", listens[1])
    .replaceAll("/usr/local/libexec/nginx", tools.nginxSetMisc ?? "")
    .replace('user "www";', "")
    .replace("  use kqueue;\n", "")
    .replaceAll(/ accept_filter=[a-z]+/g, "");
}

const noSetMisc = tools.nginxSetMisc === undefined ? "nginx has no set_misc module" : false;

test("[ED54] nginx accepts every golden configuration", { skip: missingTls || noSetMisc }, async (t) => {
  const folder = tempFolder(t);
  const prefixDir = join(folder, "nginx");
  const certificates = join(prefixDir, "conf/tls");
  for (const name of ["logs", "temp", "conf/tls", "front"])
    mkdirSync(join(prefixDir, name), { recursive: true });
  const made = makeCertificate(certificates, "0123");
  assert.equal(dirname(made.key), certificates);
  const place: NginxPlace = {
    nginx: tools.nginx?.path ?? "",
    modulesFolder: tools.nginxSetMisc,
    prefixDir,
    socket: join(prefixDir, "status.sock"),
    config: join(prefixDir, "conf/nginx.conf"),
    candidate: join(prefixDir, "conf/nginx.conf.candidate"),
    lastGood: join(prefixDir, "conf/nginx.conf.last-good"),
    errorLog: join(prefixDir, "logs/error.log"),
    accessLog: join(prefixDir, "logs/access.log"),
    user: undefined,
  };
  const { signal } = new AbortController();
  const listens = [await freeListen(), await freeListen()] as const;
  const names = readdirSync(goldens).filter((name) => name.startsWith("nginx-"));
  assert.ok(names.length >= 10 && names.includes("nginx-freebsd.conf"), `${names}`);
  // Of 1.25 on: see docs/appliance-debian.md.
  const isNative = spawnSync(place.nginx, ["-V"], { encoding: "utf8" }).stderr.includes("http_v3_module");
  const known = names.filter((name) => isNative || name !== "nginx-http3-native.conf");
  if (!isNative) t.diagnostic("nginx-http3-native.conf was not tried: this nginx has no http_v3_module");
  for (const name of known) {
    const text = here(readFileSync(join(goldens, name), "utf8"), folder, listens);
    await assert.doesNotReject(tryConfig(place, text, signal), name);
  }
  const broken = here(readFileSync(join(goldens, "nginx-appliance.conf"), "utf8"), folder, listens);
  await assert.rejects(
    tryConfig(place, broken.replace("sendfile on;", "sendfile perhaps;"), signal),
    /sendfile/,
  );
});

/** Clients that begin a request and go on a letter at a time. `open()`: how many the server has not cut yet. */
function slowClients(t: TestContext, listen: string, count: number): { open(): number } {
  const [host = "", port = ""] = listen.split(":");
  const sockets = new Set<Socket>();
  for (let i = 0; i < count; i++) {
    const socket = connect({ host, port: Number(port) }, () => socket.write("GET /t/"));
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
    socket.resume();
  }
  const trickle = setInterval(() => {
    for (const socket of sockets) if (socket.writable) socket.write("1");
  }, 50);
  atEnd(t, () => {
    clearInterval(trickle);
    for (const socket of sockets) socket.destroy();
  });
  return { open: () => sockets.size };
}

test("[ED55] clients that send their headers a letter at a time are cut, while a viewer is served", {
  skip: missing,
}, async (t) => {
  const { folder, listen } = await openBox(t, { settings: { ...one, headerTimeoutMs: 400 } });
  publish(folder, "t1", "v360", 1, 100_000);
  const slow = slowClients(t, listen, 60);
  const statuses: number[] = [];
  await until("every slow client to be cut", async () => {
    statuses.push((await get(listen, signed(k1, "t1", "v360/0.m4s"))).status);
    return slow.open() === 0;
  });
  assert.deepEqual([...new Set(statuses)], [200]);
});

test("[ED55] when slow clients have taken every connection, a viewer is served once they are cut", {
  skip: missing,
}, async (t) => {
  const { folder, listen } = await openBox(t, {
    settings: { ...one, headerTimeoutMs: 400, connections: 32 },
  });
  publish(folder, "t1", "v360", 1, 1000);
  const slow = slowClients(t, listen, 60);
  assert.equal((await get(listen, signed(k1, "t1", "v360/0.m4s"))).status, 200);
  await until("every slow client to be cut", () => slow.open() === 0);
});

test("[ED56] one address gets so many responses at a time and no more, others are served", {
  skip: missing,
}, async (t) => {
  const { folder, listen } = await openBox(t, { settings: { ...one, perAddress: 2 } });
  publish(folder, "t1", "v360", 1, 24_000_000);
  publish(folder, "t1", "small", 1, 100);
  const small = signed(k1, "t1", "small/0.m4s");
  const held = await Promise.all([0, 1].map(() => begun(listen, signed(k1, "t1", "v360/0.m4s"))));
  const refused = await get(listen, small);
  assert.deepEqual([refused.status, refused.headers["cache-control"]], [429, "no-store"]);
  assert.equal((await get(listen, small, { from: "127.0.0.9" })).status, 200, "another address");
  for (const end of held) await end();
  await until("room again", async () => (await get(listen, small)).status === 200);
});

test("[ED62] each worker has as many threads for the disk as the setting says", {
  skip: missing,
}, async (t) => {
  const { prefix } = await openBox(t, { settings: { ...one, diskThreads: 5 } });
  const worker = await until("a worker", async () =>
    (await ownProcesses(prefix)).find(({ kind }) => kind === "worker"),
  );
  await until("its threads", () => readdirSync(`/proc/${worker.pid}/task`).length === 1 + 5);
});
