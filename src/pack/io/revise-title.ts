// Another version of a title's index is put beside the one before. The folder as it was stays whole at every moment: each new file is
// written under another name, flushed, and renamed, and only the catalogue's row, which is written after, says that they count.
import { createHash } from "node:crypto";
import { readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { isTopIndex, type TitlePackage } from "#model/package.ts";
import { packFaults } from "#pack/faults.ts";
import type { NewFile } from "#pack/revision.ts";
import type { Manifests } from "#pack/subtitle-sets.ts";
import { Fault } from "#units/fault.ts";
import { sync, writeFlushed } from "./folder.ts";

/** What a revision that was killed leaves of a file. */
const half = ".revising";

/** @throws Fault pack-index-unreadable */
export async function readManifests(folder: string, title: TitlePackage): Promise<Manifests> {
  return { dash: await textOf(folder, title, title.dash), hls: await textOf(folder, title, title.hls) };
}

async function textOf(folder: string, title: TitlePackage, path: string): Promise<string> {
  const unreadable = (reason: string, cause?: unknown): Fault =>
    new Fault(packFaults.indexUnreadable, { title: title.titleId, path, reason }, cause);
  const listed = title.renditions.find(isTopIndex)?.files.find((file) => file.path === path);
  const content = await readFile(join(folder, path)).catch((error: unknown) => {
    throw unreadable(error instanceof Error ? error.message : String(error), error);
  });
  if (sha256Of(content) === listed?.sha256) return content.toString("utf8");
  throw unreadable("its bytes are not those that were published");
}

/** Afterwards all of them are on the disk, whatever happens next. */
export async function writeRevision(
  folder: string,
  files: readonly NewFile[],
  signal: AbortSignal,
): Promise<void> {
  for (const { path, text } of files) {
    signal.throwIfAborted();
    const place = join(folder, path);
    // Named by what is in it: what is there by that name may be left of a run that was killed, or of a version before.
    if ((await hashOf(place)) === sha256Of(text)) await sync(place);
    else {
      await writeFlushed(`${place}${half}`, text);
      await rename(`${place}${half}`, place);
    }
  }
  await sync(folder);
}

/** Whether every file of a title is there, in its length. */
export async function isWhole(folder: string, { renditions }: TitlePackage): Promise<boolean> {
  for (const { path, bytes } of renditions.flatMap(({ files }) => files)) {
    const found = await stat(join(folder, path)).catch(absent);
    if (found?.size !== bytes) return false;
  }
  return true;
}

/** Takes away what lies at the top and belongs to no version that is played. After the row, never before. */
export async function sweepRevisions(folder: string, title: TitlePackage): Promise<number> {
  const listed = new Set(title.renditions.flatMap(({ files }) => files.map(({ path }) => path)));
  const entries = await readdir(folder, { withFileTypes: true });
  const idle = entries.filter((entry) => entry.isFile() && !listed.has(entry.name));
  for (const { name } of idle) await rm(join(folder, name), { force: true });
  return idle.length;
}

/** Undefined: there is none. */
async function hashOf(path: string): Promise<string | undefined> {
  const content = await readFile(path).catch(absent);
  return content && sha256Of(content);
}

function absent(error: unknown): undefined {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
  throw error;
}

function sha256Of(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}
