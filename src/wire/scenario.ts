// Input of `millrace sim region`: sites, boxes, viewers, a catalogue and what befalls them. What is left out is as built in.
import { z } from "zod";
import { idText } from "./viewer.ts";

const location = z.object({
  latitude: z.number().min(-90).max(90),
  longitude: z.number().min(-180).max(180),
});
const zone = z.string().max(64);
const server = z.object({
  id: idText,
  role: z.enum(["storage", "flash", "global"]),
  storageBytes: z.number().positive(),
  throughputBps: z.number().positive(),
});
const routes = z
  .array(
    z.object({
      siteId: idText,
      prefixLength: z.number().int().min(0).max(128),
      asPathLength: z.number().int().min(0).max(255),
      med: z.number().int().min(0).default(0),
    }),
  )
  .min(1);
const when = { day: z.number().int().min(0), hour: z.number().int().min(0).max(23) };
const hours = z
  .number()
  .int()
  .min(1)
  .max(24 * 366);

const event = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("add"), ...when, siteId: idText, server }),
  z.object({ kind: z.literal("fail"), ...when, serverId: idText }),
  z.object({ kind: z.literal("remove"), ...when, serverId: idText }),
  z.object({ kind: z.literal("repair"), ...when, serverId: idText }),
  z.object({ kind: z.literal("drain"), ...when, serverId: idText }),
  z.object({ kind: z.literal("undrain"), ...when, serverId: idText }),
  z.object({ kind: z.literal("lie"), ...when, serverId: idText, hours }),
  z.object({
    ...{ kind: z.literal("premiere"), ...when },
    share: z.number().gt(0).lt(1),
    startsAfterHours: z.number().int().min(0).max(240),
  }),
  z.object({ kind: z.literal("dark"), ...when, hours }),
  z.object({ kind: z.literal("reroute"), ...when, regionId: idText, routes }),
]);

export const scenarioFile = z
  .object({
    name: z.string().max(200),
    startsAtMs: z.number().int().min(0),
    days: z.number().int().min(1),
    seed: z.number().int().min(0),
    placement: z.enum(["hca", "uniform", "storage", "throughput"]),
    minCopies: z.number().int().min(1),
    catalogue: z
      .object({
        files: z.number().int().min(5),
        bytes: z.number().min(1),
        newTitlesPerDay: z.number().int().min(0),
        exponent: z.number(),
        persistence: z.number(),
        spread: z.number(),
        regionalSpread: z.number(),
      })
      .strict(),
    viewers: z
      .array(
        z
          .object({ id: idText, zone, location: location.optional(), peakBps: z.number().min(0), routes })
          .strict(),
      )
      .min(1),
    sites: z
      .array(
        z
          .object({
            id: idText,
            name: z.string().max(200),
            kind: z.enum(["embedded", "exchange"]),
            zone,
            location: location.optional(),
            feeds: z.array(z.object({ regionId: idText, share: z.number() })),
            servers: z.array(server),
          })
          .strict(),
      )
      .min(1),
    origin: z.object({ throughputBps: z.number().min(0) }).strict(),
    fill: z
      .object({
        rateBps: z.object({ storage: z.number(), flash: z.number(), global: z.number() }),
        opensAtMinute: z.number().int(),
        hours: z.number(),
        urgentShare: z.number(),
        verifyBps: z.number(),
      })
      .strict(),
    events: z.array(event),
  })
  .strict()
  .partial();
export type ScenarioFile = z.infer<typeof scenarioFile>;
