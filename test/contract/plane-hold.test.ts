// One active control plane per database: the row that says which, and the plane that keeps it.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { hostname } from "node:os";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import fc from "fast-check";
import { sql } from "kysely";
import { defaultsOf } from "#config/setting.ts";
import { leastLifeMs, mayTake, sureForMs } from "#data/hold-rules.ts";
import { tablesInOrder } from "#data/io/backup-tables.ts";
import { holdStore } from "#data/io/hold-store.ts";
import { migrations } from "#data/io/migration-list.ts";
import { migrationsOf } from "#data/io/migrations.ts";
import { planeMigration } from "#data/io/migrations-plane.ts";
import { openDatabase } from "#data/io/open-database.ts";
import { type HoldWish, holdBy, openHold } from "#data/io/plane-hold.ts";
import type { Claimant, HoldSeen, HoldStore, PlaneHold } from "#data/ports-plane.ts";
import { dataSettings } from "#data/settings.ts";
import { markOf } from "#io/living.ts";
import type { Fault } from "#units/fault.ts";
import { milliseconds } from "#units/quantity.ts";
import { onBoth, type SqlRig } from "./lease-rig.ts";
import { freshSchema, isFault, postgresServer } from "./stores-builders.ts";

const lifeMs = 30_000;
const settings = { planeHoldMs: lifeMs, planeBeatMs: 10, planeWatchMs: 10 };

/** Only the database's clock goes on: as much as was added to it lies behind the last heartbeat. */
async function goesBy({ database }: SqlRig, ms: number): Promise<void> {
  const passed = sql`update plane_hold set beat_ms = beat_ms - ${ms}::bigint, since_ms = since_ms - ${ms}::bigint`;
  await database.use((db) => passed.execute(db));
}

/** A store with a free hold. */
async function free(rig: SqlRig): Promise<HoldStore> {
  await rig.database.use((db) => db.updateTable("plane_hold").set({ holder: "" }).execute());
  return holdStore(rig.database);
}

const claimant = (holder: string, more: Partial<Claimant> = {}): Claimant => ({
  ...{ holder, host: "box-1", pid: 41, process: "", secrets: "keys", lifeMs },
  ...more,
});

/** A clock that a test moves, on top of the real one. */
function movedClock(): HoldWish["clock"] & { mono: number; wall: number } {
  const clock = { mono: 0, wall: 0 };
  return Object.assign(clock, {
    monoMs: () => milliseconds(performance.now() + clock.mono),
    wallMs: () => milliseconds(Date.now() + clock.wall),
  });
}

function plane(store: HoldStore, more: Partial<HoldWish> = {}): Promise<PlaneHold> {
  return holdBy({
    ...{ store, settings, address: "db:5432/m", standBy: false, secrets: "keys", clock: movedClock() },
    ...{ signal: new AbortController().signal, onNote: () => undefined, close: async () => undefined },
    ...more,
  });
}

async function heartbeats(store: HoldStore, count: number): Promise<void> {
  const { beats } = await store.look();
  // The embedded database answers within one turn of the loop: timers would never get theirs.
  while ((await store.look()).beats < beats + count) await setImmediate();
}

async function lost({ lost: signal }: PlaneHold): Promise<Fault> {
  if (!signal.aborted) await once(signal, "abort");
  return signal.reason;
}

onBoth(
  "[DA110] of many that take it at once one has it, and each take-over raises the epoch",
  async (rig) => {
    const store = await free(rig);
    for (let round = 0; round < 5; round++) {
      const seen = await store.look();
      const names = Array.from({ length: 20 }, (_, nth) => `r${round}-${nth}`);
      const epochs = await Promise.all(names.map((name) => store.take(seen, claimant(name))));
      assert.deepEqual(
        epochs.filter((epoch) => epoch !== undefined),
        [seen.epoch + 1],
      );
      const now = await store.look();
      assert.equal(now.holder, names[epochs.findIndex((epoch) => epoch !== undefined)]);
    }
  },
);

