// Encode jobs: strictly serialisable, and on disk when a call returns. What may happen to a job is decided by whoever calls
// (publish/job-rules.ts); here it happens under the row's lock, by the database's clock, read after the lock.
import type { EncodeRun, Job, JobEvent, JobState, JobStep } from "#model/job.ts";

export interface TakeOrder {
  readonly worker: string;
  readonly tokenId: string;
  readonly tools: string;
  /** Every `needs` that this worker can meet. */
  readonly needs: readonly string[];
  readonly leaseMs: number;
}

export interface AddedJob {
  readonly job: Job;
  /** Jobs that it waits for. */
  readonly after: readonly string[];
}

export interface JobChange<T> extends JobStep<T> {
  /** Added with the step, all or nothing; those whose id is there already are left as they are. */
  readonly spawn?: readonly AddedJob[];
  /** The result goes into the books under this key; the first one stays. */
  readonly keep?: { readonly key: string; readonly manifest: string };
}

/** Changes nothing but what it answers: it may run several times. */
export type Decide<T> = (job: Job, nowMs: number) => JobChange<T>;

export interface JobWish {
  readonly state?: JobState;
  readonly titleId?: string;
  readonly worker?: string;
  readonly limit: number;
}

/** A job without what a worker is told of it, beside its title. */
export type ListedJob = Omit<Job, "spec"> & Pick<EncodeRun, "titleId" | "name">;

/** A run with how many of its jobs are in which state. */
export interface ListedRun extends EncodeRun {
  readonly states: readonly {
    readonly state: JobState;
    readonly count: number;
    readonly paused: number;
    /** The highest of them. */
    readonly priority: number;
    /** Summed. */
    readonly share: number;
  }[];
}

/** What happened, with what it happened to. */
export interface ListedEvent extends JobEvent, Pick<EncodeRun, "titleId" | "name"> {
  readonly kind: Job["kind"];
}

export interface JobStore {
  /** A run and its first job, unless there is a run of this id. */
  open(run: Omit<EncodeRun, "createdAtMs">, first: (nowMs: number) => Job): Promise<"opened" | "there">;
  /** The free job of the lowest rank that this worker can do, leased to it; in one statement, so that no two take the same. */
  take(order: TakeOrder): Promise<Job | undefined>;
  /** undefined: there is no such job. */
  change<T>(jobId: string, decide: Decide<T>): Promise<T | undefined>;
  /** Each job of a run, in one transaction; answers how many there are. */
  changeRun(runId: string, decide: Decide<unknown>): Promise<number>;
  /** Jobs whose lease is over, `limit` at most; answers how many. */
  sweep(decide: Decide<unknown>, limit: number): Promise<number>;
  job(jobId: string): Promise<Job | undefined>;
  run(runId: string): Promise<EncodeRun | undefined>;
  /** Of a run that are done: where their results are. */
  results(runId: string): Promise<readonly { readonly jobId: string; readonly manifest: string }[]>;
  /** Results of all runs that something is left to do of. */
  openResults(): Promise<readonly string[]>;
  /** Whether this token holds the job's lease of this generation now. */
  holds(lease: {
    readonly jobId: string;
    readonly tokenId: string;
    readonly generation: number;
  }): Promise<boolean>;
  /** Runs that made or make this title, and whether something of them is left to do. */
  runsOf(titleId: string): Promise<readonly { readonly id: string; readonly isOpen: boolean }[]>;
  /** Leased first, then by rank. */
  list(wish: JobWish): Promise<readonly ListedJob[]>;
  events(jobId: string): Promise<readonly JobEvent[]>;
  /** Runs of which something is left to do, then the others, each the newest first. */
  runs(limit: number): Promise<readonly ListedRun[]>;
  /** Of all jobs since then, the latest first. */
  eventsSince(sinceMs: number, limit: number): Promise<readonly ListedEvent[]>;
  /** Where the result of this key is. */
  kept(key: string): Promise<string | undefined>;
  forgetResult(key: string): Promise<void>;
  /** Runs older than that, of which nothing is left to do, with all their jobs, and results of that age. Answers how many runs. */
  forget(olderThanMs: number): Promise<number>;
}
