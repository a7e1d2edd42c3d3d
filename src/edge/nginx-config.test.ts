import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { bytes, bytesPerSecond, milliseconds } from "#units/quantity.ts";
import { isServable, nginxConfig } from "./nginx-config.ts";
import type { NginxState } from "./nginx-state.ts";
import { isQuotable } from "./nginx-text.ts";

const appliance: NginxState = {
  platform: "linux",
  listen: "127.0.1.11:8181",
  folder: "/srv/millrace/appliance 1",
  prefixDir: "/srv/millrace/appliance 1/nginx",
  stubSocket: "/srv/millrace/appliance 1/nginx/status.sock",
  modulesFolder: "/usr/lib/nginx/modules",
  user: undefined,
  keys: [
    { kid: "k1", macKey: "1".repeat(64) },
    { kid: "k2", macKey: "2".repeat(64) },
  ],
  workers: 4,
  connections: 4096,
  threads: 32,
  pace: bytesPerSecond(0),
  headerTimeout: milliseconds(15_000),
  perAddress: 0,
  generation: "0123456789abcdef",
};

/** Compares with test/golden/; `UPDATE_GOLDEN=1 node --test src/edge/nginx-config.test.ts` writes the files anew. */
function golden(name: string, text: string): void {
  const path = new URL(`../../test/golden/${name}`, import.meta.url);
  if (process.env.UPDATE_GOLDEN === "1") writeFileSync(path, text);
  const again = "UPDATE_GOLDEN=1 node --test src/edge/nginx-config.test.ts";
  assert.equal(text, readFileSync(path, "utf8"), `test/golden/${name} differs; if that is meant: ${again}`);
}

test("[ED1] the configuration of an appliance with two keys", () => {
  golden("nginx-appliance.conf", nginxConfig(appliance));
});

test("[ED1] one worker, as root, paced, and the weaker check where set_misc is missing", () => {
  const plain = { ...appliance, modulesFolder: undefined, user: "www-data", workers: 1 };
  golden("nginx-md5-envelope.conf", nginxConfig({ ...plain, pace: bytesPerSecond(2_500_000.7) }));
});

const rule = {
  id: "x00c0ffee",
  share: 0.01,
  segment: 50,
  damages: ["stall" as const],
  stallMs: 8000,
  endsAtMs: 1e12,
};
const breaker = { rule, socket: "/srv/millrace/breaker.sock", token: "a".repeat(64) };

test("[ED40] during an experiment the segment in question of enrolled sessions is handed over, and nothing else", () => {
  golden("nginx-breaker.conf", nginxConfig({ ...appliance, breaker }));
  assert.ok(!nginxConfig(appliance).includes("broken"), "without an experiment nothing speaks of it");
});

const tls = {
  listen: "127.0.1.11:8443",
  certificate: "/srv/millrace/appliance 1/nginx/conf/tls/0123.crt",
  key: "/srv/millrace/appliance 1/nginx/conf/tls/0123.key",
  oldest: "1.3" as const,
  kernel: true,
};
const redirect = { status: 302 as const, baseUrl: "http://127.0.1.1:8180" };
const titleOf = (id: string) => ({ id, version: "0123456789abcdef" });
const pull = {
  folder: "/srv/millrace/appliance 1/nginx/pull",
  bytes: bytes(1 << 30),
  sources: [
    { address: "127.0.1.12:8182", titles: [titleOf("t1"), titleOf("t2")] },
    { address: "127.0.1.1:8180", titles: [titleOf("t3")] },
  ],
};

test("[ED54] the whole text of a few states: plain, paced, TLS in the kernel and out of it, misses, FreeBSD", () => {
  golden("nginx-one-worker.conf", nginxConfig({ ...appliance, workers: 1 }));
  const paced = { ...appliance, workers: 8, pace: bytesPerSecond(1_250_000), threads: 8, perAddress: 64 };
  golden("nginx-paced.conf", nginxConfig(paced));
  golden("nginx-tls-kernel.conf", nginxConfig({ ...appliance, tls }));
  const older = { ...tls, kernel: false, oldest: "1.2" as const };
  golden("nginx-tls-user-space.conf", nginxConfig({ ...appliance, workers: 1, tls: older }));
  golden("nginx-redirect.conf", nginxConfig({ ...appliance, miss: { redirect } }));
  golden("nginx-pull.conf", nginxConfig({ ...appliance, tls, breaker, miss: { redirect, pull } }));
});

const front = {
  kind: "front" as const,
  port: 8444,
  socket: "/srv/millrace/appliance 1/nginx/front/nginx.sock",
  isUp: true,
};

test("[ED130] HTTP/3 by a front: a socket of its own, whose word on the viewer's address alone is believed", () => {
  const miss = { redirect };
  golden("nginx-http3-front.conf", nginxConfig({ ...appliance, tls, miss, http3: front }));
  assert.doesNotMatch(
    nginxConfig({ ...appliance, tls }),
    /http3|quic|unix:;|Alt-Svc/,
    "off: nothing speaks of it",
  );
});

