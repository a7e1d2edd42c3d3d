// Whether a process is still there. A number alone may have been given to another one since: the name that `nameOf` makes cannot.
import { readFile } from "node:fs/promises";

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
