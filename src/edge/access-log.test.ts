import assert from "node:assert/strict";
import { test } from "node:test";
import { nothing, plus, tally } from "./access-log.ts";

function line(status: number, bytes: number, query = ""): string {
  return `{"time":1.5,"session":"s","title":"t","path":"p","method":"GET","status":${status},"bytes":${bytes},"seconds":0.1,"query":"${query}"}\n`;
}

test("[ED13] load is what the access log says: bytes, requests, and the errors a player stumbles over", () => {
  const text = line(200, 100) + line(206, 50) + line(404, 9) + line(502, 1) + line(403, 7);
  assert.deepEqual(tally(text), { requests: 5, bytes: 167, errors: 2, tlsConnections: 0 });
  assert.deepEqual(plus(tally(line(200, 1)), tally(line(200, 2))), { ...nothing, requests: 2, bytes: 3 });
});

test("[ED13] a line that is none of ours, or that a query tries to be, counts for nothing", () => {
  assert.deepEqual(tally("garbage\n\n{}\n"), nothing);
  const forged = line(200, 5, '\\"status\\":500,\\"bytes\\":999,');
  assert.deepEqual(tally(forged), { ...nothing, requests: 1, bytes: 5 });
});

test("[ED153] a connection over TLS is counted by its first request, whatever a query or a header pretends", () => {
  const over = (tls: string, turn: number, range = ""): string =>
    line(200, 1).replace('"query"', `"range":"${range}","tls":"${tls}","turn":"${turn}","query"`);
  const forged = '\\"tls\\":\\"TLSv1.3\\",\\"turn\\":\\"1\\",';
  const text =
    over("TLSv1.3", 1) + over("TLSv1.3", 2) + over("TLSv1.2", 1) + over("", 1) + over("", 7, forged);
  assert.equal(tally(text).tlsConnections, 2);
  assert.equal(tally(line(200, 1, forged)).tlsConnections, 0);
});
