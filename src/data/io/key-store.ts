// Answers by idempotency key. The row is committed before the work begins, so that others see that it is under way.
import type { Kysely } from "kysely";
import type { KeptAnswer, KeyHold, KeyStore, KeyTaken } from "#data/ports-billing.ts";
import type { Database } from "./database-access.ts";
import type { Schema } from "./schema.ts";

export function keyStore(database: Database): KeyStore {
  return {
    take: (order) => database.transaction((db) => take(db, order)),
    keep: (answer) => database.use((db) => keepAnswer(db, answer)),
    async release(hold) {
      await database.use((db) => held(db, hold).execute());
    },
    async prune(beforeMs) {
      await database.use((db) =>
        db.deleteFrom("idempotency_key").where("taken_at_ms", "<", beforeMs).execute(),
      );
    },
  };
}

async function take(db: Kysely<Schema>, order: Parameters<KeyStore["take"]>[0]): Promise<KeyTaken> {
  const { accountId, key, holder, bodyHash, nowMs, holdMs } = order;
  const hold = { accountId, key, holder };
  const values = { holder, held_until_ms: nowMs + holdMs, taken_at_ms: nowMs };
  const made = await db
    .insertInto("idempotency_key")
    .values({ account_id: accountId, key, body_hash: bodyHash, ...values })
    .onConflict((conflict) => conflict.columns(["account_id", "key"]).doNothing())
    .returning("key")
    .executeTakeFirst();
  if (made !== undefined) return { kind: "fresh", hold };
  const row = await db
    .selectFrom("idempotency_key")
    .selectAll()
    .where("account_id", "=", accountId)
    .where("key", "=", key)
    .forUpdate()
    .executeTakeFirst();
  // Released in this moment: whoever asks again gets it.
  if (row === undefined) return { kind: "in-flight", leftMs: 1000 };
  if (row.body_hash !== bodyHash) return { kind: "reused" };
  if (row.status !== null) return { kind: "answered", answer: { status: row.status, body: row.body ?? "" } };
  if (nowMs < row.held_until_ms) return { kind: "in-flight", leftMs: row.held_until_ms - nowMs };
  const mine = db.updateTable("idempotency_key").set(values).where("account_id", "=", accountId);
  await mine.where("key", "=", key).execute();
  return { kind: "fresh", hold };
}

/** False: the key has another holder now, or none. */
export async function keepAnswer(db: Kysely<Schema>, answer: KeptAnswer & KeyHold): Promise<boolean> {
  const kept = await db
    .updateTable("idempotency_key")
    .set({ status: answer.status, body: answer.body })
    .where("account_id", "=", answer.accountId)
    .where("key", "=", answer.key)
    .where("holder", "=", answer.holder)
    .where("status", "is", null)
    .returning("key")
    .executeTakeFirst();
  return kept !== undefined;
}

function held(db: Kysely<Schema>, { accountId, key, holder }: KeyHold) {
  return db
    .deleteFrom("idempotency_key")
    .where("account_id", "=", accountId)
    .where("key", "=", key)
    .where("holder", "=", holder)
    .where("status", "is", null);
}
