// What workers, operators and the control plane say to each other about encode jobs.
import { z } from "zod";
import { codecName, encodeWish, jobSpec, resultFile, sha256Text } from "./job-spec.ts";
import { idText } from "./viewer.ts";

const workerName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/);
const generation = z.number().int().min(1);

export const takeBody = z.object({
  worker: workerName,
  /** Names the builds of the programs that a result depends on. */
  tools: z.string().regex(/^[0-9a-f]{16,64}$/),
  codecs: z.array(codecName).min(1).max(4),
  /** Whether quality can be measured as VMAF. */
  vmaf: z.boolean(),
  /** Whether it can encrypt, and is given keys on a line that nobody else reads. */
  encrypts: z.boolean().default(false),
  /** Seconds that it will wait for an answer; fewer when the control plane says so. */
  waitSeconds: z.number().min(0).max(60),
});
export type TakeBody = z.infer<typeof takeBody>;

export const jobMaster = z.object({
  id: idText,
  fileName: z.string(),
  bytes: z.number().int(),
  sha256: sha256Text,
});
export type JobMaster = z.infer<typeof jobMaster>;

export const takenJob = z.object({
  id: idText,
  runId: idText,
  kind: z.string(),
  title: z.string(),
  generation,
  leaseMs: z.number().int(),
  spec: jobSpec,
  master: jobMaster,
  /** What must lie in the work folder. */
  inputs: z.array(resultFile),
});
export type TakenJob = z.infer<typeof takenJob>;

/** `job` is null when there is none. */
export const takeAnswer = z.object({ job: takenJob.nullable() });

/** Asked for when a package is ready to be encrypted, not before. */
export const packingKeysBody = z.object({ generation });

export const beatBody = z.object({ generation, share: z.number().min(0).max(1) });
export const beatAnswer = z.object({ leaseMs: z.number().int() });
export const doneBody = z.object({ generation, manifest: sha256Text });
export const doneAnswer = z.object({ outcome: z.enum(["done", "same"]) });
export const failedBody = z.object({
  generation,
  /** `hand-back`: the worker was asked to end. */
  again: z.enum(["later", "never", "hand-back"]),
  reason: z.string().max(2000),
});
export const failedAnswer = z.object({ outcome: z.enum(["queued", "dead"]) });

export const keptAnswer = z.object({ bytes: z.number().int() });

export const opsJob = z.object({
  id: z.string(),
  runId: z.string(),
  titleId: z.string(),
  title: z.string(),
  kind: z.string(),
  state: z.enum(["waiting", "queued", "leased", "done", "dead", "held", "cancelled"]),
  paused: z.boolean(),
  priority: z.number().int(),
  /** Jobs it waits for. */
  waits: z.number().int(),
  attempt: z.number().int(),
  worker: z.string().nullable(),
  /** Builds of programs that it must be done with; null while any will do. */
  tools: z.string().nullable(),
  needs: z.string(),
  share: z.number(),
  /** By its share so far; null while that says nothing. */
  etaSeconds: z.number().nullable(),
  reason: z.string().nullable(),
  queuedAtMs: z.number(),
  /** Nobody takes it before. */
  readyAtMs: z.number(),
  /** Of the last lease. */
  begunAtMs: z.number().nullable(),
  /** Its worker's last sign of life, and when it is given up without another; null without a lease. */
  heardAtMs: z.number().nullable(),
  leaseUntilMs: z.number().nullable(),
  doneAtMs: z.number().nullable(),
});
/** `atMs`: this moment by the control plane's clock. */
export const opsJobs = z.object({ atMs: z.number(), jobs: z.array(opsJob) });
export type OpsJobs = z.infer<typeof opsJobs>;

export const opsJobsQuery = z.object({
  state: opsJob.shape.state.optional(),
  title: idText.optional(),
  worker: workerName.optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(200),
});

export const priority = z.number().int().min(0).max(9);
export const priorityBody = z.object({ priority });

export const enqueueBody = z.object({
  masterId: idText,
  /** Made from the master and the wish unless it is given. */
  titleId: idText.optional(),
  name: z.string().min(1).max(200),
  priority: priority.default(4),
  effort: encodeWish.shape.effort.default("standard"),
  codecs: encodeWish.shape.codecs.default(["h264"]),
  heights: encodeWish.shape.heights,
  audio: encodeWish.shape.audio.default("aac64,aac128,aac192"),
  /** `vmaf`: waits for a worker that can measure it; `best`: what the first one can. */
  metric: z.enum(["vmaf", "best"]).default("best"),
  /** With the keys that the title has, or new ones. */
  encrypt: z.boolean().default(false),
});
export type EnqueueBody = z.infer<typeof enqueueBody>;
export const enqueued = z.object({ runId: z.string(), titleId: z.string(), fresh: z.boolean() });

export const jobHistory = z.object({
  events: z.array(
    z.object({
      atMs: z.number().int(),
      generation: z.number().int(),
      what: z.string(),
      worker: z.string(),
    }),
  ),
});

const count = z.number().int().min(0);

/** Titles on their way: what is left to do first, then the newest. */
export const opsEncodes = z.object({
  atMs: z.number(),
  encodes: z.array(
    z.object({
      runId: z.string(),
      titleId: z.string(),
      title: z.string(),
      createdAtMs: z.number(),
      /** The worst that is true of it. */
      state: z.enum(["dead", "paused", "running", "queued", "done", "cancelled"]),
      priority: z.number().int(),
      paused: z.boolean(),
      jobs: z.object({
        waiting: count,
        queued: count,
        leased: count,
        done: count,
        dead: count,
        held: count,
        cancelled: count,
      }),
      /** Of the jobs that are known so far: more follow once shots are found. */
      share: z.number(),
    }),
  ),
});
export type OpsEncodes = z.infer<typeof opsEncodes>;
export const opsEncodesQuery = z.object({ limit: z.coerce.number().int().min(1).max(500).default(100) });

export const opsLanesQuery = z.object({ minutes: z.coerce.number().int().min(1).max(10_080).default(60) });

/** Who worked on what, and how it ended. */
export const opsLanes = z.object({
  fromMs: z.number(),
  untilMs: z.number(),
  lanes: z.array(
    z.object({
      worker: z.string(),
      spans: z.array(
        z.object({
          jobId: z.string(),
          title: z.string(),
          kind: z.string(),
          /** Null: it was taken before `fromMs`. */
          fromMs: z.number().nullable(),
          /** Null: under way, as far as is known. */
          untilMs: z.number().nullable(),
          end: z.enum(["done", "failed", "dead", "lost", "handed-back", "cancelled"]).nullable(),
        }),
      ),
    }),
  ),
  /** There were more events than are looked at: the oldest are missing. */
  cut: z.boolean(),
});
export type OpsLanes = z.infer<typeof opsLanes>;
