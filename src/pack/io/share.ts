// Equal files lie on disk once: within a title always, among the titles of a store through a folder of links, one per content.
// A title's folder stays what it was, a folder of plain files that any program may read, move or remove: a hard link is
// the file. Sharing saves space and decides nothing: whatever the disk refuses (links, rights, room), files are kept apart.
import { createHash, randomBytes } from "node:crypto";
import { link, mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
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

const shelves = 256;
/** Names that one run looks at: a tenth of a second or so. A store with fewer is looked through whole each time. */
const namesPerRun = 10_000;
/** Lies in the store, and says with which shelf the next run begins. */
const cursorName = "next-shelf";

/**
 * Removes links to content that no title has any more, and answers how many. Shelf by shelf, until `names` were looked at; the
 * next run goes on there, so a large store is gone through in turn and no run waits for all of it.
 */
export async function sweepShelves(store: string, signal: AbortSignal, names = namesPerRun): Promise<number> {
  const cursor = join(store, cursorName);
  const first = Number(await orApart(readFile(cursor, "utf8"), "0"));
  let shelf = Number.isInteger(first) && first >= 0 ? first % shelves : 0;
  let [seen, removed] = [0, 0];
  for (let count = 0; count < shelves && seen < names; count++) {
    signal.throwIfAborted();
    const swept = await sweepShelf(join(store, shelf.toString(16).padStart(2, "0")));
    seen += swept.seen;
    removed += swept.removed;
    shelf = (shelf + 1) % shelves;
  }
  if (seen > 0) await orApart(writeFile(cursor, `${shelf}`), undefined);
  return removed;
}

async function sweepShelf(folder: string): Promise<{ readonly seen: number; readonly removed: number }> {
  const names = await orApart(readdir(folder), []);
  let removed = 0;
  for (const name of names) {
    const path = join(folder, name);
    const about = await orApart(stat(path), undefined);
    const unused = about?.isFile() === true && about.nlink === 1;
    if (
      unused &&
      (await orApart(
        rm(path).then(() => true),
        false,
      ))
    )
      removed += 1;
  }
  return { seen: names.length, removed };
}

/** "ab/ab12…": a folder of a hundred thousand names is slow to read on some disks. */
export function storedAs(sha256: string): string {
  return join(sha256.slice(0, 2), sha256);
}

/** What the store has may have rotted: it is read before it is believed, and otherwise ours takes its place. */
async function throughStore(stored: string, path: string, sha256: string): Promise<void> {
  const kept = await orApart(readFile(stored), undefined);
  if (kept !== undefined && createHash("sha256").update(kept).digest("hex") === sha256) {
    await replaceByLink(stored, path);
    return;
  }
  await orApart(mkdir(dirname(stored), { recursive: true }), undefined);
  await replaceByLink(path, stored);
}

/** `target` is the same file as `source` afterwards, or as it was: at no moment is it missing. */
async function replaceByLink(source: string, target: string): Promise<void> {
  const beside = `${target}.link-${randomBytes(6).toString("hex")}`;
  const linked = await orApart(
    link(source, beside).then(() => true),
    false,
  );
  if (!linked) return;
  await orApart(rename(beside, target), undefined);
  // Renaming one link of a file onto another does nothing and leaves both. Source: POSIX rename().
  await rm(beside, { force: true });
}

/**
 * What a step of sharing came to, or `instead` when the disk refused it: no links or too many, another disk, no rights, no
 * room, or a name that another run has swept meanwhile. The title is whole either way.
 */
async function orApart<T>(step: Promise<T>, instead: T): Promise<T> {
  return step.catch((error: unknown) => {
    if (error instanceof Error && "errno" in error) return instead;
    throw error;
  });
}
