// Takes the hold of a database server for this control plane, waits for it if it is to stand by, and renews it while the plane runs.
// It has a connection of its own, so that no crowd of viewers stands before a heartbeat.
import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { setTimeout as rest } from "node:timers/promises";
import type { Values } from "#config/setting.ts";
import { dataFaults } from "#data/faults.ts";
import { beatDeadlineMs, leastLifeMs, mayTake, overAtMs, sureForMs, type Watched } from "#data/hold-rules.ts";
import type { Claimant, HoldSeen, HoldStore, PlaneHold } from "#data/ports-plane.ts";
import type { dataSettings } from "#data/settings.ts";
import { hasEnded, markOf } from "#io/living.ts";
import type { Clock } from "#units/clock.ts";
import { Fault } from "#units/fault.ts";
import { openStores } from "./database.ts";
import { holdStore } from "./hold-store.ts";
import { migrationsOf } from "./migrations.ts";
import { planeMigration } from "./migrations-plane.ts";
import { type DatabaseSettings, openDatabase, type StoresOrder } from "./open-database.ts";

type HoldSettings = Pick<Values<typeof dataSettings>, "planeHoldMs" | "planeBeatMs" | "planeWatchMs">;

export interface HoldWish {
  readonly settings: HoldSettings;
  /** Waits for the end of whoever holds it, and says so. */
  readonly standBy: boolean;
  /** A digest of the keys that this plane works with: a stand-by is of use with its holder's only. */
  readonly secrets: string;
  readonly clock: Clock;
  /** Ends waiting; a hold that was taken is ended by `release`. */
  readonly signal: AbortSignal;
  readonly onNote: (text: string) => void;
}

export interface HoldParts extends HoldWish {
  readonly store: HoldStore;
  /** For faults. */
  readonly address: string;
  readonly close: () => Promise<void>;
}

/** Two moments of one clock each. */
interface Moment {
  readonly monoMs: number;
  readonly wallMs: number;
}

/**
 * Nothing else of the database is touched before the hold is there, but that a database which has no hold yet gets every table.
 *
 * @throws Fault plane-held, plane-hold-settings, stand-by-keys, database-*; the signal's reason when aborted
 */
export async function openHold(
  order: HoldWish & StoresOrder & { readonly settings: HoldSettings & DatabaseSettings },
): Promise<PlaneHold> {
  const { settings } = order;
  const { planeBeatMs: beatMs, planeHoldMs: lifeMs } = settings;
  const leastMs = leastLifeMs(beatMs);
  if (lifeMs < leastMs) throw new Fault(dataFaults.planeHoldSettings, { beatMs, lifeMs, leastMs });
  const databaseDeadlineSeconds = beatDeadlineMs(beatMs) / 1000;
  const own = { ...settings, databaseConnections: 1, databaseDeadlineSeconds };
  const { database, address, close } = await openDatabase({ ...order, settings: own });
  try {
    const had = await migrationsOf(database);
    if (had?.includes(planeMigration.name) !== true) await (await openStores(order)).close();
    return await holdBy({ ...order, store: holdStore(database), address, close });
  } catch (error) {
    await close();
    throw error;
  }
}

/** @throws Fault plane-held, stand-by-keys; what the store throws; the signal's reason when aborted */
export async function holdBy(parts: HoldParts): Promise<PlaneHold> {
  const claimant: Claimant = {
    holder: randomUUID(),
    host: hostname(),
    pid: process.pid,
    process: await markOf(process.pid),
    secrets: parts.secrets,
    lifeMs: parts.settings.planeHoldMs,
  };
  return kept(parts, claimant, await taken(parts, claimant));
}

interface Taken {
  readonly epoch: number;
  /** Before it was asked for. */
  readonly sent: Moment;
}

