// What may happen to one job. Each function is told the job as it stands under its row's lock, and the database's clock read
// after that lock: facts in, the new job and the answer out.
import type { Job, JobLease, JobStep, NewJob } from "#model/job.ts";
import { mostPriority, rankOf, retryDelay } from "./job-order.ts";

export interface JobRules {
  readonly leaseMs: number;
  readonly agingMs: number;
  /** Leases of one job at most. */
  readonly attempts: number;
  /** Leases in a row that ended without a word, at most. */
  readonly poison: number;
  readonly retryMs: number;
  readonly retryMostMs: number;
}

/** Who speaks: only the holder of the lease of this generation is heard. */
export interface Holder {
  readonly generation: number;
  readonly tokenId: string;
}

export type Beaten = { readonly kind: "kept"; readonly untilMs: number } | { readonly kind: "lost" };
export type Finished = "done" | "same" | "lost";

/** A job as it enters the books. */
export function opened(order: NewJob, nowMs: number, agingMs: number): Job {
  const { after, ...facts } = order;
  return {
    ...facts,
    state: after.length === 0 ? "queued" : "waiting",
    paused: false,
    waits: after.length,
    queuedAtMs: nowMs,
    rankMs: rankOf(nowMs, order.priority, agingMs),
    readyAtMs: nowMs,
    ...{ attempt: 0, losses: 0, generation: 0, share: 0 },
    ...{ lease: undefined, begunAtMs: undefined, reason: undefined, result: undefined, doneAtMs: undefined },
  };
}

export function isFree(job: Job, nowMs: number): boolean {
  return job.state === "queued" && !job.paused && job.readyAtMs <= nowMs;
}

export function taken(job: Job, by: Omit<JobLease, "untilMs">, nowMs: number, leaseMs: number): Job {
  return {
    ...job,
    state: "leased",
    attempt: job.attempt + 1,
    generation: job.generation + 1,
    lease: { ...by, untilMs: nowMs + leaseMs },
    begunAtMs: nowMs,
    share: 0,
  };
}

export function holds({ state, lease, generation }: Job, who: Holder, nowMs: number): boolean {
  if (state !== "leased" || lease === undefined) return false;
  return generation === who.generation && lease.tokenId === who.tokenId && nowMs < lease.untilMs;
}

export function beaten(
  job: Job,
  who: Holder,
  share: number,
  nowMs: number,
  rules: JobRules,
): JobStep<Beaten> {
  if (!holds(job, who, nowMs) || job.lease === undefined) return { answer: { kind: "lost" } };
  const untilMs = nowMs + rules.leaseMs;
  const renewed: Job = { ...job, lease: { ...job.lease, untilMs }, share: Math.max(job.share, share) };
  return { answer: { kind: "kept", untilMs }, job: renewed };
}

/** A late result is only taken for what it is when the very same one is in the books. */
export function finished(job: Job, who: Holder, result: string, nowMs: number): JobStep<Finished> {
  if (job.state === "done" && job.result === result) {
    return job.generation === who.generation ? { answer: "same" } : { answer: "same", event: "same-late" };
  }
  if (!holds(job, who, nowMs)) return { answer: "lost", event: "refused-late" };
  const done: Job = {
    ...job,
    ...{ state: "done", result, doneAtMs: nowMs, share: 1, losses: 0 },
    ...{ lease: undefined, reason: undefined },
  };
  return { answer: "done", job: done, event: "done", dependents: (other) => released(other, nowMs) };
}

function released(job: Job, nowMs: number): Job {
  const waits = Math.max(0, job.waits - 1);
  if (job.state !== "waiting" || waits > 0) return { ...job, waits };
  return { ...job, waits, state: "queued", readyAtMs: nowMs };
}

export interface Failure {
  readonly reason: string;
  /** `never`: what would come again (a film that is refused) is not tried again. */
  readonly again: "later" | "never";
  /** In [0, 1). */
  readonly chance: number;
}

