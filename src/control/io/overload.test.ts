// The gate before every route.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import Fastify, { type FastifyInstance } from "fastify";
import { defaultsOf } from "#config/setting.ts";
import { overloadSettings } from "#control/settings-overload.ts";
import { milliseconds } from "#units/quantity.ts";
import { openMeters } from "./meters.ts";
import { openLoadGate } from "./overload.ts";

/** A plane whose `/held` answers when the test ends, and how many came to it. */
function opened(
  t: TestContext,
  config: { readonly waits?: boolean; readonly longBody?: boolean },
): { readonly app: FastifyInstance; readonly held: () => number } {
  const gate = openLoadGate({
    settings: { ...defaultsOf(overloadSettings), inWorkLeast: 4, inWorkMost: 4 },
    clock: { wallMs: () => milliseconds(1e12), monoMs: () => milliseconds(0) },
    meters: openMeters(),
    chance: () => 0,
  });
  const app = Fastify();
  const over = Promise.withResolvers<string>();
  let held = 0;
  app.addHook("onRequest", gate.hook);
  app.get("/held", { config: { audience: "worker", ...config } }, async () => {
    held += 1;
    return over.promise;
  });
  app.get("/play", { config: { audience: "viewer", load: "play" } }, async () => "played");
  t.after(async () => {
    over.resolve("over");
    gate.close();
    await app.close();
  });
  return { app, held: () => held };
}

test("[CO280] who waits for news or sends a film takes no room from who plays", async (t) => {
  for (const config of [{ waits: true }, { longBody: true }]) {
    const { app, held } = opened(t, config);
    for (let nth = 0; nth < 8; nth++) app.inject("/held").catch(() => undefined);
    assert.equal((await app.inject("/play")).statusCode, 200, JSON.stringify(config));
    assert.equal(held(), 8);
  }
  const { app, held } = opened(t, {});
  for (let nth = 0; nth < 8; nth++) app.inject("/held").catch(() => undefined);
  assert.equal((await app.inject("/play")).statusCode, 503, "in work they do");
  assert.equal(held(), 4);
});
