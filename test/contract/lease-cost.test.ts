// What screens cost the database must not depend on who else has some: the plans of their statements, asked of the database.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { CompiledQuery, Kysely, sql } from "kysely";
import { accountStore } from "#data/io/account-store.ts";
import { accessTo } from "#data/io/database-access.ts";
import { openEmbedded } from "#data/io/embedded.ts";
import { leaseStore } from "#data/io/lease-store.ts";
import { migrate } from "#data/io/migrations.ts";
import type { Schema } from "#data/io/schema.ts";
import { granted, keyOf, term } from "./lease-builders.ts";
import { rules } from "./lease-rig.ts";
import { fresh, migratedFolder } from "./stores-builders.ts";

const crowd = 30_000;

test("[DA230] screens are taken, renewed and given back without a look at those of other accounts", async () => {
  const said: { readonly sql: string; readonly parameters: readonly unknown[] }[] = [];
  const opened = await openEmbedded(await migratedFolder(), new AbortController().signal, () => undefined);
  const db = new Kysely<Schema>({ dialect: opened.dialect, log: ({ query }) => void said.push(query) });
  after(() => db.destroy().finally(() => opened.release()));
  const database = accessTo({ db, address: opened.address, deadlineSeconds: 60, retries: 5 });
  await migrate(database, 0);
  const leases = leaseStore(database, { rules });
  await sql`insert into lease select 'a' || n, 's' || n, 'd', 'p', 't', 1, 0, 1e15, 1000, 0
    from generate_series(1, ${crowd}::int) as n`.execute(db);
  const entitlement = { standing: "good", screens: 2, maxHeight: 2160 } as const;
  const wishes = await Promise.all(
    Array.from({ length: 40 }, async (_, nth) => {
      const order = { email: `${nth}@x.org`, passwordHash: "x", role: "viewer", profileName: "B" } as const;
      const made = await accountStore(database).create({ ...order, entitlement });
      assert.ok(made !== "email-taken");
      const { id: accountId, profileId } = made;
      const play = { accountId, profileId, titleId: "film", viewpoint: "isp-a", startedAtMs: 5 };
      return () => ({ session: { ...play, id: fresh() }, deviceId: "one", ...term, ownGivesWay: true });
    }),
  );
  // The first who comes after a silence gives every lease its whole time again, and looks at all of them.
  await leases.list("nobody", 0);
  said.length = 0;
  await Promise.all(wishes.map((wish) => granted(leases, wish())));
  const second = await Promise.all(wishes.map((wish) => granted(leases, wish())));
  assert.ok(second.every(({ replaced }) => replaced.length === 1));
  await Promise.all(second.map((one) => leases.renew({ ...keyOf(one), ...term })));
  await Promise.all(second.map((one) => leases.release(keyOf(one))));
  const asked = said.filter(({ sql: text }) => /\blease\b/.test(text));
  assert.ok(asked.length >= 8, "each statement was heard");
  for (const one of asked) {
    const query = CompiledQuery.raw(`explain ${one.sql}`, [...one.parameters]);
    const { rows } = await db.executeQuery<{ "QUERY PLAN": string }>(query);
    const plan = rows.map((row) => row["QUERY PLAN"]).join("\n");
    assert.doesNotMatch(plan, /Seq Scan on lease\b(?!_clock)/, `${one.sql}\n${plan}`);
  }
});
