// What a player of someone else's shows when it asks where to fetch from: made once, held by nobody, read by any control plane
// with the same key. It names the session, the title, the viewpoint that the viewer chose, the end, and the pathways that the
// player's manifest names. No address stands in it: a viewer who chose no viewpoint is ranked for where the request comes from.
import { idPattern } from "#units/id.ts";
import type { Seal } from "./ports.ts";

export interface SteeringGrant {
  readonly sessionId: string;
  readonly titleId: string;
  /** Empty when the request's own address is used. */
  readonly viewpoint: string;
  /** When the signed paths stop working. */
  readonly endsAtMs: number;
  /** As the player's manifest names them; empty in the token that opens the manifest. */
  readonly pathways: readonly string[];
}

export type SteeringTokenCheck =
  | { readonly kind: "valid"; readonly grant: SteeringGrant }
  | { readonly kind: "foreign" }
  | { readonly kind: "over" };

/** Stands between the parts: no id may contain it. */
const seam = "~";

export function mintSteeringToken(seal: Seal, grant: SteeringGrant): string {
  const text = textOf(grant);
  return `${text}${seam}${seal.sign(text)}`;
}

export function checkSteeringToken(seal: Seal, token: string, nowMs: number): SteeringTokenCheck {
  const [version, sessionId = "", titleId = "", viewpoint = "", ends = "", list = "", mac = "", ...rest] =
    token.split(seam);
  const pathways = list === "" ? [] : list.split(",");
  const grant = { sessionId, titleId, viewpoint, endsAtMs: Number(ends), pathways };
  const whole = version === "p1" && rest.length === 0 && Number.isSafeInteger(grant.endsAtMs);
  if (!whole || !pathways.every((id) => idPattern.test(id))) return { kind: "foreign" };
  if (!seal.equal(mac, seal.sign(textOf(grant)))) return { kind: "foreign" };
  return nowMs < grant.endsAtMs ? { kind: "valid", grant } : { kind: "over" };
}

function textOf({ sessionId, titleId, viewpoint, endsAtMs, pathways }: SteeringGrant): string {
  return ["p1", sessionId, titleId, viewpoint, Math.round(endsAtMs), pathways.join(",")].join(seam);
}
