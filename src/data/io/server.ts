// A PostgreSQL or CockroachDB server, reached through a pool of connections.
import { CompiledQuery, type Dialect, PostgresDialect } from "kysely";
import pg from "pg";
import { dataFaults } from "#data/faults.ts";
import { Fault } from "#units/fault.ts";
import type { Opened } from "./embedded.ts";

export interface ServerOrder {
  readonly url: string;
  readonly connections: number;
  readonly deadlineSeconds: number;
  readonly onNote: (text: string) => void;
}

/** Nothing is connected yet: the first query does that, and its fault names the address. */
export function openServer(order: ServerOrder): Opened {
  const address = addressOf(order.url);
  const milliseconds = order.deadlineSeconds * 1000;
  const pool = new pg.Pool({
    connectionString: order.url,
    max: order.connections,
    connectionTimeoutMillis: milliseconds,
    statement_timeout: milliseconds,
    query_timeout: milliseconds,
    idle_in_transaction_session_timeout: 2 * milliseconds,
    application_name: "millrace",
    types: { getTypeParser: (oid, format) => parserOf(oid, format) },
  });
  // A connection that breaks: the pool makes another one, and the operator hears of it, once. One that breaks inside a
  // transaction, but between two statements, tells its own listener only; without one the whole program would end.
  const broke = (error: Error): void => order.onNote(`a connection to ${address} broke: ${error.message}`);
  pool.on("connect", (client) => client.on("error", broke));
  pool.on("error", () => undefined);
  const dialect: Dialect = new PostgresDialect({
    ...{ pool, controlClient: cancelClient },
    onCreateConnection: async (connection) => {
      await connection.executeQuery(CompiledQuery.raw(allowOnCockroach));
    },
  });
  return { dialect, address, release: () => Promise.resolve() };
}

/**
 * CockroachDB refuses a statement that changes a table in two places unless it is told that they never change the same row: those of
 * screens (lease-sql.ts) do not. PostgreSQL, which knows no such setting, is not asked to set it. Source: CockroachDB's
 * documentation, Known limitations, "Statements containing multiple modification subqueries of the same table are disallowed".
 */
const allowOnCockroach = `select set_config('enable_multiple_modifications_of_table', 'on', false)
  where version() like 'Cockroach%'`;

/** Connects to cancel a statement. Without a listener, one that breaks while it does so would end the whole program. */
const cancelClient = new Proxy(pg.Client, {
  construct(Client, [options]: [pg.ClientConfig]) {
    const client = new Client(options);
    client.on("error", () => undefined);
    return client;
  },
});

/** "host:port/name". The address is shown wherever something is wrong, so the password is not part of it. */
function addressOf(url: string): string {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    throw new Fault(dataFaults.databaseUrl);
  }
  if (!/^postgres(ql)?:$/.test(parsed.protocol)) throw new Fault(dataFaults.databaseUrl);
  const host = parsed.searchParams.get("host") ?? (parsed.hostname || "localhost");
  return `${host}:${parsed.port || "5432"}${parsed.pathname}`;
}

const bigintOid = 20;

/** bigint comes as text; every one that is kept here was a safe number when it was written. */
function parserOf(oid: number, format: "text" | "binary" = "text"): (value: string) => unknown {
  return oid === bigintOid ? Number : pg.types.getTypeParser(oid, format);
}
