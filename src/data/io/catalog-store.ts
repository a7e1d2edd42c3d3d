// Published titles with their packages and encode reports.
import { type Kysely, type SelectQueryBuilder, sql } from "kysely";
import type { CatalogStore, StoredTitle } from "#data/ports.ts";
import type { TitlePackage } from "#model/package.ts";
import type { Database } from "./database-access.ts";
import type { Schema } from "./schema.ts";

export function catalogStore(database: Database): CatalogStore {
  return {
    publish: (title) => publish(database, title),
    revise: (id, before, after) => revise(database, id, before, after),
    title: (id) => database.use((db) => titles(db).where("id", "=", id).executeTakeFirst()),
    titles: () => database.use((db) => titles(db).orderBy("published_at_ms", "desc").orderBy("id").execute()),
  };
}

function titles(db: Kysely<Schema>): SelectQueryBuilder<Schema, "title", StoredTitle> {
  return db
    .selectFrom("title")
    .select(["id", "name", "package", "report", "published_at_ms as publishedAtMs"]);
}

async function publish(database: Database, title: StoredTitle): Promise<void> {
  const row = {
    id: title.id,
    name: title.name,
    package: JSON.stringify(title.package),
    report: JSON.stringify(title.report ?? null),
    published_at_ms: title.publishedAtMs,
  };
  await database.use((db) =>
    db
      .insertInto("title")
      .values(row)
      .onConflict((conflict) =>
        conflict
          .column("id")
          .doUpdateSet((with_) => ({
            name: with_.ref("excluded.name"),
            package: with_.ref("excluded.package"),
            report: with_.ref("excluded.report"),
            published_at_ms: with_.ref("excluded.published_at_ms"),
          }))
          .whereRef("title.package", "<>", "excluded.package"),
      )
      .execute(),
  );
}

/** Asked twice, as after an answer that was lost, it is still true. */
async function revise(
  database: Database,
  id: string,
  before: TitlePackage,
  after: TitlePackage,
): Promise<boolean> {
  const [old, next] = [JSON.stringify(before), JSON.stringify(after)];
  const done = await database.use((db) =>
    db
      .updateTable("title")
      .set({ package: next })
      .where("id", "=", id)
      .where((where) => where("package", "in", [sql<never>`${old}::jsonb`, sql<never>`${next}::jsonb`]))
      .executeTakeFirst(),
  );
  return done.numUpdatedRows > 0n;
}
