// What the operator page asks about routes: GET /v1/ops/lints.
import { z } from "zod";

export const opsLints = z.object({
  sites: z.number().int(),
  prefixes: z.number().int(),
  routes: z.number().int(),
  lints: z.array(
    z.object({
      kind: z.enum(["servers-differ", "far-more-specific", "no-backup", "unacceptable", "hears-nothing"]),
      siteId: z.string(),
      /** Of prefixes; 0 for a site that hears nothing. */
      count: z.number().int(),
      sentence: z.string(),
      mend: z.string(),
      examples: z.array(z.string()),
    }),
  ),
  /** Lints beyond those that are listed. */
  leftOut: z.number().int(),
  /** Routes that name no known site, or no prefix. */
  unread: z.object({ count: z.number().int(), examples: z.array(z.string()) }),
  /** Prefixes whose viewers are known and that were not compared by distance. */
  uncompared: z.number().int(),
  /** There are more routes than control looks over between two requests, so it did not. */
  tooMany: z.boolean(),
});
export type OpsLints = z.infer<typeof opsLints>;
