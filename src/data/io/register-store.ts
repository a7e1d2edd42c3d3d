// Changes of accounts that must hold together: sign-ups, passwords, emails, roles, locks, erasure.
import type { Kysely } from "kysely";
import type { Role } from "#data/ports.ts";
import type { RegisterEntry, RegisterStore } from "#data/ports-account.ts";
import type { CustomerEnding } from "#data/ports-billing.ts";
import { Fault } from "#units/fault.ts";
import { emailKey, insertAccount } from "./account-store.ts";
import { decideLast, lockCustomer } from "./billing-store.ts";
import type { Database } from "./database-access.ts";
import { endDevices, lockAccount, signOut } from "./device-store.ts";
import { eraseBelongings } from "./erasers.ts";
import type { Schema } from "./schema.ts";
import { spendSlip } from "./slip-store.ts";

type Order<K extends keyof RegisterStore> = Parameters<RegisterStore[K]>[0];

export function registerStore(database: Database): RegisterStore {
  return {
    signUp: (order) => undoneWhen(database, invitationOver, (db) => signUp(db, order)),
    resetPassword: (order) => database.transaction((db) => resetPassword(db, order)),
    changePassword: (order) => database.transaction((db) => changePassword(db, order)),
    async changeEmail(order) {
      try {
        return await database.transaction((db) => changeEmail(db, order));
      } catch (error) {
        // Two accounts that take one email at the same moment: the later one meets the constraint.
        if (error instanceof Fault && error.facts.sqlState === "23505") return "email-taken";
        throw error;
      }
    },
    page: (order) => database.use((db) => page(db, order)),
    setRole: (accountId, role) => database.transaction((db) => setRoleIn(db, accountId, role)),
    setLocked: (accountId, locked) => database.transaction((db) => setLocked(db, accountId, locked)),
    erase: (accountId, ending) => database.transaction((db) => erase(db, accountId, ending)),
  };
}

const invitationOver = new Error("the invitation was used up");

/** What the work did is taken back when it throws `reason`. */
async function undoneWhen<T>(
  database: Database,
  reason: Error,
  work: (db: Kysely<Schema>) => Promise<T>,
): Promise<T | "invitation-over"> {
  try {
    return await database.transaction(work);
  } catch (error) {
    if (error === reason) return "invitation-over";
    throw error;
  }
}

async function signUp(
  db: Kysely<Schema>,
  { slipHash, invitationHash, account, nowMs }: Order<"signUp">,
): ReturnType<RegisterStore["signUp"]> {
  if ((await spendSlip(db, slipHash, "sign-up", nowMs)) === undefined) return "slip-over";
  const made = await insertAccount(db, account);
  if (made === "email-taken" || invitationHash === undefined) return made;
  const used = await db
    .deleteFrom("invitation")
    .where("code_hash", "=", invitationHash)
    .where("ends_at_ms", ">", nowMs)
    .returning("id")
    .executeTakeFirst();
  if (used === undefined) throw invitationOver;
  return made;
}

async function resetPassword(
  db: Kysely<Schema>,
  { slipHash, passwordHash, nowMs }: Order<"resetPassword">,
): ReturnType<RegisterStore["resetPassword"]> {
  const slip = await spendSlip(db, slipHash, "reset", nowMs);
  if (slip?.accountId === undefined) return "slip-over";
  const { accountId } = slip;
  await setHash(db, accountId, passwordHash);
  return { accountId, ...(await signOut(db, accountId)) };
}

async function changePassword(
  db: Kysely<Schema>,
  { accountId, from, to, keepDevice }: Order<"changePassword">,
): ReturnType<RegisterStore["changePassword"]> {
  const row = await lockAccount(db, accountId);
  if (row?.password_hash !== from) return "changed";
  await setHash(db, accountId, to);
  return signOut(db, accountId, keepDevice);
}