onBoth("[DA110] of many planes that start at once one runs, and the others say which", async (rig) => {
  const store = await free(rig);
  const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => plane(store)));
  const [first, ...more] = outcomes.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  assert.ok(first !== undefined && more.length === 0);
  const { sinceMs, beatMs } = await store.look();
  for (const one of outcomes) {
    if (one.status === "fulfilled") continue;
    const [since, until] = [new Date(sinceMs).toISOString(), / by 2\d{3}-[^.]+\.\d{3}Z: start again then\./];
    assert.ok(
      isFault("plane-held", `process ${process.pid} on ${hostname()}`, since, "--stand-by")(one.reason),
    );
    assert.match(one.reason.message, until);
  }
  const said = await plane(store).catch((error: Fault) => Date.parse(`${error.facts.until}`));
  assert.ok(typeof said === "number" && said >= beatMs + lifeMs);
  await first.release();
});

onBoth("[DA111] heartbeats make it last anew, for its holder and epoch only", async (rig) => {
  const store = await free(rig);
  const epoch = await store.take(await store.look(), claimant("first"));
  assert.ok(epoch !== undefined);
  await goesBy(rig, lifeMs - 1000);
  assert.equal(await store.beat({ epoch, holder: "first" }, lifeMs), true);
  const seen = await store.look();
  assert.ok(seen.nowMs - seen.beatMs < lifeMs - 1000);
  assert.equal(mayTake(seen, { kind: "not-yet" }), false);
  assert.equal(await store.beat({ epoch, holder: "other" }, lifeMs), false);
  assert.equal(await store.beat({ epoch: epoch - 1, holder: "first" }, lifeMs), false);
  // Seen before the heartbeat: whoever decided by that is refused.
  assert.equal(await store.take({ ...seen, beats: seen.beats - 1 }, claimant("late")), undefined);
});

onBoth(
  "[DA111] who was followed learns it at its next heartbeat, and frees nothing of its successor's",
  async (rig) => {
    const store = await free(rig);
    const first = await plane(store);
    const epoch = await store.take(await store.look(), claimant("next"));
    // A heartbeat may have come in between: then it was refused, and is tried again.
    const taken = epoch ?? (await takeAnew(store));
    const because = await lost(first);
    assert.equal(because.code, "plane-hold-lost");
    assert.match(because.message, /process 41 on box-1, since .* took over/);
    assert.equal(first.isSure(), false);
    await first.release();
    const { holder, epoch: now } = await store.look();
    assert.deepEqual([holder, now], ["next", taken]);
  },
);

async function takeAnew(store: HoldStore): Promise<number> {
  for (;;) {
    const epoch = await store.take(await store.look(), claimant("next"));
    if (epoch !== undefined) return epoch;
  }
}

onBoth("[DA112] a holder that was stopped is sure of nothing at once, and ends", async (rig) => {
  const clock = movedClock();
  const hold = await plane(await free(rig), { clock });
  assert.equal(hold.isSure(), true);
  clock.mono += sureForMs(lifeMs);
  assert.equal(hold.isSure(), false, "before any timer or heartbeat had its turn");
  assert.match((await lost(hold)).message, /no heartbeat of it reached the database for 27 s/);
  await hold.release();
});

onBoth(
  "[DA112] a machine that slept is unsure until its next heartbeat, and goes on when nobody followed",
  async (rig) => {
    const clock = movedClock();
    const store = await free(rig);
    const beats = Promise.withResolvers<void>();
    const waits: HoldStore = { ...store, beat: (...words) => beats.promise.then(() => store.beat(...words)) };
    const hold = await plane(waits, { clock });
    clock.wall += lifeMs;
    assert.equal(hold.isSure(), false);
    beats.resolve();
    await heartbeats(store, 3);
    assert.deepEqual([hold.isSure(), hold.lost.aborted], [true, false]);
    await hold.release();
  },
);

onBoth("[DA112] a holder that the database does not answer ends before another may follow", async (rig) => {
  const store = await free(rig);
  const notes: string[] = [];
  const away: HoldStore = { ...store, beat: () => Promise.reject(new Error("no route")) };
  const hold = await plane(away, {
    settings: { ...settings, planeHoldMs: 200 },
    onNote: (text) => notes.push(text),
  });
  await lost(hold);
  assert.equal(hold.isSure(), false);
  assert.match(notes[0] ?? "", /heartbeat .* did not reach the database: no route/);
  await hold.release();
  assert.equal((await store.look()).holder, "", "what can be given back is");
});

