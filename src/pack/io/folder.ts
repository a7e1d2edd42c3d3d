// The title's folder is whole or absent: it is filled under another name beside it, flushed, then renamed.
import { randomBytes } from "node:crypto";
import { mkdir, open, readdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { isAlive } from "#io/living.ts";

/** Folders this process is filling right now. */
const filling = new Set<string>();

/** Runs `fill` on an empty folder and puts it in `outDir`'s place; whatever fails leaves `outDir` as it was. */
export async function publishWhole<T>(outDir: string, fill: (folder: string) => Promise<T>): Promise<T> {
  await mkdir(dirname(outDir), { recursive: true });
  await sweep(outDir);
  const folder = `${outDir}.packing-${process.pid}-${randomBytes(4).toString("hex")}`;
  filling.add(folder);
  try {
    await mkdir(folder);
    const result = await fill(folder);
    await syncTree(folder);
    await replace(folder, outDir);
    return result;
  } finally {
    filling.delete(folder);
    await rm(folder, { recursive: true, force: true });
  }
}

export async function writeFlushed(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content, { flush: true });
}

async function replace(folder: string, outDir: string): Promise<void> {
  const aside = `${folder}.old`;
  const had = await rename(outDir, aside).then(() => true, absent);
  try {
    await rename(folder, outDir);
  } catch (error) {
    if (had) await rename(aside, outDir);
    throw error;
  }
  await sync(dirname(outDir));
  await rm(aside, { recursive: true, force: true });
}

function absent(error: unknown): false {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return false;
  throw error;
}

/** A rename is only safe over files whose folders know them. */
async function syncTree(folder: string): Promise<void> {
  for (const each of await foldersIn(folder)) await sync(each);
}

/** All folders below one, each before the one that names it, and itself last. */
export async function foldersIn(folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) found.push(...(await foldersIn(join(folder, entry.name))));
  }
  return [...found, folder];
}

/** Flushes a file, or the names in a folder. */
export async function sync(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Takes away what a killed packager left beside `outDir`. */
async function sweep(outDir: string): Promise<void> {
  const prefix = `${basename(outDir)}.packing-`;
  for (const name of await readdir(dirname(outDir))) {
    const path = join(dirname(outDir), name);
    const pid = Number.parseInt(name.slice(prefix.length), 10);
    const isLeft = name.startsWith(prefix) && (pid === process.pid ? !filling.has(path) : !isAlive(pid));
    if (isLeft) await rm(path, { recursive: true, force: true });
  }
}
