import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { bytesPerSecond } from "#units/quantity.ts";
import { isQuotable, isServable, type NginxState, nginxConfig } from "./nginx-config.ts";

const appliance: NginxState = {
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
  pace: bytesPerSecond(0),
  generation: "0123456789abcdef",
};

/** Compares with test/golden/; `UPDATE_GOLDEN=1` writes the file anew. */
function golden(name: string, text: string): void {
  const path = new URL(`../../test/golden/${name}`, import.meta.url);
  if (process.env.UPDATE_GOLDEN === "1") writeFileSync(path, text);
  assert.equal(text, readFileSync(path, "utf8"));
}

test("[ED1] the configuration of an appliance with two keys", () => {
  golden("nginx-appliance.conf", nginxConfig(appliance));
});

test("[ED1] one worker, as root, paced, and the weaker check where set_misc is missing", () => {
  const plain = { ...appliance, modulesFolder: undefined, user: "www-data", workers: 1 };
  golden("nginx-md5-envelope.conf", nginxConfig({ ...plain, pace: bytesPerSecond(2_500_000.7) }));
});

test("[ED40] during an experiment the segment in question of enrolled sessions is handed over, and nothing else", () => {
  const rule = {
    id: "x00c0ffee",
    share: 0.01,
    segment: 50,
    damages: ["stall" as const],
    stallMs: 8000,
    endsAtMs: 1e12,
  };
  const breaker = { rule, socket: "/srv/millrace/breaker.sock", token: "a".repeat(64) };
  const text = nginxConfig({ ...appliance, breaker });
  golden("nginx-breaker.conf", text);
  assert.ok(!nginxConfig(appliance).includes("broken"), "without an experiment nothing speaks of it");
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
