// Real nginx over TLS: what it speaks, and that a renewed certificate drops nobody and a broken one changes nothing.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { getCiphers } from "node:tls";
import { defaultsOf } from "#config/setting.ts";
import { ownProcesses } from "#edge/io/nginx-process.ts";
import { superviseWithTls, type TlsEvent, type TlsNginxHandle, tlsOrder } from "#edge/io/nginx-tls.ts";
import { serveState } from "#edge/io/origin.ts";
import { edgeSettings } from "#edge/settings.ts";
import { systemClock } from "#io/clock.ts";
import {
  atEnd,
  FakeControl,
  freeListen,
  get,
  k1,
  k2,
  publish,
  sha256,
  signed,
  startAgent,
  tempFolder,
  tools,
  until,
} from "./edge-rig.ts";
import { ended, getHttp2, getTls, greet, type Made, makeCertificate, missingTls } from "./edge-tls-rig.ts";

const settings = { ...defaultsOf(edgeSettings), workers: 2, stopGraceMs: 1000 };

interface Box {
  readonly folder: string;
  readonly prefix: string;
  readonly listen: string;
  readonly secure: string;
  readonly first: Made;
  /** Where nginx's agent looks for the certificate. */
  readonly files: { readonly certificate: string; readonly key: string };
  readonly events: TlsEvent[];
  readonly nginx: TlsNginxHandle;
  /** Another supervisor over the same folder, as after a restart of the agent. */
  again(): Promise<TlsNginxHandle>;
}

async function open(t: TestContext, oldest: "1.2" | "1.3" = "1.3"): Promise<Box> {
  const folder = tempFolder(t);
  const [listen, secure] = [await freeListen(), await freeListen()];
  const prefix = join(folder, "nginx");
  const first = makeCertificate(folder, "first");
  const files = { certificate: join(folder, "live.crt"), key: join(folder, "live.key") };
  install(files, first);
  mkdirSync(join(folder, "v"));
  const events: TlsEvent[] = [];
  const again = async (): Promise<TlsNginxHandle> => {
    const order = {
      nginx: tools.nginx?.path,
      modulesFolder: tools.nginxSetMisc,
      prefixDir: prefix,
      state: serveState(folder, listen, [k1], settings),
      stopGraceMs: 1000,
      signal: new AbortController().signal,
      onEvent: () => undefined,
    };
    const tls = { listen: secure, files, oldest, pollMs: 50 };
    const nginx = await superviseWithTls(order, {
      order: tls,
      clock: systemClock,
      onEvent: (event) => events.push(event),
    });
    atEnd(t, () => nginx.stop());
    return nginx;
  };
  const nginx = await again();
  return { folder, prefix, listen, secure, first, files, events, nginx, again };
}

function install(files: Box["files"], made: Pick<Made, "certificate" | "key">): void {
  copyFileSync(made.certificate, files.certificate);
  copyFileSync(made.key, files.key);
}

/** A download over TLS that has begun and stands still. */
async function begunTls(listen: string, path: string): Promise<() => Promise<Buffer>> {
  const [first, rest] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const got = getTls(listen, path, { begun: first.resolve, letGo: rest.promise });
  await Promise.race([first.promise, got]);
  return async () => {
    rest.resolve();
    return (await got).body;
  };
}