export function failed(
  job: Job,
  who: Holder,
  { reason, again, chance }: Failure,
  nowMs: number,
  rules: JobRules,
): JobStep<"queued" | "dead" | "lost"> {
  if (!holds(job, who, nowMs)) return { answer: "lost" };
  const ended: Job = { ...job, lease: undefined, losses: 0, reason };
  if (again === "never" || job.attempt >= rules.attempts) return dead(ended, reason);
  const delay = retryDelay(job.attempt, rules.retryMs, rules.retryMostMs, chance);
  return {
    answer: "queued",
    job: { ...ended, state: "queued", readyAtMs: nowMs + delay },
    event: "failed",
  };
}

/** A worker that is asked to end gives back what it has not finished; that is no try. */
export function handedBack(job: Job, who: Holder, nowMs: number): JobStep<"queued" | "lost"> {
  if (!holds(job, who, nowMs)) return { answer: "lost" };
  const free: Job = { ...job, state: "queued", lease: undefined, attempt: job.attempt - 1, readyAtMs: nowMs };
  return { answer: "queued", job: free, event: "handed-back" };
}

/** A lease that is over: its worker was killed, hangs, or cannot reach us. */
export function expired(job: Job, nowMs: number, rules: JobRules): JobStep<"queued" | "dead" | "kept"> {
  const { lease } = job;
  if (job.state !== "leased" || lease === undefined || nowMs < lease.untilMs) return { answer: "kept" };
  const losses = job.losses + 1;
  const reason = `worker ${lease.worker} was not heard of again`;
  const lost: Job = { ...job, lease: undefined, losses, reason };
  if (losses >= rules.poison) {
    return dead(
      lost,
      `${losses} workers in a row took it and were not heard of again, the last was ${lease.worker}`,
    );
  }
  if (job.attempt >= rules.attempts) return dead(lost, reason);
  return { answer: "queued", job: { ...lost, state: "queued", readyAtMs: nowMs }, event: "lost" };
}

function dead(job: Job, reason: string): JobStep<"dead"> {
  const why = `${job.kind} ${job.id} is dead: ${reason}`;
  return {
    answer: "dead",
    job: { ...job, state: "dead", lease: undefined, reason },
    event: "dead",
    dependents: (other) => (other.state === "waiting" ? { ...other, state: "held", reason: why } : other),
  };
}

/** An operator wants it tried again: with all its tries, and what was held for it waits again. */
export function retried(job: Job, nowMs: number): JobStep<"queued" | "not-dead"> {
  if (job.state !== "dead") return { answer: "not-dead" };
  return {
    answer: "queued",
    job: { ...job, state: "queued", attempt: 0, losses: 0, readyAtMs: nowMs },
    event: "retried",
    dependents: (other) =>
      other.state === "held" ? { ...other, state: "waiting", reason: undefined } : other,
  };
}

/** What is done stays done. Whoever works on it hears so at its next word, for the generation has passed. */
export function cancelled(job: Job): JobStep<"cancelled" | "over"> {
  if (job.state === "done" || job.state === "cancelled") return { answer: "over" };
  const over: Job = { ...job, state: "cancelled", lease: undefined, generation: job.generation + 1 };
  return { answer: "cancelled", job: over, event: "cancelled" };
}

/** What is under way goes on; nothing else of it is given out. */
export function paused(job: Job, wish: "pause" | "resume"): JobStep<"noted"> {
  return { answer: "noted", job: { ...job, paused: wish === "pause" } };
}

export function prioritised(job: Job, priority: number, agingMs: number): JobStep<"noted"> {
  const bounded = Math.min(mostPriority, Math.max(0, Math.round(priority)));
  const rankMs = rankOf(job.queuedAtMs, bounded, agingMs);
  return { answer: "noted", job: { ...job, priority: bounded, rankMs } };
}
