// Event reports of players come in (CMCD event mode). The session's token, not what a report says, decides who speaks. They are kept
// in the event log beside the beacons, for the quality of experience of players that send no beacons; resume points come from beacons.
import { type CmcdEvent, readCmcdLines } from "#wire/cmcd.ts";
import { originId } from "./network.ts";
import type { Seal } from "./ports.ts";
import { checkToken } from "./session-token.ts";

export type CmcdOutcome =
  | { readonly kind: "taken"; readonly sessionId: string; readonly events: readonly CmcdEvent[] }
  | { readonly kind: "unreadable"; readonly where: string; readonly what: string }
  | { readonly kind: "foreign" }
  | { readonly kind: "over" };

export interface CmcdPost {
  /** As the authorization header has it, without "Bearer". */
  readonly token: string;
  readonly body: string;
}

/** All of a body or nothing of it. */
export function takeCmcd(seal: Seal, { token, body }: CmcdPost, nowMs: number): CmcdOutcome {
  const check = checkToken(seal, token, nowMs);
  if (check.kind !== "valid") return check;
  const reading = readCmcdLines(body);
  if (reading.kind === "unreadable") return reading;
  const { events } = reading;
  const { sessionId } = check.grant;
  if (events.some((event) => event.sid !== sessionId)) return { kind: "foreign" };
  return { kind: "taken", sessionId, events };
}

const counted = new Set(["ps", "e", "t", "rr"]);

/** Labels are few, whatever players call things. */
export function eventLabel(event: CmcdEvent): string {
  return counted.has(event.e) ? event.e : "other";
}

export function sourceLabel(event: CmcdEvent, known: { has(id: string): boolean }): string {
  const { cdn = "" } = event;
  return cdn === originId || known.has(cdn) ? cdn : "other";
}
