// One agent per disk: a second one would adopt the first one's nginx and fight over its files.
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { edgeFaults } from "#edge/faults.ts";
import { readIfThere } from "#io/files.ts";
import { Fault } from "#units/fault.ts";

export interface DiskLock {
  release(): Promise<void>;
}

/**
 * Takes the disk, also from an agent that was killed: its note names a process that is gone, or one that began at
 * another time.
 *
 * @throws Fault disk-in-use with the pid of the agent that holds it
 */
export async function lockDisk(folder: string): Promise<DiskLock> {
  const path = join(folder, "agent.lock");
  const mine = `${process.pid} ${await beginOf(process.pid)}\n`;
  const taken = await writeFile(path, mine, { flag: "wx" }).then(
    () => true,
    () => false,
  );
  if (!taken) {
    const pid = await holderOf(folder);
    if (pid !== undefined) throw new Fault(edgeFaults.diskInUse, { folder, pid });
    await writeFile(path, mine);
  }
  return { release: () => rm(path, { force: true }) };
}

/** Pid of the living agent that holds the disk; undefined without one. */
export async function holderOf(folder: string): Promise<string | undefined> {
  const note = (await readIfThere(join(folder, "agent.lock"))) ?? "";
  const [pid = "", begin = ""] = note.trim().split(" ");
  const alive = /^\d+$/.test(pid) && begin !== "" && (await beginOf(Number(pid))) === begin;
  return alive ? pid : undefined;
}

/** When a process began, in clock ticks since boot; empty when there is none. Source: proc(5), /proc/pid/stat, field 22. */
async function beginOf(pid: number): Promise<string> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return text.slice(text.lastIndexOf(")") + 2).split(" ")[19] ?? "";
}