test("[ED130] HTTP/3 by nginx itself (1.25; not run where nginx has no http_v3_module)", () => {
  const native = { kind: "nginx" as const, port: 8443, listen: tls.listen, isUp: true };
  golden("nginx-http3-native.conf", nginxConfig({ ...appliance, tls, http3: native }));
});

test("[ED132] Alt-Svc names the front only while it is up, and only over TLS", () => {
  const up = nginxConfig({ ...appliance, tls, http3: front });
  assert.match(up, /default "";\n *https 'h3=":8444"; ma=3600';/);
  const down = nginxConfig({ ...appliance, tls, http3: { ...front, isUp: false } });
  assert.match(down, /default "";\n *https 'clear';/);
  assert.equal(down.replace("'clear'", `'h3=":8444"; ma=3600'`), up, "nothing else changes");
});

test("[ED61] the same state for FreeBSD: kqueue, accept filters, and no threads, as sendfile does not wait there", () => {
  const folder = "/usr/local/libexec/nginx";
  const box = { ...appliance, platform: "freebsd" as const, user: "www", modulesFolder: folder, tls };
  const text = nginxConfig(box);
  golden("nginx-freebsd.conf", text);
  assert.doesNotMatch(text, /thread_pool|aio/);
});

test("[ED68] without threads for the disk there is no pool and no word of it, and nothing else changes", () => {
  const text = nginxConfig(appliance);
  const expected = text.replace(/^thread_pool .*\n/m, "").replace(/^ *aio .*\n/m, "");
  assert.notEqual(expected, text);
  assert.equal(nginxConfig({ ...appliance, threads: 0 }), expected);
});

test("[ED50] only TLS 1.3 is spoken, unless 1.2 is asked for, and AES-GCM stands before what a kernel does not take", () => {
  const text = nginxConfig({ ...appliance, tls });
  assert.match(text, /ssl_protocols TLSv1\.3;/);
  assert.match(text, /Ciphersuites TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20/);
  assert.match(
    nginxConfig({ ...appliance, tls: { ...tls, oldest: "1.2" } }),
    /ssl_protocols TLSv1\.2 TLSv1\.3;/,
  );
  assert.doesNotMatch(nginxConfig(appliance), /ssl_|http2/, "without TLS nothing speaks of it");
});

test("[ED51] the kernel is asked to encrypt only where it can", () => {
  assert.match(nginxConfig({ ...appliance, tls }), /ssl_conf_command Options KTLS;/);
  assert.doesNotMatch(nginxConfig({ ...appliance, tls: { ...tls, kernel: false } }), /KTLS/);
});

test("[ED56] the room for addresses holds every connection, since nginx refuses everyone when it is used up", () => {
  const text = nginxConfig({ ...appliance, workers: 8, connections: 65_536, perAddress: 100 });
  assert.match(text, /zone=mr_address:64m;/);
  assert.doesNotMatch(nginxConfig(appliance), /limit_conn/);
});

test("[ED6] without a key no path opens, but nginx runs", () => {
  const text = nginxConfig({ ...appliance, keys: [] });
  assert.match(text, /map \$mr_kid \$mr_key \{\n\s+default "";\n\s+\}/);
});

test("[ED10] several workers share the address by reuseport, a single one does without", () => {
  assert.match(nginxConfig(appliance), /listen 127\.0\.1\.11:8181 reuseport /);
  assert.doesNotMatch(nginxConfig({ ...appliance, workers: 1 }), /reuseport/);
});

test("[ED4] only plain paths can be served or filled", () => {
  for (const path of ["v360-1/3.m4s", "hls/master.m3u8", "init.mp4", "_a/b_c-d.e"])
    assert.ok(isServable(path), path);
  const tricks = [
    "",
    "/a",
    "a/",
    "a//b",
    "../a",
    "a/../b",
    "a/.b",
    ".a",
    "a\\b",
    "a%2e",
    "a b",
    "ä",
    "a\nb",
    "a?b",
  ];
  for (const path of tricks) assert.ok(!isServable(path), JSON.stringify(path));
  assert.ok(!isServable("a".repeat(513)));
});

test("[ED4] whatever is servable has no part that begins with a dot and no sign that needs an escape", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom("a", ".", "/", "%", "\\", "-", "0", "_") }), (path) => {
      if (!isServable(path)) return;
      assert.ok(path.split("/").every((part) => part !== "" && !part.startsWith(".")));
      assert.equal(encodeURI(path), path);
    }),
    { seed: 7 },
  );
});

test("[ED5] a folder whose name nginx could misread is refused", () => {
  for (const name of ['a"b', "a'b", "a$b", "a\\b", "a\nb", ""])
    assert.ok(!isQuotable(name), JSON.stringify(name));
  assert.ok(isQuotable("/srv/mill race/ä;{}#"));
});
