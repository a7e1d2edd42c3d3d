// What the viewer page and the control plane say to each other.
import { z } from "zod";
import { playedCodecs, playedRules } from "#model/beacon.ts";
import { picture } from "./picture.ts";

/** Path and manifest safe: same alphabet as #units/id.ts. */
export const idText = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/);

export const signInBody = z.object({
  email: z.string().max(254),
  password: z.string().max(256),
  /** Where the tokens go: cookies for browsers (the default), the answer's body for apps and televisions. */
  tokens: z.enum(["cookie", "body"]).optional(),
});
export type SignInBody = z.infer<typeof signInBody>;

export const me = z.object({
  accountId: z.string(),
  email: z.string(),
  role: z.enum(["viewer", "operator", "admin"]),
  profileId: z.string(),
  profileName: z.string(),
});
export type Me = z.infer<typeof me>;

export const resumePoint = z.object({
  titleId: idText,
  positionMs: z.number().int().min(0),
  durationMs: z.number().int().min(0),
});
export type ResumePoint = z.infer<typeof resumePoint>;

export const titleCard = z.object({
  id: idText,
  name: z.string(),
  durationMs: z.number().int(),
  /** Signed URL of the poster on an appliance. */
  posterUrl: z.string(),
  /** Of the catalogue, an episode without any has its series's; absent: there are none. */
  pictures: z.array(picture).optional(),
  /** Highest height of the ladder. */
  height: z.number().int(),
  shots: z.number().int(),
  /** Steps of the ladder; absent where the control plane does not say. */
  rungs: z.number().int().optional(),
  /** Against the fixed ladder at equal quality; absent when the report has no baseline. */
  bitsSavedPercent: z.number().nullable(),
  resume: resumePoint.nullable(),
});
export type TitleCard = z.infer<typeof titleCard>;

export const home = z.object({
  rows: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      /** What the title names: the film that was watched, the region, the genre; for pages that say it in another language. */
      about: z.string().optional(),
      items: z.array(titleCard),
    }),
  ),
  viewpoints: z.array(z.object({ id: z.string(), name: z.string(), address: z.string() })),
  /** What this profile watched could not be read: the page is the one of somebody new. */
  degraded: z.boolean().optional(),
});
export type Home = z.infer<typeof home>;

export const playBody = z.object({
  titleId: idText,
  /** Where the viewer sits, on an installation whose topology names viewpoints. Absent: the request's own address. */
  viewpoint: z.string().max(64).optional(),
  /** The session to go on with: fresh signatures and a fresh list for a play that is under way. Absent: a new play. */
  sessionId: idText.optional(),
  /** What the device can show; renditions beyond it are not listed. */
  caps: z.object({ maxHeight: z.number().int().min(1).max(10_000).optional() }).optional(),
});
export type PlayBody = z.infer<typeof playBody>;

export const rankedSource = z.object({
  id: z.string(),
  siteId: z.string(),
  siteName: z.string(),
  rule: z.enum([
    "longest-prefix",
    "as-path",
    "med",
    "distance",
    "load-bound",
    "load",
    "tie-break",
    "spread",
    "origin-last",
  ]),
  because: z.string(),
  prefix: z.string().optional(),
  asPathLength: z.number().optional(),
  med: z.number().optional(),
  distanceKm: z.number().optional(),
  /** From all appliances down to this one: how many each rule took out. */
  steps: z
    .array(
      z.object({
        rule: z.enum([
          "above",
          "no-route",
          "longest-prefix",
          "as-path",
          "med",
          "distance",
          "not-held",
          "health",
          "load-bound",
          "draw",
          "spread",
        ]),
        out: z.number().int(),
      }),
    )
    .optional(),
});

export const eliminated = z.object({
  id: z.string(),
  by: z.enum([
    "no-route",
    "unhealthy",
    "draining",
    "silent",
    "unadmitted",
    "degraded",
    "not-held",
    "list-full",
  ]),
  because: z.string(),
});

export const steeringCard = z.object({
  address: z.string(),
  ranked: z.array(rankedSource),
  eliminated: z.array(eliminated),
});
export type SteeringCard = z.infer<typeof steeringCard>;

