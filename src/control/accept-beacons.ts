// Beacons come in: who sent them is proved by the session token alone, and they are on disk before the answer.
import type { TelemetryBody } from "#wire/viewer.ts";
import type { Kept } from "./intake.ts";
import type { ControlPorts } from "./ports.ts";
import { checkToken } from "./session-token.ts";

export type TelemetryOutcome =
  | { readonly kind: "durable"; readonly beacons: number }
  | { readonly kind: "foreign" }
  | { readonly kind: "over" }
  | Exclude<Kept, { readonly kind: "kept" }>;

/** All of a batch or nothing of it. Rejects when the log cannot take them. */
export async function acceptBeacons(
  ports: Pick<ControlPorts, "intake" | "seal">,
  body: TelemetryBody,
  nowMs: number,
): Promise<TelemetryOutcome> {
  const check = checkToken(ports.seal, body.sessionToken, nowMs);
  if (check.kind !== "valid") return check;
  const { sessionId } = check.grant;
  if (body.events.some((event) => event.sessionId !== sessionId)) return { kind: "foreign" };
  const done = await ports.intake.keep({ sessionId, said: body, receivedMs: nowMs });
  return done.kind === "kept" ? { kind: "durable", beacons: body.events.length } : done;
}
