// One process at a time in a folder: a file that names who is in it. A dead owner's lock is taken over.
import { link, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { dataFaults } from "#data/faults.ts";
import { readIfThere } from "#io/files.ts";
import { Fault } from "#units/fault.ts";

export const lockName = "lock";

export interface FolderLock {
  release(): Promise<void>;
}

/**
 * Makes the folder if need be and takes its lock.
 *
 * The lock file says "pid start boot": a process number alone may belong to somebody else by now, above all in
 * containers, where the same number comes back at each start.
 *
 * @throws Fault data-folder-taken, naming the process
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, lockName);
  const mine = await identityOf(process.pid);
  const own = `${path}.${process.pid}`;
  await writeFile(own, mine ?? `${process.pid}`);
  try {
    for (let attempt = 0; attempt < 3; attempt++) {
      if (await linked(own, path)) return { release: () => release(path, mine ?? `${process.pid}`) };
      await clearStale(folder, path);
    }
  } finally {
    await rm(own, { force: true });
  }
  throw new Fault(dataFaults.folderTaken, { folder, pid: "another one that starts just now" });
}

/** A link is made whole or not at all, and refuses when the name is taken: nobody ever reads half a lock. */
async function linked(own: string, path: string): Promise<boolean> {
  try {
    await link(own, path);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}

async function clearStale(folder: string, path: string): Promise<void> {
  const found = await readIfThere(path);
  if (found === undefined) return;
  const pid = Number.parseInt(found, 10);
  const alive = Number.isInteger(pid) ? await identityOf(pid) : undefined;
  if (alive === found) throw new Fault(dataFaults.folderTaken, { folder, pid });
  const aside = `${path}.stale.${process.pid}`;
  await rename(path, aside).catch((error: unknown) => {
    if (codeOf(error) !== "ENOENT") throw error;
  });
  // Somebody may have replaced the stale lock since it was read: then what was moved aside is theirs, and goes back.
  const moved = await readIfThere(aside);
  if (moved !== undefined && moved !== found) await linked(aside, path);
  await rm(aside, { force: true });
}

async function release(path: string, mine: string): Promise<void> {
  if ((await readIfThere(path)) === mine) await rm(path, { force: true });
}

/** "pid start boot" of a living process; on systems without /proc "pid" alone. */
async function identityOf(pid: number): Promise<string | undefined> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (codeOf(error) !== "EPERM") return undefined;
  }
  try {
    const boot = (await readFile("/proc/sys/kernel/random/boot_id", "utf8")).trim();
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    // Fields after the name, which may hold spaces and brackets. The 22nd of all is the start time; Z is a zombie.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? undefined : `${pid} ${fields[19]} ${boot}`;
  } catch {
    return `${pid}`;
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
