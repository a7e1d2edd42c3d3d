import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { handTuned, withoutCheck } from "./edge-configs.ts";

const golden = (name: string): string =>
  readFileSync(new URL(`../test/golden/${name}`, import.meta.url), "utf8");

test("[ED112] what the check of a signature costs is told by the same configuration without these lines", () => {
  const before = golden("nginx-appliance.conf");
  const gone = before.split("\n").filter((line) => !withoutCheck(before).split("\n").includes(line));
  assert.deepEqual(
    gone.map((line) => line.trim().split(" ").slice(0, 2).join(" ")),
    [
      'secure_link "1B2M2Y8AsgTpgAmY7PhCfg,$mr_expires";',
      'secure_link_md5 "";',
      "if ($secure_link",
      "set_hmac_sha256 $mr_mac",
      "set_encode_base64url $mr_mac;",
      "if ($mr_signature",
    ],
  );
  const weaker = golden("nginx-md5-envelope.conf");
  assert.equal(withoutCheck(weaker).split("\n").length, weaker.split("\n").length - 3);
});

test("[ED112] a configuration without a check is no measure of one", () => {
  assert.throws(() => withoutCheck(withoutCheck(golden("nginx-appliance.conf"))), /no line/);
});

test("[ED113] the hand-tuned nginx has neither log nor checks, and for TLS the largest writes", () => {
  const tls = { listen: "127.0.0.1:2", certificate: "/c", key: "/k", kernel: false };
  const order = { prefixDir: "/p", folder: "/f", listen: "127.0.0.1:1", user: undefined, workers: 1, tls };
  const text = handTuned({ ...order, threads: true });
  for (const line of ["access_log off;", "sendfile on;", "aio threads;", "ssl_buffer_size 64k;"])
    assert.ok(text.includes(line), line);
  for (const word of ["secure_link", "hmac", "add_header", "user ", "KTLS"])
    assert.ok(!text.includes(word), word);
  assert.ok(!handTuned({ ...order, threads: false }).includes("aio"));
  assert.ok(!handTuned({ ...order, threads: true, tls: undefined }).includes("ssl"));
  assert.ok(handTuned({ ...order, threads: true, tls: { ...tls, kernel: true } }).includes("Options KTLS"));
});
