// Drills: an appliance lost on purpose for a bounded time, as an operator orders them and reads what came of them.
import { z } from "zod";
import { drillKinds, drillPattern, longestDrillMs } from "#model/drill.ts";
import { opsAppliance } from "./ops.ts";
import { idText } from "./viewer.ts";

const count = z.number().int().min(0);
const kind = z.enum(drillKinds);

export const drillParams = z.object({ id: idText, kind });

export const drillBody = z.strictObject({
  /** Left out: a minute, or what the settings allow where that is less. */
  durationMs: z.number().int().min(1000).max(longestDrillMs).optional(),
  /** For `withdraw` alone: of the prefixes that the appliance, or the routes file for its site, announces. */
  prefix: z.string().min(3).max(64).optional(),
});
export type DrillBody = z.infer<typeof drillBody>;

/** One look. */
export const drillSeen = z.object({
  atMs: z.number(),
  /** As steering has it. */
  health: opsAppliance.shape.health,
  because: z.string(),
  /** Of the plays that it served when the drill began: served by it still, by another, over, failed, and not heard for a minute. */
  still: count,
  moved: count,
  over: count,
  failed: count,
  unheard: count,
  /** Of those plays, since the drill began, wherever they are served. */
  stalls: count,
  /** Plays that began since and are served by it. */
  begun: count,
  /** Those of `firstAt` whose first source is another now. */
  steered: z.array(
    z.object({
      viewpointId: z.string(),
      name: z.string(),
      before: z.string(),
      now: z.string(),
      /** Why the one before is not in the list there, where it was left out. */
      by: z.string().nullable(),
      because: z.string().nullable(),
    }),
  ),
});
export type DrillSeen = z.infer<typeof drillSeen>;

/** Moments are milliseconds since 1970. */
export const drill = z.object({
  id: z.string().regex(drillPattern),
  kind,
  applianceId: z.string(),
  prefix: z.string().nullable(),
  /** Who ordered it. */
  by: z.string(),
  startedAtMs: z.number(),
  /** It ends by then, also when nobody looks after it. */
  endsAtMs: z.number(),
  state: z.enum(["running", "ended", "aborted"]),
  /** Null while it runs. */
  endedAtMs: z.number().nullable(),
  /** Who aborted it; else empty. */
  because: z.string(),
  /** Served by the appliance when it began; of more than a thousand, the latest. */
  plays: count,
  /**
   * Viewpoints whose first source it was when this began; of a withdrawal, it or another of its site. Where there is none, nobody
   * sees whether the prefix is missed.
   */
  firstAt: count,
  /** Until steering sent new plays elsewhere: null while it does not, or while that is not known. */
  noticedAfterMs: z.number().nullable(),
  /** From its end until new plays were sent as before: null until they are. */
  backAfterMs: z.number().nullable(),
  /** The last look while it ran. Null before the first. */
  seen: drillSeen.nullable(),
});
export type DrillView = z.infer<typeof drill>;

/** Newest first. */
export const drills = z.object({
  drills: z.array(drill),
  /** By the control plane's clock, as all moments here. */
  nowMs: z.number(),
  /** Most that an order may ask for. */
  mostMs: z.number(),
  atOnce: count,
});
export type Drills = z.infer<typeof drills>;

/** As it is kept. */
export const keptDrill = drill.omit({ firstAt: true }).extend({
  /** When it began. */
  healthBefore: drillSeen.shape.health.default("healthy"),
  /** Plays that it served, with their stalls until then. */
  watched: z.record(z.string(), count),
  /** First source when it began, at each viewpoint where the drill touches that one. */
  firsts: z.record(z.string(), z.string()),
});
export type KeptDrill = z.infer<typeof keptDrill>;
