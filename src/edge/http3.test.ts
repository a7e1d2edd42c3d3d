import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { frontConfig } from "./front-config.ts";
import { judgeHttp3 } from "./http3.ts";
import { isQuicAnswer, quicQuestion } from "./quic-question.ts";

const debian12 = "nginx version: nginx/1.22.1\n… --with-http_realip_module --with-http_v2_module …";
const facts = { build: debian12, isCaddyThere: true, port: 8444, tcpPorts: [80, 443] };

test("[ED130] nginx speaks HTTP/3 where it was built so, else caddy does", () => {
  const newer = "nginx version: nginx/1.26.3\n… --with-http_v2_module --with-http_v3_module";
  assert.deepEqual(judgeHttp3({ ...facts, build: newer, isCaddyThere: false, port: 443 }), { kind: "nginx" });
  assert.deepEqual(judgeHttp3(facts), { kind: "caddy" });
});

test("[ED134] without caddy, at a port that nginx serves, or where nginx could not tell addresses, there is none, and it says why", () => {
  const because = (more: Partial<typeof facts>): string => {
    const way = judgeHttp3({ ...facts, ...more });
    return way.kind === "nobody" ? way.because : way.kind;
  };
  assert.equal(
    because({ isCaddyThere: false }),
    "HTTP/3 wanted, caddy is not installed: apt-get install caddy",
  );
  assert.match(because({ port: 443 }), /also opens TCP.*another port in MILLRACE_EDGE_HTTP3_LISTEN/);
  assert.match(because({ build: "nginx version: nginx/1.22.1" }), /http_realip_module/);
});

const order = {
  listen: "192.0.2.7:8444",
  name: "box-1.example.org",
  socket: "/srv/millrace/appliance 1/nginx/front/nginx.sock",
  folder: "/srv/millrace/appliance 1/nginx/front/work",
  certificate: "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
  key: "-----BEGIN PRIVATE KEY-----\nMIGH\n-----END PRIVATE KEY-----\n",
};

test("[ED130] the whole configuration of the front", () => {
  const path = new URL("../../test/golden/front.json", import.meta.url);
  const text = frontConfig(order);
  if (process.env.UPDATE_GOLDEN === "1") writeFileSync(path, text);
  const again = "UPDATE_GOLDEN=1 node --test src/edge/http3.test.ts";
  assert.equal(
    text,
    readFileSync(path, "utf8"),
    `test/golden/front.json differs; if that is meant: ${again}`,
  );
});

test("[ED135] the front has no admin API, makes and asks for no certificate, and keeps nothing outside its folder", () => {
  const config = JSON.parse(frontConfig(order));
  assert.deepEqual(config.admin, { disabled: true, config: { persist: false } });
  assert.equal(config.apps.tls.disable_ocsp_stapling, true);
  assert.equal(config.apps.tls.automation, undefined);
  assert.deepEqual(config.apps.http.servers.front.automatic_https, { disable: true });
  assert.deepEqual(config.apps.http.servers.front.protocols, ["h3"]);
  const paths = [config.storage.root, config.logging.logs.default.writer.filename];
  assert.ok(
    paths.every((path: string) => path.startsWith(`${order.folder}/`)),
    `${paths}`,
  );
  assert.doesNotMatch(frontConfig(order), /https?:\/\//);
});

test("[ED133] the question is a whole first packet, and only its own answer counts", () => {
  const sixteen = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((ids) => Buffer.from(ids));
  fc.assert(
    fc.property(sixteen, sixteen, (ids, others) => {
      const question = quicQuestion(ids);
      assert.equal(question.length, 1200);
      assert.ok(!isQuicAnswer(ids, question), "it is not its own answer");
      // Version Negotiation: version 0, ids the other way round, the versions. Source: RFC 9000 §17.2.1.
      const answer = Buffer.concat([
        ...[Buffer.from([0xc3, 0, 0, 0, 0, 8]), ids.subarray(8), Buffer.from([8]), ids.subarray(0, 8)],
        Buffer.from([0, 0, 0, 1]),
      ]);
      assert.ok(isQuicAnswer(ids, answer));
      assert.equal(isQuicAnswer(others, answer), others.equals(ids));
      for (let cut = 0; cut < answer.length; cut++) assert.ok(!isQuicAnswer(ids, answer.subarray(0, cut)));
    }),
    { seed: 133 },
  );
});
