// What an operator's overview, map and page of an appliance ask for.
import { z } from "zod";
import { agentEvent } from "./appliance.ts";
import { drill } from "./drills.ts";
import { opsAppliance } from "./ops.ts";

const healthName = opsAppliance.shape.health;
const point = z.object({ latitude: z.number(), longitude: z.number() });
const count = z.number().int().min(0);

const atMs = z.number();

/** One thing that changed, and when. Names and reasons are as they stood then. */
export const opsChange = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("plan"), atMs, epoch: count, movedBytes: z.number() }),
  z.object({
    kind: z.literal("health"),
    atMs,
    applianceId: z.string(),
    from: healthName,
    to: healthName,
    because: z.string(),
  }),
  z.object({
    kind: z.literal("experiment"),
    atMs,
    experimentId: z.string(),
    became: z.enum(["created", "running", "ended", "aborted"]),
    because: z.string(),
  }),
  z.object({
    kind: z.literal("drill"),
    atMs,
    drillId: drill.shape.id,
    loss: drill.shape.kind,
    applianceId: z.string(),
    /** Of a withdrawal; else null. */
    prefix: drill.shape.prefix,
    /** Who ordered it. */
    by: z.string(),
    became: drill.shape.state,
    /** Who aborted it; else empty. */
    because: z.string(),
  }),
  z.object({ kind: z.literal("catalogue"), atMs, version: count, works: count, note: z.string() }),
  z.object({ kind: z.literal("title"), atMs, titleId: z.string(), name: z.string() }),
  /** Of the audit log; for admins alone. */
  z.object({
    kind: z.literal("order"),
    atMs,
    actor: z.string(),
    action: z.string(),
    object: z.string(),
    outcome: z.string(),
  }),
]);
export type OpsChange = z.infer<typeof opsChange>;

export const mostChanges = 200;
export const opsChangesQuery = z.object({
  limit: z.coerce.number().int().min(1).max(mostChanges).default(50),
});

/** Newest first. */
export const opsChanges = z.object({
  changes: z.array(opsChange),
  /** Changes of health are remembered since then: a restart forgets them. */
  healthSinceMs: z.number(),
  /** Orders are told since then: so many rows of viewers stand above older ones that those were not read. Null: none is missing. */
  ordersSinceMs: z.number().nullable(),
});
export type OpsChanges = z.infer<typeof opsChanges>;

/** Only sessions that began since then were looked at, as many more began before; those still under way are not counted. Null: all were. */
const sessionsSinceMs = z.number().nullable();

export const opsMap = z.object({
  sites: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      kind: z.enum(["embedded", "exchange"]),
      /** Null: the sites file does not say. */
      location: point.nullable(),
    }),
  ),
  appliances: z.array(
    z.object({
      id: z.string(),
      siteId: z.string(),
      health: healthName,
      throughputBps: z.number(),
      /** By its last report; 0 while none is heard. */
      bitsPerSecond: z.number(),
    }),
  ),
  /** Where viewers sit that this installation has viewpoints of. */
  viewpoints: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      address: z.string(),
      location: point.nullable(),
      /** Sources that a new play would be given now, best first. */
      ranked: z.array(z.string()),
    }),
  ),
  /** Sessions that said something within the last minute and have not ended, by where their viewers sit and who serves them. */
  flows: z.array(
    z.object({
      /** Empty: at no viewpoint. */
      viewpointId: z.string(),
      applianceId: z.string(),
      sessions: count,
    }),
  ),
  sessionsSinceMs,
  viewpointsLeftOut: count,
});
export type OpsMap = z.infer<typeof opsMap>;

/** What would change for new plays if an appliance were not there. */
export const opsWithout = z.object({
  applianceId: z.string(),
  /** Sessions that it serves now, of those that are known. */
  sessions: count,
  sessionsSinceMs,
  /** Viewpoints whose first source it is, and who would be first then. */
  moved: z.array(z.object({ viewpointId: z.string(), name: z.string(), to: z.string() })),
  /** Files of the plan that no other appliance has verified: only the origin would have them. */
  lastCopies: count,
  viewpoints: count,
  /** By which viewpoints find its site now: what could be withdrawn in a drill. At most twenty. */
  prefixes: z.array(z.string()),
});
export type OpsWithout = z.infer<typeof opsWithout>;

/** One appliance with what the list leaves out. */
export const opsApplianceDetail = z.object({
  appliance: opsAppliance,
  /** The agent's latest words, newest last; empty from agents that do not tell. */
  events: z.array(agentEvent),
  /** Changes of its health, newest first. */
  changes: z.array(z.object({ atMs, from: healthName, to: healthName, because: z.string() })),
  /** Of the files planned for it, those that are played most. */
  files: z.array(
    z.object({
      fileId: z.string(),
      titleId: z.string(),
      titleName: z.string(),
      playsPerDay: z.number(),
      sizeBytes: z.number(),
      isVerified: z.boolean(),
    }),
  ),
});
export type OpsApplianceDetail = z.infer<typeof opsApplianceDetail>;
