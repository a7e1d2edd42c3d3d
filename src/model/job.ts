// What is to be done so that a master becomes a title, in parts that any worker may do: between data (which keeps them) and
// publish and control (which decide). Moments are milliseconds since 1970, by the database's clock.

/** `publish` is control's own; everything else is done by workers. */
export type JobKind = "survey" | "trials" | "choose" | "pieces" | "scores" | "package" | "publish";

/**
 * `waiting` for other jobs · `queued` for a worker · `leased` to one · `done` · `dead`: tried too often, or never to be tried
 * again · `held`: waits for one that is dead · `cancelled` by an operator.
 */
export type JobState = "waiting" | "queued" | "leased" | "done" | "dead" | "held" | "cancelled";

export interface JobLease {
  /** As the worker calls itself. */
  readonly worker: string;
  /** Of the token it came in with. */
  readonly tokenId: string;
  /** Names the builds of its programs that a result depends on. */
  readonly tools: string;
  readonly untilMs: number;
}

export interface Job {
  readonly id: string;
  readonly runId: string;
  readonly kind: JobKind;
  /** What a worker is told: wire/jobs.ts. */
  readonly spec: unknown;
  /** Hash of inputs and parameters; with the tools it makes the key of the result. */
  readonly base: string;
  /** Everything a worker must be able to do, sorted and joined by "+": "h264", "av1+h264+vmaf". */
  readonly needs: string;
  /** Tools that made what this one goes on with; undefined: any. */
  readonly tools: string | undefined;
  /** From 0 to 9; the higher goes first. */
  readonly priority: number;
  readonly state: JobState;
  /** Nobody takes it while this is so. */
  readonly paused: boolean;
  /** Jobs it waits for that are not done. */
  readonly waits: number;
  readonly queuedAtMs: number;
  /** The lowest goes first: see publish/job-order.ts. */
  readonly rankMs: number;
  /** Not before: a retry waits. */
  readonly readyAtMs: number;
  /** Leases given so far. */
  readonly attempt: number;
  /** Leases in a row that ended without a word. */
  readonly losses: number;
  /** Rises with each lease: what an older holder says is not heard. */
  readonly generation: number;
  readonly lease: JobLease | undefined;
  readonly begunAtMs: number | undefined;
  /** From 0 to 1, as its worker says. */
  readonly share: number;
  /** Why it is dead or held, or why it was tried last. */
  readonly reason: string | undefined;
  /** sha256 of the result's manifest, once done. */
  readonly result: string | undefined;
  readonly doneAtMs: number | undefined;
}

/** A job that is added: what it will be without its books. */
export type NewJob = Pick<Job, "id" | "runId" | "kind" | "spec" | "base" | "needs" | "tools" | "priority"> & {
  /** Jobs that must be done before. */
  readonly after: readonly string[];
};

/** One master on its way to one title. */
export interface EncodeRun {
  readonly id: string;
  readonly titleId: string;
  readonly name: string;
  readonly masterId: string;
  readonly createdAtMs: number;
}

/** What the books say happened to a job. */
export interface JobEvent {
  readonly jobId: string;
  readonly atMs: number;
  readonly generation: number;
  readonly what: JobEventKind;
  readonly worker: string;
}

export type JobEventKind =
  | "taken"
  | "done"
  | "found"
  | "failed"
  | "dead"
  | "lost"
  | "handed-back"
  | "same-late"
  | "refused-late"
  | "cancelled"
  | "retried";

/** What becomes of a job. */
export interface JobStep<T> {
  readonly answer: T;
  /** Unchanged when left out. */
  readonly job?: Job;
  readonly event?: JobEventKind;
  /** What becomes of each of those that wait for it. */
  readonly dependents?: (job: Job) => Job;
}