test("[ED50] over TLS 1.3 the same files come by HTTP/1.1 and HTTP/2 from one listener, with AES-GCM", {
  skip: missingTls,
}, async (t) => {
  const { folder, listen, secure, first } = await open(t);
  const bundle = publish(folder, "t1", "v360", 3, 900_000);
  const paths = [0, 1, 2].map((i) => signed(k1, "t1", `v360/${i}.m4s`));
  const greeted = await greet(secure);
  assert.deepEqual(greeted, {
    fingerprint: first.fingerprint,
    version: "TLSv1.3",
    cipher: "TLS_AES_128_GCM_SHA256",
    alpn: "h2",
  });
  await assert.rejects(greet(secure, "TLSv1.2"), "TLS 1.2 is not spoken");
  const hashes = bundle.files.map((file) => file.sha256);
  const over2 = await getHttp2(secure, paths);
  assert.deepEqual(
    over2.map(({ body }) => sha256(body)),
    hashes,
  );
  const over1 = await Promise.all(paths.map((path) => getTls(secure, path)));
  assert.deepEqual(
    over1.map(({ body }) => sha256(body)),
    hashes,
  );
  const part = await getTls(secure, paths[0] ?? "", undefined, { range: "bytes=10-19" });
  assert.deepEqual([part.status, part.body], [206, over1[0]?.body.subarray(10, 20)]);
  const bad = signed(k2, "t1", "v360/0.m4s");
  assert.deepEqual(
    (await getHttp2(secure, [bad])).map(({ status }) => status),
    [403],
  );
  assert.equal((await getTls(secure, bad)).status, 403);
  assert.equal((await get(listen, paths[0] ?? "")).status, 200, "plain HTTP is served beside it");
  // Each worker writes its lines when it likes.
  await until("both protocols in the access log", () => {
    const text = readFileSync(join(folder, "nginx/logs/access.log"), "utf8");
    return ["HTTP/2.0", "HTTP/1.1"].every((name) => text.includes(`"protocol":"${name}","tls":"TLSv1.3"`));
  });
});

test("[ED50] TLS 1.2 is spoken where it is asked for, and a session is taken up again after a reload", {
  skip: missingTls,
}, async (t) => {
  const { folder, secure, nginx, files } = await open(t, "1.2");
  const old = await greet(secure, "TLSv1.2");
  assert.deepEqual([old.version, old.cipher], ["TLSv1.2", "ECDHE-ECDSA-AES128-GCM-SHA256"]);
  assert.equal((await greet(secure)).version, "TLSv1.3");
  const session = join(folder, "session.pem");
  const ask = (...more: string[]): string =>
    spawnSync("openssl", ["s_client", "-connect", secure, "-CAfile", files.certificate, ...more], {
      input: "GET / HTTP/1.0\r\n\r\n",
      encoding: "utf8",
      timeout: 10_000,
    }).stdout;
  assert.match(ask("-tls1_3", "-ign_eof", "-sess_out", session), /^New, TLSv1\.3/m);
  await nginx.refresh();
  assert.match(ask("-tls1_3", "-sess_in", session), /^Reused, TLSv1\.3/m);
});

test("[ED50] a scan of versions and ciphers finds nothing but what was meant", {
  skip: missingTls,
}, async (t) => {
  const { secure } = await open(t, "1.2");
  for (const version of ["TLSv1", "TLSv1.1"] as const)
    await assert.rejects(greet(secure, version), /protocol version|unsupported protocol/i, version);
  const accepted: string[] = [];
  const suites = getCiphers().filter((name) => !name.startsWith("tls_"));
  assert.ok(suites.length > 30, `${suites.length} suites to try`);
  for (const name of suites) {
    const cipher = await greet(secure, "TLSv1.2", `${name.toUpperCase()}:@SECLEVEL=0`).then(
      (greeted) => greeted.cipher,
      () => undefined,
    );
    if (cipher !== undefined) accepted.push(cipher);
  }
  assert.deepEqual(accepted.sort(), ["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384"]);
});

test("[ED57] a viewer who came over TLS is not sent to an address without it", {
  skip: missingTls,
}, async (t) => {
  const { folder, listen, secure, nginx } = await open(t);
  const path = signed(k1, "t1", "v360/0.m4s");
  const answers = async (baseUrl: string): Promise<readonly number[]> => {
    const miss = { redirect: { status: 302 as const, baseUrl } };
    await nginx.apply({ ...serveState(folder, listen, [k1], settings), miss });
    return [(await get(listen, path)).status, (await getTls(secure, path)).status];
  };
  assert.deepEqual(await answers("http://192.0.2.1:8180"), [302, 404]);
  assert.deepEqual(await answers("https://192.0.2.1"), [302, 302]);
});

