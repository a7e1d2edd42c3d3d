// Several processes on one machine may work on the same work folder: each job is done by the one that claims it first,
// and a claim dies with its process. Whoever finds a job claimed does the others first and then waits for its result.
import { randomBytes } from "node:crypto";
import { link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { readIfThere } from "#io/files.ts";
import { sideBySide } from "./workshop.ts";

export interface Job<T, R> {
  /** What is made: the claim lies beside it. */
  readonly path: (item: T) => string;
  /** The result when it is there, made by whomever. */
  readonly kept: (item: T) => Promise<R | undefined>;
  readonly make: (item: T, signal: AbortSignal) => Promise<R>;
}

const pollMs = 200;

/** Every item's result, in order; what others claimed is waited for. The first failure stops the rest. */
export async function doTogether<T, R>(
  items: readonly T[],
  jobs: number,
  signal: AbortSignal,
  job: Job<T, R>,
): Promise<readonly R[]> {
  const results: (R | undefined)[] = items.map(() => undefined);
  const attempt = async (index: number, both: AbortSignal): Promise<boolean> => {
    const item = items[index];
    if (item === undefined) return true;
    const release = await claim(job.path(item));
    if (release === undefined) return false;
    try {
      results[index] = (await job.kept(item)) ?? (await job.make(item, both));
      return true;
    } finally {
      await release();
    }
  };
  let left: readonly number[] = items.map((_, index) => index);
  for (let round = 0; left.length > 0; round++) {
    if (round > 0) await pause(pollMs, undefined, { signal });
    const done = await sideBySide(left, jobs, signal, attempt);
    left = left.filter((_, index) => done[index] !== true);
  }
  return results.flatMap((result) => (result === undefined ? [] : [result]));
}

type Release = () => Promise<void>;

/** Undefined while a living process has it. */
async function claim(path: string): Promise<Release | undefined> {
  const file = `${path}.claim`;
  await mkdir(dirname(file), { recursive: true });
  const mine = await ownName(process.pid);
  const fresh = `${file}.${process.pid}-${randomBytes(4).toString("hex")}.new`;
  await writeFile(fresh, mine);
  try {
    for (;;) {
      // A link is there with its content or not at all, and fails when there is one already.
      if (await linked(fresh, file)) return () => rm(file, { force: true });
      const owner = await readIfThere(file);
      if (owner !== undefined && (await isAlive(owner))) return undefined;
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

async function isAlive(owner: string): Promise<boolean> {
  const pid = Number(owner.split(" ")[0]);
  return Number.isInteger(pid) && pid > 0 && (await ownName(pid)) === owner;
}

/** A process by its id and the moment it began, so that a later one of the same id is not taken for it. Source: proc(5). */
async function ownName(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  const [state = "", ...rest] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  // Ended, and not yet asked for its status: it will never finish a job.
  if (state === "Z" || state === "X") return `${pid} ended`;
  return `${pid} ${rest[18] ?? ""}`;
}
