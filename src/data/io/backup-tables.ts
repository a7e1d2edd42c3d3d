// What the database consists of, asked of itself, so that no table can be forgotten in a backup.
import { type Kysely, sql } from "kysely";
import { migrations } from "./migration-list.ts";
import type { Schema } from "./schema.ts";

/** What is of this database alone: its migrations, and who holds it. */
export const unkept: ReadonlySet<string> = new Set(["migration", "plane_hold"]);

/** Every other table; those that others refer to come first. */
export async function tablesInOrder(db: Kysely<Schema>): Promise<readonly string[]> {
  const tables = await sql<{ name: string }>`
    select table_name as name from information_schema.tables
    where table_schema = current_schema() and table_type = 'BASE TABLE'
    order by table_name`.execute(db);
  const references = await sql<{ from: string; to: string }>`
    select child.relname as "from", parent.relname as "to"
    from pg_constraint reference
    join pg_class child on child.oid = reference.conrelid
    join pg_class parent on parent.oid = reference.confrelid
    join pg_namespace space on space.oid = reference.connamespace
    where reference.contype = 'f' and space.nspname = current_schema() and child.oid <> parent.oid`.execute(
    db,
  );
  return ordered(
    tables.rows.map(({ name }) => name).filter((name) => !unkept.has(name)),
    references.rows,
  );
}

/** Whoever refers to another comes after it. Circles, of which there are none, would come last. */
export function ordered(
  names: readonly string[],
  references: readonly { readonly from: string; readonly to: string }[],
): readonly string[] {
  const done: string[] = [];
  let left = names;
  while (left.length > 0) {
    const free = left.filter((name) =>
      references.every(({ from, to }) => from !== name || done.includes(to) || !left.includes(to)),
    );
    done.push(...(free.length > 0 ? free : left));
    left = left.filter((name) => !done.includes(name));
  }
  return done;
}

/** The columns that are written; those that the database computes are not. */
export async function columnsOf(db: Kysely<Schema>, table: string): Promise<readonly string[]> {
  const { rows } = await sql<{ name: string }>`
    select column_name as name from information_schema.columns
    where table_schema = current_schema() and table_name = ${table} and is_generated = 'NEVER'
    order by ordinal_position`.execute(db);
  return rows.map(({ name }) => name);
}

/** Tables of large rows: megabytes each. */
export const largeRows: ReadonlySet<string> = new Set(["picture", "qoe_job", "qoe_job_part"]);

/** Tables that migrations put rows into: those are there before anything was kept, and a backup brings its own. */
export const bornFull: ReadonlySet<string> = new Set(
  migrations
    .flatMap(({ statements }) => statements)
    .flatMap((statement) => /^\s*insert into ([a-z_]+)/i.exec(statement)?.[1] ?? [])
    .filter((table) => !unkept.has(table)),
);
