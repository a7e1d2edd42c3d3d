// The steering manifest as players read it. Sources: draft-pantos-hls-rfc8216bis §7, ETSI TS 103 998. The keys are the standards'.
import { z } from "zod";

const pathwayId = z.string().regex(/^[A-Za-z0-9._-]+$/);

export const steeringManifest = z.object({
  VERSION: z.literal(1),
  /** Seconds until the player should ask again. */
  TTL: z.number().int().min(1),
  "RELOAD-URI": z.string(),
  "PATHWAY-PRIORITY": z.array(pathwayId).min(1).readonly(),
  "PATHWAY-CLONES": z
    .array(
      z.object({
        "BASE-ID": pathwayId,
        ID: pathwayId,
        "URI-REPLACEMENT": z.object({ HOST: z.string() }),
      }),
    )
    .min(1)
    .readonly()
    .optional(),
});
