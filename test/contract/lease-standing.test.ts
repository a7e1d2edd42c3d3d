// Screens of accounts that lose their standing in the middle of a film, on both databases and the twin in memory.
import assert from "node:assert/strict";
import { sql } from "kysely";
import { granted, keyOf, near, owner, renewed, term, wish } from "./lease-builders.ts";
import { entitle, onAll, onBoth, type Rig } from "./lease-rig.ts";

const plan = { screens: 2, maxHeight: 2160 };

const ways: readonly {
  readonly what: "none" | "suspended";
  readonly end: (rig: Rig, accountId: string) => Promise<unknown>;
  readonly mend: (rig: Rig, accountId: string) => Promise<unknown>;
}[] = [
  ...(["none", "suspended"] as const).map((standing) => ({
    what: standing,
    end: (rig: Rig, id: string) => entitle(rig, id, { standing, ...plan }),
    mend: (rig: Rig, id: string) => entitle(rig, id, { standing: "good", ...plan }),
  })),
  {
    what: "suspended",
    end: ({ register }, id) => register.setLocked(id, true),
    mend: ({ register }, id) => register.setLocked(id, false),
  },
];

onAll(
  "[DA54] who loses good standing, or is locked, is renewed no lease, and has lost it for ever",
  async (rig) => {
    for (const { what, end, mend } of ways) {
      const [ann, bob] = [await owner(rig), await owner(rig)];
      const [first, second] = [await granted(rig.leases, wish(ann)), await granted(rig.leases, wish(ann))];
      const his = await granted(rig.leases, wish(bob));
      await end(rig, ann.id);
      const all = [first, second, his].map((one) => rig.leases.renew({ ...keyOf(one), ...term }));
      const [one, two, other] = await Promise.all(all);
      const refused = { kind: "standing", standing: what };
      assert.deepEqual([one, two, other?.kind], [refused, refused, "renewed"], "nobody else's");
      assert.deepEqual(await rig.leases.renew({ ...keyOf(first), ...term }), refused, "asked again");
      assert.deepEqual(await rig.leases.list(ann.id, term.graceMs), [], "its places are free at once");
      await mend(rig, ann.id);
      assert.equal(await renewed(rig.leases, keyOf(first)), undefined);
      await granted(rig.leases, wish(ann));
    }
  },
);

onAll("[DA54] a lesser plan in good standing is renewed on, beyond its screens too", async (rig) => {
  const ann = await owner(rig);
  const both = [await granted(rig.leases, wish(ann)), await granted(rig.leases, wish(ann))];
  await entitle(rig, ann.id, { standing: "good", screens: 1, maxHeight: 480 });
  for (const one of both) near((await renewed(rig.leases, keyOf(one)))?.leftMs, term.ttlMs);
  assert.equal((await rig.leases.acquire(wish(ann))).kind, "limit");
});

onAll(
  "[DA54] a renewal by another generation ends nothing, and a pause keeps no lease of who is suspended",
  async (rig) => {
    const ann = await owner(rig);
    const first = await granted(rig.leases, wish(ann));
    await entitle(rig, ann.id, { standing: "suspended", ...plan });
    const refused = { kind: "standing", standing: "suspended" };
    assert.deepEqual(await rig.leases.renew({ ...keyOf(first), generation: 9, ...term }), refused);
    assert.equal((await rig.leases.list(ann.id, 0)).length, 1);
    await rig.leases.pause([ann.id], 100_000);
    const back = { session: first.session, deviceId: first.lease.deviceId, ...term };
    assert.equal(await rig.leases.reclaim(back), undefined);
    assert.deepEqual(await rig.leases.renew({ ...keyOf(first), ...term }), refused);
    assert.deepEqual(await rig.leases.list(ann.id, 0), []);
  },
);

onBoth(
  "[DA54] a renewal looks at the account without waiting for whoever holds its row",
  async (rig, skip) => {
    const ann = await owner(rig);
    const first = await granted(rig.leases, wish(ann));
    const { database } = rig;
    const engine = await database.use((db) => sql<{ v: string }>`select version() as v`.execute(db));
    // One connection: whoever is in a transaction keeps everybody waiting, lock or none.
    if (/wasm|emscripten/i.test(engine.rows[0]?.v ?? ""))
      return skip("the embedded database has one connection");
    await database.transaction(async (db) => {
      await sql`select 1 from account where id = ${ann.id} for update`.execute(db);
      near((await renewed(rig.leases, keyOf(first)))?.leftMs, term.ttlMs);
    });
  },
);
