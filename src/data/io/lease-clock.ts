// The lease clock: the database's wall time plus a shift that is mended when the wall time jumps (lease-witness.ts).
// The first who comes after a silence (a restart) cannot know whether the wall jumped meanwhile. It gives every lease
// its whole life again: never shorter than it was, so nobody is admitted in place of one who still plays.
import { type Kysely, type RawBuilder, sql } from "kysely";
import { dataFaults } from "#data/faults.ts";
import { expectedMs, judge, laterAnchor, type Reading, stepMs } from "#data/lease-witness.ts";
import { assert } from "#units/assert.ts";
import type { Clock } from "#units/clock.ts";
import { Fault } from "#units/fault.ts";
import type { Database } from "./database-access.ts";
import type { Schema } from "./schema.ts";

/** What a statement that reads the clock returns besides its own columns, in each of its rows. */
export interface Moment {
  readonly atMs: number;
  readonly wallMs: number;
  readonly pausedUntilMs: number;
}

/** For `with moment as …`: evaluated once, when the statement runs, which is after the locks of the statement before. */
export const moment = sql`moment as materialized (
  select (extract(epoch from clock_timestamp()) * 1000)::bigint + shift_ms as at_ms,
    (extract(epoch from clock_timestamp()) * 1000)::bigint as wall_ms, paused_until_ms as until_ms
  from lease_clock where id = 1)`;

/** The columns of a `Moment`. */
export const momentColumns = sql`moment.at_ms as "atMs", moment.wall_ms as "wallMs", moment.until_ms as "pausedUntilMs"`;

export interface ClockReader {
  readonly db: Kysely<Schema>;
  /** Runs a statement that returns the moment with each row, at least one; not believed, the transaction is undone. */
  read<Row extends Moment>(query: RawBuilder<Row>): Promise<readonly [Row, ...Row[]]>;
}

export interface LeaseClock {
  /** A transaction by the lease clock. As any transaction it may run several times. @throws Fault clock-unsteady */
  transaction<T>(work: (reader: ClockReader) => Promise<T>, signal?: AbortSignal): Promise<T>;
}

type MonoClock = Pick<Clock, "monoMs">;

class NotBelieved extends Error {}

const tries = 5;
const vouchEveryMs = 1000;
/** Vouched for so lately, by whomever, a clock that is ahead of ours is right, and we have slept. */
const vouchedMs = 2 * vouchEveryMs;

export function leaseClock(database: Database, clock: MonoClock): LeaseClock {
  let anchor: Reading | undefined;
  let vouched = 0;
  let begun: Promise<void> | undefined;

  const begin = async (): Promise<void> => {
    anchor = await database.transaction((db) => firstReading(db, clock));
  };

  const mend = async (): Promise<void> => {
    assert(anchor !== undefined, "a clock that was begun is mended");
    const before = anchor;
    anchor = await database.transaction((db) => mendedReading(db, clock, before));
  };

  const attempt = <T>(
    work: (reader: ClockReader) => Promise<T>,
    signal: AbortSignal | undefined,
  ): Promise<readonly [T, number]> => {
    let latest = 0;
    return database.transaction(async (db) => {
      latest = 0;
      const value = await work({
        db,
        read: async (query) => {
          const [first, reading, rows] = await timed(db, clock, query);
          assert(anchor !== undefined, "a clock that was begun is read");
          if (judge(anchor, reading) !== "steady") throw new NotBelieved();
          anchor = laterAnchor(anchor, reading);
          latest = reading.atMs;
          return [first, ...rows.slice(1)];
        },
      });
      // The last statement: whoever waits for this row waits for a commit only.
      if (latest - vouched > vouchEveryMs) await vouch(db, latest);
      return [value, latest];
    }, signal);
  };

  return {
    async transaction(work, signal) {
      begun ??= begin();
      await begun.catch((error: unknown) => {
        begun = undefined;
        throw error;
      });
      for (let count = 1; count <= tries; count++) {
        try {
          const [value, latest] = await attempt(work, signal);
          if (latest - vouched > vouchEveryMs) vouched = latest;
          return value;
        } catch (error) {
          if (!(error instanceof NotBelieved)) throw error;
          await mend();
        }
      }
      throw new Fault(dataFaults.clockUnsteady, { tries });
    },
  };
}

