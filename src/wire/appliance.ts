// What an appliance's agent and the control plane say to each other: one exchange, POST /v1/appliances/:id/report.
// The agent tells the truth about its box; the answer is the state it should bring about. No call is made while a byte is served.
import { z } from "zod";
import { drillPattern } from "#model/drill.ts";
import { damages, experimentPattern } from "#model/experiment.ts";
import { checkOutcome } from "./check.ts";
import { idText } from "./viewer.ts";

/** Reports come so much earlier or later than the interval that control names, so that appliances do not march in step. */
export const reportJitterPercent = 20;

/** Kept by an agent of what it logs, and told in its reports. */
export const mostAgentEvents = 20;

export const agentEvent = z.object({
  atMs: z.number().min(0),
  level: z.enum(["info", "warn", "error"]),
  /** In English, as its log has it, with what it was about. */
  words: z.string().max(300),
});
export type AgentEvent = z.infer<typeof agentEvent>;

export const applianceReport = z.object({
  /** New at each start of the agent. */
  bootId: z.string().max(64),
  /** Where viewers reach its nginx: "http://127.0.1.11:8181". */
  baseUrl: z.string().max(256),
  nginx: z.enum(["up", "starting", "down"]),
  /** Why nginx is down, or a warning; empty when all is well. */
  trouble: z.string().max(500),
  draining: z.boolean(),
  /** Epoch of the desired state it last took over; 0 before the first. */
  desiredEpoch: z.number().int().min(0),
  /** "title/rendition" whose every file was verified against its sha256. Only these are advertised. */
  verified: z.array(z.string()).max(1_000_000),
  load: z.object({
    bitsPerSecond: z.number().min(0),
    connections: z.number().int().min(0),
    requests: z.number().int().min(0),
    errors: z.number().int().min(0),
    /** Of the requests since the report before. */
    errorShare: z.number().min(0).max(1).optional(),
  }),
  disk: z.object({
    usedBytes: z.number().int().min(0),
    budgetBytes: z.number().int().min(0),
    /** Of the file system. */
    freeBytes: z.number().min(0).optional(),
    /** Mean time of one read since the report before, in ms. */
    readMs: z.number().min(0).optional(),
  }),
  fill: z.object({
    queued: z.number().int().min(0),
    /** Since the agent's start. */
    filesVerified: z.number().int().min(0),
    bytes: z.number().int().min(0),
    /** Where the bytes came from. */
    bytesFromPeers: z.number().int().min(0),
    /** Absent from agents that do not tell; they count it with the peers. */
    bytesFromTier: z.number().int().min(0).optional(),
    bytesFromOrigin: z.number().int().min(0),
    rejected: z.number().int().min(0),
    lastProblem: z.string().max(500),
    /** Of what is queued: fetched outside the window as well, and waiting for it to open. */
    urgent: z.number().int().min(0).optional(),
    deferred: z.number().int().min(0).optional(),
    /** Absent where the plan names none, or the box fills at any time. */
    window: z
      .object({
        isOpen: z.boolean(),
        /** When that changes; absent: not by itself. */
        changesAtMs: z.number().min(0).optional(),
      })
      .optional(),
  }),
  /** Absent without TLS, and from agents that do not tell. */
  tls: z
    .object({
      /** Who encrypts what is sent. */
      by: z.enum(["kernel", "user-space"]),
      /** Why the kernel does not; empty when it does. */
      because: z.string().max(200),
      certificateEndsAtMs: z.number(),
      /** Connections since the agent's start. Absent where the kernel counts none. */
      seen: z
        .object({
          /** Over TLS, that asked for something. */
          connections: z.number().int().min(0),
          /** That the kernel took over, handshakes alone and other programs' included. */
          kernel: z.number().int().min(0),
          /** Of these, by the network card. */
          device: z.number().int().min(0),
        })
        .optional(),
    })
    .optional(),
  /** Absent where it is not wanted, and from agents that do not tell. */
  http3: z
    .object({
      by: z.enum(["nginx", "caddy", "nobody"]),
      /** Viewers are sent there. */
      up: z.boolean(),
      /** Why not; empty when they are. */
      because: z.string().max(200),
    })
    .optional(),
  /** What viewers asked for and this appliance does not hold. Absent while nothing was missed. */
  misses: z
    .object({
      /** Since the agent's start. */
      total: z.number().int().min(0),
      /** Most missed first. */
      files: z
        .array(
          z.object({
            titleId: idText,
            path: z.string().max(512),
            /** At most this often; `atLeast` is certain. */
            count: z.number().int().min(1),
            atLeast: z.number().int().min(1),
            sinceMs: z.number().min(0),
            lastMs: z.number().min(0),
          }),
        )
        .max(50),
    })
    .optional(),
  /** What sessions were sent: the same batch until control says that it has it. Absent while there is none. */
  served: z
    .object({
      /** By the clock of the rows' moments. */
      sentMs: z.number().min(0),
      /** From 1 on, of this `bootId`. */
      batch: z.number().int().min(1),
      rows: z
        .array(
          z.object({
            atMs: z.number().min(0),
            /** Empty: of sessions that found no room. */
            sessionId: z.string().max(80),
            folder: z.string().max(512),
            bytes: z.number().int().min(0),
            /** Of these, fetched from the origin while the viewer waited. */
            pulled: z.number().int().min(0),
          }),
        )
        .max(10_000),
    })
    .optional(),
  /** Held files that were read again since the agent's start. */
  scrub: z
    .object({
      checkedFiles: z.number().int().min(0),
      checkedBytes: z.number().int().min(0),
      /** Age of the oldest check; 0 when none is known. */
      oldestCheckMs: z.number().int().min(0),
      rotten: z.number().int().min(0),
    })
    .optional(),
  /** Of the last `millrace appliance check`. Absent when there was none, or what is kept of it is broken. */
  check: checkOutcome.optional(),
  /** The last lines of its log, oldest first. Absent from agents that do not tell. */
  events: z.array(agentEvent).max(mostAgentEvents).optional(),
  /** File handles of the agent. */
  handles: z.object({ open: z.number().int().min(0), limit: z.number().int().min(0) }).optional(),
  /** The next report comes within this time when all is well. Control believes it up to its own interval and the jitter. */
  nextReportMs: z.number().int().min(0).max(3_600_000).optional(),
});
export type ApplianceReport = z.infer<typeof applianceReport>;

