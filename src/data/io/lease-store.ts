// Screens in SQL. Safe because only a grant adds a lease, and it holds the account's row: what it counts cannot grow
// under it. A renewal takes its own row only, and looks at the account's without a lock. If it comes first, the sweep
// finds a lease that lives; if the sweep comes first, the renewal finds none. The proof and its limits stand in the
// folder's README.
import { dataFaults } from "#data/faults.ts";
import { admit, type Decision, type KeptLease, leaseOf, screenOf } from "#data/lease-decision.ts";
import type {
  Acquired,
  AcquireOrder,
  LeaseKey,
  LeaseStore,
  ReclaimOrder,
  Renewed,
  RenewOrder,
} from "#data/ports.ts";
import { systemClock } from "#io/clock.ts";
import type { Lease } from "#model/lease.ts";
import type { Bookmark, PlaySession } from "#model/playback.ts";
import { assert } from "#units/assert.ts";
import type { Clock } from "#units/clock.ts";
import { Fault } from "#units/fault.ts";
import type { Database } from "./database-access.ts";
import { type GroupRules, grouped } from "./group-commit.ts";
import { type ClockReader, type LeaseClock, leaseClock, type Moment } from "./lease-clock.ts";
import {
  allHeld,
  bookmarksOf,
  extend,
  findSessions,
  type Grant,
  type LockedAccount,
  living,
  lockAccounts,
  lockLeases,
  type NoLease,
  pauseAccounts,
  pauseAll,
  putIn,
  revive,
  sweep,
  takeAway,
} from "./lease-sql.ts";

/** What became of a lease, by the lease clock and after its commit: for histories. */
export interface LeaseMoment {
  readonly kind: "granted" | "renewed" | "ended";
  readonly accountId: string;
  readonly sessionId: string;
  readonly generation: number;
  readonly atMs: number;
  readonly endsAtMs: number;
}

export interface LeaseParts {
  readonly rules: GroupRules;
  readonly clock?: Pick<Clock, "monoMs">;
  readonly observe?: (moment: LeaseMoment) => void;
}

interface Tools {
  readonly clock: LeaseClock;
  readonly observe: (kind: LeaseMoment["kind"], lease: KeptLease, atMs: number) => void;
}

export function leaseStore(database: Database, parts: LeaseParts): LeaseStore {
  const tools: Tools = {
    clock: leaseClock(database, parts.clock ?? systemClock),
    observe: (kind, { accountId, sessionId, generation, endsAtMs }, atMs) =>
      parts.observe?.({ kind, accountId, sessionId, generation, atMs, endsAtMs }),
  };
  const { rules } = parts;
  const ofLease = ({ accountId, sessionId }: Omit<LeaseKey, "generation">): string =>
    `${accountId} ${sessionId}`;
  const acquire = grouped<AcquireOrder, Acquired>({
    rules,
    keyOf: ({ session }) => session.accountId,
    run: (orders, signal) => acquireAll(tools, orders, signal),
    // Nobody would play on it, or give it back. Who was sent away by the queue alone may ask again for the same session.
    late: ({ signal }, answer) => {
      const left = signal?.aborted === true && answer.kind === "granted";
      if (left) void release(answer.lease).catch(() => undefined);
    },
  });
  const renew = grouped<RenewOrder, Renewed>({
    rules,
    keyOf: ofLease,
    run: (orders, signal) => renewAll(tools, orders, signal),
  });
  const release = grouped<LeaseKey, { readonly lease: KeptLease | undefined }>({
    rules,
    keyOf: ofLease,
    run: (keys, signal) => endAll(tools, keys, signal),
  });
  const held = (
    accountId: string,
    graceMs: number,
    signal: AbortSignal | undefined,
  ): Promise<readonly [readonly KeptLease[], number]> =>
    tools.clock.transaction(async ({ read }) => {
      const rows = await read(living(accountId, graceMs));
      return [leasesIn(rows), rows[0].atMs];
    }, signal);
  return {
    acquire: (order) => acquire(order, order.signal),
    renew: (order) => renew(order, order.signal),
    release: async (key) => {
      await release(key);
    },
    async live({ accountId, sessionId }, graceMs, signal) {
      const [leases, atMs] = await held(accountId, graceMs, signal);
      const found = leases.find((lease) => lease.sessionId === sessionId);
      return found && shown(found, atMs);
    },
    list: async (accountId, graceMs, signal) => (await held(accountId, graceMs, signal))[0].map(screenOf),
    async evict(accountId, sessionId) {
      const [gone] = await endAll(tools, [{ accountId, sessionId, generation: undefined }]);
      return gone?.lease !== undefined;
    },
    pause: (accountIds, forMs) => pause(tools.clock, accountIds, forMs),
    reclaim: (order) => reclaim(tools, order),
  };
}

