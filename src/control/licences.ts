// A licence is granted on the strength of a lease that lives now, and of nothing that anybody remembers: each request asks the
// stores, and while they do not answer there is none. Source: research, control-telemetry §4 (hostile client) and §8.2.
import type { StoredKey } from "#data/ports-licence.ts";
import { decideLicence, type LicenceDecision, labelsOf } from "#licence/rights.ts";
import type { ContentKey } from "#model/content-key.ts";
import type { Denial } from "#model/denial.ts";
import { Fault } from "#units/fault.ts";
import type { PlayAnswer } from "#wire/viewer.ts";
import type { PublishedTitle } from "./catalogue.ts";
import { isDenied } from "./denials.ts";
import { controlFaults } from "./faults.ts";
import { listedRenditions } from "./listed.ts";
import type { ControlPorts, Seal } from "./ports.ts";
import { checkToken } from "./session-token.ts";
import { checkSteeringToken } from "./steering-token.ts";

/** Whom a token names. A player that is not ours has its steering token, which names no account. */
export interface Bearer {
  readonly sessionId: string;
  readonly titleId: string;
  readonly accountId: string | undefined;
}

export type BearerCheck =
  | { readonly kind: "valid"; readonly bearer: Bearer }
  | { readonly kind: "foreign" }
  | { readonly kind: "over" };

export function bearerOf(seal: Seal, token: string, nowMs: number): BearerCheck {
  const own = checkToken(seal, token, nowMs);
  if (own.kind === "valid") return { kind: "valid", bearer: own.grant };
  if (own.kind === "over") return own;
  const steered = checkSteeringToken(seal, token, nowMs);
  if (steered.kind !== "valid") return steered;
  const { sessionId, titleId } = steered.grant;
  return { kind: "valid", bearer: { sessionId, titleId, accountId: undefined } };
}

export interface LicenceOrder {
  readonly ports: Pick<ControlPorts, "stores" | "settings">;
  readonly bearer: Bearer;
  /** The bearer's. */
  readonly title: PublishedTitle;
  /** As hex; undefined where the challenge is another system's. */
  readonly asked: readonly string[] | undefined;
  readonly denials: readonly Denial[];
  readonly nowMs: number;
  readonly signal?: AbortSignal;
}

export type LicenceGrant =
  | {
      readonly kind: "granted";
      readonly keys: readonly StoredKey[];
      /** Lease and grace are over by then: nothing may last longer. */
      readonly endsAtMs: number;
    }
  | Extract<LicenceDecision, { kind: "refused" }>;

/** @throws whatever the stores throw */
export async function grantLicence(order: LicenceOrder): Promise<LicenceGrant> {
  const { ports, bearer, title, denials, nowMs, signal } = order;
  const { stores, settings } = ports;
  const { sessionId } = bearer;
  const accountId = bearer.accountId ?? (await stores.playback.session(sessionId, signal))?.accountId ?? "";
  const [account, keys] = await Promise.all([
    stores.accounts.byId(accountId, signal),
    stores.contentKeys.ofTitle(title.id, signal),
  ]);
  // The lease last: what was true before it may not be any more.
  const lease = await stores.leases.live({ accountId, sessionId }, settings.leaseGraceMs, signal);
  const { standing, maxHeight } = account?.entitlement ?? { standing: "none", maxHeight: 0 };
  const { protection, renditions } = title.package;
  const decision = decideLicence({
    lease: lease === undefined ? "lost" : "lives",
    standing,
    denied: isDenied(denials, "session", sessionId, nowMs) || isDenied(denials, "title", title.id, nowMs),
    keys,
    labels:
      protection === undefined ? new Set() : labelsOf(protection, listedRenditions(renditions, maxHeight)),
    ...{ asked: order.asked, nowMs },
  });
  if (decision.kind === "refused") return decision;
  const endsAtMs = nowMs + (lease?.leftMs ?? 0) + settings.leaseGraceMs;
  return { kind: "granted", keys: keys.filter(({ kid }) => decision.kids.includes(kid)), endsAtMs };
}

/** @throws Fault key-encryption-key-missing, content-key-damaged */
export function openedKeys(
  { vault }: Pick<ControlPorts, "vault">,
  keys: readonly StoredKey[],
): readonly ContentKey[] {
  return keys.map((key) => ({ label: key.label, kid: key.kid, key: vault.unwrap(key) }));
}

/** Why there is no licence, for whoever asked. */
export function licenceFault(
  { because }: Extract<LicenceGrant, { kind: "refused" }>,
  { sessionId, titleId }: Bearer,
): Fault {
  switch (because) {
    case "lost":
      return new Fault(controlFaults.screenLost);
    case "none":
      return new Fault(controlFaults.notSubscribed);
    case "suspended":
      return new Fault(controlFaults.accountSuspended);
    case "denied":
      return new Fault(controlFaults.denied, { kind: "session", id: sessionId });
    case "not-granted":
      return new Fault(controlFaults.keysNotGranted, { titleId });
  }
}

/** Where a play's licences come from; undefined for a clear title. */
export function licenceOf(
  { settings }: Pick<ControlPorts, "settings">,
  title: Pick<PublishedTitle, "package">,
  sessionToken: string,
): PlayAnswer["licence"] {
  if (title.package.protection === undefined) return undefined;
  const urls = {
    widevine: settings.widevineUrl,
    playready: settings.playreadyUrl,
    fairplay: settings.fairplayUrl,
  };
  const systems = Object.entries(urls)
    .filter(([, url]) => url !== "")
    .map(([system]) => [system, `/v1/licence/${system}`]);
  return {
    ...(settings.clearKey === "on" ? { clearkey: "/v1/licence/clearkey" } : {}),
    systems: Object.fromEntries(systems),
    headers: { authorization: `Bearer ${sessionToken}` },
  };
}
