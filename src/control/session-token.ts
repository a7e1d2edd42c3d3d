// Proves on each beat that its sender was given the session, without asking the database: a MAC over session, account, title
// and end. Source: control-telemetry research §3.4, §8.2.
import type { Seal } from "./ports.ts";
import { remembering } from "./proved-tokens.ts";

export interface SessionGrant {
  readonly sessionId: string;
  readonly accountId: string;
  readonly titleId: string;
  readonly endsAtMs: number;
}

export type TokenCheck =
  | { readonly kind: "valid"; readonly grant: SessionGrant }
  | { readonly kind: "foreign" }
  | { readonly kind: "over" };

/** Stands between the parts: no id may contain it. */
const seam = "~";

export function mintToken(seal: Seal, grant: SessionGrant): string {
  const text = textOf(grant);
  return `${text}${seam}${seal.sign(text)}`;
}

export function checkToken(seal: Seal, token: string, nowMs: number): TokenCheck {
  const grant = grantOf(seal, token);
  if (grant === undefined) return { kind: "foreign" };
  return nowMs < grant.endsAtMs ? { kind: "valid", grant } : { kind: "over" };
}

const grantOf = remembering(readToken);

function readToken(seal: Seal, token: string): SessionGrant | undefined {
  const [version, sessionId = "", accountId = "", titleId = "", ends = "", mac = "", ...rest] =
    token.split(seam);
  const grant = { sessionId, accountId, titleId, endsAtMs: Number(ends) };
  const whole = version === "s2" && rest.length === 0 && Number.isSafeInteger(grant.endsAtMs);
  return whole && seal.equal(mac, seal.sign(textOf(grant))) ? grant : undefined;
}

function textOf(grant: SessionGrant): string {
  const { sessionId, accountId, titleId, endsAtMs } = grant;
  return ["s2", sessionId, accountId, titleId, Math.round(endsAtMs)].join(seam);
}