test("[ED10] a taken TLS port is a fault that names its holder, also where the plain one is free", {
  skip: missingTls,
}, async (t) => {
  const { folder, secure, files } = await open(t);
  const order = {
    nginx: tools.nginx?.path,
    modulesFolder: tools.nginxSetMisc,
    prefixDir: join(folder, "box/nginx"),
    state: serveState(folder, await freeListen(), [k1], settings),
    stopGraceMs: 100,
    signal: new AbortController().signal,
    onEvent: () => undefined,
  };
  const tls = { listen: secure, files, oldest: "1.3" as const, pollMs: 1000 };
  const second = superviseWithTls(order, { order: tls, clock: systemClock, onEvent: () => undefined });
  await assert.rejects(second, new RegExp(`${secure}.*nginx \\(pid \\d+\\)`));
});

test("[ED52] a renewed certificate is taken over while a download is under way, which comes whole", {
  skip: missingTls,
}, async (t) => {
  const { folder, prefix, secure, files, first, events, nginx } = await open(t);
  const bundle = publish(folder, "t1", "v360", 1, 24_000_000);
  const path = signed(k1, "t1", "v360/0.m4s");
  const slow = await begunTls(secure, path);
  const renewed: string[] = [first.fingerprint];
  for (const name of ["second", "third"]) {
    const made = makeCertificate(folder, name);
    install(files, made);
    await until(`${name} to be served`, async () => (await greet(secure)).fingerprint === made.fingerprint);
    renewed.push(made.fingerprint);
  }
  assert.equal(new Set(renewed).size, 3);
  assert.equal(sha256((await getTls(secure, path)).body), bundle.files[0]?.sha256);
  const kinds = (await ownProcesses(prefix)).map(({ kind }) => kind);
  assert.ok(kinds.includes("leaving"), "a worker that knows the first certificate is still sending");
  assert.equal(sha256(await slow()), bundle.files[0]?.sha256, "begun under the first certificate");
  await until(
    "the renewals to be told",
    () => events.filter((e) => e.kind === "certificate-renewed").length === 2,
  );
  assert.equal(nginx.trouble(), "");
  const kept = (): readonly string[] =>
    readdirSync(join(prefix, "conf/tls")).filter((name) => name.endsWith(".crt"));
  await until("what was served before to be cleared away", () => kept().length <= 2);
});

