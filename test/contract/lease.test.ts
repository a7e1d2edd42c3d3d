// Screens: what the store answers, on both databases and on the twin in memory that other tests use in its place.
import assert from "node:assert/strict";
import { sql } from "kysely";
import { milliseconds } from "#units/quantity.ts";
import { granted, keyOf, near, owner, renewed, term, wish } from "./lease-builders.ts";
import { onAll, onBoth, rules, type SqlRig } from "./lease-rig.ts";
import { bookmark, fresh, isFault } from "./stores-builders.ts";

onAll("[DA50] a grant opens the session, takes the lease and reads the bookmark", async (rig) => {
  const ann = await owner(rig);
  const mark = bookmark(ann.profileId, "film", 5);
  await rig.playback.apply({ group: fresh(), offset: 1, summaries: [], bookmarks: [mark] });
  const order = wish(ann);
  const first = await granted(rig.leases, order);
  assert.deepEqual(first.session, { ...order.session, generation: 1 });
  assert.deepEqual(first.bookmark, mark);
  assert.deepEqual(await rig.playback.session(order.session.id), first.session);
  const { leftMs, grantedAtMs, ...lease } = first.lease;
  const { profileId } = ann;
  const key = { accountId: ann.id, sessionId: order.session.id, generation: 1 };
  assert.deepEqual(lease, { ...key, deviceId: order.deviceId, profileId });
  near(leftMs, term.ttlMs);
  await rig.advance(40_000);
  const again = await granted(rig.leases, order);
  assert.deepEqual(
    { ...again, lease: { ...again.lease, leftMs: 0 } },
    { ...first, lease: { ...lease, grantedAtMs, leftMs: 0 } },
  );
  near(again.lease.leftMs, term.ttlMs - 40_000);
});

onAll("[DA50] a session of another account or title is refused, and one that is over too", async (rig) => {
  const [ann, bob] = [await owner(rig), await owner(rig)];
  const order = wish(ann);
  const first = await granted(rig.leases, order);
  const foreign = { ...order, session: { ...order.session, accountId: bob.id } };
  await assert.rejects(rig.leases.acquire(foreign), isFault("session-taken"));
  const other = { ...order, session: { ...order.session, titleId: "other" } };
  await assert.rejects(rig.leases.acquire(other), isFault("session-taken"));
  await rig.leases.release(keyOf(first));
  await assert.rejects(rig.leases.acquire(order), isFault("session-over"));
  const nobody = wish({ id: "nobody", profileId: "p" });
  await assert.rejects(rig.leases.acquire(nobody), isFault("account-unknown", "nobody"));
  assert.deepEqual(await rig.leases.list(bob.id, 0), []);
});

onAll(
  "[DA50] what a device holds gives way to a new play of the same device, when that is granted",
  async (rig) => {
    const ann = await owner(rig, { screens: 1 });
    const own = { deviceId: "tv", ownGivesWay: true };
    const first = await granted(rig.leases, { ...wish(ann), ...own });
    assert.deepEqual(first.replaced, []);
    const second = await granted(rig.leases, { ...wish(ann), ...own });
    assert.deepEqual(second.replaced, [first.lease.sessionId]);
    assert.equal(await renewed(rig.leases, keyOf(first)), undefined, "it is lost");
    const again = await granted(rig.leases, { ...wish(ann, second.lease.sessionId), ...own });
    assert.deepEqual([again.lease.generation, again.replaced], [second.lease.generation, []]);
    const refused = await rig.leases.acquire({ ...wish(ann), deviceId: "phone", ownGivesWay: true });
    assert.equal(refused.kind, "limit");
    assert.equal(
      (await rig.leases.acquire({ ...wish(ann), deviceId: "tv" })).kind,
      "limit",
      "nobody said so",
    );
    assert.ok((await renewed(rig.leases, keyOf(second))) !== undefined, "it is held still");
  },
);

