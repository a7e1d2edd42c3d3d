// What a session may say in a minute.
import assert from "node:assert/strict";
import { test } from "node:test";
import Fastify from "fastify";
import { milliseconds } from "#units/quantity.ts";
import { limitByToken } from "./token-limit.ts";

test("[CO458] each token has its own minute, whoever brings none is counted by address, and the rest is told", async (t) => {
  const app = Fastify();
  t.after(() => app.close());
  let nowMs = 1000;
  const clock = { wallMs: () => milliseconds(0), monoMs: () => milliseconds(nowMs) };
  app.setErrorHandler((error, _request, reply) => reply.code(429).send(Object(error).facts));
  for (const url of ["/a", "/b"]) {
    app.post(url, { preHandler: limitByToken({ clock }, 2, 3) }, async () => "taken");
  }
  const post = async (sessionToken: string, url = "/a"): Promise<string> =>
    (await app.inject({ method: "POST", url, payload: { sessionToken } })).body;
  assert.deepEqual([await post("t"), await post("t")], ["taken", "taken"]);
  nowMs += 45_500;
  assert.equal(await post("t"), '{"seconds":15}');
  assert.deepEqual([await post("u"), await post("t", "/b")], ["taken", "taken"]);
  assert.deepEqual([await post(""), await post(""), await post("")], ["taken", "taken", '{"seconds":60}']);
  nowMs += 14_500;
  assert.deepEqual([await post("t"), await post("t"), await post("t")], ["taken", "taken", '{"seconds":60}']);
  for (const other of ["v", "w", "x"]) assert.equal(await post(other), "taken");
  assert.equal(await post("t"), "taken", "its window was forgotten for newer ones");
});
