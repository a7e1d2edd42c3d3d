// The statements of screens. Each works on many rows at once and takes them as arrays. Locks are taken in the order of
// the keys, and a sweep skips rows that others hold (they count), so groups of several programs cannot deadlock.
import { type Kysely, type RawBuilder, sql } from "kysely";
import type { KeptLease } from "#data/lease-decision.ts";
import type { LeaseKey, RenewOrder } from "#data/ports.ts";
import type { Standing } from "#model/entitlement.ts";
import type { Bookmark, PlaySession } from "#model/playback.ts";
import { type Moment, moment, momentColumns } from "./lease-clock.ts";
import type { Schema } from "./schema.ts";

const texts = (values: readonly string[]): RawBuilder<unknown> => sql`${[...values]}::text[]`;
const bigints = (values: readonly number[]): RawBuilder<unknown> => sql`${[...values]}::bigint[]`;

export interface LockedAccount {
  readonly id: string;
  readonly standing: Standing;
  readonly screens: number;
  readonly generation: number;
  readonly pausedUntilMs: number;
}

/** An account that an admin locked gets no screen and keeps none: its devices may be out a moment later. */
const standingNow = sql`case when account.locked then 'suspended' else account.standing end`;

/** The lock that every grant is made under. */
export async function lockAccounts(
  db: Kysely<Schema>,
  ids: readonly string[],
): Promise<readonly LockedAccount[]> {
  const query = sql<LockedAccount>`
    select id, ${standingNow} as standing, screens, generation, paused_until_ms as "pausedUntilMs" from account
    where id = any(${texts(ids)}) order by id for update`;
  return (await query.execute(db)).rows;
}

/** Deletes what has ended, but nothing during a pause: what looks ended then may be a renewal that was lost. */
export function sweep(ids: readonly string[]): RawBuilder<Moment> {
  return sql`with ${moment},
    ended as (
      select lease.account_id, lease.session_id from lease
      join account on account.id = lease.account_id join moment on true
      where lease.account_id = any(${texts(ids)}) and lease.expires_at_ms + lease.grace_ms <= moment.at_ms
        and account.paused_until_ms <= moment.at_ms and moment.until_ms <= moment.at_ms
      for update of lease skip locked),
    gone as (
      delete from lease using ended
      where lease.account_id = ended.account_id and lease.session_id = ended.session_id)
    select ${momentColumns} from moment`;
}

/**
 * The moment with every lease of the accounts. Account by account and in order, so that the index alone is walked: it then
 * forgets the leases that are gone, which a busy account leaves by the hundred between two vacuums.
 */
export function allHeld(ids: readonly string[]): RawBuilder<Moment & (KeptLease | NoLease) & Graced> {
  return sql`with ${moment},
    held as (
      select own.* from unnest(${texts(ids)}) as asked (id)
      cross join lateral (select * from lease where account_id = asked.id order by session_id) as own)
    select ${momentColumns}, ${leaseColumns}, grace_ms as "graceMs" from moment left join held on true
    order by generation`;
}

export interface NoLease {
  readonly sessionId: null;
}

interface Graced {
  readonly graceMs: number;
}

const leaseColumns = sql`account_id as "accountId", session_id as "sessionId", device_id as "deviceId",
  profile_id as "profileId", title_id as "titleId", generation, granted_at_ms as "grantedAtMs",
  expires_at_ms as "endsAtMs"`;

/** Those of the sessions that exist. */
export async function findSessions(
  db: Kysely<Schema>,
  ids: readonly string[],
): Promise<readonly PlaySession[]> {
  if (ids.length === 0) return [];
  return db
    .selectFrom("play_session")
    .select(["id", "account_id as accountId", "profile_id as profileId", "title_id as titleId"])
    .select(["generation", "viewpoint", "started_at_ms as startedAtMs"])
    .where("id", "in", ids)
    .execute();
}

export interface Grant {
  readonly session: PlaySession;
  readonly lease: KeptLease;
  readonly replaced: readonly KeptLease[];
  readonly ttlMs: number;
  readonly graceMs: number;
}

/** A session that was opened, and where its viewer goes on. */
export type PutIn = { readonly id: string } & (Bookmark | { readonly ord: null });

/**
 * Opens the sessions and puts the leases in, takes away those that gave way, and raises the accounts' generations. One that
 * gave way to another of these grants stays: it is not there yet when the statement begins.
 *
 * Returns the sessions that were new, with their bookmarks; another program may have opened one meanwhile for another account.
 */