onAll("[DA201] of what gave way its asker is told, also one that gave up meanwhile", async (rig) => {
  const ann = await owner(rig, { screens: 1 });
  const first = await granted(rig.leases, { ...wish(ann), deviceId: "tv" });
  const told: string[] = [];
  const asker = new AbortController();
  const onReplaced = (sessionIds: readonly string[]): void => {
    told.push(...sessionIds);
    asker.abort(new Error("gone"));
  };
  const order = { ownGivesWay: true, onReplaced, signal: asker.signal };
  assert.equal((await rig.leases.acquire({ ...wish(ann), ...order, deviceId: "phone" })).kind, "limit");
  assert.deepEqual(told, []);
  await assert.rejects(rig.leases.acquire({ ...wish(ann), ...order, deviceId: "tv" }), /gone/);
  assert.deepEqual(told, [first.lease.sessionId]);
});

onAll("[DA50] of plays that one device begins together the last has the screen", async (rig) => {
  const ann = await owner(rig, { screens: 1 });
  const orders = Array.from({ length: 4 }, () => ({ ...wish(ann), deviceId: "tv", ownGivesWay: true }));
  const answers = await Promise.all(orders.map((order) => granted(rig.leases, order)));
  const gone = new Set(answers.flatMap(({ replaced }) => replaced));
  const [held, ...others] = await rig.leases.list(ann.id, term.graceMs);
  assert.deepEqual([gone.size, others.length, held?.sessionId], [3, 0, orders.at(-1)?.session.id]);
});

onAll("[DA51] of thirty who ask at once as many get a screen as there are", async (rig) => {
  const ann = await owner(rig, { screens: 3 });
  const answers = await Promise.all(Array.from({ length: 30 }, () => rig.leases.acquire(wish(ann))));
  const got = answers.filter((answer) => answer.kind === "granted");
  assert.deepEqual(
    got.map(({ lease }) => lease.generation).toSorted((a, b) => a - b),
    [1, 2, 3],
  );
  for (const answer of answers) {
    if (answer.kind === "granted") continue;
    assert.ok(answer.kind === "limit");
    assert.equal(answer.screens, 3);
  }
  assert.equal((await rig.leases.list(ann.id, 0)).length, 3);
});

onAll("[DA51] [DA52] a screen is free after the end and the grace, and no sooner", async (rig) => {
  const ann = await owner(rig, { screens: 1 });
  const first = await granted(rig.leases, wish(ann));
  await rig.advance(110_000);
  assert.equal((await rig.leases.acquire(wish(ann))).kind, "limit");
  const { sessionId } = first.lease;
  assert.ok(
    ((await rig.leases.live({ accountId: ann.id, sessionId }, term.graceMs))?.leftMs ?? 1) < 0,
    "in its grace",
  );
  assert.equal(await rig.leases.live({ accountId: ann.id, sessionId }, 0), undefined);
  near((await renewed(rig.leases, keyOf(first)))?.leftMs, term.ttlMs);
  await rig.advance(121_000);
  const second = await granted(rig.leases, wish(ann));
  assert.equal(second.lease.generation, 2);
  assert.equal(await renewed(rig.leases, keyOf(first)), undefined);
  near((await renewed(rig.leases, keyOf(second)))?.leftMs, term.ttlMs);
});

onAll("[DA52] what was lost is lost for ever, and another generation renews nothing", async (rig) => {
  const ann = await owner(rig);
  const first = await granted(rig.leases, wish(ann));
  assert.equal(await renewed(rig.leases, { ...keyOf(first), generation: 2 }), undefined);
  assert.ok((await renewed(rig.leases, keyOf(first))) !== undefined);
  await rig.advance(121_000);
  assert.equal(await renewed(rig.leases, keyOf(first)), undefined);
  await rig.advance(-121_000);
  assert.equal(await renewed(rig.leases, keyOf(first)), undefined, "though time went back");
});

