// A backup is a gzipped text that any Millrace of its time or later reads, whatever the database it came from:
//
//   {"millrace":"backup","version":1,"migrations":[…],"engine":"PGlite 18.6","createdAtMs":…}
//   {"table":"account","rows":[{…},{…}]}      rows as the database writes them, several lines per table
//   {"end":{"rows":…,"sha256":"…"}}            of all bytes before
//
// Rows pass through as text: a number that JavaScript cannot hold stays what it is.
import { createHash } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import { type Kysely, sql } from "kysely";
import { dataFaults } from "#data/faults.ts";
import type { BackupFacts } from "#data/ports-backup.ts";
import { Fault } from "#units/fault.ts";
import { type BackupHead, backupFoot, backupHead } from "#wire/backup.ts";
import { largeRows, tablesInOrder } from "./backup-tables.ts";
import type { Database } from "./database-access.ts";
import { migrationsOf } from "./migrations.ts";
import { engineOf, openDatabase, type StoresOrder } from "./open-database.ts";
import type { Schema } from "./schema.ts";

const rowsPerLine = 500;

/**
 * Writes everything as it is at one moment into a file that gets its name when it is whole and on disk.
 *
 * The embedded database, which has one connection, answers nobody else meanwhile.
 *
 * @throws Fault backup-exists; whatever the database or the disk says
 */
export async function writeBackup(
  database: Database,
  order: { readonly file: string; readonly engine: string; readonly nowMs: number },
): Promise<BackupFacts> {
  const { file, engine, nowMs } = order;
  await mkdir(dirname(file), { recursive: true });
  const claim = await open(file, "wx", 0o600).catch((error: unknown) => {
    const isThere = error instanceof Error && "code" in error && error.code === "EEXIST";
    throw isThere ? new Fault(dataFaults.backupExists, { file }) : error;
  });
  await claim.close();
  const fresh = `${file}.new`;
  const digest = createHash("sha256");
  const tally = { rows: 0, tables: 0 };
  try {
    const migrations = (await migrationsOf(database)) ?? [];
    const first = { millrace: "backup", version: 1, migrations, engine, createdAtMs: nowMs };
    await database.snapshot(async (db) => {
      const lines = async function* (): AsyncGenerator<string> {
        yield hashed(digest, JSON.stringify(first));
        for await (const line of rowLines(db, tally)) yield hashed(digest, line);
        yield `${JSON.stringify({ end: { rows: tally.rows, sha256: digest.digest("hex") } })}\n`;
      };
      const handle = await open(fresh, "wx", 0o600);
      await pipeline(Readable.from(lines()), createGzip(), handle.createWriteStream({ flush: true }));
    });
    await rename(fresh, file);
  } catch (error) {
    await rm(fresh, { force: true });
    await rm(file, { force: true });
    throw error;
  }
  return { file, ...tally };
}

function hashed(digest: ReturnType<typeof createHash>, line: string): string {
  const whole = `${line}\n`;
  digest.update(whole);
  return whole;
}

async function* rowLines(
  db: Kysely<Schema>,
  tally: { rows: number; tables: number },
): AsyncGenerator<string> {
  for (const table of await tablesInOrder(db)) {
    tally.tables += 1;
    await sql`declare backup cursor for select to_jsonb(t)::text as row from ${sql.table(table)} t`.execute(
      db,
    );
    // Pictures have megabytes each, twice as many as text: a line of hundreds would be longer than a text can be.
    const count = largeRows.has(table) ? 1 : rowsPerLine;
    for (;;) {
      const { rows } = await sql<{ row: string }>`fetch ${sql.lit(count)} from backup`.execute(db);
      if (rows.length === 0) break;
      tally.rows += rows.length;
      yield `{"table":${JSON.stringify(table)},"rows":[${rows.map(({ row }) => row).join(",")}]}`;
    }
    await sql`close backup`.execute(db);
  }
}

/**
 * The same for a database that nobody has open, or for a server's at any time; no migration is run.
 *
 * @throws Fault nothing-to-back-up; what writeBackup and opening throw
 */
export async function backUpDatabase(
  order: StoresOrder & { readonly file: string; readonly nowMs: number },
): Promise<BackupFacts> {
  const embedded = order.databaseUrl === undefined || order.databaseUrl === "";
  if (embedded && !existsSync(order.folder)) throw nothing(order.folder);
  const opened = await openDatabase(order);
  try {
    if ((await migrationsOf(opened.database)) === undefined) throw nothing(opened.address);
    const { engine, version } = await engineOf(opened.database);
    const { file, nowMs } = order;
    return await writeBackup(opened.database, { file, nowMs, engine: `${engine} ${version}` });
  } finally {
    await opened.close();
  }
}

function nothing(address: string): Fault {
  return new Fault(dataFaults.nothingToBackUp, { address });
}

/**
 * Reads a backup to its end and says what it is.
 *
 * @throws Fault backup-damaged when it is none, not whole, or changed
 */
export async function checkBackup(file: string): Promise<BackupHead & { readonly rows: number }> {
  const digest = createHash("sha256");
  let first: BackupHead | undefined;
  let last: { readonly rows: number; readonly sha256: string } | undefined;
  for await (const line of linesOf(file)) {
    if (last !== undefined) throw damaged(file, "something follows its end");
    if (first === undefined) {
      first = backupHead.safeParse(jsonOf(line)).data;
      if (first === undefined) throw damaged(file, "it does not begin as one, or is of a later version");
    }
    if (line.startsWith('{"end":')) last = backupFoot.safeParse(jsonOf(line)).data?.end;
    else hashed(digest, line);
  }
  if (first === undefined) throw damaged(file, "it is empty");
  if (last === undefined) throw damaged(file, "its end is missing");
  if (last.sha256 !== digest.digest("hex")) throw damaged(file, "its bytes are not those that were written");
  return { ...first, rows: last.rows };
}

/** Table and rows (JSON text) of each line but the first and the last. */
export async function* rowsOf(
  file: string,
): AsyncGenerator<{ readonly table: string; readonly rows: string }> {
  for await (const line of linesOf(file)) {
    const [, table, rows] = /^\{"table":"([a-z0-9_]+)","rows":(\[.*\])\}$/s.exec(line) ?? [];
    if (table !== undefined && rows !== undefined) yield { table, rows };
  }
}

async function* linesOf(file: string): AsyncGenerator<string> {
  const source = createReadStream(file);
  const text = createGunzip();
  source.on("error", (error) => text.destroy(error));
  source.pipe(text).setEncoding("utf8");
  let begun = "";
  try {
    for await (const chunk of text) {
      const lines = `${begun}${chunk}`.split("\n");
      begun = lines.pop() ?? "";
      yield* lines;
    }
  } catch (error) {
    throw damaged(file, error instanceof Error ? error.message : String(error));
  } finally {
    source.destroy();
    text.destroy();
  }
  if (begun !== "") yield begun;
}

function damaged(file: string, found: string): Fault {
  return new Fault(dataFaults.backupDamaged, { file, found });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
