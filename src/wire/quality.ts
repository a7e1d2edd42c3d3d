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
  /** Events that did not count for just themselves: with any, all of these are estimates. */
  estimates: z.number().int(),
});
export type QualityFigures = z.infer<typeof qualityFigures>;

export const opsQuality = z.object({
  by: z.enum(["appliance", "title", "network", "device"]),
  fromMs: z.number().int(),
  untilMs: z.number().int(),
  stepMs: z.number().int(),
  /** Windows before this are whole, but for corrections; from here on they are so far. Null: none is. */
  settledUntilMs: z.number().int().nullable(),
  /** With the most plays first. */
  groups: z.array(
    z.object({
      key: z.string(),
      whole: qualityFigures,
      /** Windows in which something was said, oldest first. */
      windows: z.array(
        qualityFigures.extend({
          startMs: z.number().int(),
          /** Not whole yet: what was said up to now. */
          soFar: z.boolean(),
        }),
      ),
    }),
  ),
  /** Groups beyond those that are listed. */
  leftOut: z.number().int(),
  /** The latest that a player said, as far as it was read; null before the first. */
  heardUntilMs: z.number().int().nullable(),
  /** In words, what windows that are so far wait for; empty when there is nothing. */
  waitingFor: z.string(),
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

/** Sessions are told apart by what their players said that they played, too; windows are not. */
const dimension = z.enum([...qualityQuery.shape.by.options, "codec", "rule"]);

/** Every session that began in the time that is asked for is looked at. */
export const mostBreakdownDays = 28;

/** From `from` to `to` are 28 days at most; the latest day where neither is given. */
export const breakdownQuery = z.object({
  by: dimension,
  and: dimension.optional(),
  also: dimension.optional(),
  from: moment.optional(),
  to: moment.optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});
export type BreakdownQuery = z.infer<typeof breakdownQuery>;

/** Of sessions: half of them had no more, and 19 of 20 had no more. Null where none had any. */
const spread = z.object({ median: measure, slow: measure });

export const opsQualityBreakdown = z.object({
  by: dimension,
  and: dimension.nullable(),
  also: dimension.nullable(),
  fromMs: z.number().int(),
  untilMs: z.number().int(),
  /** Of sessions that began in that time and are over, with the most plays first. */
  groups: z.array(
    z.object({
      key: z.string(),
      /** "" without a second dimension. */
      other: z.string(),
      /** "" without a third. */
      third: z.string(),
      sessions: z.number().int(),
      plays: z.number().int(),
      stalled: z.number().int(),
      startFailureRatio: measure,
      exitRatio: measure,
      failureRatio: measure,
      stallRatio: measure,
      bitrate: measure,
      height: measure,
      startup: spread,
      stallRatioOfSessions: spread,
      /** `slow` is the bitrate that 19 of 20 sessions had more than. */
      bitrateOfSessions: spread,
    }),
  ),
  leftOut: z.number().int(),
});
export type OpsQualityBreakdown = z.infer<typeof opsQualityBreakdown>;
