import assert from "node:assert/strict";
import { test } from "node:test";
import { cachePlaceOf, replicasAmong } from "./cache-servers.ts";

const servers = (count: number) =>
  Array.from({ length: count }, (_, number) => ({ host: `cache-${number}`, port: 11_211 }));
const keys = Array.from({ length: 20_000 }, (_, number) => `profile-${number}`);

test("[DA229] an address names servers, a port where it is not the usual one, and a name of the installation", () => {
  assert.deepEqual(cachePlaceOf("memory:"), { kind: "memory" });
  assert.deepEqual(cachePlaceOf("memcached://one,two:1234,[::1]:5/night_1"), {
    kind: "memcached",
    servers: [
      { host: "one", port: 11_211 },
      { host: "two", port: 1234 },
      { host: "::1", port: 5 },
    ],
    namespace: "night_1",
  });
  const one = cachePlaceOf("memcached://one");
  assert.equal(one.kind === "memcached" && one.namespace, "millrace");
  for (const wrong of ["", "memory:/x", "memcached://a,", "memcached://a:99999", "memcached://u:p@a"]) {
    assert.equal(cachePlaceOf(wrong).kind, "refused", wrong);
  }
});

test("[DA226] a key's two servers are unlike, all servers get their share, and one that goes moves only what it held", () => {
  const before = replicasAmong(servers(5));
  const after = replicasAmong(servers(4));
  const held = [0, 0, 0, 0, 0];
  for (const key of keys) {
    const [first, second] = before(key);
    assert.notEqual(first, second);
    held[first] = (held[first] ?? 0) + 1;
    const left = [first, second].filter((place) => place !== 4);
    const [now, next] = after(key);
    assert.deepEqual(
      [now, next].filter((place) => left.includes(place)),
      left,
    );
  }
  for (const count of held) assert.ok(Math.abs(count / keys.length - 0.2) < 0.02, `${held}`);
  assert.deepEqual(replicasAmong(servers(1))("key"), [0, 0]);
});
