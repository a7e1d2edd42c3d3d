// Denied sessions and titles at a real appliance: refused on connections that are open already, and no longer than said.
import assert from "node:assert/strict";
import { Agent, request } from "node:http";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { defaultsOf } from "#config/setting.ts";
import { denyAtOrigin } from "#edge/io/origin.ts";
import { edgeSettings } from "#edge/settings.ts";
import { signedPrefix } from "#io/signed-path.ts";
import { mostDenials } from "#model/denial.ts";
import type { DesiredState } from "#wire/appliance.ts";
import { atEnd, get, k1, missing, publish, signed, startAgent, strength, until } from "./edge-rig.ts";
import { origin, plan, site } from "./edge-site.ts";

type Denied = NonNullable<DesiredState["denied"]>;

function pathFor(sessionId: string, titleId = "t1"): string {
  const expiresAtSeconds = Date.now() / 1000 + 600;
  return `${signedPrefix(k1, { titleId, sessionId, expiresAtSeconds }, strength)}v360/0.m4s`;
}

/** Statuses of requests over one kept-alive connection, and how many connections it took. */
function keptAlive(t: TestContext, listen: string): { ask(path: string): Promise<number>; opened(): number } {
  const [host = "", port = ""] = listen.split(":");
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  atEnd(t, () => agent.destroy());
  const local = new Set<string>();
  const ask = (path: string): Promise<number> =>
    new Promise((resolve, reject) => {
      const asked = request({ host, port, path, agent }, (answer) => {
        local.add(`${answer.socket.localPort}`);
        answer.resume().once("end", () => resolve(answer.statusCode ?? 0));
      });
      asked.on("error", reject);
      asked.end();
    });
  return { ask, opened: () => local.size };
}

const inAnHour = (): number => Date.now() + 3_600_000;

test("[ED73] a denied session and a denied title get 403, on open connections too; others, and fills, do not", {
  skip: missing,
}, async (t) => {
  const { dir, listen, originUrl, control, folder } = await site(t);
  const files = ["t1", "t2"].map((title) => publish(join(folder, "store"), title, "v360", 1, 1000));
  const state = (epoch: number, denied: Denied): DesiredState => ({
    ...plan(epoch, files, origin(originUrl)),
    denied,
  });
  control.desired = state(1, []);
  startAgent(t, { dir, listen, control: control.url });
  await control.report("all", (report) => report.verified.length === 2);
  const line = keptAlive(t, listen);
  for (const session of ["s1", "s2"]) assert.equal(await line.ask(pathFor(session)), 200);
  assert.equal(line.opened(), 1, "both over one connection");
  const untilMs = inAnHour();
  control.desired = state(2, [{ kind: "session", id: "s1", untilMs }]);
  await control.report("the session is denied", (report) => report.desiredEpoch === 2);
  assert.deepEqual(
    [await line.ask(pathFor("s1")), await line.ask(pathFor("s2")), await line.ask(pathFor("s1", "t2"))],
    [403, 200, 403],
  );
  const refused = await control.report("the refusals in the load", (report) => report.load.requests >= 5);
  assert.equal(refused.load.errors, 0, "a refusal is no error of the appliance");
  const { freeBytes = 0 } = refused.disk;
  assert.ok(freeBytes > 0 && (refused.handles?.open ?? 0) > 3 && (refused.nextReportMs ?? 0) >= 200);
  control.desired = state(3, [{ kind: "title", id: "t1", untilMs }]);
  await control.report("the title is denied", (report) => report.desiredEpoch === 3);
  assert.deepEqual(
    [
      await line.ask(pathFor("s1")),
      await line.ask(pathFor("s1", "t2")),
      await line.ask(pathFor("fill-box2")),
    ],
    [403, 200, 200],
  );
});

test("[ED73] the origin refuses what it is told to, and nothing else", { skip: missing }, async (t) => {
  const { originUrl, folder, origin: nginx } = await site(t);
  publish(join(folder, "store"), "t1", "v360", 1, 1000);
  const order = {
    folder: join(folder, "store"),
    listen: new URL(originUrl).host,
    keys: [k1],
    settings: { ...defaultsOf(edgeSettings), workers: 1 },
  };
  const statuses = async (): Promise<readonly number[]> =>
    Promise.all(["s1", "s2"].map(async (id) => (await get(order.listen, pathFor(id))).status));
  assert.deepEqual(await statuses(), [200, 200]);
  await denyAtOrigin(nginx, order, [{ kind: "session", id: "s1", untilMs: inAnHour() }]);
  assert.deepEqual(await statuses(), [403, 200]);
  await denyAtOrigin(nginx, order, []);
  assert.deepEqual(await statuses(), [200, 200]);
});

test("[ED64] what bears one of nginx's own words for a name is denied like anything else, and can sign", {
  skip: missing,
}, async (t) => {
  const { originUrl, folder, origin: nginx } = await site(t);
  const words = ["default", "include", "hostnames", "volatile", "title", "next", "root"];
  const untilMs = inAnHour();
  const keys = [k1, ...words.map((kid) => ({ ...k1, kid }))];
  const order = {
    folder: join(folder, "store"),
    listen: new URL(originUrl).host,
    keys,
    settings: { ...defaultsOf(edgeSettings), workers: 1 },
  };
  const denials = (["session", "title"] as const).flatMap((kind) =>
    words.map((id) => ({ kind, id, untilMs })),
  );
  await denyAtOrigin(nginx, order, denials);
  const statusOf = async (path: string): Promise<number> => (await get(order.listen, path)).status;
  for (const word of words) {
    assert.equal(await statusOf(pathFor(word)), 403, `session ${word}`);
    assert.equal(await statusOf(pathFor("s1", word)), 403, `title ${word}`);
  }
  assert.equal(await statusOf(pathFor("s1")), 404, "others are looked up");
  for (const key of keys) assert.equal(await statusOf(signed(key, "t1", "v360/0.m4s")), 404, key.kid);
});

test("[ED74] a full deny-list is taken, a fuller one refused and told, and an entry ends without a word from control", {
  skip: missing,
}, async (t) => {
  const { dir, listen, originUrl, control, folder } = await site(t);
  const files = [publish(join(folder, "store"), "t1", "v360", 1, 1000)];
  const untilMs = inAnHour();
  const many = (count: number): Denied =>
    Array.from({ length: count }, (_, i) => ({
      kind: "session" as const,
      id: `${i}`.padStart(64, "s"),
      untilMs,
    }));
  const state = (epoch: number, denied: Denied): DesiredState => ({
    ...plan(epoch, files, origin(originUrl)),
    denied,
  });
  control.desired = state(1, [...many(mostDenials - 1), { kind: "session", id: "last", untilMs }]);
  startAgent(t, { dir, listen, control: control.url });
  await control.report("all", (report) => report.verified.length === 1);
  for (const { id } of many(2)) assert.equal((await get(listen, pathFor(id))).status, 403);
  control.desired = state(2, many(mostDenials + 1));
  const told = await control.report("the refusal", (report) => /at most 4096/.test(report.fill.lastProblem));
  assert.equal(told.desiredEpoch, 1);
  assert.equal((await get(listen, pathFor("last"))).status, 403, "what was denied before still is");
  control.desired = state(3, [{ kind: "session", id: "last", untilMs: Date.now() + 3000 }]);
  await control.report("the short one", (report) => report.desiredEpoch === 3);
  control.isMute = true;
  const statusOf = async (): Promise<number> => (await get(listen, pathFor("last"))).status;
  await until("the refusal", async () => (await statusOf()) === 403);
  await until("its end", async () => (await statusOf()) === 200);
});
