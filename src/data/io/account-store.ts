// Accounts as they are looked up and made. What changes them is in register-store.ts.
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
    create: (order) => database.transaction((db) => insertAccount(db, order)),
    byEmail: (email) => database.use((db) => accountWhere(db, "email_key", emailKey(email))),
    byId: (id, signal) => database.use((db) => accountWhere(db, "id", id), signal),
    setPassword: (accountId, passwordHash, from) => setPassword(database, accountId, passwordHash, from),
  };
}

/** People write one address in several ways; the case and the composition of its letters do not make it another. */
export function emailKey(email: string): string {
  return email.normalize("NFC").toLowerCase();
}

/** An account's row with a profile's. */
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

/** Accounts with each of their profiles. */
export function accounts(db: Kysely<Schema>): SelectQueryBuilder<Schema, "account" | "profile", AccountRow> {
  return db
    .selectFrom("account")
    .innerJoin("profile", "profile.account_id", "account.id")
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

export function accountOf({ standing, screens, maxHeight, ...rest }: AccountRow): Account {
  return { ...rest, entitlement: { standing, screens, maxHeight } };
}

export async function accountWhere(
  db: Kysely<Schema>,
  column: "id" | "email_key",
  value: string,
): Promise<Account | undefined> {
  const row = await accounts(db)
    .where("profile.main", "=", true)
    .where(`account.${column}`, "=", value)
    .executeTakeFirst();
  return row === undefined ? undefined : accountOf(row);
}

/** The row with its main profile. */
export async function insertAccount(
  db: Kysely<Schema>,
  order: NewAccount & { readonly language?: string },
): Promise<Account | "email-taken"> {
  const { email, passwordHash, role, profileName, language = "en" } = order;
  const entitlement: Entitlement = order.entitlement ?? unsold;
  const id = randomUUID();
  const profileId = randomUUID();
  const made = await db
    .insertInto("account")
    .values({
      id,
      email,
      email_key: emailKey(email),
      password_hash: passwordHash,
      role,
      standing: entitlement.standing,
      screens: entitlement.screens,
      max_height: entitlement.maxHeight,
    })
    .onConflict((conflict) => conflict.column("email_key").doNothing())
    .returning("id")
    .executeTakeFirst();
  if (made === undefined) return "email-taken";
  await db
    .insertInto("profile")
    .values({ id: profileId, account_id: id, name: profileName, language })
    .execute();
  const named = { email, passwordHash, role, profileName, language };
  return { id, ...named, profileId, entitlement, maturity: 18 };
}

async function setPassword(
  database: Database,
  accountId: string,
  passwordHash: string,
  from: string | undefined,
): Promise<void> {
  const changed = await database.use((db) => {
    const one = db.updateTable("account").set({ password_hash: passwordHash }).where("id", "=", accountId);
    const query = from === undefined ? one : one.where("password_hash", "=", from);
    return query.returning("id").executeTakeFirst();
  });
  if (changed === undefined && from === undefined) throw new Fault(dataFaults.accountUnknown, { accountId });
}
