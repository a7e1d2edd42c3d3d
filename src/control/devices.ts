// Signing devices in, going on, and out.
import { signInEndMs } from "#account/cookie.ts";
import { deviceName } from "#account/device-name.ts";
import { present } from "#account/refresh.ts";
import type { Viewer } from "#data/ports.ts";
import type { Device, SignedOut as Ended } from "#data/ports-account.ts";
import { checkAccess, mintAccess, mintRefresh, readRefresh } from "./device-tokens.ts";
import type { KnownViewers } from "./known-viewers.ts";
import type { ControlPorts } from "./ports.ts";

export interface DeviceDesk {
  readonly ports: Pick<ControlPorts, "stores" | "chance" | "digest" | "settings" | "seal">;
  readonly viewers: KnownViewers;
}

/** What a device goes on with. */
export interface Tokens {
  readonly access: string;
  readonly accessEndsAtMs: number;
  readonly refresh: string;
  /** The sign-in's own end. */
  readonly endsAtMs: number;
}

export interface SignedIn {
  readonly tokens: Tokens;
  readonly viewer: Viewer;
}

/** A new device of this account, whoever proved it: a password, or an identity provider. */
export async function openDevice(
  desk: DeviceDesk,
  order: {
    readonly accountId: string;
    /** The hash that the password was checked against; absent where none was. */
    readonly passwordHash?: string;
    readonly userAgent: string | undefined;
    readonly nowMs: number;
  },
): Promise<({ readonly kind: "signed-in" } & SignedIn) | { readonly kind: "locked" | "changed" }> {
  const { stores, chance, digest, settings } = desk.ports;
  const { accountId, passwordHash, nowMs } = order;
  const [id, nonce] = [chance.newId(), chance.newToken()];
  const endsAtMs = Math.round(signInEndMs(nowMs, settings.cookieDays));
  const before = desk.viewers.mark();
  const opened = await stores.devices.open({
    device: { id, accountId, name: deviceName(order.userAgent), openedAtMs: nowMs, endsAtMs },
    nonceHash: digest(nonce),
    ...(passwordHash === undefined ? {} : { passwordHash }),
    most: settings.devicesPerAccount,
  });
  if (opened.kind !== "opened") return opened;
  const { viewer } = opened;
  const tokens = handOut(desk, viewer, { generation: 1, nonce, endsAtMs, nowMs, before });
  if (opened.ended.length > 0) desk.viewers.ended(opened.ended, nowMs);
  return { kind: "signed-in", tokens, viewer };
}

export type Refreshed =
  | ({ readonly kind: "rotated" | "repeated" } & SignedIn)
  /** The device was signed out: tell its owner. */
  | { readonly kind: "reused"; readonly device: Device; readonly email: string }
  | { readonly kind: "over" };

export async function refreshDevice(desk: DeviceDesk, token: string, nowMs: number): Promise<Refreshed> {
  const { stores, seal, digest, settings } = desk.ports;
  const grant = readRefresh(seal, token);
  if (grant === undefined) return { kind: "over" };
  const { deviceId, generation, nonce } = grant;
  const graceMs = settings.refreshGraceSeconds * 1000;
  const before = desk.viewers.mark();
  const outcome = await stores.devices.refresh({
    deviceId,
    nonceHash: digest(nonce),
    decide: (family) => present(family, generation, { nowMs, graceMs }),
  });
  if (outcome.kind === "over") return outcome;
  if (outcome.kind === "reused") {
    desk.viewers.ended([deviceId], nowMs);
    return outcome;
  }
  const { kind, viewer, family } = outcome;
  const tokens = handOut(desk, viewer, { ...family, nonce, nowMs, before });
  return { kind, tokens, viewer };
}

/** Who holds this access token; the database is asked only about a device that is not known. */
export async function whoIs(
  desk: DeviceDesk,
  access: string | undefined,
  nowMs: number,
): Promise<Viewer | undefined> {
  if (access === undefined) return undefined;
  const check = checkAccess(desk.ports.seal, access, nowMs);
  return check.kind === "valid" ? desk.viewers.of(check.grant, nowMs) : undefined;
}

/** Signs out the device that these tokens are of, also when they are over; the sessions whose screens end. It is out here even if the database is away. */
export async function signOut(
  desk: DeviceDesk,
  tokens: { readonly access: string | undefined; readonly refresh: string | undefined },
  nowMs: number,
): Promise<readonly string[]> {
  const { seal, stores } = desk.ports;
  const access = checkAccess(seal, tokens.access ?? "", nowMs);
  const grants = [
    access.kind === "foreign" ? undefined : access.grant,
    readRefresh(seal, tokens.refresh ?? ""),
  ];
  const screens: string[] = [];
  for (const grant of grants) {
    if (grant === undefined) continue;
    desk.viewers.ended([grant.deviceId], nowMs);
    screens.push(...(await stores.devices.end(grant.accountId, grant.deviceId)).screens);
  }
  return screens;
}

/** One device of this account, with what it plays. Nothing has ended: it has none such. */
export async function endDevice(
  desk: DeviceDesk,
  accountId: string,
  deviceId: string,
  nowMs: number,
): Promise<Ended> {
  const out = await desk.ports.stores.devices.end(accountId, deviceId);
  if (out.ended.length > 0) desk.viewers.ended(out.ended, nowMs);
  return out;
}

/** Sign out everywhere, but on `keep`, with what plays there. */
export async function endDevices(
  desk: DeviceDesk,
  accountId: string,
  keep: string | undefined,
  nowMs: number,
): Promise<Ended> {
  const out = await desk.ports.stores.devices.endAll(accountId, keep);
  desk.viewers.ended(out.ended, nowMs);
  return out;
}

function handOut(
  desk: DeviceDesk,
  viewer: Viewer,
  order: {
    readonly generation: number;
    readonly nonce: string;
    readonly endsAtMs: number;
    readonly nowMs: number;
    /** Of the known viewers, before this one was read. */
    readonly before: number;
  },
): Tokens {
  const { seal, settings } = desk.ports;
  const { generation, nonce, endsAtMs, nowMs, before } = order;
  const { id: accountId, deviceId } = viewer;
  const accessEndsAtMs = Math.min(Math.round(nowMs + settings.accessMinutes * 60_000), endsAtMs);
  desk.viewers.keep(viewer, accessEndsAtMs, before);
  return {
    access: mintAccess(seal, { deviceId, accountId, endsAtMs: accessEndsAtMs }),
    refresh: mintRefresh(seal, { deviceId, accountId, generation, nonce }),
    ...{ accessEndsAtMs, endsAtMs },
  };
}