/** Links mailed before are void: whoever asked for a reset knew the old password's world. */
async function setHash(db: Kysely<Schema>, accountId: string, passwordHash: string): Promise<void> {
  await db.updateTable("account").set({ password_hash: passwordHash }).where("id", "=", accountId).execute();
  await db.deleteFrom("slip").where("account_id", "=", accountId).execute();
}

async function changeEmail(
  db: Kysely<Schema>,
  { slipHash, nowMs }: Order<"changeEmail">,
): ReturnType<RegisterStore["changeEmail"]> {
  const slip = await spendSlip(db, slipHash, "new-email", nowMs);
  if (slip?.accountId === undefined) return "slip-over";
  const { accountId, email } = slip;
  const row = await lockAccount(db, accountId);
  if (row === undefined) return "slip-over";
  const key = emailKey(email);
  const holder = await db
    .selectFrom("account")
    .select("id")
    .where("email_key", "=", key)
    .where("id", "<>", accountId)
    .executeTakeFirst();
  if (holder !== undefined) return "email-taken";
  await db.updateTable("account").set({ email, email_key: key }).where("id", "=", accountId).execute();
  await db.deleteFrom("slip").where("account_id", "=", accountId).execute();
  return { accountId, before: row.email, now: email };
}

async function page(
  db: Kysely<Schema>,
  { search, after, limit }: Order<"page">,
): Promise<readonly RegisterEntry[]> {
  // What a pattern would take for more than itself.
  const part = emailKey(search).replaceAll(/[\\%_]/g, (letter) => `\\${letter}`);
  return db
    .selectFrom("account")
    .select(["id", "email", "role", "standing", "locked"])
    .where("email_key", "like", `%${part}%`)
    .where("email_key", ">", emailKey(after))
    .orderBy("email_key")
    .limit(limit)
    .execute();
}

/** In a transaction of the caller's. The last admin stays one. */
export async function setRoleIn(
  db: Kysely<Schema>,
  accountId: string,
  role: Role,
): ReturnType<RegisterStore["setRole"]> {
  if (role !== "admin" && (await isLastAdmin(db, accountId))) return "last-admin";
  const rows = await db
    .updateTable("account")
    .set({ role })
    .where("id", "=", accountId)
    .returning("id")
    .execute();
  return rows.length === 0 ? "unknown" : "set";
}

async function setLocked(
  db: Kysely<Schema>,
  accountId: string,
  locked: boolean,
): ReturnType<RegisterStore["setLocked"]> {
  if (locked && (await isLastAdmin(db, accountId))) return "last-admin";
  const rows = await db
    .updateTable("account")
    .set({ locked })
    .where("id", "=", accountId)
    .returning("id")
    .execute();
  if (rows.length === 0) return "unknown";
  return locked ? signOut(db, accountId) : { ended: [], screens: [] };
}

async function erase(
  db: Kysely<Schema>,
  accountId: string,
  ending: CustomerEnding | undefined,
): ReturnType<RegisterStore["erase"]> {
  // The customer's row before the account's, as every other decision about it takes them.
  const known = await lockCustomer(db, accountId);
  if (await isLastAdmin(db, accountId)) return "last-admin";
  if ((await lockAccount(db, accountId)) === undefined) return "unknown";
  // A first purchase that was under way has ended by now.
  const customerId = known ?? (await lockCustomer(db, accountId));
  if (customerId !== undefined && ending !== undefined) await decideLast(db, customerId, ending);
  const ended = await endDevices(db, accountId);
  await eraseBelongings(db, accountId);
  await db.deleteFrom("account").where("id", "=", accountId).execute();
  return { ended };
}

/** Every admin's row is locked, in one order: of two who take each other's role at once, the second one is refused. */
async function isLastAdmin(db: Kysely<Schema>, accountId: string): Promise<boolean> {
  const admins = await db
    .selectFrom("account")
    .select("id")
    .where("role", "=", "admin")
    .where("locked", "=", false)
    .orderBy("id")
    .forUpdate()
    .execute();
  return admins.length === 1 && admins[0]?.id === accountId;
}
