// Written by `npm run generate` from the control plane's routes: change those, not this.
import type { z } from "zod";
import { deleteAt, postJson } from "#web/api.ts";
import { playAnswer, type playBody } from "#wire/viewer.ts";

/** Open a session with a screen of its own, or go on with one: signed sources by rank, lease, token for beats, resume point. 402 not-subscribed; 403 account-suspended; 409 screens-full names who holds the screens, 409 screen-lost; 503 while the database is away. */
export function postPlay(
  body: z.input<typeof playBody>,
  signal?: AbortSignal,
): Promise<z.infer<typeof playAnswer>> {
  return postJson("/v1/play", body, playAnswer, signal);
}

/** Stop a screen of this account: its next beat is told so, and appliances refuse what it has signed. */
export function deleteScreensBySessionId(sessionId: string, signal?: AbortSignal): Promise<void> {
  return deleteAt(`/v1/screens/${encodeURIComponent(sessionId)}`, undefined, signal);
}

/** Beacons of one session, proved by its token; on disk before the answer. */
export const postTelemetryPath = "/v1/telemetry";

/** CMCD events of one session (application/cmcd, a line each), with its token as a bearer token; on disk before the answer. */
export const postCmcdPath = "/v1/cmcd";
