// One way to Cassandra for all of a program: connects when it is first needed, and again for as long as it takes; says once
// that it is away and once that it is back; ends each request by its deadline or with whoever waits for it.
import cassandra from "cassandra-driver";
import { dataFaults } from "#data/faults.ts";
import type { CassandraAddress } from "#data/history-address.ts";
import { systemClock } from "#io/clock.ts";
import { Fault } from "#units/fault.ts";
import { cql, type Statement, schema } from "./cassandra-cql.ts";
import { type Turnstile, turnstile } from "./turnstile.ts";

export interface LinkOrder {
  readonly address: CassandraAddress;
  readonly deadlineMs: number;
  /** Requests under way at once, at most. */
  readonly requests: number;
  readonly onNote: (text: string) => void;
}

export type Value = string | number | bigint | boolean | Uint8Array;
export type Row = cassandra.types.Row;

export interface Patience {
  readonly signal?: AbortSignal | undefined;
  /** Absent: the link's. */
  readonly deadlineMs?: number;
}

/** A host that is away is asked again so often. */
const againMs = 1000;
const rowsPerPage = 1000;
/** Requests that may wait, for each that may be under way. */
const inLine = 100;

const { responseErrorCodes: codes, consistencies } = cassandra.types;
/** The cluster did not do it now; it may do it later. */
const passing: ReadonlySet<number> = new Set([
  ...[codes.serverError, codes.unavailableException, codes.overloaded, codes.isBootstrapping],
  ...[codes.writeTimeout, codes.readTimeout, codes.readFailure, codes.writeFailure],
]);

export class CassandraLink {
  readonly #order: LinkOrder;
  readonly #turns: Turnstile;
  #client: cassandra.Client | undefined;
  #connecting: Promise<cassandra.Client> | undefined;
  #triedMs = Number.NEGATIVE_INFINITY;
  #trouble: Fault | undefined;
  #closed = false;

  constructor(order: LinkOrder) {
    this.#order = order;
    this.#turns = turnstile({ atOnce: order.requests, inLine: order.requests * inLine });
  }

  trouble(): string | undefined {
    return this.#trouble?.code;
  }

