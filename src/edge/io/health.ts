// What an appliance's machine says about itself: its disk's time per read, free space, file handles.
import { readdir, readFile, stat, statfs } from "node:fs/promises";
import type { SeenTls } from "#edge/kernel-tls.ts";
import { type DiskReads, fileLimits, meanReadMs, readsOf } from "#edge/proc-text.ts";
import type { Log } from "#io/log.ts";
import type { CheckOutcome } from "#wire/check.ts";
import { KeptCheck } from "./check-kept.ts";
import { KernelTlsMeter } from "./kernel-tls.ts";

export interface Health {
  /** Mean over the last interval, in ms; absent where the kernel counts nothing, or nothing was read. */
  readonly readMs?: number;
  /** Of the file system, for the agent's user. */
  readonly freeBytes?: number;
  readonly handles?: { readonly open: number; readonly limit: number };
  /** Of the last check; absent when there was none. */
  readonly check?: CheckOutcome;
}

export class HealthMeter {
  readonly #folder: string;
  readonly #kernelTls = new KernelTlsMeter();
  readonly #check: KeptCheck;
  #reads: DiskReads | undefined;

  /** `folder`: the appliance's. */
  constructor(folder: string) {
    this.#folder = folder;
    this.#check = new KeptCheck(folder);
  }

  /** What cannot be learned on this system is absent. */
  async sample(): Promise<Health> {
    const [readMs, freeBytes, handles, check] = await Promise.all([
      this.#readMs(),
      statfs(this.#folder).then(
        (found) => found.bavail * found.bsize,
        () => undefined,
      ),
      handlesNow(),
      this.#check.told(),
    ]);
    return {
      ...(readMs === undefined ? {} : { readMs }),
      ...(freeBytes === undefined ? {} : { freeBytes }),
      ...(handles === undefined ? {} : { handles }),
      ...(check === undefined ? {} : { check }),
    };
  }

  /** What the kernel encrypted since the first call, of so many connections over TLS; see kernel-tls.ts. */
  seenTls(connections: number): Promise<SeenTls | undefined> {
    return this.#kernelTls.sample(connections);
  }

  async #readMs(): Promise<number | undefined> {
    // A disk that answers with EIO has nothing to say here either; what it still holds in memory is served.
    const [text, dev] = await Promise.all([textOf("/proc/diskstats"), deviceOf(this.#folder)]);
    const before = this.#reads;
    this.#reads = dev === undefined ? undefined : readsOf(text, dev);
    return before === undefined || this.#reads === undefined ? undefined : meanReadMs(before, this.#reads);
  }
}

async function handlesNow(): Promise<Health["handles"]> {
  const limits = fileLimits(await textOf("/proc/self/limits"));
  const open = await readdir("/proc/self/fd").catch(() => undefined);
  return limits === undefined || open === undefined ? undefined : { open: open.length, limit: limits.soft };
}

/**
 * Says in the log how many file handles there are. Node has raised its soft limit to the hard one before this runs; nginx
 * inherits it, and only root may go beyond.
 */
export async function tellFileLimit(log: Log, connections: number): Promise<void> {
  const limits = fileLimits(await textOf("/proc/self/limits"));
  if (limits === undefined) return;
  const needed = connections * 2 + 64;
  const isShort = limits.hard < needed && process.getuid?.() !== 0;
  const facts = { soft: limits.soft, hard: limits.hard, neededPerWorker: needed };
  if (isShort) log.warn(facts, "nginx has fewer file handles than its connections need; raise LimitNOFILE");
  else log.info(facts, "file handles");
}

function deviceOf(folder: string): Promise<number | undefined> {
  return stat(folder).then(
    ({ dev }) => dev,
    () => undefined,
  );
}

function textOf(path: string): Promise<string> {
  return readFile(path, "utf8").catch(() => "");
}
