// Real nginx on loopback: what it serves, what it refuses, and what its supervisor does when things go wrong.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { LoadMeter } from "#edge/io/load.ts";
import type { NginxEvent } from "#edge/io/nginx.ts";
import { ownProcesses } from "#edge/io/nginx-process.ts";
import { startOrigin } from "#edge/io/origin.ts";
import { signedPrefix } from "#io/signed-path.ts";
import { badPaths, tricks } from "./edge-bad-paths.ts";
import { openBox, settings } from "./edge-box.ts";
import {
  atEnd,
  begun,
  codeIs,
  freeListen,
  get,
  k1,
  k2,
  missing,
  publish,
  sha256,
  signed,
  tempFolder,
  tools,
  until,
} from "./edge-rig.ts";

test("[ED1] a held file is served byte for byte, whole and in part; others are 404 at once", {
  skip: missing,
}, async (t) => {
  const { folder, listen } = await openBox(t);
  const bundle = publish(folder, "t1", "v360", 1, 3_000_000);
  writeFileSync(join(folder, "v/t1/master.m3u8"), "#EXTM3U\n");
  const path = signed(k1, "t1", "v360/0.m4s");
  const whole = await get(listen, `${path}?CMCD=bl%3D2000`);
  assert.equal(whole.status, 200);
  assert.equal(sha256(whole.body), bundle.files[0]?.sha256);
  assert.equal(whole.headers["content-type"], "video/iso.segment");
  assert.equal(whole.headers["cache-control"], "public, max-age=31536000, immutable");
  assert.equal(whole.headers["access-control-allow-origin"], "*");
  const part = await get(listen, path, { headers: { range: "bytes=1000-1999" } });
  assert.equal(part.status, 206);
  assert.equal(part.headers["content-range"], "bytes 1000-1999/3000000");
  assert.deepEqual(part.body, whole.body.subarray(1000, 2000));
  const playlist = await get(listen, signed(k1, "t1", "master.m3u8"));
  assert.equal(playlist.headers["content-type"], "application/vnd.apple.mpegurl");
  const head = await get(listen, path, { method: "HEAD" });
  assert.deepEqual([head.status, head.headers["content-length"], head.body.length], [200, "3000000", 0]);
  assert.equal((await get(listen, path, { method: "OPTIONS" })).status, 204);
  for (const method of ["POST", "PUT", "DELETE"])
    assert.equal((await get(listen, path, { method })).status, 405);
  for (const absent of ["v360/9.m4s", "v360", "x/y.m4s"]) {
    const answer = await get(listen, signed(k1, "t1", absent));
    assert.deepEqual([answer.status, answer.headers["cache-control"]], [404, "no-store"], absent);
  }
  publish(folder, "t1", "late", 1, 10);
  const asked = 12;
  assert.equal((await get(listen, signed(k1, "t1", "late/0.m4s"))).status, 200, "a 404 is not remembered");
  // Each worker writes its lines when it likes: what comes first in the log is not what was asked first.
  const log = await until("the access log", () => {
    const text = readFileSync(join(folder, "nginx/logs/access.log"), "utf8");
    return text.split("\n").length > asked && text;
  });
  const entries = log
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  const first = entries.find((entry) => entry.query !== "" && entry.status === 200);
  assert.deepEqual(
    [first.session, first.title, first.path, first.status, first.bytes, first.query],
    ["s1", "t1", "v360/0.m4s", 200, 3_000_000, "CMCD=bl%3D2000"],
  );
  assert.ok(!log.includes(path.split("/")[4] ?? "?"), "no signature in the log");
});

