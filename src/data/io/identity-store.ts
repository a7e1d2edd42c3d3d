// Which account an issuer's subject opens.
import type { Kysely } from "kysely";
import { dataFaults } from "#data/faults.ts";
import type { Account, NewAccount } from "#data/ports.ts";
import type { IdentityStore, Subject } from "#data/ports-identity.ts";
import { Fault } from "#units/fault.ts";
import { accountWhere, insertAccount } from "./account-store.ts";
import { appendAuditIn } from "./audit-store.ts";
import type { Database } from "./database-access.ts";
import { setRoleIn } from "./register-store.ts";
import type { Schema } from "./schema.ts";

export function identityStore(database: Database): IdentityStore {
  return {
    bySubject: (who) => database.use((db) => bySubject(db, who)),
    link: (who, accountId, nowMs) => database.transaction((db) => link(db, who, accountId, nowMs)),
    create: (who, order, nowMs) => database.transaction((db) => create(db, who, order, nowMs)),
    setRole: (accountId, role, told) =>
      database.transaction(async (db) => {
        const outcome = await setRoleIn(db, accountId, role);
        if (outcome === "unknown") throw new Fault(dataFaults.accountUnknown, { accountId });
        if (outcome === "set") await appendAuditIn(db, told);
        return outcome;
      }),
  };
}

async function bySubject(db: Kysely<Schema>, who: Subject): Promise<Account | undefined> {
  const row = await db
    .selectFrom("identity")
    .select("account_id")
    .where("issuer", "=", who.issuer)
    .where("subject", "=", who.subject)
    .executeTakeFirst();
  return row === undefined ? undefined : accountWhere(db, "id", row.account_id);
}

async function link(db: Kysely<Schema>, who: Subject, accountId: string, nowMs: number): Promise<Account> {
  if ((await accountWhere(db, "id", accountId)) === undefined)
    throw new Fault(dataFaults.accountUnknown, { accountId });
  await db
    .insertInto("identity")
    .values({ ...who, account_id: accountId, linked_at_ms: nowMs })
    .onConflict((conflict) => conflict.columns(["issuer", "subject"]).doNothing())
    .execute();
  const linked = await bySubject(db, who);
  if (linked === undefined) throw new Fault(dataFaults.accountUnknown, { accountId });
  return linked;
}

/** Of two at once with one email, the second waits at its unique key, and then finds what the first one tied. */
async function create(
  db: Kysely<Schema>,
  who: Subject,
  order: NewAccount,
  nowMs: number,
): Promise<Account | "email-taken"> {
  const before = await bySubject(db, who);
  if (before !== undefined) return before;
  const made = await insertAccount(db, order);
  if (made === "email-taken") return (await bySubject(db, who)) ?? made;
  return link(db, who, made.id, nowMs);
}
