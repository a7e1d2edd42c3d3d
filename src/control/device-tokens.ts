// The two tokens of a device. The access token is checked by its seal alone and lives for minutes; the refresh token
// makes the next pair and is good once (#account/refresh.ts).
//
// A refresh token carries a nonce that only the device has: here its hash is stored, and the seal's key is elsewhere. So
// neither a stolen database nor a stolen key makes tokens, and the successor of a token can be told again without having
// been stored. A device's number is no secret: without a seal that is right nothing can be ended by guessing.
import type { Seal } from "./ports.ts";
import { remembering } from "./proved-tokens.ts";

export interface AccessGrant {
  readonly deviceId: string;
  readonly accountId: string;
  readonly endsAtMs: number;
}

export interface RefreshGrant {
  readonly deviceId: string;
  readonly accountId: string;
  readonly generation: number;
  readonly nonce: string;
}

export type AccessCheck =
  | { readonly kind: "valid" | "over"; readonly grant: AccessGrant }
  | { readonly kind: "foreign" };

/** Stands between the parts: no id and no nonce may contain it. */
const seam = "~";
/** Longer ones are not even sealed for comparison. */
const longestToken = 400;

/** Every access token begins so, and nothing else that may stand behind "Bearer" does. */
export const accessMark = `a1${seam}`;

export function mintAccess(seal: Seal, grant: AccessGrant): string {
  return sealed(seal, accessText(grant));
}

export function checkAccess(seal: Seal, token: string, nowMs: number): AccessCheck {
  const grant = accessGrant(seal, token);
  if (grant === undefined) return { kind: "foreign" };
  return { kind: nowMs < grant.endsAtMs ? "valid" : "over", grant };
}

const accessGrant = remembering((seal, token): AccessGrant | undefined => {
  if (token.length > longestToken || !token.startsWith(accessMark)) return undefined;
  const [, deviceId = "", accountId = "", ends = "", mac = "", ...rest] = token.split(seam);
  const grant = { deviceId, accountId, endsAtMs: Number(ends) };
  const whole = rest.length === 0 && Number.isSafeInteger(grant.endsAtMs);
  return whole && seal.equal(mac, seal.sign(accessText(grant))) ? grant : undefined;
});

export function mintRefresh(seal: Seal, grant: RefreshGrant): string {
  return sealed(seal, refreshText(grant));
}

/** undefined: not one of ours. Whether it is good still, the device's row knows. */
export function readRefresh(seal: Seal, token: string): RefreshGrant | undefined {
  if (token.length > longestToken) return undefined;
  const [version, deviceId = "", accountId = "", count = "", nonce = "", mac = "", ...rest] =
    token.split(seam);
  const grant = { deviceId, accountId, generation: Number(count), nonce };
  const whole = version === "r1" && rest.length === 0 && Number.isSafeInteger(grant.generation);
  return whole && seal.equal(mac, seal.sign(refreshText(grant))) ? grant : undefined;
}

function sealed(seal: Seal, text: string): string {
  return `${text}${seam}${seal.sign(text)}`;
}

function accessText({ deviceId, accountId, endsAtMs }: AccessGrant): string {
  return ["a1", deviceId, accountId, Math.round(endsAtMs)].join(seam);
}

function refreshText({ deviceId, accountId, generation, nonce }: RefreshGrant): string {
  return ["r1", deviceId, accountId, generation, nonce].join(seam);
}
