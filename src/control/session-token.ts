// Proves on each beat that its sender was given the session, without asking the database: a MAC over session, account, title
// and end. Source: control-telemetry research §3.4, §8.2.
import type { Seal } from "./ports.ts";

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

/**
 * Tokens whose MAC was right, by the seal that said so: a MAC for each beat costs more than all else about its proof. Tokens that
 * were wrong are not kept, so nobody fills this without a session.
 */
const proved = new WeakMap<Seal, Map<string, SessionGrant>>();
const mostProved = 20_000;

export function checkToken(seal: Seal, token: string, nowMs: number): TokenCheck {
  const known = proved.get(seal)?.get(token);
  const grant = known ?? readToken(seal, token);
  if (grant === undefined) return { kind: "foreign" };
  if (known === undefined) keepProved(seal, token, grant);
  return nowMs < grant.endsAtMs ? { kind: "valid", grant } : { kind: "over" };
}

function keepProved(seal: Seal, token: string, grant: SessionGrant): void {
  const tokens = proved.get(seal) ?? new Map<string, SessionGrant>();
  proved.set(seal, tokens.set(token, grant));
  if (tokens.size <= mostProved) return;
  for (const oldest of tokens.keys()) {
    tokens.delete(oldest);
    return;
  }
}

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