for (const how of ["hmac-sha256", "md5-envelope"] as const) {
  const weak = how === "hmac-sha256" && tools.nginxSetMisc === undefined;
  const skip = missing || (weak ? "nginx has no set_misc module" : false);
  test(`[ED3] [ED4] ${how}: expired, altered, foreign and tricky paths are refused`, { skip }, async (t) => {
    const box = await openBox(t, { supervisor: how === "md5-envelope" ? { modulesFolder: undefined } : {} });
    for (const title of ["t1", "t2"]) publish(box.folder, title, "v360", 1, 1000);
    for (const [folder, name] of [
      ["quarantine", "bad.m4s"],
      ["incoming", "half.part"],
    ] as const) {
      mkdirSync(join(box.folder, folder));
      writeFileSync(join(box.folder, folder, name), "secret");
    }
    writeFileSync(join(box.folder, "v/t1/.hidden"), "secret");
    const good = signed(k1, "t1", "v360/0.m4s", 600, how);
    assert.equal((await get(box.listen, good)).status, 200);
    for (const [name, path] of Object.entries(badPaths(how))) {
      assert.equal((await get(box.listen, path)).status, 403, `${name}: ${path}`);
    }
    const prefix = good.slice(0, good.indexOf("v360/"));
    for (const trick of tricks) {
      const { status } = await get(box.listen, prefix + trick);
      assert.ok(status === 403 || status === 400, `${trick} got ${status}`);
    }
    writeFileSync(join(box.folder, "v/t1/poster.jpg"), "picture");
    const expiresAtSeconds = Date.now() / 1000 + 600;
    const poster = signedPrefix(k1, { titleId: "t1", sessionId: "poster-p1", expiresAtSeconds }, how);
    assert.equal((await get(box.listen, `${poster}poster.jpg`)).status, 200);
    assert.equal((await get(box.listen, `${poster}poster.jpg?a=1`)).status, 200);
    writeFileSync(join(box.folder, "v/t1/storyboard.vtt"), "WEBVTT");
    assert.equal((await get(box.listen, `${poster}storyboard.vtt`)).status, 200);
    writeFileSync(join(box.folder, "v/t1/words.vtt"), "WEBVTT");
    assert.equal((await get(box.listen, `${poster}words.vtt`)).status, 403);
    for (const film of ["v360/0.m4s", "v360/0.m4s?.jpg", "v360/0.m4s?a/poster.jpg", "poster.jpgs"]) {
      assert.equal((await get(box.listen, poster + film)).status, 403, `a poster's signature opens ${film}`);
    }
    const other = how === "hmac-sha256" ? "md5-envelope" : "hmac-sha256";
    assert.equal((await get(box.listen, signed(k1, "t1", "v360/0.m4s", 600, other))).status, 403);
  });
}

test("[ED7] keys change while films run: no request fails, and the old key is dead when apply returns", {
  skip: missing,
}, async (t) => {
  const { folder, listen, nginx, state } = await openBox(t);
  const bundle = publish(folder, "t1", "v360", 1, 8_000_000);
  const statuses: number[] = [];
  let key = k1;
  let running = true;
  const viewer = async (): Promise<void> => {
    while (running) {
      const got = get(listen, signed(key, "t1", "v360/0.m4s"));
      statuses.push(
        await got.then(
          ({ status }) => status,
          () => 0,
        ),
      );
    }
  };
  const answers = (count: number): Promise<boolean> =>
    until(`${count} answers`, () => statuses.length >= count);
  const slow = await begun(listen, signed(k1, "t1", "v360/0.m4s"));
  const viewers = [viewer(), viewer(), viewer()];
  await answers(6);
  await nginx.apply(state([k1, k2]));
  key = k2;
  await answers(statuses.length + 6);
  running = false;
  await Promise.all(viewers);
  await nginx.apply(state([k2]));
  assert.equal((await get(listen, signed(k1, "t1", "v360/0.m4s"))).status, 403);
  assert.equal((await get(listen, signed(k2, "t1", "v360/0.m4s"))).status, 200);
  assert.deepEqual([...new Set(statuses)], [200]);
  assert.equal(sha256((await slow()).body), bundle.files[0]?.sha256, "begun under the first configuration");
});

test("[ED9] a configuration that nginx refuses never replaces the good one", { skip: missing }, async (t) => {
  const { folder, listen, prefix, nginx, state } = await openBox(t);
  publish(folder, "t1", "v360", 1, 1000);
  const before = readFileSync(join(prefix, "conf/nginx.conf"), "utf8");
  await assert.rejects(nginx.apply({ ...state([k1]), folder: "/a$b" }), codeIs("folder-unusable", /a\$b/));
  const elsewhere = { ...state([k1]), listen: "192.0.2.1:8181" };
  await assert.rejects(
    nginx.apply(elsewhere),
    codeIs("nginx-config-refused", /bind\(\) to 192\.0\.2\.1:8181/),
  );
  assert.equal(readFileSync(join(prefix, "conf/nginx.conf"), "utf8"), before);
  assert.equal((await get(listen, signed(k1, "t1", "v360/0.m4s"))).status, 200);
  assert.equal(nginx.status(), "up");
  const taken = createServer();
  const other = await freeListen();
  const [host = "", port = ""] = other.split(":");
  await new Promise<void>((resolve) => taken.listen({ host, port: Number(port) }, resolve));
  atEnd(t, () => taken.close());
  await assert.rejects(nginx.apply({ ...state([k1]), listen: other }), codeIs("port-taken", /\(pid \d+\)/));
  assert.equal((await get(listen, signed(k1, "t1", "v360/0.m4s"))).status, 200);
});

