// Work that was paid for once: files named by the hash of everything that went into them, with a seal beside each that
// holds size and sha256. What is half, altered or of another shape does not match its seal and is made anew.
import { createHash } from "node:crypto";
import { mkdir, open, rename, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { readIfThere, sha256Of, writeWhole } from "#io/files.ts";

/** Raised when the meaning of a kept file changes. */
const era = 1;

export function keyOf(parts: unknown): string {
  return createHash("sha256")
    .update(JSON.stringify([era, parts]))
    .digest("hex");
}

/** A kept value, or undefined when there is none or it is not what was sealed. Its shape is for the caller to check. */
export async function keptValue(path: string): Promise<unknown> {
  const text = await readIfThere(path);
  if (text === undefined) return undefined;
  try {
    const sealed: unknown = JSON.parse(text);
    if (typeof sealed !== "object" || sealed === null || !("value" in sealed) || !("sha256" in sealed))
      return undefined;
    return sealed.sha256 === digest(JSON.stringify(sealed.value)) ? sealed.value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

export async function keepValue(path: string, value: unknown): Promise<void> {
  await writeWhole(path, JSON.stringify({ sha256: digest(JSON.stringify(value)), value }));
}

/** Whether the file at `path` is the one that was sealed. */
export async function isKept(path: string, signal: AbortSignal): Promise<boolean> {
  const seal = await readIfThere(`${path}.seal`);
  if (seal === undefined) return false;
  try {
    const { size } = await stat(path);
    return seal === `${size} ${await sha256Of(path, signal)}\n`;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return false;
    throw error;
  }
}

/** Moves a finished file into place: flushed, sealed, renamed. The seal comes last, so a seal means a whole file. */
export async function keepFile(fresh: string, path: string, signal: AbortSignal): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const handle = await open(fresh, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
  const { size } = await stat(fresh);
  const seal = `${size} ${await sha256Of(fresh, signal)}\n`;
  await rename(fresh, path);
  await writeWhole(`${path}.seal`, seal);
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