onAll("[DA53] given back or taken away, a screen is free at once and its lease is lost", async (rig) => {
  const ann = await owner(rig);
  const [first, second] = [await granted(rig.leases, wish(ann)), await granted(rig.leases, wish(ann))];
  const full = await rig.leases.acquire(wish(ann));
  assert.ok(full.kind === "limit");
  const devices = [first, second].map(({ lease }) => lease.deviceId);
  assert.deepEqual(full.held.map(({ deviceId }) => deviceId).toSorted(), devices.toSorted());
  assert.deepEqual(
    full.held.map(({ titleId }) => titleId),
    ["film", "film"],
  );
  await rig.leases.release({ ...keyOf(first), generation: 9 });
  assert.equal((await rig.leases.acquire(wish(ann))).kind, "limit", "another generation gives nothing back");
  await rig.leases.release(keyOf(first));
  await rig.leases.release(keyOf(first));
  await granted(rig.leases, wish(ann));
  assert.equal(await rig.leases.evict(ann.id, second.lease.sessionId), true);
  assert.equal(await rig.leases.evict(ann.id, second.lease.sessionId), false);
  assert.equal(await rig.leases.evict("nobody", fresh()), false);
  await granted(rig.leases, wish(ann));
  assert.equal(await renewed(rig.leases, keyOf(second)), undefined);
  assert.equal(await renewed(rig.leases, keyOf(first)), undefined);
  assert.equal(await rig.leases.live(second.lease, term.graceMs), undefined);
});

onAll("[DA54] who has not paid gets no screen, whatever is free", async (rig) => {
  for (const standing of ["none", "suspended"] as const) {
    const answer = await rig.leases.acquire(wish(await owner(rig, { standing })));
    assert.deepEqual(answer, { kind: "standing", standing });
  }
  const none = await rig.leases.acquire(wish(await owner(rig, { screens: 0 })));
  assert.deepEqual(none, { kind: "limit", screens: 0, held: [] });
});

onAll(
  "[DA55] during a pause nothing is granted and nothing swept, and what was lost is taken back",
  async (rig) => {
    const [ann, bob] = [await owner(rig), await owner(rig)];
    const order = wish(ann);
    const first = await granted(rig.leases, order);
    const given = await granted(rig.leases, wish(ann));
    await rig.leases.release(keyOf(given));
    const back = { session: first.session, deviceId: order.deviceId, ...term };
    assert.equal(await rig.leases.reclaim(back), undefined, "no pause");
    await rig.leases.pause([ann.id], 500_000);
    await rig.leases.pause([ann.id], 5);
    const paused = await rig.leases.acquire(wish(ann));
    assert.ok(paused.kind === "paused");
    near(paused.leftMs, 500_000);
    await granted(rig.leases, wish(bob));
    // The renewals of so long a time were lost with the old database.
    await rig.advance(200_000);
    assert.equal((await rig.leases.acquire(wish(ann))).kind, "paused");
    assert.equal(await renewed(rig.leases, keyOf(first)), undefined);
    near((await rig.leases.reclaim(back))?.leftMs, term.ttlMs);
    near((await renewed(rig.leases, keyOf(first)))?.leftMs, term.ttlMs);
    const ended = { session: given.session, deviceId: "d", ...term };
    assert.equal(await rig.leases.reclaim(ended), undefined, "it was given back before");
    // One that the old database granted and the new one never heard of.
    const unheard = { ...wish(ann), session: { ...wish(ann).session, generation: 7 } };
    assert.equal((await rig.leases.reclaim(unheard))?.generation, 7);
    const third = { ...wish(ann), session: { ...wish(ann).session, generation: 8 } };
    assert.equal(await rig.leases.reclaim(third), undefined, "no screen is free");
    await rig.advance(310_000);
    const next = await granted(rig.leases, wish(ann));
    assert.ok(next.lease.generation > first.lease.generation);
  },
);

onBoth(
  "[DA55] a pause of all holds for each, and generations go on above what was reclaimed",
  async (rig) => {
    const [ann, bob] = [await owner(rig), await owner(rig)];
    await rig.leases.pause("all", 100_000);
    assert.equal((await rig.leases.acquire(wish(ann))).kind, "paused");
    assert.equal((await rig.leases.acquire(wish(bob))).kind, "paused");
    const lost = { ...wish(ann), session: { ...wish(ann).session, generation: 41 } };
    assert.equal((await rig.leases.reclaim(lost))?.generation, 41);
    await rig.advance(110_000);
    assert.equal((await granted(rig.leases, wish(ann))).lease.generation, 42);
  },
);