test("[ED11] nginx killed with -9 serves again after a short pause, its orphaned workers gone", {
  skip: missing,
}, async (t) => {
  const { folder, listen, prefix, nginx, events } = await openBox(t);
  publish(folder, "t1", "v360", 1, 1000);
  for (const all of [false, true, false]) {
    const own = await ownProcesses(prefix);
    assert.equal(own.filter((process) => process.kind === "master").length, 1);
    for (const { pid, kind } of own) if (all || kind === "master") process.kill(pid, "SIGKILL");
    await until(
      "nginx to be started anew",
      () => events.filter((event) => event.kind === "started").length > 1,
    );
    assert.equal((await get(listen, signed(k1, "t1", "v360/0.m4s"))).status, 200);
    assert.equal(nginx.status(), "up");
    const pauses = events.flatMap((event) => (event.kind === "ended" ? [event.restartInMs] : []));
    assert.ok(pauses.length === 1 && pauses.every((ms) => ms <= 200), `${pauses} ms`);
    assert.deepEqual(
      events.filter((event) => event.kind === "not-started"),
      [],
    );
    events.splice(0, events.length - 1);
    await until("a master and two workers", async () => (await ownProcesses(prefix)).length === 3);
  }
  assert.deepEqual((await nginx.stub()).connections >= 0, true);
  await nginx.stop();
  assert.equal((await ownProcesses(prefix)).length, 0);
  assert.equal(existsSync(join(prefix, "status.sock")), false);
});