function shown(lease: KeptLease, atMs: number): Lease {
  const { accountId, sessionId, deviceId, profileId, generation, grantedAtMs, endsAtMs } = lease;
  return { accountId, sessionId, deviceId, profileId, generation, grantedAtMs, leftMs: endsAtMs - atMs };
}

function leasesIn(rows: readonly (Moment & (KeptLease | NoLease))[]): readonly KeptLease[] {
  return rows.flatMap((row) => (row.sessionId === null ? [] : [row]));
}

interface Admitted {
  readonly decisions: readonly (Decision | undefined)[];
  readonly opened: ReadonlySet<string>;
  readonly sessions: ReadonlyMap<string, PlaySession>;
  readonly bookmarks: ReadonlyMap<string, Bookmark>;
  readonly atMs: number;
}

async function acquireAll(
  { clock, observe }: Tools,
  orders: readonly AcquireOrder[],
  signal: AbortSignal,
): Promise<readonly (Acquired | Fault)[]> {
  const admitted = await clock
    .transaction((reader) => admitAll(reader, orders, "new-sessions"), signal)
    .catch((error: unknown) => {
      if (!(error instanceof SessionExists)) throw error;
      return clock.transaction((reader) => admitAll(reader, orders, "any-sessions"), signal);
    });
  return orders.map((order, index) => {
    const decision = admitted.decisions[index];
    if (decision?.kind === "open" && admitted.opened.has(order.session.id)) {
      for (const lease of decision.replaced) observe("ended", lease, admitted.atMs);
      observe("granted", decision.lease, admitted.atMs);
      if (decision.replaced.length > 0)
        order.onReplaced?.(decision.replaced.map(({ sessionId }) => sessionId));
    }
    return answerTo(order, decision, admitted);
  });
}

class SessionExists extends Error {}

/**
 * Most groups ask for new sessions only, and nobody is refused: then sessions need not be looked for.
 * One that exists after all undoes the transaction, and the next try looks for all of them first.
 */
async function admitAll(
  { db, read }: ClockReader,
  orders: readonly AcquireOrder[],
  expected: "new-sessions" | "any-sessions",
): Promise<Admitted> {
  const ids = [...new Set(orders.map(({ session }) => session.accountId))].sort();
  const accounts = await lockAccounts(db, ids);
  const [now, leases] = await leasesLeft(read, ids);
  const first = decide(orders, { accounts, leases, known: [] }, now);
  const unsure = orders.filter((_, at) => expected === "any-sessions" || first[at]?.kind !== "open");
  const sessionIds = unsure.map(({ session }) => session.id);
  const known = await findSessions(db, sessionIds);
  const decisions = known.length === 0 ? first : decide(orders, { accounts, leases, known }, now);
  const grants = orders.flatMap((order, index): Grant[] => {
    const decision = decisions[index];
    return decision?.kind === "open" ? [{ ...decision, ttlMs: order.ttlMs, graceMs: order.graceMs }] : [];
  });
  const made = await putIn(db, grants);
  const opened = new Set(made.map(({ id }) => id));
  const soon = grants.flatMap(({ replaced }) => replaced.filter(({ sessionId }) => opened.has(sessionId)));
  if (soon.length > 0) await read(takeAway(soon));
  if (expected === "new-sessions" && opened.size < grants.length) throw new SessionExists();
  const sessions = [...known, ...grants.map(({ session }) => session)];
  const marks = made.flatMap(({ id: _, ...mark }) => (mark.ord === null ? [] : [mark]));
  const bookmarks = [...marks, ...(await bookmarksOf(db, known))];
  return {
    decisions,
    opened,
    sessions: new Map(sessions.map((session) => [session.id, session])),
    bookmarks: new Map(bookmarks.map((mark) => [markKey(mark), mark])),
    atMs: now.atMs,
  };
}

