// Whether a process is still there. A number alone may have been given to another one since: the name that `nameOf` makes cannot.
import { readFile, readlink } from "node:fs/promises";

/** Whether some process has this number now, whoever it belongs to. */
export function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** A process by its number and the moment it began, so that a later one of the same number is not taken for it. Source: proc(5). */
export async function nameOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  const [state = "", ...rest] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  // Ended, and not yet asked for its status: it will never finish a job.
  if (state === "Z" || state === "X") return `${pid} ended`;
  return `${pid} ${rest[18] ?? ""}`;
}

/** The number in a name that `nameOf` made; undefined when it is none. */
export function pidIn(name: string): number | undefined {
  const pid = Number(name.split(" ")[0]);
  return Number.isInteger(pid) && pid > 0 ? pid : undefined;
}

export async function isNamed(name: string): Promise<boolean> {
  const pid = pidIn(name);
  return pid !== undefined && (await nameOf(pid)) === name;
}

/** A process as another program of the same machine can look for it: start of the machine, room of process numbers, name. Empty: nobody can. */
export async function markOf(pid: number): Promise<string> {
  try {
    const boot = (await readFile("/proc/sys/kernel/random/boot_id", "utf8")).trim();
    return `${boot} ${await readlink("/proc/self/ns/pid")} ${await nameOf(pid)}`;
  } catch {
    return "";
  }
}

/** Whether a process that `markOf` marked has ended for certain. One of another machine or container may have, or not: false. */
export async function hasEnded(mark: string): Promise<boolean> {
  const [boot, room, number] = mark.split(" ");
  const pid = Number(number);
  if (mark === "" || !Number.isInteger(pid)) return false;
  const now = await markOf(pid);
  if (!now.startsWith(`${boot} ${room} `)) return false;
  // A system that hides others' processes shows a number, and nothing of when it began.
  return !isAlive(pid) || (now !== mark && now !== `${boot} ${room} ${pid} `);
}
