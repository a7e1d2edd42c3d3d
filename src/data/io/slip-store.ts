// Slips that were mailed, and codes of invitations: single use, kept as hashes.
import type { Kysely, Selectable } from "kysely";
import type { InvitationStore, Slip, SlipKind, SlipStore } from "#data/ports-account.ts";
import { emailKey } from "./account-store.ts";
import type { Database } from "./database-access.ts";
import type { Schema } from "./schema.ts";

export function slipStore(database: Database): SlipStore {
  return {
    add: (slip, tokenHash, nowMs) => database.transaction((db) => add(db, slip, tokenHash, nowMs)),
    async read(tokenHash, kind, nowMs) {
      const row = await database.use((db) => living(db, tokenHash, kind, nowMs).executeTakeFirst());
      return row === undefined ? undefined : slipOf(row);
    },
  };
}

/** Inside a transaction: of two at once, one gets it. */
export async function spendSlip(
  db: Kysely<Schema>,
  tokenHash: string,
  kind: SlipKind,
  nowMs: number,
): Promise<Slip | undefined> {
  const row = await db
    .deleteFrom("slip")
    .where("token_hash", "=", tokenHash)
    .where("kind", "=", kind)
    .where("ends_at_ms", ">", nowMs)
    .returningAll()
    .executeTakeFirst();
  return row === undefined ? undefined : slipOf(row);
}

function living(db: Kysely<Schema>, tokenHash: string, kind: SlipKind, nowMs: number) {
  return db
    .selectFrom("slip")
    .selectAll()
    .where("token_hash", "=", tokenHash)
    .where("kind", "=", kind)
    .where("ends_at_ms", ">", nowMs);
}

async function add(db: Kysely<Schema>, slip: Slip, tokenHash: string, nowMs: number): Promise<void> {
  const key = emailKey(slip.email);
  await db
    .deleteFrom("slip")
    .where(({ and, eb, or }) =>
      or([eb("ends_at_ms", "<=", nowMs), and([eb("email_key", "=", key), eb("kind", "=", slip.kind)])]),
    )
    .execute();
  await db
    .insertInto("slip")
    .values({
      ...{ token_hash: tokenHash, kind: slip.kind, account_id: slip.accountId ?? null },
      ...{ email: slip.email, email_key: key, facts: JSON.stringify(slip.facts) },
      ends_at_ms: slip.endsAtMs,
    })
    .execute();
}

function slipOf(row: Selectable<Schema["slip"]>): Slip {
  const { kind, email, facts } = row;
  return { kind, email, facts, accountId: row.account_id ?? undefined, endsAtMs: row.ends_at_ms };
}

export function invitationStore(database: Database): InvitationStore {
  const columns = ["id", "note", "ends_at_ms as endsAtMs"] as const;
  return {
    add: ({ id, note, endsAtMs }, codeHash, nowMs) =>
      database.transaction(async (db) => {
        await db.deleteFrom("invitation").where("ends_at_ms", "<=", nowMs).execute();
        const row = { id, note, code_hash: codeHash, ends_at_ms: endsAtMs };
        await db.insertInto("invitation").values(row).execute();
      }),
    byCode: (codeHash, nowMs) =>
      database.use((db) =>
        db
          .selectFrom("invitation")
          .select(columns)
          .where("code_hash", "=", codeHash)
          .where("ends_at_ms", ">", nowMs)
          .executeTakeFirst(),
      ),
    all: (nowMs) =>
      database.use((db) =>
        db
          .selectFrom("invitation")
          .select(columns)
          .where("ends_at_ms", ">", nowMs)
          .orderBy("ends_at_ms")
          .orderBy("id")
          .execute(),
      ),
    async remove(id) {
      const rows = await database.use((db) =>
        db.deleteFrom("invitation").where("id", "=", id).returning("id").execute(),
      );
      return rows.length > 0;
    },
  };
}