/** Every lease of the locked accounts, after what had ended was deleted. All that is left counts. */
async function leasesLeft(
  read: ClockReader["read"],
  ids: readonly string[],
): Promise<readonly [Moment, readonly KeptLease[]]> {
  const rows = await read(allHeld(ids));
  const ended = rows.some((row) => row.sessionId !== null && row.endsAtMs + row.graceMs <= row.atMs);
  if (!ended) return [rows[0], leasesIn(rows)];
  await read(sweep(ids));
  const left = await read(allHeld(ids));
  return [left[0], leasesIn(left)];
}

const markKey = (of: { readonly profileId: string; readonly titleId: string }): string =>
  JSON.stringify([of.profileId, of.titleId]);

interface Found {
  readonly accounts: readonly LockedAccount[];
  readonly leases: readonly KeptLease[];
  readonly known: readonly PlaySession[];
}

/** Each order's decision, in the order of the orders; undefined: there is no such account. */
function decide(
  orders: readonly AcquireOrder[],
  { accounts, leases: held, known: sessions }: Found,
  now: Moment,
): readonly (Decision | undefined)[] {
  const ofAccount = Map.groupBy(orders.entries(), ([, { session }]) => session.accountId);
  const leases = Map.groupBy(held, ({ accountId }) => accountId);
  const known = new Map(sessions.map((session) => [session.id, session]));
  const decisions: (Decision | undefined)[] = orders.map(() => undefined);
  for (const account of accounts) {
    const asked = ofAccount.get(account.id) ?? [];
    const pausedForMs = Math.max(account.pausedUntilMs, now.pausedUntilMs) - now.atMs;
    const facts = { ...account, pausedForMs, leases: leases.get(account.id) ?? [] };
    const wishes = asked.map(([, order]) => order);
    const made = admit(facts, wishes, known, now);
    for (const [place, [index]] of asked.entries()) decisions[index] = made[place];
    // The same id asked for by another account of the group is as taken as one that the database has.
    for (const one of made) if (one.kind === "open") known.set(one.session.id, one.session);
  }
  return decisions;
}

function answerTo(
  { session: { id, accountId } }: AcquireOrder,
  decision: Decision | undefined,
  { opened, sessions, bookmarks, atMs }: Admitted,
): Acquired | Fault {
  if (decision === undefined) return new Fault(dataFaults.accountUnknown, { accountId });
  if (decision.kind === "over") return new Fault(dataFaults.sessionOver, { sessionId: id });
  const lost = decision.kind === "open" && !opened.has(id);
  if (decision.kind === "taken" || lost) return new Fault(dataFaults.sessionTaken, { sessionId: id });
  if (decision.kind !== "open" && decision.kind !== "again") return decision;
  const session = sessions.get(id);
  assert(session !== undefined, "who has a lease has a session");
  return {
    kind: "granted",
    lease: shown(decision.lease, atMs),
    session,
    bookmark: bookmarks.get(markKey(session)),
    replaced: decision.kind === "open" ? decision.replaced.map(({ sessionId }) => sessionId) : [],
  };
}

