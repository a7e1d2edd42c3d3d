// The audit log: rows in a chain, appended under the lock of the head's row.
import { createHash } from "node:crypto";
import type { Kysely, Selectable } from "kysely";
import {
  type AuditEntry,
  type AuditHead,
  type AuditRow,
  emptyHead,
  nextRow,
  pruneAction,
  pruneObject,
} from "#data/audit-chain.ts";
import type { AuditStore } from "#data/ports-identity.ts";
import type { Database } from "./database-access.ts";
import type { Schema } from "./schema.ts";
import type { IdentitySchema } from "./schema-identity.ts";

const headName = "head";
const digest = (text: string): string => createHash("sha256").update(text).digest("hex");

export function auditStore(database: Database): AuditStore {
  return {
    append: (entry) => database.transaction((db) => appendAuditIn(db, entry)),
    head: () => database.use(async (db) => headOf(await heads(db).executeTakeFirst())),
    from: (seq, limit) =>
      database.use(async (db) => {
        const rows = db.selectFrom("audit_row").selectAll().where("seq", ">=", seq);
        return (await rows.orderBy("seq").limit(limit).execute()).map(rowOf);
      }),
    before: (seq, limit) =>
      database.use(async (db) => {
        const rows = db.selectFrom("audit_row").selectAll().where("seq", "<", seq);
        return (await rows.orderBy("seq", "desc").limit(limit).execute()).map(rowOf);
      }),
    prune: (beforeMs, most, entry) => database.transaction((db) => prune(db, { beforeMs, most, entry })),
  };
}

/**
 * Appends in a transaction of the caller's: the change and its audit row are kept together, or neither is. Call it last:
 * it holds the head's lock until that transaction ends.
 */
export async function appendAuditIn(db: Kysely<Schema>, entry: AuditEntry): Promise<AuditRow> {
  const head = await lockedHead(db);
  const row = nextRow(head, entry, digest);
  const { atMs, requestId, ...rest } = row;
  await db
    .insertInto("audit_row")
    .values({ ...rest, at_ms: atMs, request_id: requestId })
    .execute();
  await db
    .updateTable("audit_head")
    .set({ seq: row.seq, hash: row.hash })
    .where("name", "=", headName)
    .execute();
  return row;
}

async function lockedHead(db: Kysely<Schema>): Promise<AuditHead> {
  const { seq, hash, firstSeq: first_seq, firstPrior: first_prior } = emptyHead;
  await db
    .insertInto("audit_head")
    .values({ name: headName, seq, hash, first_seq, first_prior })
    .onConflict((conflict) => conflict.column("name").doNothing())
    .execute();
  return headOf(await heads(db).forUpdate().executeTakeFirst());
}

function heads(db: Kysely<Schema>) {
  return db.selectFrom("audit_head").selectAll().where("name", "=", headName);
}

function headOf(row: IdentitySchema["audit_head"] | undefined): AuditHead {
  if (row === undefined) return emptyHead;
  return { seq: row.seq, hash: row.hash, firstSeq: row.first_seq, firstPrior: row.first_prior };
}

function rowOf({ at_ms, request_id, ...rest }: Selectable<Schema["audit_row"]>): AuditRow {
  return { ...rest, atMs: at_ms, requestId: request_id };
}

/** The newest row always stays: the chain goes on from it. */
async function prune(
  db: Kysely<Schema>,
  order: { readonly beforeMs: number; readonly most: number; readonly entry: AuditEntry },
): Promise<number> {
  const head = await lockedHead(db);
  const end = Math.min(head.seq, head.firstSeq + order.most);
  const kept = await db
    .selectFrom("audit_row")
    .select(["seq", "prior"])
    .where("seq", ">=", head.firstSeq)
    .where("seq", "<=", end)
    .where((row) => row.or([row("at_ms", ">=", order.beforeMs), row("seq", "=", end)]))
    .orderBy("seq")
    .limit(1)
    .executeTakeFirst();
  if (kept === undefined || kept.seq <= head.firstSeq) return 0;
  await db.deleteFrom("audit_row").where("seq", "<", kept.seq).execute();
  await db
    .updateTable("audit_head")
    .set({ first_seq: kept.seq, first_prior: kept.prior })
    .where("name", "=", headName)
    .execute();
  await appendAuditIn(db, {
    ...order.entry,
    action: pruneAction,
    object: pruneObject(kept.seq, kept.prior),
  });
  return kept.seq - head.firstSeq;
}