/** The right to a screen, as the player needs it. It lives from just before the request that brought it was sent. */
export const leaseTerms = z.object({
  generation: z.number().int(),
  ttlMs: z.number().int(),
  /** When to send the next beat; spread, so that players do not beat together. */
  renewAfterMs: z.number().int(),
});
export type LeaseTerms = z.infer<typeof leaseTerms>;

export const playAnswer = z.object({
  sessionId: idText,
  /** Proves on each beat that this player owns the session. */
  sessionToken: z.string(),
  lease: leaseTerms,
  /** Where to send beats, and the last word. */
  beatUrl: z.string(),
  releaseUrl: z.string(),
  /** Where to ask for keys, with these headers; absent for films that are not encrypted. See docs/licences.md. */
  licence: z
    .object({
      clearkey: z.string().optional(),
      /** By key system: "widevine", "playready", "fairplay"; only those that a provider was set up for. */
      systems: z.record(z.string(), z.string()),
      headers: z.record(z.string(), z.string()),
    })
    .optional(),
  /** When the session must be asked for anew, with this answer's `sessionId`. Beats do not put it off. */
  sessionEndsAtMs: z.number().int(),
  /** The signed folder that stands in every address below; each beat brings another to put in its place. */
  prefix: z.string(),
  titleId: idText,
  durationMs: z.number().int(),
  heartbeatIntervalMs: z.number().int(),
  /** When the signed paths stop working; beat before. */
  expiresAtMs: z.number().int(),
  /** Signed manifest URLs, best source first. */
  manifests: z.array(z.object({ sourceId: z.string(), dash: z.string(), hls: z.string() })).min(1),
  /** Paths of this control plane, for any player: manifests that name several sources and can be steered. See docs/steering.md. */
  steered: z.object({ dash: z.string(), hls: z.string() }).optional(),
  /**
   * Per rendition ("v360-1", "audio", "index"): signed folder URLs of healthy sources that hold the verified file, best
   * first, ending in "/". A segment's URL is one of these + the manifest's path inside the rendition's folder.
   */
  sources: z.record(z.string(), z.array(z.object({ sourceId: z.string(), baseUrl: z.string() })).min(1)),
  /** Path of the sidecar with segment sizes and quality, signed, best source first. */
  sidecarUrls: z.array(z.string()).min(1),
  storyboardUrl: z.string(),
  /** The title-wide list as the drawer shows it. */
  steering: steeringCard,
  resume: resumePoint.nullable(),
  /** Where the viewer was is not known just now: `resume` is null, and may be another one later. */
  resumeStale: z.literal(true).optional(),
});
export type PlayAnswer = z.infer<typeof playAnswer>;

const count = z.number().int().min(0).max(1_000_000_000);
/** Milliseconds from whatever moment on. */
export const ownClock = z.number().min(0).max(1e15);

export const beacon = z.object({
  sessionId: idText,
  seq: z
    .number()
    .int()
    .min(1)
    .max(2 ** 24 - 1),
  state: z.enum(["start", "playing", "paused", "seeking", "stalled", "ended", "failed", "closed"]),
  positionMs: count,
  durationMs: count,
  bufferMs: count,
  bitrateBps: count,
  height: z.number().int().min(0).max(10_000),
  throughputBps: z.number().min(0).max(1e12),
  stallCount: count,
  stallMs: count,
  switchCount: count,
  startupMs: count,
  applianceId: z.string().max(64),
  because: z.string().max(400),
  /** Of the rung that plays; what is none of these is "other". */
  codec: z.enum(playedCodecs).catch("other").optional(),
  /** The rule that chose it; what is none of these is "other". */
  rule: z.enum(playedRules).catch("other").optional(),
  /** When it was made, by a clock of the player's that never jumps (performance.now()); with the body's `sentMs` it tells how old it is. */
  madeMs: ownClock.optional(),
});

export const telemetryBody = z.object({
  sessionToken: z.string().max(256),
  /** When this request is sent, by the clock of `madeMs`. */
  sentMs: ownClock.optional(),
  events: z.array(beacon).min(1).max(200),
});
export type TelemetryBody = z.infer<typeof telemetryBody>;

export const errorBody = z.object({ error: z.object({ code: z.string(), message: z.string() }) });
export type ErrorBody = z.infer<typeof errorBody>;
