import assert from "node:assert/strict";
import { createServer } from "node:net";
import { test } from "node:test";
import { isPortTaken, parseListen, portHolder } from "./port-holder.ts";

test("[ED8] the holder of a port is named with its pid", async (t) => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  assert.match(await portHolder("127.0.0.1", address.port), new RegExp(`\\(pid ${process.pid}\\)$`));
  assert.equal(await isPortTaken("127.0.0.1", address.port), true);
  assert.equal(await portHolder("127.0.0.2", address.port), "a program that could not be found");
});

test("[ED5] a listening address is a host and a port", () => {
  assert.deepEqual(parseListen("127.0.1.11:8181"), { host: "127.0.1.11", port: 8181 });
  assert.deepEqual(parseListen("[::1]:80"), { host: "::1", port: 80 });
  for (const wrong of ["8181", "host:", "host:0", "host:70000", "a b:80", "a;b:80"]) {
    assert.equal(parseListen(wrong), undefined, wrong);
  }
});
