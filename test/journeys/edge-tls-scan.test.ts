// What the TLS listener agrees to, asked point by point: the table in docs/appliance-security.md.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { connect as connectPlain } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type ConnectionOptions, connect } from "node:tls";
import { defaultsOf } from "#config/setting.ts";
import { superviseWithTls } from "#edge/io/nginx-tls.ts";
import { serveState } from "#edge/io/origin.ts";
import { edgeSettings } from "#edge/settings.ts";
import { systemClock } from "#io/clock.ts";
import { atEnd, freeListen, k1, tempFolder, tools } from "./edge-rig.ts";
import { type Made, makeCertificate, missingTls } from "./edge-tls-rig.ts";

const settings = { ...defaultsOf(edgeSettings), workers: 1, stopGraceMs: 500 };

interface Box {
  readonly secure: string;
  readonly made: Made;
}

async function open(t: TestContext, oldest: "1.2" | "1.3"): Promise<Box> {
  const folder = tempFolder(t);
  const [listen, secure] = [await freeListen(), await freeListen()];
  mkdirSync(join(folder, "v"));
  const made = makeCertificate(folder, "some");
  const order = {
    nginx: tools.nginx?.path,
    modulesFolder: tools.nginxSetMisc,
    prefixDir: join(folder, "nginx"),
    state: serveState(folder, listen, [k1], settings),
    stopGraceMs: 500,
    signal: new AbortController().signal,
    onEvent: () => undefined,
  };
  const tls = { listen: secure, files: made, oldest, pollMs: 1000 };
  const nginx = await superviseWithTls(order, { order: tls, clock: systemClock, onEvent: () => undefined });
  atEnd(t, () => nginx.stop());
  return { secure, made };
}

/** "agreed …" with what was agreed on, or "refused". */
function greet(secure: string, more: ConnectionOptions): Promise<string> {
  const [host = "", port = ""] = secure.split(":");
  return new Promise((resolve) => {
    const order = { host, port: Number(port), rejectUnauthorized: false, timeout: 10_000 };
    const socket = connect({ ...order, minVersion: "TLSv1", ciphers: "ALL:@SECLEVEL=0", ...more }, () => {
      resolve(`${socket.getProtocol()} ${socket.getCipher().name} ${socket.alpnProtocol || "none"}`);
      socket.destroy();
    });
    const end = (): void => resolve("refused");
    socket.on("error", end).on("close", end);
    socket.on("timeout", () => socket.destroy());
  });
}

/** What openssl's client tells of one greeting. */
function told(secure: string, ...more: readonly string[]): Promise<string> {
  const child = spawn("openssl", ["s_client", "-connect", secure, ...more], { timeout: 15_000 });
  let said = "";
  for (const pipe of [child.stdout, child.stderr])
    pipe.on("data", (chunk) => {
      said += chunk;
    });
  child.stdin.end("GET / HTTP/1.0\r\n\r\n");
  return new Promise((resolve) => child.once("close", () => resolve(said)));
}

/** The first byte of the answer to a greeting of before TLS 1.3, which offers suites of all times. 22: a greeting; 21: an alert. */
function oldGreeting(secure: string, minor: number): Promise<number | "closed"> {
  const suites = [0xc02b, 0xc02f, 0xc00a, 0xc014, 0x0035, 0x002f, 0x000a, 0x0005, 0x0004];
  const groups = minor === 0 ? [] : [0, 10, 0, 8, 0, 6, 0, 29, 0, 23, 0, 24];
  const points = minor === 0 ? [] : [0, 11, 0, 2, 1, 0];
  const schemes = minor < 3 ? [] : [0, 13, 0, 8, 0, 6, 4, 3, 8, 4, 4, 1];
  const extensions = [...groups, ...points, ...schemes];
  const body = [
    ...[3, minor, ...Array.from({ length: 32 }, (_, i) => i), 0, 0, suites.length * 2],
    ...suites.flatMap((suite) => [suite >> 8, suite & 255]),
    ...[1, 0],
    ...(extensions.length === 0 ? [] : [0, extensions.length, ...extensions]),
  ];
  const hello = [1, 0, 0, body.length, ...body];
  const [host = "", port = ""] = secure.split(":");
  return new Promise((resolve, reject) => {
    const socket = connectPlain(Number(port), host, () =>
      socket.write(Buffer.from([22, 3, Math.min(minor, 1), 0, hello.length, ...hello])),
    );
    socket.on("data", (chunk) => {
      resolve(chunk[0] ?? 0);
      socket.destroy();
    });
    socket.on("close", () => resolve("closed"));
    socket.on("error", reject);
  });
}

