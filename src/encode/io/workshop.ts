// Runs ffmpeg and ffprobe for one film: inside the sandbox, with a deadline, adding up the processor time they took.
import { randomBytes } from "node:crypto";
import { mkdir, readdir } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import type { Values } from "#config/setting.ts";
import { encodeFaults } from "#encode/faults.ts";
import { isCrash, machineFailure, signalOf } from "#encode/program-failure.ts";
import { type Argv, sandboxed, type Walls } from "#encode/sandbox.ts";
import type { encodeSettings } from "#encode/settings.ts";
import { removeTree } from "#io/files.ts";
import { isAlive } from "#io/living.ts";
import { type Finished, run } from "#io/process.ts";
import type { Tool, Tools } from "#io/tools.ts";
import { Fault } from "#units/fault.ts";
import { type Milliseconds, milliseconds } from "#units/quantity.ts";

export interface Workshop {
  readonly jobs: number;
  /** How long another process's claim on one job is waited for. */
  readonly claimWait: Milliseconds;
  /** Whether free room on disk is looked at before a film is prepared. */
  readonly checksRoom: boolean;
  /** Runs a program that reads `reads` and may write only `scratch`, its working directory. */
  readonly run: (order: WorkOrder) => Promise<Finished>;
  /** Processor seconds of all programs so far. */
  readonly cpuSeconds: () => number;
  /** Programs that crashed or hung and were run a second time. */
  readonly retries: () => number;
}

export interface WorkOrder {
  readonly tool: Tool;
  readonly args: readonly string[];
  readonly reads: readonly string[];
  readonly scratch?: string;
  /** Its working directory when it writes nothing: a folder of `reads`. */
  readonly within?: string;
  /** Length of film it works on: the deadline is a multiple of it. */
  readonly filmSeconds: number;
  readonly signal: AbortSignal;
  readonly onStderr?: (text: string) => void;
  /** Called with what is printed as it comes: it may be more than fits into one string, and is not kept then. */
  readonly onStdout?: (text: string) => void;
  /** Called when it is run a second time: what was heard of it before is void. */
  readonly onRestart?: () => void;
  /** All of the program's environment but PATH: only the machine's administrator and this user can see it. */
  readonly secret?: Readonly<Record<string, string>>;
}

const deadlineBaseSeconds = 120;
/** What a program writes is bounded by its film's length: more than any encode of 4K takes, far less than a disk. */
const fileBaseMiB = 256;
const fileMiBPerSecond = 256;

/** Of what a program says on standard error, characters from its end that are searched for why it failed. */
const mostSaid = 16_384;

/** @throws Fault encode-no-sandbox when films could only be opened without walls and nobody allowed that */
export async function openWorkshop(
  tools: Tools,
  settings: Values<typeof encodeSettings>,
  signal: AbortSignal,
): Promise<Workshop> {
  const refused = (await sandboxTrouble(tools, "refused", signal)) === undefined;
  const nested: Walls["nested"] = refused ? "refused" : "allowed";
  const trouble = refused ? undefined : await sandboxTrouble(tools, nested, signal);
  if (trouble !== undefined && settings.unsafeNoSandbox !== "yes") {
    throw new Fault(encodeFaults.noSandbox, { reason: trouble });
  }
  const jobs = settings.jobs === 0 ? availableParallelism() : settings.jobs;
  let [cpuSeconds, retries] = [0, 0];
  const runOne = async (order: WorkOrder): Promise<Finished> => {
    const seconds = Math.ceil(deadlineBaseSeconds + order.filmSeconds * settings.deadlineFactor);
    const argv: Argv = [programPath(order.tool), ...order.args];
    const walls = {
      readOnly: order.reads,
      writable: order.scratch,
      directory: order.within,
      memoryMiB: settings.sandboxMemory,
      cpuSeconds: seconds * Math.max(2, jobs),
      fileMiB: Math.ceil(fileBaseMiB + order.filmSeconds * fileMiBPerSecond),
      nested,
      ...(order.secret === undefined ? {} : { environment: "passed" as const }),
      tether: "standard-input",
    } as const;
    const cwd = order.scratch ?? order.within;
    let said = "";
    const once = (): Promise<Finished> =>
      run({
        ...(trouble === undefined
          ? ({ argv: sandboxed(argv, walls), stdin: "open" } as const)
          : ({ argv, orphan: "dies" } as const)),
        signal: order.signal,
        deadline: milliseconds(seconds * 1000),
        nice: settings.nice,
        ...(cwd === undefined ? {} : { cwd }),
        onStderr: (text) => {
          said = (said + text).slice(-mostSaid);
          order.onStderr?.(text);
        },
        ...(order.onStdout === undefined ? {} : { onStdout: order.onStdout }),
        ...(order.secret === undefined ? {} : { env: { PATH: process.env.PATH ?? "", ...order.secret } }),
      });
    const finished = await naming(
      walls,
      order,
      () => said,
      async () => {
        try {
          return await once();
        } catch (error) {
          if (!(error instanceof Fault) || !isCrash(error.code, error.facts.status, said)) {
            throw error;
          }
          retries++;
          said = "";
          order.onRestart?.();
          return once();
        }
      },
    );
    cpuSeconds += processorSeconds(finished.stderr);
    return finished;
  };
  return {
    jobs,
    claimWait: milliseconds(settings.claimSeconds * 1000),
    checksRoom: settings.roomCheck === "yes",
    run: runOne,
    cpuSeconds: () => cpuSeconds,
    retries: () => retries,
  };
}

