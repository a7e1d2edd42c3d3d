// What is left of work on the database that nobody waits for any more: nothing.
import assert from "node:assert/strict";
import { setTimeout as wait } from "node:timers/promises";
import { sql } from "kysely";
import type { Database } from "#data/io/database-access.ts";
import type { AcquireOrder } from "#data/ports.ts";
import { onAll, onBoth, onServer, type Rig } from "./lease-rig.ts";
import { fresh } from "./stores-builders.ts";

const term = { ttlMs: 100_000, graceMs: 20_000 };
const gone = new Error("nobody waits");

async function wish(rig: Rig, signal?: AbortSignal): Promise<AcquireOrder> {
  const order = { email: `${fresh()}@x.org`, passwordHash: "x", role: "viewer", profileName: "B" } as const;
  const made = await rig.accounts.create(order);
  assert.ok(made !== "email-taken");
  const play = { id: fresh(), accountId: made.id, profileId: made.profileId, titleId: "film" };
  const session = { ...play, viewpoint: "isp-a", startedAtMs: 5 };
  return { session, deviceId: "tv", ...term, ...(signal === undefined ? {} : { signal }) };
}

/** Statements that wait for a row which another connection holds. */
async function waitingForRows(database: Database): Promise<number> {
  const query = sql<{ count: number }>`select count(*) as count from pg_stat_activity
    where datname = current_database() and state = 'active' and wait_event_type = 'Lock'`;
  return Number((await database.use((db) => query.execute(db))).rows[0]?.count);
}

async function until(what: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await what()); tries++) {
    assert.ok(tries < 200, "it came true within some seconds");
    await wait(20);
  }
}

/** Holds an account's row until it is called. */
async function lockedRow(database: Database, accountId: string): Promise<() => Promise<void>> {
  const [locked, free] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const holding = database.transaction(async (db) => {
    await sql`select 1 from account where id = ${accountId} for update`.execute(db);
    locked.resolve();
    await free.promise;
  });
  await Promise.race([locked.promise, holding]);
  return async () => {
    free.resolve();
    await holding;
  };
}

onServer("[DA65] an order given up while its row is locked leaves no statement and no lease", async (rig) => {
  const stop = new AbortController();
  const order = await wish(rig, stop.signal);
  const { id, accountId } = order.session;
  const unlock = await lockedRow(rig.database, accountId);
  const asked = rig.leases.acquire(order);
  await until(async () => (await waitingForRows(rig.database)) === 1);
  stop.abort(gone);
  await assert.rejects(asked, gone);
  await until(async () => (await waitingForRows(rig.database)) === 0);
  await unlock();
  assert.deepEqual(await rig.leases.list(accountId, 0), []);
  assert.equal(await rig.playback.session(id), undefined);
  const { signal: _, ...again } = order;
  assert.equal(
    (await rig.leases.acquire(again)).kind,
    "granted",
    "its lane is free, and its connection whole",
  );
});

onServer(
  "[DA65] who shares a group with an order that was given up is answered all the same",
  async (rig) => {
    const stop = new AbortController();
    const [left, stays] = [await wish(rig, stop.signal), await wish(rig)];
    const unlock = await lockedRow(rig.database, left.session.accountId);
    const leases = rig.open();
    const answers = [leases.acquire(left), leases.acquire(stays)] as const;
    await until(async () => (await waitingForRows(rig.database)) === 1);
    stop.abort(gone);
    await assert.rejects(answers[0], gone);
    await unlock();
    assert.equal((await answers[1]).kind, "granted");
    await until(async () => (await rig.leases.list(left.session.accountId, 0)).length === 0);
  },
);

onBoth("[DA65] a grant that was committed although its asker had gone is given back", async (rig) => {
  const stop = new AbortController();
  let hasEnded = false;
  const leases = rig.open({
    observe: ({ kind }) => {
      if (kind === "granted") stop.abort(gone);
      if (kind === "ended") hasEnded = true;
    },
  });
  const order = await wish(rig, stop.signal);
  await assert.rejects(leases.acquire(order), gone);
  await until(async () => hasEnded);
  assert.deepEqual(await leases.list(order.session.accountId, 0), []);
});

onAll("[DA65] an order of somebody who has gone already is not begun", async (rig) => {
  const signal = AbortSignal.abort(gone);
  const order = await wish(rig, signal);
  const { id: sessionId, accountId } = order.session;
  await assert.rejects(rig.leases.acquire(order), gone);
  await assert.rejects(rig.leases.renew({ accountId, sessionId, generation: 1, ...term, signal }), gone);
  assert.equal(await rig.playback.session(sessionId), undefined);
});

onBoth(
  "[DA66] after the abort no further statement begins, and nothing is committed",
  async ({ database }) => {
    for (const way of ["use", "transaction"] as const) {
      const stop = new AbortController();
      const name = `aborted-${fresh()}`;
      const statement = sql`insert into consumer (name, next_offset) values (${name}, 1)`;
      const work = database[way](async (db) => {
        await sql`select 1`.execute(db);
        stop.abort(gone);
        await statement.execute(db);
      }, stop.signal);
      await assert.rejects(work, gone, way);
      await assert.rejects(
        database[way](() => assert.fail("it began"), stop.signal),
        gone,
      );
      const found = sql`select 1 from consumer where name = ${name}`;
      assert.equal((await database.use((db) => found.execute(db))).rows.length, 0, way);
    }
    const stop = new AbortController();
    const name = `undone-${fresh()}`;
    const undone = database.transaction(async (db) => {
      await sql`insert into consumer (name, next_offset) values (${name}, 1)`.execute(db);
      stop.abort(gone);
    }, stop.signal);
    await assert.rejects(undone, gone);
    const found = sql`select 1 from consumer where name = ${name}`;
    assert.equal((await database.use((db) => found.execute(db))).rows.length, 0);
  },
);

onServer("[DA66] a statement under way is cancelled, and its connection goes on", async ({ database }) => {
  for (const way of ["use", "transaction"] as const) {
    const stop = new AbortController();
    const sleeping = database[way]((db) => sql`select pg_sleep(60)`.execute(db), stop.signal);
    const asleep = sql<{ pid: number }>`select pid from pg_stat_activity
      where state = 'active' and query like 'select pg_sleep%'`;
    const sleepers = async (): Promise<number> =>
      (await database.use((db) => asleep.execute(db))).rows.length;
    await until(async () => (await sleepers()) === 1);
    stop.abort(gone);
    await assert.rejects(sleeping, gone, way);
    assert.equal(await sleepers(), 0, way);
  }
  const many = Array.from({ length: 40 }, () => database.use((db) => sql`select 1`.execute(db)));
  assert.equal((await Promise.all(many)).length, 40);
});
