// The stream job's records, and the job that makes them: committed together, or not at all.
import { type Kysely, type RawBuilder, sql } from "kysely";
import type {
  KeptFacts,
  KeptJob,
  KeptParts,
  MissSum,
  QoeQuery,
  QoeStore,
  QoeSum,
  QoeSums,
} from "#data/ports-qoe.ts";
import type { Database } from "./database-access.ts";
import { breakdown } from "./qoe-breakdown.ts";
import { figureColumn, missColumn, putRecords } from "./qoe-rows.ts";
import { slices } from "./rows.ts";
import type { Schema } from "./schema.ts";

/** Who gives the room of replaced rows back: the embedded database has no daemon that does. */
export type Vacuum = "server" | "store";

export function qoeStore(database: Database, vacuum: Vacuum): QoeStore {
  return {
    job: (name) => job(database, name),
    save: ({ name, position, state, records, parts }) =>
      database.transaction(async (db) => {
        const row = { name, position: JSON.stringify(position), state: JSON.stringify(state) };
        await db
          .insertInto("qoe_job")
          .values(row)
          .onConflict((conflict) =>
            conflict.column("name").doUpdateSet((old) => ({
              position: old.ref("excluded.position"),
              state: old.ref("excluded.state"),
            })),
          )
          .execute();
        if (parts !== undefined) await putParts(db, name, parts);
        await putRecords(db, name, records);
      }),
    facts: (ids) => facts(database, ids),
    sums: (query) => sums(database, query),
    misses: (span) => database.use(async (db) => (await missesIn(span).execute(db)).rows),
    breakdown: (query) => breakdown(database, query),
    forget: (order) =>
      database.use(async (db) => {
        await forget(db, order);
        if (vacuum === "store") await sql`vacuum qoe_job, qoe_job_part`.execute(db);
      }),
  };
}

/** One by one: each is about a megabyte. */
async function putParts(db: Kysely<Schema>, name: string, { from, until, put }: KeptParts): Promise<void> {
  await db
    .deleteFrom("qoe_job_part")
    .where("name", "=", name)
    .where((row) => row.or([row("id", "<", from), row("id", ">=", until)]))
    .execute();
  for (const { id, part } of put) {
    const text = JSON.stringify(part);
    await db
      .insertInto("qoe_job_part")
      .values({ name, id, part: text })
      .onConflict((conflict) => conflict.columns(["name", "id"]).doUpdateSet({ part: text }))
      .execute();
  }
}

async function job(database: Database, name: string): Promise<KeptJob | undefined> {
  return database.transaction(async (db) => {
    const row = await db.selectFrom("qoe_job").selectAll().where("name", "=", name).executeTakeFirst();
    if (row === undefined) return undefined;
    const rows = await db
      .selectFrom("qoe_job_part")
      .select(["id", "part"])
      .where("name", "=", name)
      .orderBy("id")
      .execute();
    const parts = rows.map(({ id, part }) => ({ id, part: JSON.parse(part) }));
    return { position: JSON.parse(row.position), state: JSON.parse(row.state), parts };
  });
}

async function facts(database: Database, ids: readonly string[]): Promise<readonly KeptFacts[]> {
  const found: KeptFacts[] = [];
  for (const slice of slices([...new Set(ids)])) {
    const rows = await database.use((db) =>
      db
        .selectFrom("play_session")
        .select(["id as sessionId", "title_id as titleId", "network", "device", "region as site"])
        .where("id", "in", slice)
        .execute(),
    );
    found.push(...rows);
  }
  return found;
}

async function sums(database: Database, query: QoeQuery): Promise<QoeSums> {
  return database.use(async (db) => ({
    sums: (await figuresBy(query).execute(db)).rows,
    startups: (await startupsBy(query).execute(db)).rows.map(({ key, startMs, buckets }) => ({
      ...{ key, startMs },
      buckets: JSON.parse(buckets),
    })),
    watching:
      query.by === "title" || query.by === "appliance" ? (await watchingBy(query).execute(db)).rows : [],
  }));
}

/** Windows and corrections as one table of rows with a label and a window's start. */
function rowsOf(
  { by, sizeMs, fromMs, untilMs }: QoeQuery,
  columns: readonly string[],
  only: RawBuilder<unknown> = sql`true`,
): RawBuilder<unknown> {
  const division = by === "title" || by === "appliance" ? by : "series";
  const label = sql.ref(by);
  const taken = sql.join(columns.map((column) => sql.ref(column)));
  return sql`select ${label} as key, start_ms, ${taken} from qoe_window
      where division = ${division} and size_ms = ${sizeMs} and start_ms >= ${fromMs} and start_ms < ${untilMs} and ${only}
    union all
    select ${label} as key, at_ms - at_ms % ${sql.lit(sizeMs)} as start_ms, ${taken} from qoe_correction
      where at_ms >= ${fromMs} and at_ms < ${untilMs} and ${only}`;
}

function figuresBy(query: QoeQuery): RawBuilder<QoeSum> {
  const columns = Object.entries({ ...figureColumn, estimates: "estimates" });
  const added = columns.map(([name, column]) => sql`sum(${sql.ref(column)})::bigint as ${sql.ref(name)}`);
  return sql<QoeSum>`select key, start_ms as "startMs", ${sql.join(added)}
    from (${rowsOf(
      query,
      columns.map(([, column]) => column),
    )}) as part
    group by key, start_ms order by key, start_ms`;
}

function startupsBy(
  query: QoeQuery,
): RawBuilder<{ readonly key: string; readonly startMs: number; readonly buckets: string }> {
  const rows = rowsOf(query, ["startup_buckets"], sql`startup_buckets <> '{}'`);
  return sql`select key, start_ms as "startMs", startup_buckets as buckets from (${rows}) as part`;
}

function watchingBy({ by, sizeMs, fromMs, untilMs }: QoeQuery): RawBuilder<QoeSums["watching"][number]> {
  return sql`select ${sql.ref(by)} as key, start_ms as "startMs",
      sum(watched_ms)::bigint as "watchedMs", sum(at_end)::bigint as "atEnd"
    from qoe_watching
    where division = ${by} and size_ms = ${sizeMs} and start_ms >= ${fromMs} and start_ms < ${untilMs}
    group by ${sql.ref(by)}, start_ms`;
}

function missesIn({ fromMs, untilMs }: Pick<QoeQuery, "fromMs" | "untilMs">): RawBuilder<MissSum> {
  const added = Object.entries(missColumn).map(
    ([name, column]) => sql`sum(${sql.ref(column)})::bigint as ${sql.ref(name)}`,
  );
  return sql<MissSum>`select site, start_ms as "startMs", ${sql.join(added)} from qoe_miss
    where start_ms >= ${fromMs} and start_ms < ${untilMs}
    group by site, start_ms order by site, start_ms`;
}

async function forget(
  db: Kysely<Schema>,
  { shortMs, shortBeforeMs, beforeMs }: Parameters<QoeStore["forget"]>[0],
): Promise<void> {
  for (const table of ["qoe_window", "qoe_watching"] as const) {
    await db
      .deleteFrom(table)
      .where((row) =>
        row.or([
          row("start_ms", "<", beforeMs),
          row.and([row("size_ms", "<=", shortMs), row("start_ms", "<", shortBeforeMs)]),
        ]),
      )
      .execute();
  }
  await db.deleteFrom("qoe_miss").where("start_ms", "<", beforeMs).execute();
  await db.deleteFrom("qoe_session").where("start_ms", "<", beforeMs).execute();
  await db.deleteFrom("qoe_correction").where("at_ms", "<", beforeMs).execute();
}
