// Asks ffprobe about every rendition of a filled folder. Where and how it runs (walls, deadline) is the caller's.
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { packFaults } from "#pack/faults.ts";
import {
  disagreement,
  opinionArgs,
  type Promised,
  readOpinion,
  withoutKeyLines,
} from "#pack/second-opinion.ts";
import type { AudioTrack, PackedTitle } from "#pack/track.ts";
import { Fault } from "#units/fault.ts";
import { framesToSeconds, type Seconds, seconds } from "#units/quantity.ts";
import type { Work } from "./write-tracks.ts";

/** Runs ffprobe to its end; rejects when it does not end well. */
export type RunProbe = (run: ProbeRun) => Promise<{ readonly stdout: string }>;

export interface ProbeRun {
  readonly args: readonly string[];
  /** All it may read, and where it stands. */
  readonly folder: string;
  /** Length of what it reads, for a deadline. */
  readonly filmSeconds: Seconds;
  readonly signal: AbortSignal;
}

/** @throws Fault pack-second-opinion; the signal's reason when aborted */
export async function askSecondOpinion(work: Work, title: PackedTitle, run: RunProbe): Promise<void> {
  const { frames, frameRate } = work.film.source;
  const length = framesToSeconds(frames, frameRate);
  for (const { rung } of work.film.rungs) {
    const { id, codec, width, height } = rung;
    const isEncrypted = title.video.some((track) => track.id === id && track.protection !== undefined);
    const picture = { kind: "video", codec, width, height, frames, seconds: length, isEncrypted } as const;
    await ask(work, id, picture, run);
  }
  for (const track of title.audio) await ask(work, track.id, promisedSound(track), run);
}

function promisedSound(track: AudioTrack): Promised {
  const { codec, sampleRate, channels, segments, timescale, protection } = track;
  const ticks = segments.reduce((sum, { duration }) => sum + duration, 0);
  const isEncrypted = protection !== undefined;
  return { kind: "audio", codec, sampleRate, channels, seconds: ticks / timescale, isEncrypted };
}

async function ask(work: Work, id: string, promised: Promised, run: RunProbe): Promise<void> {
  const path = `${id}.m3u8`;
  const text = await readFile(join(work.folder, path), { encoding: "utf8", signal: work.signal });
  const bare = withoutKeyLines(text);
  const asked = bare === text ? path : `${id}.keyless.m3u8`;
  if (asked !== path) await writeFile(join(work.folder, asked), bare);
  try {
    const filmSeconds = seconds(promised.seconds);
    const { folder, signal } = work;
    const { stdout } = await run({ args: opinionArgs(asked), folder, filmSeconds, signal });
    const opinion = readOpinion(stdout);
    const differs =
      opinion === undefined
        ? { wanted: "a rendition", found: "nothing it can read" }
        : disagreement(promised, opinion);
    if (differs !== undefined) throw refused(work, path, differs);
  } catch (error) {
    work.signal.throwIfAborted();
    if (!(error instanceof Fault) || error.code !== "process-failed") throw error;
    const found = String(error.facts.stderr || error.message);
    throw refused(work, path, { wanted: "a rendition", found }, error);
  } finally {
    if (asked !== path) await rm(join(work.folder, asked), { force: true });
  }
}

function refused(
  { titleId }: Work,
  path: string,
  differs: { readonly wanted: string; readonly found: string },
  cause?: unknown,
): Fault {
  return new Fault(packFaults.secondOpinion, { title: titleId, path, ...differs }, cause);
}