/** The clock as it is, for who has read nothing yet. */
async function firstReading(db: Kysely<Schema>, clock: MonoClock): Promise<Reading> {
  const { vouched_ms: vouched } = await lockClock(db);
  const [{ atMs }, reading] = await timed(db, clock, nowQuery);
  const baseMs = Math.max(atMs, vouched);
  const steady = atMs >= vouched && atMs - vouched <= vouchedMs;
  if (!steady) await afterSilence(db, vouched, baseMs, baseMs - atMs);
  return { ...reading, atMs: baseMs };
}

/** A reading to go on from, after one that was not believed: the clock's shift is mended, or we had slept. */
async function mendedReading(db: Kysely<Schema>, clock: MonoClock, anchor: Reading): Promise<Reading> {
  const { vouched_ms: vouched } = await lockClock(db);
  const [{ atMs }, reading] = await timed(db, clock, nowQuery);
  const verdict = judge(anchor, reading);
  const byOthers = atMs >= vouched && atMs - vouched <= vouchedMs;
  if (verdict === "steady") return anchor;
  if (verdict === "ahead" && byOthers) return reading;
  const rightMs = Math.max(expectedMs(anchor, reading.heardMs), vouched);
  await setClock(db, rightMs, rightMs - atMs);
  return anchor;
}

async function timed<Row extends Moment>(
  db: Kysely<Schema>,
  clock: MonoClock,
  query: RawBuilder<Row>,
): Promise<readonly [Row, Reading, readonly Row[]]> {
  const sentMs = clock.monoMs();
  const { rows } = await query.execute(db);
  const heardMs = clock.monoMs();
  const [first] = rows;
  assert(first !== undefined, "the lease clock has its row");
  return [first, { atMs: first.atMs, sentMs, heardMs }, rows];
}

const nowQuery = sql<Moment>`with ${moment} select ${momentColumns} from moment`;

async function lockClock(db: Kysely<Schema>): Promise<Schema["lease_clock"]> {
  const row = await db
    .selectFrom("lease_clock")
    .selectAll()
    .where("id", "=", 1)
    .forUpdate()
    .executeTakeFirst();
  assert(row !== undefined, "the lease clock has its row");
  return row;
}

async function setClock(db: Kysely<Schema>, atMs: number, moreMs: number): Promise<void> {
  await db
    .updateTable("lease_clock")
    .set((row) => ({ shift_ms: row("shift_ms", "+", moreMs), vouched_ms: atMs }))
    .where("id", "=", 1)
    .execute();
}

async function vouch(db: Kysely<Schema>, atMs: number): Promise<void> {
  await db
    .updateTable("lease_clock")
    .set({ vouched_ms: atMs })
    .where("id", "=", 1)
    .where("vouched_ms", "<", atMs)
    .execute();
}

/** Everything that still lived when the clock was last vouched for gets its whole time again; pauses go on as long. */
async function afterSilence(
  db: Kysely<Schema>,
  vouched: number,
  baseMs: number,
  moreMs: number,
): Promise<void> {
  await setClock(db, baseMs, moreMs);
  await sql`update lease set expires_at_ms = ${baseMs}::bigint + ttl_ms
    where expires_at_ms + grace_ms > ${vouched}::bigint`.execute(db);
  const silence = baseMs - vouched;
  if (vouched === 0 || silence <= stepMs) return;
  await sql`update account set paused_until_ms = paused_until_ms + ${silence}::bigint
    where paused_until_ms > ${vouched}::bigint`.execute(db);
  await sql`update lease_clock set paused_until_ms = paused_until_ms + ${silence}::bigint
    where paused_until_ms > ${vouched}::bigint`.execute(db);
}
