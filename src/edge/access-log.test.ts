import assert from "node:assert/strict";
import { test } from "node:test";
import { nothing, plus, tally } from "./access-log.ts";

function line(status: number, bytes: number, query = ""): string {
  return `{"time":1.5,"session":"s","title":"t","path":"p","method":"GET","status":${status},"bytes":${bytes},"seconds":0.1,"query":"${query}"}\n`;
}

test("[ED13] load is what the access log says: bytes, requests, and the errors a player stumbles over", () => {
  const text = line(200, 100) + line(206, 50) + line(404, 9) + line(502, 1) + line(403, 7);
  assert.deepEqual(tally(text), { requests: 5, bytes: 167, errors: 2 });
  assert.deepEqual(plus(tally(line(200, 1)), tally(line(200, 2))), { requests: 2, bytes: 3, errors: 0 });
});

test("[ED13] a line that is none of ours, or that a query tries to be, counts for nothing", () => {
  assert.deepEqual(tally("garbage\n\n{}\n"), nothing);
  const forged = line(200, 5, '\\"status\\":500,\\"bytes\\":999,');
  assert.deepEqual(tally(forged), { requests: 1, bytes: 5, errors: 0 });
});
