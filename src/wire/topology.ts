// Files an operator writes: sites with their appliances, and the routes each site heard.
import { z } from "zod";
import { idText } from "./viewer.ts";

const geo = z.object({ latitude: z.number().min(-90).max(90), longitude: z.number().min(-180).max(180) });

export const sitesFile = z.object({
  sites: z.array(
    z.object({
      id: idText,
      name: z.string(),
      kind: z.enum(["embedded", "exchange"]),
      location: geo.optional(),
      /** IANA name of its time zone. With one, appliances there fill in the site's night; without, at any time. */
      zone: z.string().max(64).optional(),
      appliances: z.array(
        z.object({
          id: idText,
          /** What it is made for; its fill rate follows. "global": a small box for a small site. */
          role: z.enum(["storage", "flash", "global"]),
          storageBytes: z.number().int().min(0),
          throughputBps: z.number().min(0),
          /** Listening address of its nginx, "127.0.1.11:8181". */
          listen: z.string(),
        }),
      ),
    }),
  ),
  /** Example viewers for trying out steering. */
  viewpoints: z
    .array(z.object({ id: idText, name: z.string(), address: z.string(), location: geo.optional() }))
    .default([]),
});
export type SitesFile = z.infer<typeof sitesFile>;

export const routesFile = z.object({
  routes: z.array(
    z.object({
      siteId: idText,
      /** The one server of the site that heard it; all of them when absent. Ranking does not look at it, lints do. */
      applianceId: idText.optional(),
      prefix: z.string(),
      asPath: z.array(z.number().int().min(1)).max(255),
      med: z.number().int().min(0).default(0),
    }),
  ),
});
export type RoutesFile = z.infer<typeof routesFile>;

/** Input of `millrace place plan`. */
export const placeInput = z.looseObject({
  servers: z
    .array(
      z.object({
        id: idText,
        siteId: idText,
        storageBytes: z.number().min(0),
        throughputBps: z.number().min(0),
        state: z.enum(["up", "draining"]).optional(),
      }),
    )
    .min(1),
  files: z.array(
    z.object({
      id: z
        .string()
        .min(1)
        .refine((id) => id !== "__proto__", "no file can be called so: objects lose it"),
      titleId: z.string().min(1),
      sizeBytes: z.number().min(0),
      playsPerDay: z.number().min(0),
    }),
  ),
  previous: z
    .object({
      cutoff: z.number(),
      assignment: z.record(z.string(), z.array(z.string())),
      /** With each file's band what is near an edge stays; without, bands are guessed from the boxes. */
      files: z
        .array(
          z.object({
            fileId: z.string(),
            band: z.enum(["head", "popular", "tail", "hole"]),
            drawn: z.object({ band: z.number().int().min(0).max(250) }).optional(),
          }),
        )
        .optional(),
      /** With these a server that gained weight is known; without, one that held nothing. */
      weights: z
        .array(z.object({ serverId: z.string(), alpha: z.number().min(0), beta: z.number().min(0) }))
        .optional(),
      /** How many bands those of `drawn` are. */
      theory: z.object({ bands: z.array(z.unknown()).min(1).max(250) }).optional(),
    })
    .optional(),
});
export type PlaceInput = z.infer<typeof placeInput>;