export async function putIn(db: Kysely<Schema>, grants: readonly Grant[]): Promise<readonly PutIn[]> {
  if (grants.length === 0) return [];
  const sessions = grants.map((grant) => grant.session);
  const leases = grants.map((grant) => grant.lease);
  const replaced = grants.flatMap((grant) => grant.replaced);
  const query = sql<PutIn>`
    with wish as (
      select * from unnest(
        ${texts(sessions.map(({ accountId }) => accountId))}, ${texts(sessions.map(({ id }) => id))},
        ${texts(leases.map(({ deviceId }) => deviceId))}, ${texts(sessions.map(({ profileId }) => profileId))},
        ${texts(sessions.map(({ titleId }) => titleId))},
        ${bigints(sessions.map(({ generation }) => generation))},
        ${texts(sessions.map(({ viewpoint }) => viewpoint))}, ${texts(sessions.map(({ region }) => region ?? ""))},
        ${texts(sessions.map(({ network }) => network ?? ""))}, ${texts(sessions.map(({ device }) => device ?? ""))},
        ${bigints(sessions.map(({ startedAtMs }) => startedAtMs))},
        ${bigints(leases.map(({ grantedAtMs }) => grantedAtMs))},
        ${bigints(leases.map(({ endsAtMs }) => endsAtMs))},
        ${bigints(grants.map(({ ttlMs }) => ttlMs))}, ${bigints(grants.map(({ graceMs }) => graceMs))})
      as wish (account_id, session_id, device_id, profile_id, title_id, generation, viewpoint, region,
        network, device, started_at_ms, granted_at_ms, expires_at_ms, ttl_ms, grace_ms)),
    yielding as (
      select account_id, session_id from lease where (account_id, session_id) in (
        select * from unnest(${texts(replaced.map(({ accountId }) => accountId))},
          ${texts(replaced.map(({ sessionId }) => sessionId))}))
      order by account_id, session_id limit ${replaced.length} for update),
    gone as (
      delete from lease using yielding
      where lease.account_id = yielding.account_id and lease.session_id = yielding.session_id),
    latest as (select account_id, max(generation) as generation from wish group by account_id),
    raised as (
      update account set generation = greatest(account.generation, latest.generation) from latest
      where account.id = latest.account_id),
    opened as (
      insert into play_session (id, account_id, profile_id, title_id, generation, viewpoint, region, network, device,
        started_at_ms)
      select session_id, account_id, profile_id, title_id, generation, viewpoint, region, network, device,
        started_at_ms
      from wish
      on conflict (id) do nothing returning id),
    granted as (
      insert into lease (account_id, session_id, device_id, profile_id, title_id, generation, granted_at_ms,
        expires_at_ms, ttl_ms, grace_ms)
      select account_id, session_id, device_id, profile_id, title_id, generation, granted_at_ms, expires_at_ms,
        ttl_ms, grace_ms
      from wish join opened on opened.id = wish.session_id
      returning session_id, profile_id, title_id)
    select granted.session_id as id, ${bookmarkColumns}
    from granted left join bookmark
      on not removed and bookmark.profile_id = granted.profile_id and bookmark.title_id = granted.title_id`;
  return (await query.execute(db)).rows;
}

const bookmarkColumns = sql`bookmark.profile_id as "profileId", bookmark.title_id as "titleId", ord,
  position_ms as "positionMs", duration_ms as "durationMs", finished`;

export async function bookmarksOf(
  db: Kysely<Schema>,
  sessions: readonly PlaySession[],
): Promise<readonly Bookmark[]> {
  if (sessions.length === 0) return [];
  const query = sql<Bookmark>`
    select ${bookmarkColumns} from bookmark where not removed and (profile_id, title_id) in (
      select * from unnest(${texts(sessions.map(({ profileId }) => profileId))},
        ${texts(sessions.map(({ titleId }) => titleId))}))`;
  return (await query.execute(db)).rows;
}

export async function lockLeases(
  db: Kysely<Schema>,
  keys: readonly Omit<LeaseKey, "generation">[],
): Promise<void> {
  await sql`select 1 from lease where (account_id, session_id) in (
      select * from unnest(${texts(keys.map(({ accountId }) => accountId))},
        ${texts(keys.map(({ sessionId }) => sessionId))}))
    order by account_id, session_id for update`.execute(db);
}

/** Whose the wish was, and the account's standing; null: there is no such account. */
interface Judged {
  readonly ownerId: string | null;
  readonly standing: Standing | null;
}

/**
 * A row for each wish, with the moment; one without a session says that it was not renewed. What was lost is lost for
 * ever: it goes. The account is looked at in this statement and not locked: a standing that changes meanwhile counts at
 * the next renewal.
 */
