// The routes that an appliance hears, on their way to the control plane: POST /v1/appliances/:id/routes. What the fields
// mean is said in model/route-feed.ts. A part holds some 9000 prefixes, so that taking one in is a short step for both
// ends; a full table of 1.3 million is 140 parts and 10 MB (`npm run bench -- routes`). It is told after a restart of either
// end only, and so is not compressed.
import { z } from "zod";
import type { RouteAnswer, RouteMessage, RoutePart } from "#model/route-feed.ts";
import { idText } from "./viewer.ts";

/** Of one message as JSON. */
export const routesBytes = 1 << 20;
const mostSessions = 256;
const base64 = z.string().max(routesBytes);
const stream = z.string().min(1).max(64);
const seq = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
/** A neighbour's address, or a name that the operator gave it. */
const sessionId = z.string().min(1).max(128);
const word32 = z.number().int().min(0).max(0xffff_ffff);

const routeHello = z.object({
  kind: z.literal("hello"),
  stream,
  seq,
  isSure: z.boolean(),
  isWhole: z.boolean(),
});

export const routePart = z.object({
  kind: z.literal("part"),
  stream,
  seq,
  base: z.enum(["before", "nothing"]),
  token: z.string().max(64),
  isFirst: z.boolean(),
  isLast: z.boolean(),
  sessions: z
    .array(z.object({ id: sessionId, state: z.enum(["up", "stale", "gone"]), isAnew: z.boolean() }))
    .max(mostSessions),
  attributes: z.array(z.tuple([z.number().int().min(0).max(0xffff), word32, word32])).max(65_536),
  rows: z.array(z.object({ session: sessionId, announced: base64, withdrawn: base64 })).max(mostSessions),
}) satisfies z.ZodType<RoutePart>;

export const routeMessage = z.discriminatedUnion("kind", [
  routeHello,
  routePart,
]) satisfies z.ZodType<RouteMessage>;

export const routeAnswer = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("taken"), seq }),
  z.object({ kind: z.literal("resync"), token: z.string().max(64) }),
]) satisfies z.ZodType<RouteAnswer>;

/** What control keeps of a feed over a restart: a line each for this, the parts of one snapshot, and the end. */
export const keptRoutesHead = z.object({
  kind: z.literal("kept-routes"),
  version: z.literal(1),
  applianceId: idText,
  siteId: idText,
});
export const keptRoutesEnd = z.object({
  kind: z.literal("end"),
  /** Of everything before this line. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

/** What an appliance hears, as a file. */
export const heardFile = z.object({
  sessions: z
    .array(
      z.object({
        id: sessionId,
        state: z.enum(["up", "stale"]).default("up"),
        routes: z.array(
          z.object({
            prefix: z.string(),
            asPath: z.array(word32).max(255),
            med: word32.default(0),
          }),
        ),
      }),
    )
    .max(mostSessions),
});

const prefixCounts = z.object({ v4: z.number().int().min(0), v6: z.number().int().min(0) });

export const opsRoutes = z.object({
  appliances: z.array(
    z.object({
      id: z.string(),
      siteId: z.string(),
      /** See bgp/route-feed.ts. */
      state: z.enum(["none", "waiting", "recalled", "behind", "live"]),
      /** One sentence. */
      because: z.string(),
      stream: z.string().nullable(),
      seq: z.number().int().nullable(),
      prefixes: prefixCounts,
      /** Those of stale sessions among them. */
      stalePrefixes: z.number().int().min(0),
      sessions: z.array(z.object({ id: z.string(), state: z.enum(["up", "stale"]), prefixes: prefixCounts })),
      /** Since its last word; null before the first. */
      silentMs: z.number().min(0).nullable(),
      /** Silent for so long, its routes are withdrawn. */
      leaseMs: z.number().min(0),
      /** Wall clock; null before the first. */
      lastResyncAtMs: z.number().nullable(),
      resyncs: z.number().int().min(0),
    }),
  ),
  /** Appliances that said they hear routes and have not told them yet, while nothing is kept of them either. */
  waitingFor: z.number().int().min(0),
});
export type OpsRoutes = z.infer<typeof opsRoutes>;
