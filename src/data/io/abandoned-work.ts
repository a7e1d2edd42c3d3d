// Work on the database that nobody waits for any more ends. No further statement of it begins, and PostgreSQL is asked to
// cancel the one under way, over a connection of its own: that costs nothing until then. What holds on other engines stands in
// the folder's README.
import type { DatabaseConnection, Kysely, KyselyPlugin } from "kysely";
import type { Schema } from "./schema.ts";

/**
 * What `work` does on a connection that `db` has to itself. It settles when the database is done with it, so that whoever
 * is told knows what became of it.
 *
 * @throws the signal's reason when aborted
 */
export async function untilAbandoned<T>(
  db: Kysely<Schema>,
  signal: AbortSignal,
  work: (db: Kysely<Schema>) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const connection = await db.getExecutor().provideConnection(async (own) => own);
  let cancelling: Promise<void> | undefined;
  const cancel = (): void => {
    cancelling = cancelStatement(db, connection);
  };
  signal.addEventListener("abort", cancel, { once: true });
  try {
    const value = await work(db.withPlugin(noneAfter(signal)));
    signal.throwIfAborted();
    return value;
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener("abort", cancel);
    // Who has this connection next must not be cancelled in our place.
    await cancelling;
  }
}

/** One that cannot be cancelled ends by its own deadline. */
async function cancelStatement(db: Kysely<Schema>, connection: DatabaseConnection): Promise<void> {
  try {
    await connection.collectSessionInfo?.();
    await connection.cancelQuery?.((use) => db.getExecutor().provideConnection(use));
  } catch {
    return;
  }
}

/** Statements after the abort do not begin. */
function noneAfter(signal: AbortSignal): KyselyPlugin {
  return {
    transformQuery({ node }) {
      signal.throwIfAborted();
      return node;
    },
    transformResult: async ({ result }) => result,
  };
}
