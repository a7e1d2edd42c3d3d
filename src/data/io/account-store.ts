// Accounts, each with one profile, and the cookies that prove a sign-in.
import { randomUUID } from "node:crypto";
import type { Kysely, SelectQueryBuilder } from "kysely";
import { dataFaults } from "#data/faults.ts";
import type { Account, AccountStore } from "#data/ports.ts";
import { Fault } from "#units/fault.ts";
import type { Database } from "./database-access.ts";
import type { Schema } from "./schema.ts";

export function accountStore(database: Database): AccountStore {
  return {
    create: (order) => create(database, order),
    byEmail: (email) =>
      database.use((db) => accounts(db).where("account.email_key", "=", emailKey(email)).executeTakeFirst()),
    byId: (id) => database.use((db) => accounts(db).where("account.id", "=", id).executeTakeFirst()),
    byCookie: (tokenHash, nowMs) =>
      database.use((db) => {
        const owner = db
          .selectFrom("cookie")
          .select("account_id")
          .where("token_hash", "=", tokenHash)
          .where("expires_at_ms", ">", nowMs);
        return accounts(db).where("account.id", "=", owner).executeTakeFirst();
      }),
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

function accounts(db: Kysely<Schema>): SelectQueryBuilder<Schema, "account" | "profile", Account> {
  return db
    .selectFrom("account")
    .innerJoin("profile", "profile.account_id", "account.id")
    .select([
      "account.id",
      "account.email",
      "account.password_hash as passwordHash",
      "account.role",
      "profile.id as profileId",
      "profile.name as profileName",
    ]);
}

function create(
  database: Database,
  order: Omit<Account, "id" | "profileId">,
): Promise<Account | "email-taken"> {
  const account: Account = { ...order, id: randomUUID(), profileId: randomUUID() };
  return database.transaction(async (db) => {
    const made = await db
      .insertInto("account")
      .values({
        id: account.id,
        email: account.email,
        email_key: emailKey(account.email),
        password_hash: account.passwordHash,
        role: account.role,
        generation: 0,
      })
      .onConflict((conflict) => conflict.column("email_key").doNothing())
      .returning("id")
      .executeTakeFirst();
    if (made === undefined) return "email-taken";
    await db
      .insertInto("profile")
      .values({ id: account.profileId, account_id: account.id, name: account.profileName })
      .execute();
    return account;
  });
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
