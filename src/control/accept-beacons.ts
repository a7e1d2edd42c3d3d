// Beacons come in: who sent them is proved by the session token alone, and they are on disk before the answer.
import type { TelemetryBody } from "#wire/viewer.ts";
import type { Kept } from "./intake.ts";
import type { ControlPorts } from "./ports.ts";
import { checkToken } from "./session-token.ts";

export type TelemetryOutcome = { readonly kind: "foreign" } | { readonly kind: "over" } | Kept;

/** All of a batch or nothing of it. Rejects when the log cannot take them. `texts`: each event as it came. */
export function acceptBeacons(
  ports: Pick<ControlPorts, "intake" | "seal">,
  body: TelemetryBody,
  nowMs: number,
  texts?: readonly (string | undefined)[],
): Promise<TelemetryOutcome> {
  const check = checkToken(ports.seal, body.sessionToken, nowMs);
  if (check.kind !== "valid") return Promise.resolve(check);
  const { sessionId } = check.grant;
  if (body.events.some((event) => event.sessionId !== sessionId)) return Promise.resolve({ kind: "foreign" });
  const { events, sentMs } = body;
  return ports.intake.keep({ sessionId, said: { events, sentMs, texts }, receivedMs: nowMs });
}
