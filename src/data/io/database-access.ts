// Every use of the database goes through here: a deadline, another try when the database undid it for the sake of
// another transaction, and faults in the operator's words instead of SQL states.
import { randomInt } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { type Kysely, sql } from "kysely";
import { dataFaults } from "#data/faults.ts";
import { Fault } from "#units/fault.ts";
import { untilAbandoned } from "./abandoned-work.ts";
import type { Schema } from "./schema.ts";

export interface Database {
  /** One statement, or several that need not hold together. Aborted, no more of them begin. */
  use<T>(work: (db: Kysely<Schema>) => Promise<T>, signal?: AbortSignal): Promise<T>;
  /**
   * All or nothing. `work` may run several times: it must change nothing but the database. Aborted before its commit began, it
   * is undone and rejects with the signal's reason; later, its answer says what was committed.
   */
  transaction<T>(work: (db: Kysely<Schema>) => Promise<T>, signal?: AbortSignal): Promise<T>;
  /** All of the database as it is at one moment, for as long as `work` takes. Nothing is tried again. */
  snapshot<T>(work: (db: Kysely<Schema>) => Promise<T>): Promise<T>;
}

export interface AccessOrder {
  readonly db: Kysely<Schema>;
  /** Host, port and name, or the folder: never with a password. */
  readonly address: string;
  readonly deadlineSeconds: number;
  readonly retries: number;
  /** Each time that the database undid work which is then tried again. */
  readonly onUndone?: (() => void) | undefined;
}

/** Serialisation failure and deadlock. Source: PostgreSQL manual, appendix A, class 40. */
const undone = new Set(["40001", "40P01"]);
const refusedLogin = new Set(["28000", "28P01", "3D000", "42501"]);
const unreachable = new Set(["57P01", "57P02", "57P03", "53300"]);

export function accessTo(order: AccessOrder): Database {
  const { db } = order;
  const within = <T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> =>
    withDeadline(order, () => withRetries(order, work, signal));
  return {
    use: (work, signal) =>
      signal === undefined
        ? within(() => work(db))
        : within(() => db.connection().execute((own) => untilAbandoned(own, signal, work)), signal),
    transaction: (work, signal) =>
      signal === undefined
        ? within(() => db.transaction().execute(work))
        : within(() => db.transaction().execute((own) => untilAbandoned(own, signal, work)), signal),
    snapshot: (work) => snapshot(order, work),
  };
}

async function snapshot<T>(order: AccessOrder, work: (db: Kysely<Schema>) => Promise<T>): Promise<T> {
  try {
    const transaction = order.db.transaction().setIsolationLevel("repeatable read");
    return await transaction.execute(async (db) => {
      await sql`set local statement_timeout = 0`.execute(db);
      await sql`set local idle_in_transaction_session_timeout = 0`.execute(db);
      return work(db);
    });
  } catch (error) {
    throw faultOf(order, error);
  }
}

async function withRetries<T>(
  order: AccessOrder,
  work: () => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    signal?.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      if (!undone.has(sqlState(error) ?? "")) throw faultOf(order, error);
      if (tries > order.retries) throw new Fault(dataFaults.databaseBusy, { tries }, plain(error));
      order.onUndone?.();
      // Losers that come back at once meet again: each waits a different while, twice as long each time.
      await wait(randomInt(Math.min(5 * 2 ** tries, 500)));
    }
  }
}

/** The caller is told in time; what the database still does then ends by its own statement deadline. */
function withDeadline<T>({ deadlineSeconds: seconds }: AccessOrder, work: () => Promise<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const tooLate = (): void => reject(new Fault(dataFaults.databaseSlow, { seconds }));
    const timer = setTimeout(tooLate, seconds * 1000);
    work()
      .then(resolve, reject)
      .finally(() => clearTimeout(timer));
  });
}

/** What went wrong, in words. The driver's error itself holds parameters (password hashes): only its text goes on. */
function faultOf({ address, deadlineSeconds }: AccessOrder, error: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  if (error instanceof Fault) return error;
  const state = sqlState(error) ?? "";
  if (state === "57014" || error.message === "Query read timeout") {
    return new Fault(dataFaults.databaseSlow, { seconds: deadlineSeconds }, plain(error));
  }
  const reason = reasonOf(error);
  if (refusedLogin.has(state))
    return new Fault(dataFaults.databaseRefused, { address, reason }, plain(error));
  if (unreachable.has(state) || state.startsWith("08") || isNetwork(error)) {
    return new Fault(dataFaults.databaseUnreachable, { address, reason }, plain(error));
  }
  if (state.startsWith("22")) return new Fault(dataFaults.valueRefused, { reason }, plain(error));
  // An error without SQL state is a mistake of this program, not of the database.
  if (state === "") return error;
  return new Fault(dataFaults.databaseFailed, { reason, sqlState: state }, plain(error));
}

/** The five characters of SQL, not the letters of the system (ECONNREFUSED). */
function sqlState(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") return undefined;
  return /^[0-9A-Z]{5}$/.test(error.code) ? error.code : undefined;
}

function isNetwork(error: Error): boolean {
  if (error instanceof AggregateError)
    return error.errors.every((one) => one instanceof Error && isNetwork(one));
  const code = "code" in error ? String(error.code) : "";
  if (/^E[A-Z]{3,}/.test(code)) return true;
  return /^(Connection terminated|timeout e|timeout exceeded|Client has encountered a connection error)/.test(
    error.message,
  );
}

function reasonOf(error: Error): string {
  return error instanceof AggregateError ? error.errors.map(String).join("; ") : error.message;
}

function plain(error: unknown): Error {
  return new Error(error instanceof Error ? reasonOf(error) : String(error));
}