/** The outcome of a program, in which what the machine lacks has its own name. */
async function naming(
  { memoryMiB, cpuSeconds, fileMiB }: Walls,
  { tool, scratch }: WorkOrder,
  said: () => string,
  work: () => Promise<Finished>,
): Promise<Finished> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== "process-failed") throw error;
    const { status = "" } = error.facts;
    const reason = `${error.facts.stderr ?? ""}`;
    const program = tool.path;
    switch (machineFailure(status, said())) {
      case "disk-full":
        throw new Fault(
          encodeFaults.diskFull,
          { folder: scratch ?? "/tmp", reason: `${program} could not write` },
          error,
        );
      case "out-of-memory":
        throw new Fault(encodeFaults.outOfMemory, { program, limit: memoryMiB, reason }, error);
      case "cpu-limit":
        throw new Fault(encodeFaults.cpuLimit, { program, limit: cpuSeconds }, error);
      case "file-limit":
        throw new Fault(encodeFaults.fileLimit, { program, limit: fileMiB }, error);
      case "killed":
        throw new Fault(encodeFaults.killed, { program, signal: signalOf(status, said()) ?? "" }, error);
      case undefined:
        throw error;
    }
  }
}

/** What this process cannot write for lack of room is the same fault as what its programs cannot. */
export async function namingFullDisk<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code !== "ENOSPC" && code !== "EDQUOT") throw error;
    throw new Fault(encodeFaults.diskFull, { folder, reason: code }, error);
  }
}

/**
 * Gives `work` an empty folder under `workDir`/scratch and removes it afterwards. Folders of processes that were killed
 * are recognised by their process id and removed by `sweepScratch`.
 */
export async function withScratch<T>(workDir: string, work: (folder: string) => Promise<T>): Promise<T> {
  const folder = join(workDir, "scratch", `${process.pid}-${randomBytes(6).toString("hex")}`);
  await mkdir(folder, { recursive: true });
  try {
    return await work(folder);
  } finally {
    await removeTree(folder);
  }
}

export async function sweepScratch(workDir: string): Promise<void> {
  const root = join(workDir, "scratch");
  await mkdir(root, { recursive: true });
  for (const name of await readdir(root)) {
    const pid = Number(name.split("-")[0]);
    if (pid !== process.pid && !isAlive(pid)) await removeTree(join(root, name));
  }
}

/** Runs tasks side by side, `jobs` at a time. The first failure stops the rest and is thrown when all have ended. */
export async function sideBySide<T, R>(
  items: readonly T[],
  jobs: number,
  signal: AbortSignal,
  work: (item: T, signal: AbortSignal) => Promise<R>,
): Promise<readonly R[]> {
  const stop = new AbortController();
  const both = AbortSignal.any([signal, stop.signal]);
  const results: R[] = [];
  const queue = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) {
      if (both.aborted) return;
      results[index] = await work(item, both);
    }
  };
  const failures: unknown[] = [];
  const guarded = async (): Promise<void> => {
    try {
      await worker();
    } catch (error) {
      failures.push(error);
      stop.abort(error);
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, Math.min(jobs, items.length)) }, guarded));
  signal.throwIfAborted();
  if (failures.length > 0) throw failures[0];
  return results;
}

async function sandboxTrouble(
  tools: Tools,
  nested: Walls["nested"],
  signal: AbortSignal,
): Promise<string | undefined> {
  if (tools.bwrap === undefined) return "is missing";
  const walls = { readOnly: [], writable: undefined, memoryMiB: 256, cpuSeconds: 10, fileMiB: 1, nested };
  try {
    await run({ argv: sandboxed(["true"], walls), signal, deadline: milliseconds(15_000) });
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    return `does not work here (${error instanceof Error ? error.message : String(error)})`;
  }
}

/** A name without a slash is looked up in PATH, inside and outside the walls alike. */
function programPath(tool: Tool): string {
  return tool.path.includes("/") ? resolve(tool.path) : tool.path;
}

/** ffmpeg's `-benchmark` line: "bench: utime=1.234s stime=0.056s rtime=…". */
export function processorSeconds(stderr: string): number {
  const found = /bench: utime=([\d.]+)s stime=([\d.]+)s/.exec(stderr);
  return found === null ? 0 : Number(found[1]) + Number(found[2]);
}
