// A play whose time is over while another connection holds its account's row: answered in time, and nothing is left of it.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import pg from "pg";
import { defaultsOf } from "#config/setting.ts";
import { startControl } from "#control/io/server.ts";
import { controlSettings } from "#control/settings.ts";
import type { Stores } from "#data/ports.ts";
import { systemClock } from "#io/clock.ts";
import { openLog } from "#io/log.ts";
import { unsold } from "#model/entitlement.ts";
import { memoryLog } from "#test/fixtures/memory-stores.ts";
import { cookieHeader, cookiesOf, knownPasswordHash } from "#test/fixtures/signed-in.ts";
import { smallRoutes, smallSites, smallTitle } from "#test/fixtures/small-network.ts";
import { type Client, client } from "#test/journeys/control-client.ts";
import { deadlineHeader } from "#wire/deadline.ts";
import { fresh, freshSchema, open, postgresServer } from "./stores-builders.ts";

const film = "film-1";
const graceMs = defaultsOf(controlSettings).leaseGraceMs;

interface Rig {
  readonly stores: Stores;
  readonly url: string;
  /** A connection of somebody else, and one that only looks: within a transaction the activity stands still. */
  readonly other: pg.Client;
  readonly watcher: pg.Client;
  readonly accountId: string;
  /** Another browser of the account each time. */
  device(): Promise<Client>;
}

async function openRig(t: TestContext, playBudgetMs: number): Promise<Rig | undefined> {
  const server = await postgresServer();
  if ("missing" in server) {
    t.skip(server.missing);
    return undefined;
  }
  const databaseUrl = await freshSchema(server.url);
  const stores = await open(databaseUrl, "unused");
  const settings = { ...defaultsOf(controlSettings), playBudgetMs, closeGraceMs: 300 };
  const control = await startControl({
    ...{ stores, log: memoryLog(), topology: smallSites, routes: smallRoutes, settings, clock: systemClock },
    signal: new AbortController().signal,
    secrets: {
      sessionSecret: "s".repeat(32),
      applianceToken: "a".repeat(32),
      signingKeys: [{ kid: "k1", secret: "k".repeat(32) }],
    },
    listen: { host: "127.0.0.1", port: 0 },
    originBaseUrl: "http://127.0.1.1:8180",
    pagesFolder: undefined,
    logger: openLog("control", "silent"),
  });
  const other = new pg.Client({ connectionString: databaseUrl });
  const watcher = new pg.Client({ connectionString: databaseUrl });
  for (const one of [other, watcher]) await one.connect();
  t.after(async () => {
    for (const one of [other, watcher]) await one.end();
    await control.close();
    await stores.close();
  });
  await control.publishTitle(smallTitle(film));
  const email = `${fresh()}@example.org`;
  const order = {
    email,
    passwordHash: await knownPasswordHash(),
    role: "viewer",
    profileName: "Ada",
  } as const;
  const made = await stores.accounts.create({ ...order, entitlement: { ...unsold, screens: 1 } });
  assert.ok(made !== "email-taken");
  return {
    ...{ stores, url: control.url, other, watcher, accountId: made.id },
    device: async () => client(control.url, cookieHeader(await cookiesOf(control.url, email))),
  };
}

/** Statements of Millrace that wait for a row. */
async function waiting({ watcher }: Rig): Promise<number> {
  const { rows } = await watcher.query(`select count(*)::int as count from pg_stat_activity
    where application_name = 'millrace' and state = 'active' and wait_event_type = 'Lock'`);
  return rows[0].count;
}

async function nobodyWaits(rig: Rig): Promise<void> {
  for (let tries = 0; (await waiting(rig)) > 0; tries++) {
    assert.ok(tries < 200, "its statement ended within some seconds");
    await wait(20);
  }
}

async function holdRow({ other, accountId }: Rig): Promise<void> {
  await other.query("begin");
  await other.query("select 1 from account where id = $1 for update", [accountId]);
}

async function assertNothingLeft(rig: Rig): Promise<void> {
  await nobodyWaits(rig);
  await rig.other.query("rollback");
  assert.deepEqual(await rig.stores.leases.list(rig.accountId, graceMs), []);
  const { rows } = await rig.other.query("select id from play_session");
  assert.deepEqual(rows, []);
  const said = await (await rig.device()).post("/v1/play", { titleId: film });
  assert.equal(said.status, 200, "the one screen is free, and so is the way to it");
}

for (const [whose, playBudgetMs, headers] of [
  ["the caller's", 30_000, { [deadlineHeader]: "0.3" }],
  ["the server's", 300, {}],
] as const) {
  test(`[CO293] ${whose} time ends a play whose row is locked, in time and without a trace (PostgreSQL)`, async (t) => {
    const rig = await openRig(t, playBudgetMs);
    if (rig === undefined) return;
    const ada = await rig.device();
    await holdRow(rig);
    const beganMs = performance.now();
    const said = await ada.post("/v1/play", { titleId: film }, headers);
    const tookMs = performance.now() - beganMs;
    assert.deepEqual([said.status, said.code], [503, "stores-slow"]);
    assert.ok(Number(said.headers.get("retry-after")) > 0);
    assert.ok(tookMs >= 250 && tookMs < 5000, `${tookMs} ms`);
    await assertNothingLeft(rig);
  });
}

test("[CO293] a caller that leaves a play whose row is locked leaves no trace (PostgreSQL)", async (t) => {
  const rig = await openRig(t, 30_000);
  if (rig === undefined) return;
  const ada = await rig.device();
  await holdRow(rig);
  const leaving = new AbortController();
  const asked = fetch(`${rig.url}/v1/play`, {
    method: "POST",
    headers: { "content-type": "application/json", cookie: ada.cookie() },
    body: JSON.stringify({ titleId: film }),
    signal: leaving.signal,
  });
  const refused = assert.rejects(asked);
  for (let tries = 0; (await waiting(rig)) === 0; tries++) {
    assert.ok(tries < 500, "its statement began");
    await wait(10);
  }
  leaving.abort();
  await refused;
  await assertNothingLeft(rig);
});

test("[CO293] a beat whose lease is locked ends in time, and holds its screen on by the next one (PostgreSQL)", async (t) => {
  const rig = await openRig(t, 30_000);
  if (rig === undefined) return;
  const ada = await rig.device();
  const play = await ada.play(film);
  const body = { sessionToken: play.sessionToken, generation: play.lease.generation, seq: 1 };
  await rig.other.query("begin");
  await rig.other.query("select 1 from lease where session_id = $1 for update", [play.sessionId]);
  const said = await ada.post(play.beatUrl, body, { [deadlineHeader]: "0.3" });
  assert.deepEqual([said.status, said.code], [503, "stores-slow"]);
  await nobodyWaits(rig);
  await rig.other.query("rollback");
  assert.equal((await ada.post(play.beatUrl, body)).status, 200);
});