test("[DA112] whatever heartbeats and looks take, the holder ends before a stand-by may take it", () => {
  const times = {
    beat: fc.nat({ max: 60_000 }),
    ahead: fc.integer({ min: -5, max: 5 }),
    look: fc.nat({ max: 90_000 }),
  };
  const seen = (beats: number, beatMs: number, nowMs: number): HoldSeen => ({
    ...claimant("first"),
    ...{ epoch: 1, beats, beatMs, sinceMs: 0, nowMs },
  });
  fc.assert(
    fc.property(
      fc.record(times),
      fc.nat({ max: 5000 }),
      fc.integer(),
      ({ beat, ahead, look }, took, jump) => {
        // Sent at `beat`, written `took` later, seen by the stand-by only then; its clock goes a few thousandths faster or slower.
        const sureUntil = beat + sureForMs(lifeMs);
        const writtenAt = beat + took;
        const forMs = (look - writtenAt) * (1 + ahead / 1000);
        const taken = mayTake(seen(1, writtenAt, look + jump), { kind: "unchanged", forMs });
        assert.ok(!taken || look > sureUntil, `taken at ${look}, sure until ${sureUntil}`);
      },
    ),
    { seed: 42, numRuns: 2000 },
  );
});

onBoth("[DA113] given back it is free at once, to whoever waits too", async (rig) => {
  const store = await free(rig);
  const notes: string[] = [];
  const first = await plane(store);
  const told = Promise.withResolvers<void>();
  const onNote = (text: string): void => {
    notes.push(text);
    told.resolve();
  };
  const waiting = plane(store, { standBy: true, onNote });
  await told.promise;
  assert.match(
    notes.join("\n"),
    new RegExp(`^stand-by  process ${process.pid} on \\S+ .* waiting for its end$`),
  );
  await first.release();
  const second = await waiting;
  assert.equal(second.epoch, first.epoch + 1);
  await first.release();
  assert.equal(second.isSure(), true);
  assert.notEqual((await store.look()).holder, "");
  await second.release();
  assert.equal((await store.look()).holder, "");
});

onBoth("[DA113] a stand-by that is stopped while it waits takes nothing", async (rig) => {
  const store = await free(rig);
  const first = await plane(store);
  const stopping = new AbortController();
  const told = Promise.withResolvers<void>();
  const waiting = plane(store, { standBy: true, signal: stopping.signal, onNote: () => told.resolve() });
  await told.promise;
  stopping.abort(new Error("enough"));
  await assert.rejects(waiting, { message: "enough" });
  await first.release();
  assert.equal((await store.look()).holder, "");
});

test("[DA114] a wall clock that jumps ends no hold whose heartbeats come, and prolongs none whose do not", () => {
  const seen = (nowMs: number): HoldSeen => ({
    ...claimant("first"),
    ...{ epoch: 1, beats: 7, beatMs: 1_000_000, sinceMs: 0, nowMs },
  });
  const [hourOn, hourBack, due] = [seen(4_600_000), seen(-2_600_000), seen(1_000_000 + lifeMs)];
  for (const one of [hourOn, hourBack, due]) {
    assert.equal(mayTake(one, { kind: "unchanged", forMs: lifeMs - 1 }), false);
    assert.equal(mayTake(one, { kind: "unchanged", forMs: lifeMs }), true);
  }
  assert.equal(mayTake(seen(1_000_000 + lifeMs - 1), { kind: "unchanged", forMs: lifeMs }), false);
  assert.equal(mayTake(hourBack, { kind: "not-yet" }), false);
  assert.equal(mayTake(due, { kind: "not-yet" }), true);
});

onBoth(
  "[DA114] a stand-by takes over from one that is silent, though the clock was set back",
  async (rig) => {
    const store = await free(rig);
    await store.take(await store.look(), claimant("silent"));
    await goesBy(rig, -3_600_000);
    const clock = movedClock();
    const told = Promise.withResolvers<void>();
    const waiting = plane(store, { standBy: true, clock, onNote: () => told.resolve() });
    await told.promise;
    clock.mono += lifeMs;
    const hold = await waiting;
    assert.equal(hold.isSure(), true);
    await hold.release();
  },
);

