// Tokens of workers and appliances.
import type { Selectable } from "kysely";
import type { ApiToken, TokenStore } from "#data/ports.ts";
import type { Database } from "./database-access.ts";
import type { Schema } from "./schema.ts";

export function tokenStore(database: Database): TokenStore {
  return {
    async add({ id, kind, name, createdAtMs, expiresAtMs }, tokenHash) {
      const moments = { created_at_ms: createdAtMs, expires_at_ms: expiresAtMs ?? null };
      const row = { ...{ id, kind, name, token_hash: tokenHash }, ...moments };
      await database.use((db) => db.insertInto("api_token").values(row).execute());
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
    async revoke(id) {
      await database.use((db) => db.deleteFrom("api_token").where("id", "=", id).execute());
    },
  };
}

function tokenOf(row: Selectable<Schema["api_token"]>): ApiToken {
  const { id, kind, name } = row;
  return { id, kind, name, createdAtMs: row.created_at_ms, expiresAtMs: row.expires_at_ms ?? undefined };
}
