// An appliance's disk: what nginx serves (`v/`), what is on its way (`incoming/`), what was found corrupt (`quarantine/`).
// Only whole, verified files come into `v/`, by a rename; nothing in it is ever written to.
import { mkdir, open, readdir, realpath, rename, rm, rmdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { unreadable } from "#edge/fill-rot.ts";
import type { FillEvent } from "#edge/fill-state.ts";
import { isServable } from "#edge/nginx-config.ts";
import { sha256Of } from "#io/files.ts";
import { assert } from "#units/assert.ts";

/** Corrupt files that are kept for whoever wants to know why. */
const keptInQuarantine = 16;

/** Files that are looked at together. */
export const together = 64;

export interface Disk {
  readonly folder: string;
  readonly served: string;
  readonly incoming: string;
  readonly quarantine: string;
}

export async function openDisk(folder: string): Promise<Disk> {
  await mkdir(folder, { recursive: true });
  const real = await realpath(folder);
  const disk = {
    folder: real,
    served: join(real, "v"),
    incoming: join(real, "incoming"),
    quarantine: join(real, "quarantine"),
  };
  for (const path of [disk.served, disk.incoming, disk.quarantine]) await mkdir(path, { recursive: true });
  return disk;
}

/** Where a file of this key lies. The key was checked when the plan was taken; here it is made sure of. */
export function placeOf(disk: Disk, key: string): string {
  assert(isServable(key), "a key is a plain path");
  return join(disk.served, key);
}

/** All files there are. Those under names that nginx would never serve are none of ours, and left alone. */
export async function takeInventory(
  disk: Disk,
  signal: AbortSignal,
): Promise<Extract<FillEvent, { kind: "inventory" }>> {
  const files = (await filesUnder(disk.served, signal))
    .map(({ path, bytes }) => ({ key: path.slice(disk.served.length + 1), bytes }))
    .filter(({ key }) => isServable(key));
  const partials = (await filesUnder(disk.incoming, signal)).map(({ path, bytes }) => ({
    name: path.slice(disk.incoming.length + 1),
    bytes,
  }));
  return { kind: "inventory", files, partials, quarantineBytes: await trimQuarantine(disk) };
}

async function filesUnder(
  folder: string,
  signal?: AbortSignal,
): Promise<{ readonly path: string; readonly bytes: number }[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const found: { readonly path: string; readonly bytes: number }[] = [];
  for (let from = 0; from < paths.length; from += together) {
    signal?.throwIfAborted();
    const some = paths.slice(from, from + together);
    found.push(...(await Promise.all(some.map(async (path) => ({ path, bytes: (await stat(path)).size })))));
  }
  return found;
}

/** Hash of a file in its place; undefined when it is not there, `unreadable` when the disk does not give it back. */
export async function inspect(disk: Disk, key: string, signal: AbortSignal): Promise<string | undefined> {
  return hashOrLoss(() => sha256Of(placeOf(disk, key), signal));
}

/** What a hash comes to; a file that is lost, or that the disk cannot read any more, is no failure of the agent. */
export async function hashOrLoss(hash: () => Promise<string>): Promise<string | undefined> {
  try {
    return await hash();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : "";
    if (code === "ENOENT") return undefined;
    if (code === "EIO") return unreadable;
    throw error;
  }
}

/** A finished download goes to its place: flushed first, then renamed, then the folder flushed. */
export async function admit(disk: Disk, name: string, key: string): Promise<void> {
  const from = join(disk.incoming, name);
  const to = placeOf(disk, key);
  await flush(from);
  await mkdir(dirname(to), { recursive: true });
  await rename(from, to);
  await flush(dirname(to));
}

async function flush(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Moves a corrupt file out of the served folder and says how much lies in quarantine now. */
export async function setAside(disk: Disk, key: string, stamp: number): Promise<number> {
  await rename(placeOf(disk, key), join(disk.quarantine, `${stamp}-${key.replaceAll("/", "~").slice(-180)}`));
  return trimQuarantine(disk);
}

async function trimQuarantine(disk: Disk): Promise<number> {
  const newestFirst = (await filesUnder(disk.quarantine)).sort((a, b) => (a.path < b.path ? 1 : -1));
  for (const { path } of newestFirst.slice(keptInQuarantine)) await rm(path, { force: true });
  return newestFirst.slice(0, keptInQuarantine).reduce((sum, file) => sum + file.bytes, 0);
}

export async function purgeQuarantine(disk: Disk): Promise<void> {
  for (const { path } of await filesUnder(disk.quarantine)) await rm(path, { force: true });
}

/** Removes a file and the folders that it leaves empty. */
export async function remove(disk: Disk, key: string): Promise<void> {
  const path = placeOf(disk, key);
  await rm(path, { force: true });
  for (let folder = dirname(path); folder !== disk.served; folder = dirname(folder)) {
    const removed = await rmdir(folder).then(
      () => true,
      () => false,
    );
    if (!removed) return;
  }
}