const suites13 = ["AES_128_GCM_SHA256", "AES_256_GCM_SHA384", "CHACHA20_POLY1305_SHA256"];
const curves = ["X25519", "P-256", "P-384", "P-521", "X448", "P-224", "secp256k1", "brainpoolP256r1"];
const fields = ["ffdhe2048", "ffdhe3072", "ffdhe8192"];

test("[ED119] by default: TLS 1.3 alone, three suites, three groups; nothing else is agreed to", {
  skip: missingTls,
}, async (t) => {
  const { secure, made } = await open(t, "1.3");
  for (const minor of [0, 1, 2, 3])
    assert.notEqual(await oldGreeting(secure, minor), 22, minor === 0 ? "SSL 3" : `TLS 1.${minor - 1}`);
  for (const suite of [...suites13, "AES_128_CCM_SHA256", "AES_128_CCM_8_SHA256"]) {
    const name = `TLS_${suite}`;
    const wanted = suites13.includes(suite) ? `TLSv1.3 ${name} none` : "refused";
    assert.equal(await greet(secure, { ciphers: name, minVersion: "TLSv1.3" }), wanted, name);
  }
  const agreed: string[] = [];
  for (const group of [...curves, ...fields])
    if (/^New, TLSv1/m.test(await told(secure, "-groups", group))) agreed.push(group);
  assert.deepEqual(agreed, ["X25519", "P-256", "P-384"]);
  const one = "TLSv1.3 TLS_AES_128_GCM_SHA256";
  const alpn: Record<string, readonly string[]> = {
    [`${one} h2`]: ["h2", "http/1.1"],
    [`${one} http/1.1`]: ["http/1.1"],
    [`${one} none`]: [],
    refused: ["spdy/3"],
  };
  for (const [wanted, ALPNProtocols] of Object.entries(alpn))
    assert.equal(
      await greet(secure, ALPNProtocols.length === 0 ? {} : { ALPNProtocols: [...ALPNProtocols] }),
      wanted,
    );
  const said = await told(secure, "-tls1_3", "-servername", "nobody.example", "-ign_eof", "-showcerts");
  assert.match(said, /Compression: NONE/);
  assert.match(said, /Early data was not sent/);
  assert.match(said, /Max Early Data: 0/);
  assert.match(said, /CN = some/, "a name that is not ours gets the one certificate that there is");
  assert.ok(made.fingerprint.length > 0);
});

test("[ED119] with 1.2: four suites with forward secrecy, no renegotiation, no tickets, no SHA-1, no fallback", {
  skip: missingTls,
}, async (t) => {
  const { secure } = await open(t, "1.2");
  for (const minor of [0, 1, 2]) assert.notEqual(await oldGreeting(secure, minor), 22, `3.${minor}`);
  assert.equal(await oldGreeting(secure, 3), 22, "TLS 1.2");
  const said = await told(secure, "-tls1_2", "-ign_eof");
  assert.match(said, /Secure Renegotiation IS supported/);
  assert.match(said, /Compression: NONE/);
  assert.doesNotMatch(said, /TLS session ticket:/);
  assert.match(said, /Server Temp Key: X25519/);
  const old = ["-tls1_2", "-sigalgs", "ECDSA+SHA1:RSA+SHA1", "-cipher", "ALL:@SECLEVEL=0"];
  assert.doesNotMatch(await told(secure, ...old), /^New, TLSv1/m);
  assert.match(await told(secure, "-tls1_2", "-fallback_scsv"), /inappropriate fallback/i);
  await assert.rejects(renegotiated(secure), /renegotiation/i);
});

/** Asks for other keys in the middle of a connection. */
function renegotiated(secure: string): Promise<void> {
  const [host = "", port = ""] = secure.split(":");
  return new Promise((resolve, reject) => {
    const order = { host, port: Number(port), rejectUnauthorized: false, maxVersion: "TLSv1.2" as const };
    const socket = connect(order, () => {
      socket.renegotiate({ rejectUnauthorized: false }, (error) =>
        error === null ? resolve() : reject(error),
      );
      socket.on("data", () => undefined);
      socket.on("error", (error) => reject(new Error(`renegotiation: ${error.message}`)));
      socket.on("close", () => reject(new Error("closed at renegotiation")));
    });
    socket.on("error", reject);
  });
}