onBoth("[DA56] what the database cannot hold fails alone, not those it shared a group with", async (rig) => {
  const owners = [await owner(rig), await owner(rig), await owner(rig)];
  const orders = owners.map((one) => wish(one));
  const [bad] = [{ ...wish(await owner(rig)), deviceId: "NUL \0" }];
  const answers = await Promise.allSettled([...orders, bad].map((order) => rig.leases.acquire(order)));
  const kinds = answers.map((one) => (one.status === "fulfilled" ? one.value.kind : String(one.reason)));
  assert.deepEqual(kinds.slice(0, 3), ["granted", "granted", "granted"]);
  assert.match(kinds[3] ?? "", /cannot hold this value/);
});

onBoth("[DA56] one session asked for twice at once, and by two accounts at once", async (rig) => {
  const [ann, bob] = [await owner(rig), await owner(rig)];
  const order = wish(ann);
  const [one, two] = await Promise.all([granted(rig.leases, order), granted(rig.leases, order)]);
  assert.deepEqual(one.session, two.session);
  assert.equal((await rig.leases.list(ann.id, 0)).length, 1);
  const shared = fresh();
  const both = [wish(ann, shared), wish(bob, shared)].map((each) => rig.leases.acquire(each));
  const settled = await Promise.allSettled(both);
  assert.equal(settled.filter(({ status }) => status === "fulfilled").length, 1);
  const refused = settled.find((each) => each.status === "rejected");
  assert.ok(isFault("session-taken")(refused?.reason));
  const held = [...(await rig.leases.list(ann.id, 0)), ...(await rig.leases.list(bob.id, 0))];
  assert.equal(held.filter(({ sessionId }) => sessionId === shared).length, 1);
});

onBoth("[DA51] two programs on one database share one limit", async (rig) => {
  const ann = await owner(rig, { screens: 3 });
  const programs = [rig.open(), rig.open(), rig.open({ rules: { ...rules, size: 1, lanes: 4 } })];
  const asked = programs.flatMap((leases) => Array.from({ length: 10 }, () => leases.acquire(wish(ann))));
  const answers = await Promise.all(asked);
  assert.equal(answers.filter(({ kind }) => kind === "granted").length, 3);
});

onBoth("[DA58] the database's wall clock jumps ten minutes either way, and nothing changes", async (rig) => {
  const ann = await owner(rig, { screens: 1 });
  const first = await granted(rig.leases, wish(ann));
  for (const jump of [600_000, -600_000, -600_000, 600_000]) {
    await rig.jump(jump);
    assert.equal((await rig.leases.acquire(wish(ann))).kind, "limit");
    await rig.jump(jump);
    near((await rig.leases.live(first.lease, 0))?.leftMs, term.ttlMs);
    await rig.jump(jump);
    near((await renewed(rig.leases, keyOf(first)))?.leftMs, term.ttlMs);
  }
  await rig.advance(121_000);
  await granted(rig.leases, wish(ann));
});

onBoth(
  "[DA58] a program that comes after a jump believes the one that was there, not the clock",
  async (rig) => {
    const ann = await owner(rig, { screens: 1 });
    const first = await granted(rig.leases, wish(ann));
    await rig.jump(600_000);
    const newcomer = rig.open();
    assert.equal((await newcomer.acquire(wish(ann))).kind, "limit", "what lived has its whole life again");
    assert.equal((await rig.leases.acquire(wish(ann))).kind, "limit");
    near((await renewed(rig.leases, keyOf(first)))?.leftMs, term.ttlMs);
    near((await renewed(newcomer, keyOf(first)))?.leftMs, term.ttlMs);
  },
);

onBoth(
  "[DA59] after a silence every lease that lived has its whole life again; what was lost has none",
  async (rig) => {
    const ann = await owner(rig, { screens: 2 });
    const [first, second] = [await granted(rig.leases, wish(ann)), await granted(rig.leases, wish(ann))];
    await rig.leases.release(keyOf(second));
    await rig.advance(90_000);
    await rig.leases.list(ann.id, 0);
    await rig.jump(-3_000_000);
    const restarted = rig.open();
    near((await restarted.live(first.lease, 0))?.leftMs, term.ttlMs);
    assert.equal(await renewed(restarted, keyOf(second)), undefined);
    await rig.advance(121_000);
    assert.equal(await renewed(restarted, keyOf(first)), undefined);
    await rig.advance(3_000_000);
    assert.equal(await renewed(rig.open(), keyOf(first)), undefined);
  },
);