test("[ED53] a broken, foreign, ended or weak certificate replaces nothing: not at once, not after a crash or a restart", {
  skip: missingTls,
}, async (t) => {
  const { folder, prefix, secure, files, first, events, nginx, again } = await open(t);
  const other = makeCertificate(folder, "other");
  const bad: [string, RegExp, () => void][] = [
    ["a key of another", /is not the certificate's/, () => copyFileSync(other.key, files.key)],
    [
      "half a file",
      /live\.crt/,
      () => writeFileSync(files.certificate, readFileSync(other.certificate).subarray(0, 300)),
    ],
    ["ended", /it ended on/, () => install(files, ended(makeCertificate(folder, "old")))],
    [
      "a key that OpenSSL finds too small",
      /key too small/,
      () => install(files, makeCertificate(folder, "weak", ["rsa:1024"])),
    ],
    ["none at all", /no such file/i, () => rmSync(files.certificate)],
  ];
  for (const [what, words, put] of bad) {
    put();
    await until(`${what} to be told`, () => words.test(nginx.trouble()));
    assert.match(nginx.trouble(), /the one before is served on/);
    assert.equal((await greet(secure)).fingerprint, first.fingerprint, what);
    assert.equal(nginx.status(), "up");
    if (what === "none at all") break;
    install(files, first);
    await until("the good one to be well", () => nginx.trouble() === "");
  }
  assert.equal(events.filter((event) => event.kind === "certificate-renewed").length, 0);
  const masters = async (): Promise<readonly number[]> =>
    (await ownProcesses(prefix)).filter(({ kind }) => kind === "master").map(({ pid }) => pid);
  const [master = 0] = await masters();
  process.kill(master, "SIGKILL");
  await until("another nginx", async () => nginx.status() === "up" && !(await masters()).includes(master));
  assert.equal((await greet(secure)).fingerprint, first.fingerprint, "after a crash");
  await nginx.stop();
  const next = await again();
  assert.equal((await greet(secure)).fingerprint, first.fingerprint, "after a restart");
  install(files, other);
  await until("a good one at last", async () => (await greet(secure)).fingerprint === other.fingerprint);
  await until("no more trouble", () => next.trouble() === "");
});

test("[ED53] without any certificate to serve an appliance does not begin, and says what it wanted", {
  skip: missingTls,
}, async (t) => {
  const folder = tempFolder(t);
  const [listen, secure] = [await freeListen(), await freeListen()];
  const made = makeCertificate(folder, "some");
  const order = {
    nginx: tools.nginx?.path,
    modulesFolder: tools.nginxSetMisc,
    prefixDir: join(folder, "nginx"),
    state: serveState(folder, listen, [k1], settings),
    stopGraceMs: 100,
    signal: new AbortController().signal,
    onEvent: () => undefined,
  };
  const begin = async (files: Box["files"], on = secure): Promise<void> => {
    const tls = { listen: on, files, oldest: "1.3" as const, pollMs: 1000 };
    const nginx = await superviseWithTls(order, { order: tls, clock: systemClock, onEvent: () => undefined });
    await nginx.stop();
  };
  await assert.rejects(begin({ certificate: "/nowhere.crt", key: made.key }), /nowhere\.crt.*no such file/s);
  await assert.rejects(begin(made, "nonsense"), /HOST:PORT/);
  const weak = makeCertificate(folder, "weak", ["rsa:1024"]);
  await assert.rejects(begin(weak), /key too small/);
  assert.deepEqual(readdirSync(join(folder, "nginx/conf/tls")), [], "what nginx refused is not kept");
  assert.equal((await ownProcesses(join(folder, "nginx"))).length, 0);
  const incomplete = { ...settings, tlsListen: secure, tlsKey: "a.key" };
  assert.throws(() => tlsOrder(incomplete), /MILLRACE_EDGE_TLS_CERTIFICATE.*found only/s);
  assert.equal(tlsOrder(settings), undefined);
});

test("[ED51] an agent says in its log and its report who encrypts, and tells of a certificate that is no good", {
  skip: missingTls,
}, async (t) => {
  const folder = tempFolder(t);
  const [listen, secure] = [await freeListen(), await freeListen()];
  const made = makeCertificate(folder, "some");
  const control = await new FakeControl(t).open();
  const dir = join(folder, "box");
  const agent = startAgent(
    t,
    { dir, listen, control: control.url },
    {
      MILLRACE_EDGE_TLS_LISTEN: secure,
      MILLRACE_EDGE_TLS_CERTIFICATE: made.certificate,
      MILLRACE_EDGE_TLS_KEY: made.key,
      MILLRACE_EDGE_TLS_POLL_MS: "50",
    },
  );
  const report = await control.report("TLS", ({ tls, nginx }) => tls !== undefined && nginx === "up");
  const protocols = "/proc/sys/net/ipv4/tcp_available_ulp";
  const offered = existsSync(protocols) && readFileSync(protocols, "utf8").split(/\s+/).includes("tls");
  const conf = readFileSync(join(dir, "nginx/conf/nginx.conf"), "utf8");
  assert.equal(conf.includes("Options KTLS"), report.tls?.by === "kernel");
  if (!offered) {
    assert.equal(report.tls?.by, "user-space");
    assert.match(agent.stderr(), /user-space TLS/);
  }
  assert.equal(report.tls?.because === "", report.tls?.by === "kernel");
  assert.ok((report.tls?.certificateEndsAtMs ?? 0) > Date.now());
  writeFileSync(made.certificate, "garbage");
  const warned = await control.report("the warning", ({ trouble }) => trouble !== "");
  assert.match(warned.trouble, /the new certificate was not taken over/);
  assert.equal(warned.nginx, "up");
  assert.equal((await greet(secure)).fingerprint, made.fingerprint);
});
