// The broken-segment experiment as an operator orders it, sees it and reads its result.
import { z } from "zod";
import { damages, experimentPattern } from "#model/experiment.ts";
import { idText } from "./viewer.ts";

const damage = z.enum(damages);
const share = z.number().min(0).max(1);
const count = z.number().int().min(0);

/** What is left out is taken from the settings, which are also the most that may be asked for. */
export const experimentBody = z.strictObject({
  /** Of new sessions, in each of the two arms. */
  share: z.number().positive().max(0.5).optional(),
  /** Number in the file's name, from 1. */
  segment: z.number().int().min(1).max(100_000).optional(),
  damages: z.array(damage).min(1).max(damages.length).optional(),
  stallMs: z.number().int().min(100).max(60_000).optional(),
  /** Enrolled sessions under way at once, both arms together. */
  mostSessions: z.number().int().min(2).optional(),
  limitMs: z.number().int().min(1000).optional(),
  /** It alone breaks segments, and only sessions that begin there take part; left out: all appliances. */
  applianceId: idText.optional(),
});
export type ExperimentBody = z.infer<typeof experimentBody>;

/** As it is kept, and as it is shown. Moments are milliseconds since 1970. */
export const experiment = z.object({
  id: z.string().regex(experimentPattern),
  createdAtMs: z.number(),
  order: z.object({
    share,
    segment: z.number().int().min(1),
    damages: z.array(damage),
    stallMs: z.number(),
    mostSessions: count,
    limitMs: z.number(),
    applianceId: z.string().optional(),
    looks: z.number().int().min(1),
    falseAlarm: share,
    margin: share,
    leastPerArm: count,
  }),
  state: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("created") }),
    z.object({ kind: z.literal("running"), startedAtMs: z.number(), endsAtMs: z.number(), look: count }),
    z.object({ kind: z.literal("ended"), startedAtMs: z.number(), endedAtMs: z.number() }),
    z.object({
      kind: z.literal("aborted"),
      startedAtMs: z.number().nullable(),
      endedAtMs: z.number(),
      because: z.string(),
    }),
  ]),
});
export type ExperimentRecord = z.infer<typeof experiment>;

export const experiments = z.object({ experiments: z.array(experiment) });
export type Experiments = z.infer<typeof experiments>;

/** Null: too few sessions to say anything. */
const interval = z.object({ value: z.number(), low: z.number(), high: z.number() }).nullable();

const arm = z.object({
  sessions: count,
  /** Still under way. */
  pending: count,
  /** Ended long before the segment. */
  notReached: count,
  survived: count,
  lost: count,
  /** Share that played on past the segment; of those that survived or were lost, as all below. */
  survival: interval,
  /** Share with at least one stall. */
  stalled: interval,
  stallCount: interval,
  stallMs: interval,
  switchCount: interval,
});

export const experimentReport = z.object({
  experiment,
  /** Enrolled sessions that are under way now. */
  underWay: count,
  /** Level of every interval here; the abort uses its own, see the order. */
  confidence: share,
  treatment: arm,
  control: arm,
  /** Treatment less control. */
  difference: z.object({
    survival: interval,
    stalled: interval,
    stallCount: interval,
    stallMs: interval,
    switchCount: interval,
  }),
  byDamage: z.array(z.object({ damage, survived: count, lost: count, survival: interval })),
});
export type ExperimentReport = z.infer<typeof experimentReport>;