onBoth(
  "[DA60] a program that slept believes the others' clock; one that slept alone sets it back",
  async (rig) => {
    let slept = 0;
    const sleeper = rig.open({ clock: { monoMs: () => milliseconds(rig.monoMs() - slept) } });
    const ann = await owner(rig, { screens: 1 });
    const first = await granted(sleeper, wish(ann));
    slept = 110_000;
    await rig.advance(110_000);
    await rig.leases.list(ann.id, 0);
    assert.ok(((await sleeper.live(first.lease, term.graceMs))?.leftMs ?? 1) < 0);
    await renewed(rig.leases, keyOf(first));
    slept += 300_000;
    await rig.advance(300_000);
    near((await sleeper.live(first.lease, 0))?.leftMs, term.ttlMs);
    assert.equal((await sleeper.acquire(wish(ann))).kind, "limit");
  },
);

onBoth("[DA60] a clock that cannot be mended grants nothing, and says so", async (rig) => {
  const mad = rig.open();
  const ann = await owner(rig);
  await granted(mad, wish(ann));
  const trigger = sql`create or replace function lease_mad() returns trigger language plpgsql as
    $$ begin new.shift_ms := old.shift_ms + 600000; return new; end $$`;
  await rig.database.use((db) => trigger.execute(db));
  const on = sql`create trigger lease_mad before update on lease_clock for each row
    when (new.shift_ms <> old.shift_ms) execute function lease_mad()`;
  await rig.database.use((db) => on.execute(db));
  await rig.jump(600_000);
  await assert.rejects(mad.acquire(wish(ann)), isFault("clock-unsteady"));
  await rig.database.use((db) => sql`drop trigger lease_mad on lease_clock`.execute(db));
  await granted(mad, wish(ann));
});

/** The tables as they are, and the way back to them: what a replica has that missed what came later. */
async function replica({ database }: SqlRig): Promise<() => Promise<void>> {
  const copied = ["account", "play_session", "lease", "lease_clock"];
  const name = fresh();
  const run = (text: string): Promise<unknown> => database.use((db) => sql.raw(text).execute(db));
  for (const table of copied) await run(`create table ${table}_${name} as select * from ${table}`);
  return async () => {
    await run(`delete from lease`);
    await run(`delete from play_session where id not in (select id from play_session_${name})`);
    await run(`insert into lease select * from lease_${name}`);
    await run(
      `update account set generation = old.generation from account_${name} old where old.id = account.id`,
    );
    await run(`update lease_clock set vouched_ms = old.vouched_ms from lease_clock_${name} old`);
    for (const table of copied) await run(`drop table ${table}_${name}`);
  };
}

onBoth("[DA55] a replica that missed a grant, promoted: paused, its holder takes it back", async (rig) => {
  const ann = await owner(rig);
  const first = await granted(rig.leases, wish(ann));
  const promote = await replica(rig);
  const missed = await granted(rig.leases, wish(ann));
  await promote();
  assert.equal((await rig.leases.list(ann.id, 0)).length, 1, "it was lost");
  await rig.leases.pause("all", term.ttlMs + term.graceMs);
  assert.equal((await rig.leases.acquire(wish(ann))).kind, "paused");
  const held = { session: missed.session, deviceId: missed.lease.deviceId, ...term };
  assert.equal(await renewed(rig.leases, keyOf(missed)), undefined);
  assert.equal((await rig.leases.reclaim(held))?.generation, missed.lease.generation);
  assert.ok((await renewed(rig.leases, keyOf(first))) !== undefined);
  await rig.advance(90_000);
  for (const one of [first, missed]) assert.ok(await renewed(rig.leases, keyOf(one)));
  await rig.advance(40_000);
  assert.equal((await rig.leases.acquire(wish(ann))).kind, "limit", "after the pause both still count");
  await rig.leases.release(keyOf(first));
  assert.ok((await granted(rig.leases, wish(ann))).lease.generation > missed.lease.generation);
});
