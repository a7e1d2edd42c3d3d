// The second copy of films that the settings ask for, for a control plane of this machine.
import { join } from "node:path";
import { FilmArchive } from "#control/io/film-archive.ts";
import { openBlobs } from "#data/io/open-blobs.ts";
import { dataSettings } from "#data/settings.ts";
import type { Log } from "#io/log.ts";
import { settingsOf } from "./program.ts";

/** @throws Fault blobs-url */
export async function archiveOf(home: string, logger: Log): Promise<FilmArchive | undefined> {
  const settings = settingsOf(dataSettings);
  const blobs = await openBlobs(settings.blobsUrl, settings);
  if (blobs === undefined) return undefined;
  const folders = { originFolder: join(home, "origin"), mastersFolder: join(home, "masters") };
  const keepMs = settings.blobsReplacedDays * 86_400_000;
  return new FilmArchive({ ...blobs, ...folders, logger, keepMs });
}
