// What players and pages say to the control plane about screens: beats, the last word, who holds which, and a look ahead.
import { z } from "zod";
import { beacon, errorBody, idText, leaseTerms, ownClock, playAnswer } from "./viewer.ts";

export const beatBody = z.object({
  sessionToken: z.string().max(256),
  /** Of the lease. */
  generation: z.number().int().min(1),
  /** The player's own count of its beats; comes back in the answer. */
  seq: z.number().int().min(1).max(1_000_000_000),
  /** When this request is sent, by the clock of the beacons' `madeMs`. */
  sentMs: ownClock.optional(),
  events: z.array(beacon).max(200).optional(),
});
export type BeatBody = z.infer<typeof beatBody>;

export const beatAnswer = z.object({
  seq: z.number().int(),
  /** Whether the beacons are on disk; otherwise send them again. */
  durable: z.boolean(),
  /** Not before so many milliseconds: the event log is nearly full. */
  againMs: z.number().int().min(0).optional(),
  /** Absent: the database did not answer, and the lease is as it was. Beat again soon. */
  screen: z
    .object({
      lease: leaseTerms,
      /** To put in the place of the folder that stands in every address so far. */
      prefix: z.string(),
      expiresAtMs: z.number().int(),
    })
    .optional(),
});
export type BeatAnswer = z.infer<typeof beatAnswer>;

export const releaseBody = beatBody.omit({ seq: true });
export type ReleaseBody = z.infer<typeof releaseBody>;

export const heldScreen = z.object({
  sessionId: idText,
  /** Held by the browser that asks. */
  own: z.boolean(),
  deviceName: z.string(),
  profileName: z.string(),
  /** Absent: the profile that asks is too young to be told of it. */
  titleId: idText.optional(),
  titleName: z.string(),
  sinceMs: z.number().int(),
});
export type HeldScreenCard = z.infer<typeof heldScreen>;

export const screensAnswer = z.object({ screens: z.number().int(), held: z.array(heldScreen) });
export type ScreensAnswer = z.infer<typeof screensAnswer>;

/** A 409 of a play: with `screens` and `held` when none is free. */
export const conflictBody = errorBody.extend(screensAnswer.partial().shape);

export const prefetchBody = z.object({ titleId: idText, viewpoint: z.string().max(64).optional() });

/** A play's answer without a session: for looking ahead only. */
export const prefetchAnswer = playAnswer.pick({
  titleId: true,
  durationMs: true,
  expiresAtMs: true,
  prefix: true,
  manifests: true,
  sources: true,
  sidecarUrls: true,
  storyboardUrl: true,
  steering: true,
  resume: true,
  resumeStale: true,
});
export type PrefetchAnswer = z.infer<typeof prefetchAnswer>;
