// Files that are either whole or absent: written under another name, flushed, then renamed.
import { createHash, randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { link, mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";

/** For what opens doors: nobody but the owner may read it, from its first byte on. */
export const ownerOnly = 0o600;

/** What a crash may leave of a file that was being written. */
const unfinished = /\.[0-9a-f]{8}\.new$/;

/** Writes a file so that a crash leaves the old one or the new one, never half. A failure leaves nothing else. */
export async function writeWhole(path: string, content: string | Uint8Array, mode = 0o666): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const fresh = `${path}.${randomBytes(4).toString("hex")}.new`;
  try {
    await writeFlushed(fresh, content, mode);
    await rename(fresh, path);
  } catch (error) {
    // What is told is why it failed, not that what is left of it would not go.
    await rm(fresh, { force: true }).catch(() => undefined);
    throw error;
  }
}

async function writeFlushed(path: string, content: string | Uint8Array, mode: number): Promise<void> {
  const handle = await open(path, "w", mode);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Removes what writers that were killed left in this folder. For whoever alone writes there. */
export async function sweepUnfinished(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names) if (unfinished.test(name)) await rm(join(folder, name), { force: true });
}

/** The file's text, or undefined when there is no such file. Other failures are thrown. */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** A second name of a file: there with its content or not at all. False: there is one of that name already. */
export async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

/** sha256 of a file, lowercase hex, read as a stream. `onBytes` hears how many were read so far, after each MiB. */
export async function sha256Of(
  path: string,
  signal: AbortSignal,
  onBytes?: (bytes: number) => void,
): Promise<string> {
  const hash = createHash("sha256");
  const file = createReadStream(path, { highWaterMark: 1 << 20 });
  if (onBytes !== undefined) file.on("data", () => onBytes(file.bytesRead));
  await pipeline(file, hash, { signal });
  return hash.digest("hex");
}

/** Tried again, for some seconds, while somebody writes into it: a browser does so for a moment after it was closed. */
export async function removeTree(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}
