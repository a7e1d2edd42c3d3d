// Which user nginx's workers run as when the agent is root: one that may read the disk and nothing else, where the
// machine allows it. Who talks with strangers should not be root.
import { readFile } from "node:fs/promises";
import { run } from "#io/process.ts";
import { Fault } from "#units/fault.ts";
import { milliseconds } from "#units/quantity.ts";

/** Debian's user for what web servers serve. */
const webUser = "www-data";
const setpriv = "/usr/bin/setpriv";

/** chown, dac_override, kill, setgid, setuid, sys_ptrace. Source: capabilities(7), linux/capability.h. */
const needed = [0, 1, 5, 6, 7, 19].reduce((mask, bit) => mask | (1n << BigInt(bit)), 0n);

/**
 * The user to name in nginx's configuration; undefined when the agent is not root, who alone may choose.
 *
 * Without a wish it is www-data if that user can read the folder and what this process will write into it, and if root
 * may do here what it takes to start, watch (through /proc) and end another user's processes. Else it is root.
 */
export async function workerUser(order: {
  readonly wish: string | undefined;
  readonly folder: string;
  readonly signal: AbortSignal;
}): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  if (order.wish !== undefined) return order.wish;
  const othersMayRead = (process.umask() & 0o055) === 0;
  const able = othersMayRead && (await isFullRoot()) && (await canRead(order.folder, order.signal));
  return able ? webUser : "root";
}

async function isFullRoot(): Promise<boolean> {
  const status = await readFile("/proc/self/status", "utf8").catch(() => "");
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? "0"}`);
  return (effective & needed) === needed;
}

/** Tried out as that user: only the system knows every folder on the way. */
async function canRead(folder: string, signal: AbortSignal): Promise<boolean> {
  const asWebUser = [setpriv, `--reuid=${webUser}`, `--regid=${webUser}`, "--clear-groups"] as const;
  try {
    const test = ["test", "-r", folder, "-a", "-x", folder];
    await run({ argv: [...asWebUser, ...test], signal, deadline: milliseconds(5000) });
    return true;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return false;
  }
}