async function taken(parts: HoldParts, claimant: Claimant): Promise<Taken> {
  const { store, standBy, clock, signal, settings } = parts;
  const tell = onceEach(parts.onNote);
  const watch = watcher(clock);
  for (let isFirst = true; ; isFirst = false) {
    signal.throwIfAborted();
    try {
      const sentMs = clock.monoMs();
      const seen = await store.look();
      if (standBy) demandSameKeys(seen, claimant);
      const watched = standBy ? watch(seen, sentMs) : notYet;
      if (mayTake(seen, watched) || seen.holder === claimant.holder || (await hasEnded(seen.process))) {
        const sent = momentOf(clock);
        const epoch = await store.take(seen, claimant);
        if (epoch !== undefined) return { epoch, sent };
        continue;
      }
      if (!standBy) throw held(seen, parts.address);
      tell(`stand-by  ${nameOf(seen)} works on the database at ${parts.address}; waiting for its end`);
    } catch (error) {
      const isOurs = error instanceof Fault && error.code === dataFaults.standByKeys.code;
      if (isFirst || isOurs || !standBy) throw error;
      tell(`stand-by  the database cannot be asked: ${wordsOf(error)}`);
    }
    await rest(settings.planeWatchMs, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

const notYet: Watched = { kind: "not-yet" };

/** What was seen for how long without a change, each time counted from after the first look to before the last. */
function watcher(clock: Clock): (seen: HoldSeen, sentMs: number) => Watched {
  let before: { readonly state: string; readonly sinceMs: number } | undefined;
  return ({ epoch, holder, beats }, sentMs) => {
    const state = `${epoch} ${holder} ${beats}`;
    const isFirst = before === undefined;
    if (before?.state !== state) before = { state, sinceMs: clock.monoMs() };
    return isFirst ? notYet : { kind: "unchanged", forMs: sentMs - before.sinceMs };
  };
}

function demandSameKeys({ secrets, host, pid }: HoldSeen, claimant: Claimant): void {
  if (secrets !== "" && secrets !== claimant.secrets) throw new Fault(dataFaults.standByKeys, { host, pid });
}

function held(seen: HoldSeen, address: string): Fault {
  const [since, until] = [seen.sinceMs, overAtMs(seen)].map((ms) => new Date(ms).toISOString());
  const { pid, host } = seen;
  return new Fault(dataFaults.planeHeld, { address, pid, host, since: `${since}`, until: `${until}` });
}

function nameOf({ pid, host, sinceMs }: HoldSeen): string {
  return `process ${pid} on ${host}, since ${new Date(sinceMs).toISOString()},`;
}

/** Renews the hold until it is given back or lost. */
function kept(parts: HoldParts, claimant: Claimant, { epoch, sent }: Taken): PlaneHold {
  const { store, clock, address, onNote, settings } = parts;
  const mine = { epoch, holder: claimant.holder };
  const lifeMs = claimant.lifeMs;
  const forMs = sureForMs(lifeMs);
  const losing = new AbortController();
  const over = new AbortController();
  let last = sent;
  let alarm: NodeJS.Timeout | undefined;
  const lose = (because: string): void => {
    if (over.signal.aborted) return;
    over.abort();
    losing.abort(new Fault(dataFaults.planeHoldLost, { address, because }));
  };
  const late = (): void =>
    lose(`no heartbeat of it reached the database for ${forMs / 1000} s, so another may have taken over`);
  const renewed = (at: Moment): void => {
    last = at;
    clearTimeout(alarm);
    alarm = setTimeout(late, Math.max(0, at.monoMs + forMs - clock.monoMs()));
  };
  const keep = async (): Promise<void> => {
    for (;;) {
      await rest(settings.planeBeatMs, undefined, { signal: over.signal }).catch(() => undefined);
      if (over.signal.aborted) return;
      if (clock.monoMs() - last.monoMs >= forMs) return late();
      const at = momentOf(clock);
      try {
        if (await store.beat(mine, lifeMs)) renewed(at);
        else return lose(await successor(store));
      } catch (error) {
        onNote(`a heartbeat of this control plane did not reach the database: ${wordsOf(error)}`);
      }
    }
  };
  renewed(sent);
  const keeping = keep();
  let released: Promise<void> | undefined;
  const release = async (): Promise<void> => {
    over.abort();
    await keeping;
    clearTimeout(alarm);
    const untold = `the hold of the database could not be given back, and ends by itself in ${lifeMs / 1000} s`;
    await store.release(mine).catch((error: unknown) => onNote(`${untold}: ${wordsOf(error)}`));
    await parts.close();
  };
  return {
    epoch,
    lost: losing.signal,
    // A machine that slept counts its sleep by the wall clock only.
    isSure: () =>
      !over.signal.aborted && clock.monoMs() - last.monoMs < forMs && clock.wallMs() - last.wallMs < forMs,
    release: () => {
      released ??= release();
      return released;
    },
  };
}

async function successor(store: HoldStore): Promise<string> {
  const seen = await store.look().catch(() => undefined);
  return seen === undefined || seen.holder === ""
    ? "another control plane took over meanwhile"
    : `${nameOf(seen)} took over`;
}

function momentOf(clock: Clock): Moment {
  return { monoMs: clock.monoMs(), wallMs: clock.wallMs() };
}

/** Says something again only after something else was said. */
function onceEach(say: (text: string) => void): (text: string) => void {
  let before = "";
  return (text) => {
    if (text !== before) say(text);
    before = text;
  };
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
