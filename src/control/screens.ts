// Screens: a play holds a lease, and whatever it fetches is signed until that lease and its grace are over, no longer. The
// algorithm and its proof are research, control-telemetry §4; the database keeps it (`LeaseStore`), here it is joined with
// paths. A player stops by its own clock before the database gives its screen to somebody else.
//
//   last answered beat ──ttl──▶ lease ends ──grace──▶ paths end, screen is free
//            └──ttl − 2 s──▶ the player stops (play/screen.ts)
//
// A client that lies about its clock gains ttl + grace at most, and what it had fetched by then.
import type { Values } from "#config/setting.ts";
import type { Acquired, LeaseStore, PlaySession, Renewed, Viewer } from "#data/ports.ts";
import type { HeldScreen, Lease } from "#model/lease.ts";
import { Fault } from "#units/fault.ts";
import type { HeldScreenCard } from "#wire/screens.ts";
import type { LeaseTerms } from "#wire/viewer.ts";
import { controlFaults } from "./faults.ts";
import type { ControlPorts } from "./ports.ts";
import { screenSettings } from "./settings-screens.ts";

export type ScreenSettings = Values<typeof screenSettings>;
type ScreenPorts = Pick<ControlPorts, "stores" | "settings">;

export interface ScreenOrder {
  readonly ports: ScreenPorts;
  readonly viewer: Pick<Viewer, "id" | "deviceId">;
  readonly session: Omit<PlaySession, "generation">;
  /** Aborted when nobody waits for the answer any more, also after it was given: what was granted is given back then. */
  readonly signal: AbortSignal;
  /** Told of the sessions that gave way, also when the screen is given back. */
  readonly onReplaced: (sessionIds: readonly string[]) => void;
  /** The database failed or was left: whether anything gave way is not known. */
  readonly onUnsure: () => void;
}

/**
 * A screen for a new session. What the same device held before gives way in the same transaction, so that a page that is loaded
 * again never meets its own limit.
 */
export async function takeScreen(asked: ScreenOrder): Promise<Acquired> {
  const { ports, viewer, session, signal, onReplaced } = asked;
  const { leases } = ports.stores;
  const { leaseTtlMs: ttlMs, leaseGraceMs: graceMs } = ports.settings;
  const order = { session, deviceId: viewer.deviceId, ttlMs, graceMs, ownGivesWay: true, signal, onReplaced };
  const acquired = await onceMore(signal, () =>
    leases.acquire(order).catch((error: unknown) => {
      asked.onUnsure();
      throw error;
    }),
  );
  if (acquired.kind === "granted") giveBackWith(signal, leases, acquired.lease);
  signal.throwIfAborted();
  return acquired;
}

/** A screen that nobody knows of would be held for its lease's whole life. One that cannot be given back still ends with it. */
function giveBackWith(signal: AbortSignal, leases: LeaseStore, lease: Lease): void {
  const giveBack = (): void => void leases.release(lease).catch(() => undefined);
  if (signal.aborted) giveBack();
  else signal.addEventListener("abort", giveBack, { once: true });
}

/** Idempotent work is tried a second time when the database failed at it, while there is time. */
export async function onceMore<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  try {
    return await work();
  } catch (error) {
    if (signal.aborted || !(error instanceof Fault) || error.status !== 503) throw error;
    return work();
  }
}

/** When paths signed for this lease end. `askedAtMs`: before the database was asked, so that they never end late. */
export function pathsEndMs(lease: Pick<Lease, "leftMs">, askedAtMs: number, graceMs: number): number {
  return askedAtMs + lease.leftMs + graceMs;
}

/** `salt` spreads the beats of all sessions, and of one session from beat to beat. */
export function termsOf(
  { digest, settings }: Pick<ControlPorts, "digest" | "settings">,
  lease: Pick<Lease, "generation" | "leftMs" | "sessionId">,
  salt: number,
): LeaseTerms {
  const chance = Number.parseInt(digest(`${lease.sessionId} ${salt}`).slice(0, 8), 16) / 2 ** 32;
  const renewAfterMs = Math.round(settings.leaseRenewMs * (0.8 + 0.4 * chance));
  return { generation: lease.generation, ttlMs: Math.max(0, Math.floor(lease.leftMs)), renewAfterMs };
}

/** Why an installation cannot run with these; undefined: it can. */
export function screenComplaint(settings: ScreenSettings): string | undefined {
  const { leaseTtlMs, leaseRenewMs } = settings;
  const rows = screenSettings;
  if (leaseRenewMs * 1.2 > leaseTtlMs - stopEarlyMs) {
    return `wanted a ${rows.leaseTtlMs.name} of ${stopEarlyMs} ms and 1.2 times ${rows.leaseRenewMs.name} at least, found ${leaseTtlMs} and ${leaseRenewMs}`;
  }
  return undefined;
}

/** As in play/screen.ts. */
const stopEarlyMs = 2000;

/** What a viewer is told of who holds the screens; that something plays there, but not what, where it is not for this profile's age. */
export function heldCards(
  held: readonly HeldScreen[],
  viewer: Pick<Viewer, "deviceId" | "profileId" | "profileName">,
  names: Names,
): HeldScreenCard[] {
  return held.map(({ sessionId, deviceId, profileId, titleId, grantedAtMs }) => {
    const own = deviceId === viewer.deviceId;
    const mine = profileId === viewer.profileId ? viewer.profileName : undefined;
    return {
      sessionId,
      own,
      deviceName: names.device(deviceId) ?? (own ? "This device" : "Another device"),
      profileName: names.profile(profileId) ?? mine ?? "Another profile",
      ...(names.tooYoungFor(titleId)
        ? { titleName: "Another film" }
        : { titleId, titleName: names.title(titleId) ?? titleId }),
      sinceMs: Math.round(grantedAtMs),
    };
  });
}

/** What a card says of its ids. Undefined: not known here. */
export interface Names {
  device(deviceId: string): string | undefined;
  profile(profileId: string): string | undefined;
  title(titleId: string): string | undefined;
  /** Whether the profile that asks is. */
  tooYoungFor(titleId: string): boolean;
}

/** A session that holds its screen no longer. */
export function lossOf(renewed: Exclude<Renewed, { kind: "renewed" }>): Fault {
  return renewed.kind === "lost" ? new Fault(controlFaults.screenLost) : refusalOf(renewed);
}

/** As the metric's label says it. */
export function whyRefused(acquired: Exclude<Acquired, { kind: "granted" }>): string {
  if (acquired.kind === "limit") return "full";
  return acquired.kind === "paused" ? "paused" : acquired.standing;
}

/** A play that was refused a screen for a reason other than the limit. */
export function refusalOf(acquired: Exclude<Acquired, { kind: "granted" | "limit" }>): Fault {
  if (acquired.kind === "paused") {
    const seconds = Math.max(1, Math.ceil(acquired.leftMs / 1000));
    return new Fault(controlFaults.screensPaused, { seconds });
  }
  return new Fault(
    acquired.standing === "none" ? controlFaults.notSubscribed : controlFaults.accountSuspended,
  );
}
