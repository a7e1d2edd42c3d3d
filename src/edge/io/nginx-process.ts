// The nginx processes of one prefix folder, found and signalled through /proc.
//
// nginx is started with its prefix as working directory. A process called nginx that works there is ours and no one
// else's, even when the agent that started it was killed, and even when only workers are left of it: a killed master
// leaves its workers behind, listening.
import { readFile, readlink } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { processIds } from "#io/port-holder.ts";

export interface OwnProcess {
  readonly pid: number;
  /** A worker that is leaving no longer listens; it only finishes what it sends. A keeper of a cache never listens. */
  readonly kind: "starting" | "master" | "worker" | "leaving" | "keeper";
}

/**
 * All nginx processes of this prefix. `prefixDir` is absolute and without symbolic links.
 *
 * A worker bears its master's title for a moment after it was forked: it is told apart by its parent.
 */
export async function ownProcesses(prefixDir: string): Promise<readonly OwnProcess[]> {
  const asked = await Promise.all((await processIds()).map((pid) => ownProcess(pid, prefixDir)));
  const found = asked.filter((process) => process !== undefined);
  const pids = new Set(found.map((process) => process.pid));
  return Promise.all(
    found.map(async (process) => {
      const isFresh = process.kind === "master" && pids.has(await parentOf(process.pid));
      return isFresh ? { pid: process.pid, kind: "worker" as const } : process;
    }),
  );
}

/** 0 when there is no such process any more. Source: proc(5), /proc/pid/stat, field 4. */
async function parentOf(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return Number(text.slice(text.lastIndexOf(")") + 2).split(" ")[1] ?? 0);
}

/** One letter, empty when there is no such process. */
export async function stateOf(pid: number): Promise<string> {
  return (await runningOf(pid)).state;
}

/** USER_HZ, in which the kernel tells times to programs, on every processor that Debian runs on. Source: proc(5). */
const ticksPerSecond = 100;

/** State, and time on a processor since it began, in ms. Source: proc(5), /proc/pid/stat, fields 3, 14 and 15. */
export async function runningOf(pid: number): Promise<{ readonly state: string; readonly cpuMs: number }> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const ticks = Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
  return { state: fields[0] ?? "", cpuMs: (ticks * 1000) / ticksPerSecond };
}

/** That process, if it is (still) an nginx of this prefix. */
export async function ownProcess(pid: number, prefixDir: string): Promise<OwnProcess | undefined> {
  const folder = await readlink(`/proc/${pid}/cwd`).catch(() => "");
  if (folder !== prefixDir) return undefined;
  const title = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
  if (title.startsWith("nginx: master process")) return { pid, kind: "master" };
  if (title.startsWith("nginx: worker process is shutting down")) return { pid, kind: "leaving" };
  if (title.startsWith("nginx: worker process")) return { pid, kind: "worker" };
  if (title.startsWith("nginx: cache")) return { pid, kind: "keeper" };
  return title.includes(`\0-p\0${prefixDir}\0`) ? { pid, kind: "starting" } : undefined;
}

/** Sends a signal; a process that is already gone is no failure. */
export function signalTo(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

/** Waits until `done`, asking every few milliseconds. False when the deadline came first. */
export async function until(done: () => Promise<boolean>, deadlineMs: number): Promise<boolean> {
  const end = performance.now() + deadlineMs;
  while (!(await done())) {
    if (performance.now() > end) return false;
    await sleep(15);
  }
  return true;
}

/**
 * Ends every nginx of the prefix: first asked to finish what it sends (QUIT), then told to (TERM), then killed.
 */
export async function endAll(prefixDir: string, graceMs: number): Promise<void> {
  const steps = [
    { signal: "SIGQUIT", waitMs: graceMs },
    { signal: "SIGTERM", waitMs: 1000 },
    { signal: "SIGKILL", waitMs: 2000 },
  ] as const;
  for (const { signal, waitMs } of steps) {
    const own = await ownProcesses(prefixDir);
    const masters = own.filter((process) => process.kind === "master" || process.kind === "starting");
    for (const { pid } of signal === "SIGKILL" || masters.length === 0 ? own : masters) signalTo(pid, signal);
    if (own.length === 0 || (await until(async () => (await ownProcesses(prefixDir)).length === 0, waitMs)))
      return;
  }
}

/**
 * Asks workers whose master is gone to leave: they stop listening at once and finish what they send.
 *
 * Those that still listen after a moment are killed: the new master needs the address.
 */
export async function dismissOrphans(prefixDir: string): Promise<void> {
  const orphans = await ownProcesses(prefixDir);
  for (const { pid } of orphans) signalTo(pid, "SIGQUIT");
  const left = async (): Promise<readonly OwnProcess[]> =>
    (await ownProcesses(prefixDir)).filter(({ kind }) => kind !== "leaving" && kind !== "keeper");
  if (await until(async () => (await left()).length === 0, 700)) return;
  for (const { pid } of await left()) signalTo(pid, "SIGKILL");
  await until(async () => (await left()).length === 0, 500);
}
