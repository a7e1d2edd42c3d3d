// Equal files lie on disk once: within a title always, among the titles of a store through a folder of links, one per content.
// A title's folder stays what it was, a folder of plain files that any program may read, move or remove: a hard link is
// the file. Where the disk knows no links, or they are used up, files are simply kept apart.
import { createHash, randomBytes } from "node:crypto";
import { link, mkdir, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { PackagedFile } from "#model/package.ts";

export interface ShareOrder {
  /** The title's folder, not yet published. */
  readonly folder: string;
  /** Read back and hashed. */
  readonly files: readonly PackagedFile[];
  /** Links to all media of the store, on the same disk and outside what is served; undefined to share within the title alone. */
  readonly store: string | undefined;
  readonly signal: AbortSignal;
}

/** Puts one file in the place of equal ones. Only media: what lies at the title's top is its own. */
export async function shareFiles({ folder, files, store, signal }: ShareOrder): Promise<void> {
  const media = files.filter((file) => file.path.includes("/"));
  const first = new Map<string, string>();
  for (const file of media) {
    signal.throwIfAborted();
    const path = join(folder, file.path);
    const twin = first.get(file.sha256);
    if (twin !== undefined) await replaceByLink(twin, path);
    else if (store !== undefined) await throughStore(join(store, storedAs(file.sha256)), path, file.sha256);
    first.set(file.sha256, twin ?? path);
  }
}

/**
 * Removes one shelf's links to content that no title has any more, and answers how many. There are 256 shelves; a run looks at
 * one, so the store is gone through in turn and no run waits for all of it.
 */
export async function sweepShelf(store: string, shelf: number): Promise<number> {
  const folder = join(store, (shelf % 256).toString(16).padStart(2, "0"));
  let removed = 0;
  for (const name of await readdir(folder).catch(nothingThere)) {
    const path = join(folder, name);
    if ((await stat(path)).nlink > 1) continue;
    await rm(path);
    removed += 1;
  }
  return removed;
}

/** "ab/ab12…": a folder of a hundred thousand names is slow to read on some disks. */
export function storedAs(sha256: string): string {
  return join(sha256.slice(0, 2), sha256);
}

/** What the store has may have rotted: it is read before it is believed, and otherwise ours takes its place. */
async function throughStore(stored: string, path: string, sha256: string): Promise<void> {
  const kept = await readFile(stored).catch(() => undefined);
  if (kept !== undefined && createHash("sha256").update(kept).digest("hex") === sha256) {
    await replaceByLink(stored, path);
    return;
  }
  await mkdir(dirname(stored), { recursive: true });
  await replaceByLink(path, stored);
}

/** `target` is the same file as `source` afterwards, or as it was: at no moment is it missing. */
async function replaceByLink(source: string, target: string): Promise<void> {
  const beside = `${target}.link-${randomBytes(6).toString("hex")}`;
  try {
    await link(source, beside);
  } catch (error) {
    if (keepsApart(error)) return;
    throw error;
  }
  await rename(beside, target);
  // Renaming one link of a file onto another does nothing and leaves both. Source: POSIX rename().
  await rm(beside, { force: true });
}

/** Too many links, another disk, a disk without links; or another run swept what was to be linked. */
function keepsApart(error: unknown): boolean {
  const codes: readonly string[] = ["EMLINK", "EXDEV", "EPERM", "ENOTSUP", "ENOSYS", "EOPNOTSUPP", "ENOENT"];
  return error instanceof Error && "code" in error && codes.includes(String(error.code));
}

function nothingThere(error: unknown): readonly string[] {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
  throw error;
}
