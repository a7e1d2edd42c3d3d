// What the operator page asks for: one endpoint per panel, GET /v1/ops/…
import { z } from "zod";
import { applianceReport } from "./appliance.ts";
import { encodeReport } from "./encode-report.ts";
import { planPictures, planTheory } from "./ops-placement.ts";

export const opsAppliance = z.object({
  id: z.string(),
  siteId: z.string(),
  siteName: z.string(),
  role: z.enum(["storage", "flash", "global"]),
  storageBytes: z.number(),
  throughputBps: z.number(),
  health: z.enum(["healthy", "unhealthy", "draining", "silent", "unadmitted", "degraded"]),
  because: z.string(),
  /** What its site's last check came to. It keeps an appliance out only where control requires it. */
  admission: z.object({
    verdict: z.enum(["passed", "failed", "unchecked"]),
    because: z.string(),
    isRequired: z.boolean(),
  }),
  lastSeenMs: z.number().nullable(),
  /** The agent's last words; null before the first. Its `verified` list is cut to a count here, and its log is left to GET /v1/ops/appliances/:id. */
  report: applianceReport.omit({ verified: true, events: true }).nullable(),
  verifiedFiles: z.number().int(),
  wantedFiles: z.number().int(),
  /** What its last desired state came to. Absent before its first report. */
  tonight: z
    .object({
      /** Planned, and put off to another night. */
      deferredFiles: z.number().int(),
      deferredBytes: z.number(),
      /** Held for others until they have it. */
      keptFiles: z.number().int(),
      urgentFiles: z.number().int(),
      /** Files that it brings in for its fill cluster. */
      mastersOf: z.number().int(),
    })
    .optional(),
});
export const opsAppliances = z.object({ appliances: z.array(opsAppliance), originBaseUrl: z.string() });
export type OpsAppliances = z.infer<typeof opsAppliances>;

export const opsPlacement = z.object({
  epoch: z.number().int(),
  createdAtMs: z.number(),
  cutoff: z.number(),
  lambda: z.number(),
  weights: z.array(z.object({ serverId: z.string(), alpha: z.number(), beta: z.number() })),
  head: z.array(z.string()),
  files: z.array(
    z.object({
      fileId: z.string(),
      sizeBytes: z.number(),
      playsPerDay: z.number(),
      band: z.enum(["head", "popular", "tail", "hole"]),
      serverIds: z.array(z.string()),
      because: z.string(),
    }),
  ),
  predicted: z.object({
    maxUtilisation: z.number(),
    effectiveCapacity: z.number(),
    holePercent: z.number(),
    churnBytes: z.number(),
    servers: z.array(
      z.object({
        serverId: z.string(),
        bytes: z.number(),
        trafficShare: z.number(),
        storageShare: z.number(),
      }),
    ),
  }),
  /** Absent in a plan of an earlier release. */
  theory: planTheory.optional(),
  pictures: planPictures,
});
export type OpsPlacement = z.infer<typeof opsPlacement>;

export const opsTitles = z.object({
  titles: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      durationMs: z.number(),
      bytes: z.number(),
      renditions: z.number().int(),
      publishedAtMs: z.number(),
      bitsSavedPercent: z.number().nullable(),
    }),
  ),
});
export type OpsTitles = z.infer<typeof opsTitles>;

/** WebVTT, as the seek bar's. */
export const opsStoryboard = z.object({ url: z.string() });

export const opsEncode = encodeReport;
export type OpsEncode = z.infer<typeof opsEncode>;

export const opsSession = z.object({
  sessionId: z.string(),
  titleId: z.string(),
  email: z.string(),
  viewpoint: z.string(),
  /** Site that was ranked first at the start, the neighbour it reaches the viewer by ("AS64500"), and the device; "" where unknown. */
  region: z.string(),
  network: z.string(),
  device: z.string(),
  startedAtMs: z.number(),
  lastSeenMs: z.number(),
  state: z.string(),
  positionMs: z.number(),
  startupMs: z.number(),
  stallCount: z.number(),
  stallMs: z.number(),
  switchCount: z.number(),
  bitrateBps: z.number(),
  height: z.number(),
  applianceId: z.string(),
});
export const opsSessions = z.object({ sessions: z.array(opsSession) });
export type OpsSessions = z.infer<typeof opsSessions>;

export const opsExplain = z.object({
  address: z.string(),
  /** For reading: the place, the routes, each source of the list with what placed it, and who was left out. */
  text: z.string(),
  /** Null: not known. */
  location: z.object({ latitude: z.number(), longitude: z.number() }).nullable(),
  /** The same as data, best first. */
  ranked: z.array(
    z.object({
      id: z.string(),
      siteName: z.string(),
      rule: z.string(),
      because: z.string(),
      prefix: z.string().nullable(),
      asPathLength: z.number().nullable(),
      med: z.number().nullable(),
      distanceKm: z.number().nullable(),
    }),
  ),
  /** The first of those left out. */
  eliminated: z.array(z.object({ id: z.string(), by: z.string(), because: z.string() })),
  /** How many were left out, by what left them out. */
  leftOut: z.array(z.object({ by: z.string(), appliances: z.number().int() })),
});
export type OpsExplain = z.infer<typeof opsExplain>;