export function extend(orders: readonly RenewOrder[]): RawBuilder<Moment & Judged & (KeptLease | NoLease)> {
  return sql`with ${moment},
    wish as (
      select * from unnest(
        ${texts(orders.map(({ accountId }) => accountId))}, ${texts(orders.map(({ sessionId }) => sessionId))},
        ${bigints(orders.map(({ generation }) => generation))}, ${bigints(orders.map(({ ttlMs }) => ttlMs))},
        ${bigints(orders.map(({ graceMs }) => graceMs))})
      as wish (owner_id, play_id, fence, ttl_ms, grace_ms)),
    judged as (
      select wish.*, ${standingNow} as standing, account.paused_until_ms as account_until_ms
      from wish join account on account.id = wish.owner_id),
    renewed as (
      update lease set expires_at_ms = moment.at_ms + judged.ttl_ms, ttl_ms = judged.ttl_ms, grace_ms = judged.grace_ms
      from judged, moment
      where lease.account_id = judged.owner_id and lease.session_id = judged.play_id
        and lease.generation = judged.fence and judged.standing = 'good'
        and lease.expires_at_ms + lease.grace_ms > moment.at_ms
      returning lease.*),
    gone as (
      delete from lease using judged, moment
      where lease.account_id = judged.owner_id and lease.session_id = judged.play_id
        and lease.generation = judged.fence and (judged.standing <> 'good'
          or lease.expires_at_ms + lease.grace_ms <= moment.at_ms
            and judged.account_until_ms <= moment.at_ms and moment.until_ms <= moment.at_ms))
    select ${momentColumns}, ${leaseColumns}, owner_id as "ownerId", standing
    from moment left join judged on true left join renewed
      on account_id = owner_id and session_id = play_id and generation = fence`;
}

/** The moment with the leases that were there; they end at it. */
export function takeAway(
  keys: readonly (Omit<LeaseKey, "generation"> & { readonly generation: number | undefined })[],
): RawBuilder<Moment & (KeptLease | NoLease)> {
  return sql`with ${moment},
    wish as (
      select * from unnest(
        ${texts(keys.map(({ accountId }) => accountId))}, ${texts(keys.map(({ sessionId }) => sessionId))},
        ${bigints(keys.map(({ generation }) => generation ?? anyGeneration))})
      as wish (account_id, session_id, generation)),
    gone as (
      delete from lease using wish
      where lease.account_id = wish.account_id and lease.session_id = wish.session_id
        and (lease.generation = wish.generation or wish.generation = ${anyGeneration}::bigint)
      returning lease.*)
    select ${momentColumns}, ${leaseColumns} from moment left join gone on true`;
}

const anyGeneration = -1;

/** Screens of the account, by device; the ids of their sessions. The caller holds the account's lock. */
export async function endScreens(
  db: Kysely<Schema>,
  accountId: string,
  { keep, only }: { readonly keep?: string | undefined; readonly only?: string },
): Promise<readonly string[]> {
  const own = db.selectFrom("lease").select("session_id as id");
  const all = own.where("account_id", "=", accountId);
  const rest = keep === undefined ? all : all.where("device_id", "<>", keep);
  const query = only === undefined ? rest : rest.where("device_id", "=", only);
  const ids = (await query.orderBy("session_id").forUpdate().execute()).map(({ id }) => id);
  if (ids.length === 0) return [];
  await db.deleteFrom("lease").where("account_id", "=", accountId).where("session_id", "in", ids).execute();
  return ids;
}

/** The moment with the leases of an account that live or are in their grace. */
export function living(accountId: string, graceMs: number): RawBuilder<Moment & (KeptLease | NoLease)> {
  return sql`with ${moment},
    held as (
      select lease.* from lease, moment
      where account_id = ${accountId} and expires_at_ms + ${graceMs}::bigint > moment.at_ms)
    select ${momentColumns}, ${leaseColumns} from moment left join held on true order by generation`;
}

/** During a pause: the lease's row back to life, whatever its end, if it is there. */
export async function revive(
  db: Kysely<Schema>,
  key: LeaseKey,
  ttlMs: number,
  endsAtMs: number,
): Promise<KeptLease | undefined> {
  const query = sql<KeptLease>`update lease set expires_at_ms = ${endsAtMs}::bigint, ttl_ms = ${ttlMs}::bigint
    where account_id = ${key.accountId} and session_id = ${key.sessionId} and generation = ${key.generation}::bigint
    returning ${leaseColumns}`;
  return (await query.execute(db)).rows[0];
}

export async function pauseAccounts(
  db: Kysely<Schema>,
  ids: readonly string[],
  untilMs: number,
): Promise<void> {
  await lockAccounts(db, ids);
  await sql`update account set paused_until_ms = greatest(paused_until_ms, ${untilMs}::bigint)
    where id = any(${texts(ids)})`.execute(db);
}

export async function pauseAll(db: Kysely<Schema>, untilMs: number): Promise<void> {
  await sql`update lease_clock set paused_until_ms = greatest(paused_until_ms, ${untilMs}::bigint)
    where id = 1`.execute(db);
}
