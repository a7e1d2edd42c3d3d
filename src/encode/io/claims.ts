// Several processes on one machine may work on the same work folder: each job is done by the one that claims it first,
// and a claim dies with its process. Whoever finds a job claimed does the others first and then waits for its result.
import { rm } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { encodeFaults } from "#encode/faults.ts";
import { claimFile } from "#io/claim-file.ts";
import { pidIn } from "#io/living.ts";
import { Fault } from "#units/fault.ts";
import type { Milliseconds } from "#units/quantity.ts";
import { sideBySide } from "./workshop.ts";

export interface Job<T, R> {
  /** What is made: the claim lies beside it. */
  readonly path: (item: T) => string;
  /** The result when it is there, made by whomever. */
  readonly kept: (item: T) => Promise<R | undefined>;
  readonly make: (item: T, signal: AbortSignal) => Promise<R>;
}

/** Jobs that one program does together, as many as nobody else has claimed or done. */
export interface BatchJob<T, R> extends Omit<Job<T, R>, "make"> {
  /** In the order of the items. */
  readonly make: (items: readonly T[], signal: AbortSignal) => Promise<readonly R[]>;
}

export interface Crew {
  /** How many at a time. */
  readonly jobs: number;
  /** How long one process's claim on one job is waited for. */
  readonly claimWait: Milliseconds;
}

const pollMs = 200;

/**
 * Every item's result, in order; what others claimed is waited for. The first failure stops the rest.
 *
 * @throws Fault encode-claim-held when another process keeps its claim on a job too long
 */
export async function doTogether<T, R>(
  items: readonly T[],
  crew: Crew,
  signal: AbortSignal,
  job: Job<T, R>,
): Promise<readonly R[]> {
  const one = async ([item]: readonly T[], both: AbortSignal): Promise<readonly R[]> =>
    item === undefined ? [] : [await job.make(item, both)];
  return doInBatches(
    items.map((item) => [item]),
    crew,
    signal,
    { ...job, make: one },
  );
}

/**
 * The same of items in batches, in their order. Nobody who holds a claim waits for another: of a batch, whatever is claimed is
 * left for later and the rest is done, so that processes with other batches cannot stand still over each other.
 */
export async function doInBatches<T, R>(
  batches: readonly (readonly T[])[],
  crew: Crew,
  signal: AbortSignal,
  job: BatchJob<T, R>,
): Promise<readonly R[]> {
  const results = new Map<T, R>();
  let left = batches;
  let waits: readonly Wait[] = [];
  for (;;) {
    const taken = await sideBySide(left, crew.jobs, signal, (batch, both) =>
      attempt(batch, job, results, both),
    );
    left = taken.map((claims) => claims.map(({ item }) => item)).filter((batch) => batch.length > 0);
    if (left.length === 0) return batches.flat().flatMap((item) => resultOf(item, results));
    waits = taken.flat().map((claim) => waitFor(claim, waits));
    refuseLong(waits, crew.claimWait);
    const begun = performance.now();
    await pause(pollMs, undefined, { signal });
    // Time this process was stopped itself does not count: the other one may have been stopped with it.
    const waited = Math.min(performance.now() - begun, 2 * pollMs);
    waits = waits.map((wait) => ({ ...wait, waited: wait.waited + waited }));
  }
}

function resultOf<T, R>(item: T, results: ReadonlyMap<T, R>): readonly R[] {
  const result = results.get(item);
  return result === undefined ? [] : [result];
}

/** Does what of a batch can be claimed, and answers what others have. */
async function attempt<T, R>(
  batch: readonly T[],
  job: BatchJob<T, R>,
  results: Map<T, R>,
  signal: AbortSignal,
): Promise<readonly (Taken & { readonly item: T })[]> {
  const taken: (Taken & { readonly item: T })[] = [];
  const held: (() => Promise<void>)[] = [];
  try {
    const lacking: T[] = [];
    for (const item of batch) {
      const claimed = await claim(job.path(item));
      if (claimed.kind === "taken") {
        taken.push({ ...claimed, item });
        continue;
      }
      held.push(claimed.release);
      const kept = await job.kept(item);
      if (kept === undefined) lacking.push(item);
      else results.set(item, kept);
    }
    const made = lacking.length === 0 ? [] : await job.make(lacking, signal);
    for (const [index, result] of made.entries()) {
      const item = lacking[index];
      if (item !== undefined) results.set(item, result);
    }
    return taken;
  } finally {
    await Promise.all(held.map((release) => release()));
  }
}

/** Another process's claim, and how long this one has done nothing but wait for it. */
interface Wait extends Taken {
  readonly waited: number;
}

function waitFor({ file, owner }: Taken, before: readonly Wait[]): Wait {
  const same = before.find((wait) => wait.file === file && wait.owner === owner);
  return same ?? { kind: "taken", file, owner, waited: 0 };
}

function refuseLong(waits: readonly Wait[], most: Milliseconds): void {
  const late = waits.find(({ waited }) => waited >= most);
  if (late === undefined) return;
  const facts = { pid: pidIn(late.owner) ?? 0, file: late.file, seconds: Math.round(most / 1000) };
  throw new Fault(encodeFaults.claimHeld, facts);
}

interface Taken {
  readonly kind: "taken";
  readonly file: string;
  /** The living process that has it, as io/living.ts names it. */
  readonly owner: string;
}

type Claimed = Taken | { readonly kind: "mine"; readonly release: () => Promise<void> };

async function claim(path: string): Promise<Claimed> {
  const file = `${path}.claim`;
  const owner = await claimFile(file);
  if (owner !== undefined) return { kind: "taken", file, owner };
  return { kind: "mine", release: () => rm(file, { force: true }) };
}