onBoth(
  "[DA115] of a process of this machine that has ended nobody waits for the end of its hold",
  async (rig, skip) => {
    const store = await free(rig);
    const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
    const ended = once(child, "exit");
    const mark = await markOf(child.pid ?? 0);
    if (mark === "") return skip("this system has no /proc");
    await store.take(await store.look(), claimant("killed", { process: mark }));
    await assert.rejects(plane(store), isFault("plane-held"));
    child.kill("SIGKILL");
    await ended;
    await (await plane(store)).release();
    const [, room, name] = /^\S+ (\S+) (.*)$/.exec(mark) ?? [];
    await store.take(await store.look(), claimant("elsewhere", { process: `other-boot ${room} ${name}` }));
    await assert.rejects(plane(store), isFault("plane-held"));
  },
);

onBoth("[DA117] a stand-by with other keys than its holder's is refused, a start is not", async (rig) => {
  const store = await free(rig);
  const first = await plane(store);
  const stranger = plane(store, { standBy: true, secrets: "others" });
  await assert.rejects(stranger, isFault("stand-by-keys", hostname(), "secrets.json"));
  await first.release();
  await (await plane(store, { secrets: "others" })).release();
});

onBoth(
  "[DA118] a backup has every table but who held the database, and its migrations",
  async ({ database }) => {
    const kept = await database.use(tablesInOrder);
    const there = await database.use((db) => db.introspection.getTables());
    const names = there.flatMap(({ name }) => (kept.includes(name) ? [] : [name]));
    assert.deepEqual([...new Set(names)].toSorted(), ["migration", "plane_hold"]);
  },
);

test("[DA116] who is refused changes nothing, and who comes to an empty database makes it (PostgreSQL)", async (t) => {
  const server = await postgresServer();
  if ("missing" in server) return t.skip(server.missing);
  const order = {
    ...{ databaseUrl: await freshSchema(server.url), folder: "unused", settings: defaultsOf(dataSettings) },
    ...{ standBy: false, secrets: "keys", clock: movedClock(), onNote: () => undefined },
    signal: new AbortController().signal,
  };
  const first = await openHold(order);
  const { database, close } = await openDatabase(order);
  t.after(close);
  assert.ok((await migrationsOf(database))?.includes(planeMigration.name));
  // As if whoever comes next were a later version, which has a migration to run.
  const later = migrations[0]?.name ?? "";
  await database.use((db) => db.deleteFrom("migration").where("name", "=", later).execute());
  await assert.rejects(openHold(order), isFault("plane-held"));
  assert.ok(!(await migrationsOf(database))?.includes(later));
  const tooSeldom = openHold({ ...order, settings: { ...order.settings, planeBeatMs: 10_001 } });
  await assert.rejects(tooSeldom, isFault("plane-hold-settings", "30000", "10001"));
  await first.release();
});

test("[DA212] settings of which one hanging heartbeat would end the hold are refused, and say what to set", async () => {
  for (const beatMs of [10, 500, 999, 1000, 1001, 5000, 600_000]) {
    const hangs = 2 * beatMs + Math.max(1000, beatMs);
    assert.ok(
      hangs < sureForMs(leastLifeMs(beatMs)) && hangs >= sureForMs(leastLifeMs(beatMs) - 1),
      `${beatMs}`,
    );
  }
  const defaults = defaultsOf(dataSettings);
  assert.ok(defaults.planeHoldMs >= leastLifeMs(defaults.planeBeatMs));
  const order = {
    ...{ databaseUrl: "postgres://127.0.0.1:1/nobody", folder: "unused", standBy: false, secrets: "keys" },
    ...{ clock: movedClock(), onNote: () => undefined, signal: new AbortController().signal },
  };
  const short = openHold({ ...order, settings: { ...defaults, planeHoldMs: 3000, planeBeatMs: 1000 } });
  await assert.rejects(short, isFault("plane-hold-settings", "3000", "1000", "3334"));
});
