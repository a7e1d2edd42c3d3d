// Accounts, each with one profile, and the cookies that prove a sign-in.
import { randomUUID } from "node:crypto";
import type { Kysely, SelectQueryBuilder } from "kysely";
import { dataFaults } from "#data/faults.ts";
import type { Account, AccountStore, NewAccount } from "#data/ports.ts";
import { type Entitlement, type Standing, unsold } from "#model/entitlement.ts";
import { Fault } from "#units/fault.ts";
import type { Database } from "./database-access.ts";
import type { Schema } from "./schema.ts";

export function accountStore(database: Database): AccountStore {
  return {
    create: (order) => create(database, order),
    byEmail: (email) => one(database, (db) => accounts(db).where("account.email_key", "=", emailKey(email))),
    byId: (id) => one(database, (db) => accounts(db).where("account.id", "=", id)),
    async byCookie(tokenHash, nowMs) {
      const account = await one(database, (db) => {
        const owner = db
          .selectFrom("cookie")
          .select("account_id")
          .where("token_hash", "=", tokenHash)
          .where("expires_at_ms", ">", nowMs);
        return accounts(db).where("account.id", "=", owner);
      });
      return account === undefined ? undefined : { ...account, deviceId: tokenHash.slice(0, 16) };
    },
    setPassword: (accountId, passwordHash) => setPassword(database, accountId, passwordHash),
    openCookie: (order) => openCookie(database, order),
    closeCookie: async (tokenHash) => {
      await database.use((db) => db.deleteFrom("cookie").where("token_hash", "=", tokenHash).execute());
    },
  };
}

/** People write one address in several ways; the case and the composition of its letters do not make it another. */
function emailKey(email: string): string {
  return email.normalize("NFC").toLowerCase();
}

/** An account's row with its main profile's. */
interface AccountRow {
  id: string;
  email: string;
  passwordHash: string;
  role: Account["role"];
  standing: Standing;
  screens: number;
  maxHeight: number;
  profileId: string;
  profileName: string;
  maturity: number;
  language: string;
}

function accounts(db: Kysely<Schema>): SelectQueryBuilder<Schema, "account" | "profile", AccountRow> {
  return db
    .selectFrom("account")
    .innerJoin("profile", "profile.account_id", "account.id")
    .where("profile.main", "=", true)
    .select([
      "account.id",
      "account.email",
      "account.password_hash as passwordHash",
      "account.role",
      "account.standing",
      "account.screens",
      "account.max_height as maxHeight",
      "profile.id as profileId",
      "profile.name as profileName",
      "profile.maturity",
      "profile.language",
    ]);
}

async function one(
  database: Database,
  query: (db: Kysely<Schema>) => SelectQueryBuilder<Schema, "account" | "profile", AccountRow>,
): Promise<Account | undefined> {
  const row = await database.use((db) => query(db).executeTakeFirst());
  return row === undefined ? undefined : accountOf(row);
}

function accountOf({ standing, screens, maxHeight, ...rest }: AccountRow): Account {
  return { ...rest, entitlement: { standing, screens, maxHeight } };
}

function create(database: Database, order: NewAccount): Promise<Account | "email-taken"> {
  return database.transaction((db) => createIn(db, order));
}

/** In a transaction of the caller's. */
export async function createIn(db: Kysely<Schema>, order: NewAccount): Promise<Account | "email-taken"> {
  const id = randomUUID();
  const profileId = randomUUID();
  const entitlement: Entitlement = order.entitlement ?? unsold;
  const made = await db
    .insertInto("account")
    .values({
      id,
      email: order.email,
      email_key: emailKey(order.email),
      password_hash: order.passwordHash,
      role: order.role,
      standing: entitlement.standing,
      screens: entitlement.screens,
      max_height: entitlement.maxHeight,
    })
    .onConflict((conflict) => conflict.column("email_key").doNothing())
    .returning("id")
    .executeTakeFirst();
  if (made === undefined) return "email-taken";
  const profile = { id: profileId, account_id: id, name: order.profileName };
  await db.insertInto("profile").values(profile).execute();
  const { email, passwordHash, role, profileName } = order;
  return {
    ...{ id, email, passwordHash, role, profileId, profileName, entitlement },
    maturity: 18,
    language: "en",
  };
}

/** In a transaction of the caller's. */
export async function accountIn(db: Kysely<Schema>, id: string): Promise<Account | undefined> {
  const row = await accounts(db).where("account.id", "=", id).executeTakeFirst();
  return row === undefined ? undefined : accountOf(row);
}

async function setPassword(database: Database, accountId: string, passwordHash: string): Promise<void> {
  const changed = await database.use((db) =>
    db
      .updateTable("account")
      .set({ password_hash: passwordHash })
      .where("id", "=", accountId)
      .returning("id")
      .executeTakeFirst(),
  );
  if (changed === undefined) throw new Fault(dataFaults.accountUnknown, { accountId });
}

/** Also sweeps out the account's expired cookies, so that their number stays that of its living sign-ins. */
async function openCookie(
  database: Database,
  order: Parameters<AccountStore["openCookie"]>[0],
): Promise<void> {
  await database.transaction(async (db) => {
    await db
      .deleteFrom("cookie")
      .where("account_id", "=", order.accountId)
      .where("expires_at_ms", "<=", order.nowMs)
      .execute();
    const owner = await db
      .selectFrom("account")
      .select("id")
      .where("id", "=", order.accountId)
      .executeTakeFirst();
    if (owner === undefined) throw new Fault(dataFaults.accountUnknown, { accountId: order.accountId });
    await db
      .insertInto("cookie")
      .values({
        token_hash: order.tokenHash,
        account_id: order.accountId,
        opened_at_ms: order.nowMs,
        expires_at_ms: order.expiresAtMs,
      })
      .execute();
  });
}
