// Several processes on one machine may work on the same work folder: each job is done by the one that claims it first,
// and a claim dies with its process. Whoever finds a job claimed does the others first and then waits for its result.
import { randomBytes } from "node:crypto";
import { link, mkdir, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { encodeFaults } from "#encode/faults.ts";
import { readIfThere } from "#io/files.ts";
import { isNamed, nameOf, pidIn } from "#io/living.ts";
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
  const results: (R | undefined)[] = items.map(() => undefined);
  const attempt = async (index: number, both: AbortSignal): Promise<Taken | undefined> => {
    const item = items[index];
    if (item === undefined) return undefined;
    const claimed = await claim(job.path(item));
    if (claimed.kind === "taken") return claimed;
    try {
      results[index] = (await job.kept(item)) ?? (await job.make(item, both));
      return undefined;
    } finally {
      await claimed.release();
    }
  };
  let left: readonly number[] = items.map((_, index) => index);
  let waits: readonly Wait[] = [];
  for (;;) {
    const taken = await sideBySide(left, crew.jobs, signal, attempt);
    left = left.filter((_, index) => taken[index] !== undefined);
    if (left.length === 0) return results.flatMap((result) => (result === undefined ? [] : [result]));
    waits = taken.flatMap((claim) => (claim === undefined ? [] : [waitFor(claim, waits)]));
    refuseLong(waits, crew.claimWait);
    const begun = performance.now();
    await pause(pollMs, undefined, { signal });
    // Time this process was stopped itself does not count: the other one may have been stopped with it.
    const waited = Math.min(performance.now() - begun, 2 * pollMs);
    waits = waits.map((wait) => ({ ...wait, waited: wait.waited + waited }));
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
  await mkdir(dirname(file), { recursive: true });
  const mine = await nameOf(process.pid);
  const fresh = `${file}.${process.pid}-${randomBytes(4).toString("hex")}.new`;
  await writeFile(fresh, mine);
  try {
    for (;;) {
      // A link is there with its content or not at all, and fails when there is one already.
      if (await linked(fresh, file)) {
        return { kind: "mine", release: () => rm(file, { force: true }) };
      }
      const owner = await readIfThere(file);
      if (owner !== undefined && (await isNamed(owner))) return { kind: "taken", file, owner };
      // Should two find it dead at once, both may do the job: the result is the same, and written whole.
      await rm(file, { force: true });
    }
  } finally {
    await rm(fresh, { force: true });
  }
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}
