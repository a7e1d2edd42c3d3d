// How well people watch: GET /v1/ops/qoe and what its figures mean.
import { z } from "zod";

/** Milliseconds since 1970. */
export const moment = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

export const qualityQuery = z.object({
  by: z.enum(["appliance", "title", "network", "device"]),
  from: moment.optional(),
  to: moment.optional(),
  step: z.enum(["10", "60"]).default("60"),
});
export type QualityQuery = z.infer<typeof qualityQuery>;

const measure = z.number().nullable();

/** Named as the definitions name them; null where there is nothing to divide by. */
export const qualityFigures = z.object({
  plays: z.number().int(),
  startFailures: z.number().int(),
  exits: z.number().int(),
  failures: z.number().int(),
  stalls: z.number().int(),
  switches: z.number().int(),
  playMs: z.number().int(),
  stallMs: z.number().int(),
  startupMedian: measure,
  startupSlow: measure,
  startFailureRatio: measure,
  failureRatio: measure,
  stallRatio: measure,
  bitrate: measure,
  height: measure,
  /** Sessions that were watching at the end, and how long they did; null by network and device, where nobody counts them. */
  atEnd: measure,
  watchedMs: measure,
});
export type QualityFigures = z.infer<typeof qualityFigures>;

export const opsQuality = z.object({
  by: z.enum(["appliance", "title", "network", "device"]),
  fromMs: z.number().int(),
  untilMs: z.number().int(),
  stepMs: z.number().int(),
  /** With the most plays first. */
  groups: z.array(
    z.object({
      key: z.string(),
      whole: qualityFigures,
      /** Windows in which something was said, oldest first. */
      windows: z.array(qualityFigures.extend({ startMs: z.number().int() })),
    }),
  ),
  /** Groups beyond those that are listed. */
  leftOut: z.number().int(),
});
export type OpsQuality = z.infer<typeof opsQuality>;

export const opsQualityDefinitions = z.object({
  definitions: z.array(
    z.object({
      /** As figures are called in answers. */
      id: z.string(),
      kind: z.enum(["figure", "measure", "watching", "miss", "miss-measure"]),
      name: z.string(),
      unit: z.string(),
      sentence: z.string(),
      /** Of figures; for measures. */
      formula: z.string().optional(),
    }),
  ),
});
export type OpsQualityDefinitions = z.infer<typeof opsQualityDefinitions>;
