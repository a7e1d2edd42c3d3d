// Profiles of an account. Whoever adds or removes one holds the account's row.
import { randomUUID } from "node:crypto";
import type { Kysely, Selectable } from "kysely";
import type { Profile, ProfileStore } from "#data/ports-account.ts";
import type { Database } from "./database-access.ts";
import { eraseProfile } from "./erasers.ts";
import type { Schema } from "./schema.ts";

export function profileStore(database: Database): ProfileStore {
  return {
    async list(accountId, signal) {
      const rows = await database.use(
        (db) =>
          db
            .selectFrom("profile")
            .selectAll()
            .where("account_id", "=", accountId)
            .orderBy("main", "desc")
            .orderBy("name")
            .orderBy("id")
            .execute(),
        signal,
      );
      return rows.map(profileOf);
    },
    create: (accountId, profile, most) => database.transaction((db) => create(db, accountId, profile, most)),
    async change(accountId, profileId, change) {
      const row = await database.use((db) =>
        db
          .updateTable("profile")
          // Itself, so that a change of nothing is a change as well.
          .set({ id: profileId, ...columnsOf(change) })
          .where("id", "=", profileId)
          .where("account_id", "=", accountId)
          .returningAll()
          .executeTakeFirst(),
      );
      return row === undefined ? undefined : profileOf(row);
    },
    remove: (accountId, profileId) => database.transaction((db) => remove(db, accountId, profileId)),
  };
}

async function create(
  db: Kysely<Schema>,
  accountId: string,
  profile: Omit<Profile, "id" | "main">,
  most: number,
): Promise<Profile | "full"> {
  await lockAccount(db, accountId);
  const there = await db.selectFrom("profile").select("id").where("account_id", "=", accountId).execute();
  if (there.length >= most) return "full";
  const { name, maturity, language, pinHash } = profile;
  const row = await db
    .insertInto("profile")
    .values({
      ...{ id: randomUUID(), account_id: accountId, main: false },
      ...{ name, maturity, language, pin_hash: pinHash ?? null },
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  return profileOf(row);
}

async function remove(db: Kysely<Schema>, accountId: string, profileId: string): Promise<boolean> {
  await lockAccount(db, accountId);
  const rows = await db.selectFrom("profile").selectAll().where("account_id", "=", accountId).execute();
  const main = rows.find((row) => row.main);
  const gone = rows.find((row) => row.id === profileId && !row.main);
  if (main === undefined || gone === undefined) return false;
  await db
    .updateTable("device")
    .set({ profile_id: main.id })
    .where("account_id", "=", accountId)
    .where("profile_id", "=", profileId)
    .execute();
  await eraseProfile(db, profileId);
  await db.deleteFrom("profile").where("id", "=", profileId).execute();
  return true;
}

async function lockAccount(db: Kysely<Schema>, accountId: string): Promise<void> {
  await db.selectFrom("account").select("id").where("id", "=", accountId).forUpdate().execute();
}

function columnsOf({ name, maturity, language, ...rest }: Partial<Omit<Profile, "id" | "main">>): {
  name?: string;
  maturity?: number;
  language?: string;
  pin_hash?: string | null;
} {
  return {
    ...(name === undefined ? {} : { name }),
    ...(maturity === undefined ? {} : { maturity }),
    ...(language === undefined ? {} : { language }),
    ...("pinHash" in rest ? { pin_hash: rest.pinHash ?? null } : {}),
  };
}

function profileOf(row: Selectable<Schema["profile"]>): Profile {
  const { id, name, main, maturity, language } = row;
  return { id, name, main, maturity, language, pinHash: row.pin_hash ?? undefined };
}
