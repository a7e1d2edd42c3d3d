// What the operator page's placement panel asks for: what a plan was chosen from, its pictures, why a file is where it
// is, and what plans moved from day to day.
import { z } from "zod";

export const planTheory = z.object({
  method: z.enum(["one-band", "two-bands", "many-bands"]),
  curve: z.array(z.object({ depth: z.number(), share: z.number() })),
  feasible: z.object({ low: z.number(), high: z.number() }).optional(),
  cheapest: z.number(),
  bands: z.array(z.object({ from: z.number(), to: z.number(), weights: z.array(z.number()) })),
  headTraffic: z.number(),
  note: z.string().optional(),
});

const arc = z.object({ serverId: z.string(), from: z.number(), to: z.number() });

export const planPictures = z.object({
  servers: z.array(
    z.object({
      serverId: z.string(),
      kind: z.enum(["fast", "even", "large"]),
      storageShare: z.number(),
      trafficShare: z.number(),
      throughputShare: z.number(),
      utilisation: z.number(),
    }),
  ),
  uniform: z.object({ tokensEach: z.number().int(), arcs: z.array(arc) }),
  bands: z.array(
    z.object({
      from: z.number(),
      to: z.number(),
      traffic: z.number().optional(),
      arcs: z.array(arc),
    }),
  ),
});

/** GET /v1/ops/placement/churn: by day (UTC), oldest first, without the installation's very first plan. */
export const opsPlacementChurn = z.object({
  days: z.array(z.object({ startMs: z.number(), plans: z.number().int(), bytes: z.number() })),
});
export type OpsPlacementChurn = z.infer<typeof opsPlacementChurn>;

/** GET /v1/ops/placement/explain?file=ID, and `millrace place explain --file ID --json`. */
export const opsPlacementExplain = z.object({
  fileId: z.string(),
  titleId: z.string(),
  sizeBytes: z.number(),
  playsPerDay: z.number(),
  rank: z.number().int(),
  of: z.number().int(),
  trafficShare: z.number(),
  band: z.enum(["head", "popular", "tail", "hole"]),
  serverIds: z.array(z.string()),
  because: z.string(),
  copies: z.object({ held: z.number().int(), wanted: z.number().int(), drawn: z.number().int().optional() }),
  drawn: z
    .object({
      depth: z.number(),
      cutoff: z.number(),
      band: z.number().int(),
      from: z.number(),
      to: z.number(),
      stayed: z.boolean(),
      formula: z.enum(["exponential", "pareto"]),
      rows: z.array(
        z.object({
          serverId: z.string(),
          u: z.number(),
          weight: z.number(),
          chance: z.number().optional(),
          key: z.number().optional(),
          order: z.number().int(),
          holds: z.boolean(),
          heldBefore: z.boolean(),
          passedOver: z.boolean(),
        }),
      ),
    })
    .optional(),
});
export type OpsPlacementExplain = z.infer<typeof opsPlacementExplain>;