  /** @throws Fault history-away, history-busy, value-refused; the signal's reason when aborted */
  async rows(
    statement: Statement,
    values: readonly Value[],
    patience: Patience = {},
  ): Promise<readonly Row[]> {
    const { signal, deadlineMs = this.#order.deadlineMs } = patience;
    const late = AbortSignal.timeout(deadlineMs);
    const end = signal === undefined ? late : AbortSignal.any([signal, late]);
    try {
      const work = this.#turns.through(() => this.#ask(statement, values, deadlineMs, end), end);
      const rows = await untilAborted(work, end);
      this.#well();
      return rows;
    } catch (error) {
      signal?.throwIfAborted();
      throw this.#unwell(late.aborted ? new Error(`no answer within ${deadlineMs} ms`) : error);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#connecting?.catch(() => undefined);
    await this.#client?.shutdown();
    this.#client = undefined;
  }

  async #ask(
    statement: Statement,
    values: readonly Value[],
    readTimeout: number,
    signal: AbortSignal,
  ): Promise<readonly Row[]> {
    const client = this.#client ?? (await untilAborted(this.#connect(), signal));
    const text = cql[statement].replaceAll("ks.", `${this.#order.address.keyspace}.`);
    const rows: Row[] = [];
    let pageState: string | undefined;
    do {
      signal.throwIfAborted();
      const options = { prepare: true, isIdempotent: true, fetchSize: rowsPerPage, readTimeout };
      const asked = client.execute(text, values, pageState ? { ...options, pageState } : options);
      const answer = await asked.catch((error: unknown) => {
        if (error instanceof cassandra.errors.NoHostAvailableError) this.#drop(client);
        throw error;
      });
      // A write has none at all, other than the types say.
      rows.push(...(answer.rows ?? []));
      pageState = answer.pageState;
    } while (pageState);
    return rows;
  }

  #connect(): Promise<cassandra.Client> {
    this.#connecting ??= this.#open().finally(() => {
      this.#connecting = undefined;
    });
    return this.#connecting;
  }

  async #open(): Promise<cassandra.Client> {
    if (this.#closed) throw new Error("it is closed");
    // Whoever comes right after a failed try is told at once, and does not wait for another one.
    if (systemClock.monoMs() - this.#triedMs < againMs && this.#trouble !== undefined) throw this.#trouble;
    const client = new cassandra.Client(optionsOf(this.#order));
    client.on("error", () => undefined);
    try {
      await client.connect();
      await makeSchema(client, this.#order.address);
    } catch (error) {
      this.#triedMs = systemClock.monoMs();
      await client.shutdown().catch(() => undefined);
      throw error;
    }
    if (this.#closed) {
      await client.shutdown();
      throw new Error("it is closed");
    }
    this.#client = client;
    return client;
  }

  /** A driver that lost every host leaks with each of its tries to find one; a new one is made instead. */
  #drop(lost: cassandra.Client): void {
    // What was asked of an earlier one may fail late.
    if (lost !== this.#client) return;
    this.#client = undefined;
    this.#triedMs = systemClock.monoMs();
    void lost.shutdown().catch(() => undefined);
  }

  #well(): void {
    if (this.#trouble === undefined) return;
    this.#trouble = undefined;
    this.#order.onNote(`history at ${this.#order.address.shown} answers again`);
  }

  #unwell(error: unknown): unknown {
    const fault = faultOf(this.#order.address.shown, error);
    if (!(fault instanceof Fault) || fault.code !== dataFaults.historyAway.code) return fault;
    const isNews = this.#trouble === undefined && !this.#closed;
    this.#trouble = fault;
    if (isNews) this.#order.onNote(fault.message);
    return fault;
  }
}

function optionsOf({ address, deadlineMs }: LinkOrder): cassandra.ClientOptions {
  const { login } = address;
  return {
    contactPoints: [...address.contactPoints],
    localDataCenter: address.dataCentre,
    ...(login === undefined ? {} : { credentials: { username: login.user, password: login.password } }),
    ...(address.tls ? { sslOptions: {} } : {}),
    encoding: { useBigIntAsLong: true },
    queryOptions: { consistency: consistencies.localQuorum },
    // The driver's own waits up to ten minutes.
    policies: { reconnection: new cassandra.policies.reconnection.ConstantReconnectionPolicy(againMs) },
    socketOptions: { connectTimeout: deadlineMs, readTimeout: deadlineMs },
  };
}

async function makeSchema(
  client: cassandra.Client,
  { keyspace, dataCentre, replication }: CassandraAddress,
): Promise<void> {
  await client.execute(
    `create keyspace if not exists ${keyspace}
     with replication = {'class': 'NetworkTopologyStrategy', '${dataCentre}': ${replication}}`,
  );
  for (const statement of schema) await client.execute(statement.replaceAll("ks.", `${keyspace}.`));
}

function faultOf(address: string, error: unknown): unknown {
  if (error instanceof Fault || !(error instanceof Error)) return error;
  const { errors } = cassandra;
  const reason = reasonOf(error);
  if (error instanceof errors.ResponseError && !passing.has(error.code)) {
    if (error.code === codes.invalid)
      return new Fault(dataFaults.valueRefused, { reason }, new Error(reason));
    if (error.code !== codes.badCredentials && error.code !== codes.unauthorized) return error;
  }
  if (error instanceof TypeError) return error;
  return new Fault(dataFaults.historyAway, { address, reason }, new Error(reason));
}

/** The driver's "all hosts tried" says only in its parts why. */
function reasonOf(error: Error): string {
  const parts: unknown = "innerErrors" in error ? error.innerErrors : undefined;
  if (typeof parts !== "object" || parts === null) return error.message;
  const all = Object.entries(parts).map(
    ([host, one]) => `${host}: ${one instanceof Error ? one.message : one}`,
  );
  return all.length === 0 ? error.message : all.join("; ");
}

/** The work itself goes on; nobody waits for it. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const end = (): void => reject(signal.reason);
    if (signal.aborted) end();
    signal.addEventListener("abort", end, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", end));
  });
}
