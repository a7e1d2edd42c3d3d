// Tokens of workers and appliances.
import type { Selectable } from "kysely";
import type { ApiToken, TokenStore } from "#data/ports.ts";
import { appendAuditIn } from "./audit-store.ts";
import type { Database } from "./database-access.ts";
import type { Schema } from "./schema.ts";

export function tokenStore(database: Database): TokenStore {
  return {
    async add({ id, kind, name, createdAtMs, expiresAtMs, applianceId }, tokenHash, told) {
      const moments = { created_at_ms: createdAtMs, expires_at_ms: expiresAtMs ?? null };
      const row = {
        ...{ id, kind, name, token_hash: tokenHash },
        ...moments,
        appliance_id: applianceId ?? null,
      };
      await database.transaction(async (db) => {
        await db.insertInto("api_token").values(row).execute();
        if (told !== undefined) await appendAuditIn(db, told);
      });
    },
    async byHash(tokenHash, nowMs) {
      const row = await database.use((db) =>
        db.selectFrom("api_token").selectAll().where("token_hash", "=", tokenHash).executeTakeFirst(),
      );
      const token = row === undefined ? undefined : tokenOf(row);
      return token?.expiresAtMs !== undefined && token.expiresAtMs <= nowMs ? undefined : token;
    },
    async all() {
      const rows = await database.use((db) =>
        db.selectFrom("api_token").selectAll().orderBy("created_at_ms").orderBy("id").execute(),
      );
      return rows.map(tokenOf);
    },
    revoke: (id, told) =>
      database.transaction(async (db) => {
        const gone = await db.deleteFrom("api_token").where("id", "=", id).returning("id").executeTakeFirst();
        if (gone !== undefined && told !== undefined) await appendAuditIn(db, told);
        return gone !== undefined;
      }),
    async used(id, nowMs) {
      await database.use((db) =>
        db.updateTable("api_token").set({ last_used_at_ms: nowMs }).where("id", "=", id).execute(),
      );
    },
  };
}

function tokenOf(row: Selectable<Schema["api_token"]>): ApiToken {
  const { id, kind, name, appliance_id: applianceId, last_used_at_ms: lastUsedAtMs } = row;
  const moments = { createdAtMs: row.created_at_ms, expiresAtMs: row.expires_at_ms ?? undefined };
  return {
    ...{ id, kind, name, ...moments },
    ...(applianceId === null ? {} : { applianceId }),
    ...(lastUsedAtMs === null ? {} : { lastUsedAtMs }),
  };
}
