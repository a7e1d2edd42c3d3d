// Where films lie: by names that we made, never by one that a sender chose (ASVS 5.3.2).
import { link, mkdir, open, readdir, rename, rm, stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import type { Disk } from "#publish/quota.ts";

export interface FilmFolders {
  readonly uploads: string;
  readonly masters: string;
  readonly refused: string;
}

const madeName = /^[0-9a-f]{32}$/;

export async function openFolders(home: string): Promise<FilmFolders> {
  const uploads = join(home, "uploads");
  const folders = { uploads, masters: join(home, "masters"), refused: join(uploads, "refused") };
  for (const folder of Object.values(folders)) await mkdir(folder, { recursive: true, mode: 0o700 });
  return folders;
}

export function arrivalPath({ uploads }: FilmFolders, id: string): string {
  return join(uploads, id);
}

export function masterPath({ masters }: FilmFolders, sha256: string): string {
  return join(masters, sha256);
}

/** Bytes on disk; undefined when there is no such file. */
export async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

export async function diskOf(folders: FilmFolders, openIds: readonly string[]): Promise<Disk> {
  const { bavail, bsize } = await statfs(folders.uploads);
  const sizes = await Promise.all(openIds.map((id) => sizeOf(arrivalPath(folders, id))));
  return {
    freeBytes: bavail * bsize,
    arrivedBytes: sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0),
  };
}

/** Flushed, then named a second time: a crash at any point leaves it under one of the names, or under both. */
export async function keepAsMaster(folders: FilmFolders, id: string, sha256: string): Promise<void> {
  const from = arrivalPath(folders, id);
  await flushed(from);
  try {
    await link(from, masterPath(folders, sha256));
  } catch (error) {
    // An equal film is there already.
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
  await flushed(folders.masters);
}

export async function flushed(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export async function dropArrival(folders: FilmFolders, id: string): Promise<void> {
  await rm(arrivalPath(folders, id), { force: true });
  await rm(join(folders.refused, id), { force: true });
}

export async function setAside(folders: FilmFolders, id: string): Promise<void> {
  await rename(arrivalPath(folders, id), join(folders.refused, id));
}

/** Removes files that no record speaks of any more: a program that was killed between the two left them. */
export async function sweepFilms(
  folders: FilmFolders,
  isWanted: (id: string, where: "uploads" | "refused") => Promise<boolean>,
): Promise<number> {
  let swept = 0;
  for (const where of ["uploads", "refused"] as const) {
    for (const name of await readdir(folders[where])) {
      if (!madeName.test(name) || (await isWanted(name, where))) continue;
      await rm(join(folders[where], name), { force: true });
      swept++;
    }
  }
  return swept;
}
