import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { z } from "zod";
import { ApiError, postOnce } from "./api.ts";
import { onceKey } from "./once-key.ts";

test("[WE73] what is sent again goes under the same key, until it was carried out or says something else", () => {
  const once = onceKey();
  const first = once.keyFor({ accountId: "a", amountMinor: 500 });
  assert.match(first, /^[0-9a-f]{32}$/);
  assert.equal(once.keyFor({ accountId: "a", amountMinor: 500 }), first);
  const edited = once.keyFor({ accountId: "a", amountMinor: 501 });
  assert.notEqual(edited, first);
  once.renew();
  const next = once.keyFor({ accountId: "a", amountMinor: 501 });
  assert.ok(next !== edited && next !== first);
  assert.notEqual(onceKey().keyFor({ accountId: "a", amountMinor: 501 }), next);
});

test("[WE73] a request whose answer was lost reaches the control plane under its key again", async (t) => {
  const keys: unknown[] = [];
  const server = createServer((request, response) => {
    keys.push(request.headers["idempotency-key"]);
    if (keys.length === 1) request.socket.destroy();
    else response.end("{}");
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  const url = `http://127.0.0.1:${address.port}`;
  const once = onceKey();
  const press = () => postOnce(url, { amountMinor: 5 }, z.object({}), once.keyFor({ amountMinor: 5 }));
  await assert.rejects(press(), ApiError);
  await press();
  assert.equal(keys.length, 2);
  assert.equal(keys[0], keys[1]);
  assert.equal(keys[0], once.keyFor({ amountMinor: 5 }));
});
