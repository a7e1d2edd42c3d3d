// The embedded database: PGlite in a folder that one process holds at a time.
//
//   FOLDER/lock         who is in it
//   FOLDER/pgdata       the database
//   FOLDER/pgdata.new   one that is being made; it gets its name only when it is whole
import { mkdir, readdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { pg_trgm } from "@electric-sql/pglite/contrib/pg_trgm";
import { type Dialect, PGliteDialect } from "kysely";
import { dataFaults } from "#data/faults.ts";
import { removeTree } from "#io/files.ts";
import { Fault } from "#units/fault.ts";
import { lockFolder, lockName } from "./folder-lock.ts";

export interface Opened {
  readonly dialect: Dialect;
  /** For faults: where the database is, without any password. */
  readonly address: string;
  /** Gives back what opening took, after the connections were closed. */
  release(): Promise<void>;
}

const dataName = "pgdata";
const freshName = "pgdata.new";

/** @throws Fault data-folder-taken, data-folder-foreign, database-damaged; the signal's reason when aborted */
export async function openEmbedded(
  folder: string,
  signal: AbortSignal,
  onNote: (text: string) => void,
): Promise<Opened> {
  const lock = await lockFolder(folder);
  try {
    const found = (await readdir(folder)).filter((file) => !file.startsWith(lockName));
    const foreign = found.find((file) => file !== dataName && file !== freshName);
    if (foreign !== undefined) throw new Fault(dataFaults.folderForeign, { folder, found: foreign });
    if (!found.includes(dataName)) await make(folder, signal, onNote);
    const pglite = await start(join(folder, dataName), signal);
    return { dialect: new PGliteDialect({ pglite }), address: folder, release: () => lock.release() };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** A database that is killed while it is being made is not whole: the next start begins anew. */
async function make(folder: string, signal: AbortSignal, onNote: (text: string) => void): Promise<void> {
  onNote("making the embedded database (once, about 3 s)");
  const fresh = join(folder, freshName);
  await removeTree(fresh);
  await mkdir(fresh);
  const pglite = await start(fresh, signal, true);
  await pglite.close();
  signal.throwIfAborted();
  await rename(fresh, join(folder, dataName));
}

async function start(data: string, signal: AbortSignal, empty = false): Promise<PGlite> {
  signal.throwIfAborted();
  // PGlite makes a new database wherever it finds none: in a folder with other things in it that must not happen.
  if (!empty && !(await readdir(data)).includes("PG_VERSION")) {
    throw new Fault(dataFaults.databaseDamaged, { folder: data, reason: "it has no PG_VERSION" });
  }
  let pglite: PGlite;
  try {
    // What search mends typing errors with; it costs nothing until it is created.
    pglite = await PGlite.create(data, { extensions: { pg_trgm } });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Fault(dataFaults.databaseDamaged, { folder: data, reason }, error);
  }
  if (signal.aborted) await pglite.close();
  signal.throwIfAborted();
  return pglite;
}