async function renewAll(
  { clock, observe }: Tools,
  orders: readonly RenewOrder[],
  signal: AbortSignal,
): Promise<readonly Renewed[]> {
  const rows = await clock.transaction(async ({ db, read }) => {
    await lockLeases(db, orders);
    return read(extend(orders));
  }, signal);
  const [{ atMs }] = rows;
  const leases = leasesIn(rows);
  for (const lease of leases) observe("renewed", lease, atMs);
  const standings = new Map(rows.map(({ ownerId, standing }) => [ownerId, standing]));
  return matched(orders, leases).map((lease, index): Renewed => {
    if (lease !== undefined) return { kind: "renewed", lease: shown(lease, atMs) };
    const standing = standings.get(orders[index]?.accountId ?? "") ?? "good";
    return standing === "good" ? { kind: "lost" } : { kind: "standing", standing };
  });
}

async function endAll(
  { clock, observe }: Tools,
  keys: readonly (Omit<LeaseKey, "generation"> & { readonly generation: number | undefined })[],
  signal?: AbortSignal,
): Promise<readonly { readonly lease: KeptLease | undefined }[]> {
  const { leases, atMs } = await clock.transaction(async ({ db, read }) => {
    await lockLeases(db, keys);
    const rows = await read(takeAway(keys));
    return { leases: leasesIn(rows), atMs: rows[0].atMs };
  }, signal);
  for (const lease of leases) observe("ended", lease, atMs);
  return matched(keys, leases).map((lease) => ({ lease }));
}

/** For each key its lease, if it is among them. */
function matched(
  keys: readonly (Omit<LeaseKey, "generation"> & { readonly generation: number | undefined })[],
  leases: readonly KeptLease[],
): readonly (KeptLease | undefined)[] {
  const keyOf = (of: Omit<LeaseKey, "generation">): string => JSON.stringify([of.accountId, of.sessionId]);
  const found = new Map(leases.map((lease) => [keyOf(lease), lease]));
  return keys.map((key) => {
    const lease = found.get(keyOf(key));
    return key.generation === undefined || lease?.generation === key.generation ? lease : undefined;
  });
}

async function pause(clock: LeaseClock, accountIds: readonly string[] | "all", forMs: number): Promise<void> {
  await clock.transaction(async ({ db, read }) => {
    const [{ atMs }] = await read(living("", 0));
    if (accountIds === "all") await pauseAll(db, atMs + forMs);
    else await pauseAccounts(db, accountIds, atMs + forMs);
  });
}

async function reclaim({ clock, observe }: Tools, order: ReclaimOrder): Promise<Lease | undefined> {
  const { session, ttlMs } = order;
  const { lease, atMs } = await clock.transaction(async ({ db, read }) => {
    const [account] = await lockAccounts(db, [session.accountId]);
    const [now] = await read(living("", 0));
    const paused = Math.max(account?.pausedUntilMs ?? 0, now.pausedUntilMs) > now.atMs;
    if (account?.standing !== "good" || !paused) return { lease: undefined, atMs: now.atMs };
    const endsAtMs = now.atMs + ttlMs;
    const key = { accountId: account.id, sessionId: session.id, generation: session.generation };
    const revived = await revive(db, key, ttlMs, endsAtMs);
    if (revived !== undefined) return { lease: revived, atMs: now.atMs };
    const free = account.screens - leasesIn(await read(allHeld([account.id]))).length;
    const known = await findSessions(db, [session.id]);
    if (known.length > 0 || free <= 0) return { lease: undefined, atMs: now.atMs };
    const fresh = leaseOf(session, order.deviceId, now.wallMs, endsAtMs);
    const made = await putIn(db, [{ session, lease: fresh, replaced: [], ttlMs, graceMs: order.graceMs }]);
    return { lease: made.length > 0 ? fresh : undefined, atMs: now.atMs };
  });
  if (lease !== undefined) observe("granted", lease, atMs);
  return lease && shown(lease, atMs);
}