/** An experiment under way: see model/experiment.ts. Appliances evaluate it alone, and it ends by itself. */
export const brokenSegment = z.object({
  id: z.string().regex(experimentPattern),
  share: z.number().min(0).max(0.5),
  segment: z.number().int().min(1).max(100_000),
  damages: z.array(z.enum(damages)).min(1).max(damages.length),
  stallMs: z.number().int().min(0).max(60_000),
  endsAtMs: z.number().min(0),
});

/** See model/drill.ts. Appliances end it by their own clock. */
export const killed = z.object({
  id: z.string().regex(drillPattern),
  endsAtMs: z.number().min(0),
  durationMs: z.number().min(0),
});

/** See model/denial.ts. */
export const denial = z.object({
  kind: z.enum(["session", "title"]),
  id: idText,
  untilMs: z.number().int().min(0),
});

export const desiredState = z.object({
  epoch: z.number().int().min(1),
  files: z.array(
    z.object({
      /** "title/rendition". */
      id: z.string(),
      titleId: idText,
      files: z.array(
        z.object({
          path: z.string(),
          bytes: z.number().int().min(0),
          sha256: z.string().regex(/^[0-9a-f]{64}$/),
        }),
      ),
      /**
       * Where to fetch from, best first: peers (same site or cluster), then tier (boxes elsewhere), then the origin. Base URL of
       * the box, unsigned. `afterMs`: not asked before the file could have been fetched for so long, in open windows alone;
       * 0 or absent for fill masters, which bring a file in for the others.
       */
      sources: z.array(
        z.object({
          sourceId: z.string(),
          kind: z.enum(["peer", "tier", "origin"]),
          baseUrl: z.string(),
          afterMs: z.number().int().min(0).max(86_400_000).optional(),
        }),
      ),
      /** Fetched outside the window as well, in the urgent lane: a premiere, a faulty encode. */
      urgent: z.boolean().optional(),
    }),
  ),
  /** When and how fast to fill. Absent: at any time, as fast as the agent's own setting allows. */
  fill: z
    .object({
      /** Absent: always open. */
      window: z
        .object({
          /** IANA name; the window opens at this wall-clock time and stays open for so many hours of real time. */
          zone: z.string().max(64),
          opensAtMinute: z.number().int().min(0).max(1439),
          hours: z.number().min(0.01).max(24),
        })
        .optional(),
      /** All fill of the appliance together, bit/s; 0 is no cap. */
      rateBps: z.number().min(0),
      /** The urgent lane outside the window: at most this share of the throughput that viewers leave free. */
      urgentShare: z.number().min(0).max(1),
    })
    .optional(),
  /** Signing keys nginx accepts, the first one signs. */
  keys: z.array(z.object({ kid: z.string().regex(/^[a-z0-9]{1,16}$/), secret: z.string().min(32) })).min(1),
  /** Refused though the signature is right, until the moment from which no such path is valid. */
  denied: z.array(denial).max(100_000).optional(),
  /** Absent: every segment is served as it is. */
  broken: brokenSegment.optional(),
  /** Present: nginx is killed, and stays down until then. */
  killed: killed.optional(),
});
export type DesiredState = z.infer<typeof desiredState>;

export const reportAnswer = z.object({
  /** Null when the agent already has this epoch. */
  desired: desiredState.nullable(),
  reportIntervalMs: z.number().int().min(100),
  /** The batch of what was served that is kept now: the next may come. */
  servedBatch: z.number().int().min(1).optional(),
});
export type ReportAnswer = z.infer<typeof reportAnswer>;