test("[ED8] a taken port is a fault that names who holds it; a missing nginx says how to get it, a failing one why", {
  skip: missing,
}, async (t) => {
  const { listen, prefix } = await openBox(t);
  const folder = tempFolder(t);
  const order = {
    folder,
    prefixDir: join(folder, "nginx"),
    listen,
    keys: [k1],
    settings,
    onEvent: () => undefined,
  };
  const { signal } = new AbortController();
  const pids = (await ownProcesses(prefix)).map(({ pid }) => pid).join("|");
  await assert.rejects(
    startOrigin({ ...order, tools, signal }),
    codeIs("port-taken", new RegExp(`${listen}.*nginx \\(pid (${pids})\\)`)),
  );
  assert.equal((await ownProcesses(order.prefixDir)).length, 0);
  const none = { nginx: undefined, nginxSetMisc: undefined };
  await assert.rejects(
    startOrigin({ ...order, tools: none, signal }),
    codeIs("nginx-missing", /apt-get install/),
  );
  await assert.rejects(
    startOrigin({
      ...order,
      tools: { ...none, nginx: { path: "/nowhere/nginx", version: "0", build: "0" } },
      signal,
    }),
    codeIs("process-missing", /\/nowhere\/nginx/),
  );
  const failing = join(folder, "failing-nginx");
  const script = `case " $* " in *" -t "*) exit 0;; esac; echo "[emerg] 1#1: the disk is on fire" >&2; exit 3`;
  writeFileSync(failing, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const free = { ...order, listen: await freeListen() };
  await assert.rejects(
    startOrigin({ ...free, tools: { ...none, nginx: { path: failing, version: "0", build: "0" } }, signal }),
    codeIs("nginx-failed", /status 3.*the disk is on fire/s),
  );
});

test("[ED12] an nginx left by a killed agent is adopted while it serves; a foreign one is not touched", {
  skip: missing,
}, async (t) => {
  const foreign = await openBox(t);
  const folder = tempFolder(t);
  const listen = await freeListen();
  const prefixDir = join(folder, "origin-nginx");
  const bundle = publish(folder, "t1", "v360", 1, 8_000_000);
  const code = `
    const { startOrigin } = await import("#edge/io/origin.ts");
    const signal = new AbortController().signal;
    await startOrigin({ ...JSON.parse(process.argv[1]), signal, onEvent: () => {} });
    process.stdout.write("up\\n");
  `;
  const order = { tools, folder, prefixDir, listen, keys: [k1], settings };
  const agent = spawn(process.execPath, ["--input-type=module", "-e", code, JSON.stringify(order)]);
  atEnd(t, () => agent.kill("SIGKILL"));
  await new Promise((resolve) => agent.stdout.once("data", resolve));
  const master = (await ownProcesses(prefixDir)).find((process) => process.kind === "master")?.pid;
  agent.kill("SIGKILL");
  const slow = await begun(listen, signed(k1, "t1", "v360/0.m4s"));
  const events: NginxEvent[] = [];
  const { signal } = new AbortController();
  const nginx = await startOrigin({ ...order, keys: [k2], signal, onEvent: (event) => events.push(event) });
  atEnd(t, () => nginx.stop());
  assert.deepEqual(events, [{ kind: "started", pid: master, adopted: true }]);
  assert.equal((await get(listen, signed(k2, "t1", "v360/0.m4s"))).status, 200);
  assert.equal(sha256((await slow()).body), bundle.files[0]?.sha256);
  process.kill(master ?? 0, "SIGKILL");
  await until(
    "the adopted one to be replaced",
    () => events.filter((event) => event.kind === "started").length === 2,
  );
  assert.equal((await get(listen, signed(k2, "t1", "v360/0.m4s"))).status, 200);
  await nginx.stop();
  assert.equal((await ownProcesses(prefixDir)).length, 0);
  await until("the foreign one to be whole", async () => (await ownProcesses(foreign.prefix)).length === 3);
  assert.equal(foreign.nginx.status(), "up");
});

test("[ED13] load is counted exactly, also across a log that was set aside", { skip: missing }, async (t) => {
  const { folder, listen, nginx } = await openBox(t);
  publish(folder, "t1", "v360", 1, 1000);
  const meter = new LoadMeter(nginx, 4000);
  atEnd(t, () => meter.close());
  let now = 0;
  const sample = (): ReturnType<LoadMeter["sample"]> => {
    now += 1000;
    return meter.sample(now);
  };
  await sample();
  for (let round = 1; round <= 3; round++) {
    for (let i = 0; i < 20; i++) await get(listen, signed(k1, "t1", i === 0 ? "no.m4s" : "v360/0.m4s"));
    const load = await until(`round ${round} in the log`, async () => {
      const found = await sample();
      return found.requests === round * 20 && found;
    });
    assert.equal(load.errors, round);
  }
  assert.ok(existsSync(`${nginx.accessLog}.1`), "the log was set aside");
});

test("[ED2] a token is good for its title alone, for any of its files", { skip: missing }, async (t) => {
  const { folder, listen } = await openBox(t);
  for (const title of ["t1", "t2"]) publish(folder, title, "v360", 2, 100);
  const grant = { titleId: "t1", sessionId: "s1", expiresAtSeconds: Date.now() / 1000 + 600 };
  const prefix = signedPrefix(k1, grant, tools.nginxSetMisc === undefined ? "md5-envelope" : "hmac-sha256");
  assert.equal((await get(listen, `${prefix}v360/0.m4s`)).status, 200);
  assert.equal((await get(listen, `${prefix}v360/1.m4s`)).status, 200);
  assert.equal((await get(listen, `${prefix.replace("/v/t1/", "/v/t2/")}v360/0.m4s`)).status, 403);
});

/** Paths of what a process holds open. Source: proc(5), /proc/pid/fd. */
function opened(pid: number): readonly string[] {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).map((name) => {
    try {
      return readlinkSync(join(folder, name));
    } catch {
      return "";
    }
  });
}

test("[ED14] fresh workers know nothing of a file that was taken away, though an old one held it open", {
  skip: missing,
}, async (t) => {
  const { folder, listen, nginx, prefix } = await openBox(t);
  publish(folder, "t1", "v360", 1, 1000);
  const path = signed(k1, "t1", "v360/0.m4s");
  const held = join(folder, "v/t1/v360/0.m4s");
  await until("every worker to hold the file open", async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => get(listen, path)));
    assert.ok(answers.every((got) => got.status === 200));
    const workers = (await ownProcesses(prefix)).filter((process) => process.kind === "worker");
    return workers.length === settings.workers && workers.every(({ pid }) => opened(pid).includes(held));
  });
  renameSync(held, join(folder, "aside"));
  assert.equal((await get(listen, path)).status, 200, "served on from the open file");
  await nginx.refresh();
  assert.equal((await get(listen, path)).status, 404);
});
