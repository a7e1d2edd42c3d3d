// Subtitles as WebVTT on the film's clock: read from files beside the film and from the film itself.
import { readFile, stat, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Input } from "#encode/argv.ts";
import { subtitleArgs } from "#encode/argv-side.ts";
import { encodeFaults } from "#encode/faults.ts";
import { type ReadSubtitles, type SubtitleFile, subtitleOrders } from "#encode/subtitle-tracks.ts";
import type { SubtitleIntake } from "#encode/tracks.ts";
import { type Cue, onFilmClock, readCues, writeCues } from "#encode/web-vtt.ts";
import type { EncodedSubtitles } from "#model/encoded.ts";
import { Fault } from "#units/fault.ts";
import type { Bench } from "./bench.ts";
import { isKept, keepFile, keyOf } from "./vault.ts";
import { withScratch } from "./workshop.ts";

export interface MadeSubtitles {
  readonly subtitles: readonly EncodedSubtitles[];
  /** Files and streams that hold no words while the film lasts, and streams that are no text. */
  readonly leftOut: readonly string[];
}

/** Reads the files beside the film; writes nothing. @throws Fault subtitle-file */
export async function readSidecars(
  files: readonly SubtitleFile[],
  mostKib: number,
): Promise<readonly ReadSubtitles[]> {
  return Promise.all(
    files.map(async ({ path, language }) => {
      const text = await textOf(path, basename(path), mostKib);
      return { language, title: "", isForced: false, cues: cuesOf(text, basename(path)) };
    }),
  );
}

export async function makeSubtitles(
  { film, fileName }: { readonly film: Input; readonly fileName: string },
  streams: readonly SubtitleIntake[],
  sidecars: readonly ReadSubtitles[],
  { seconds, mostKib }: { readonly seconds: number; readonly mostKib: number },
  bench: Bench,
): Promise<MadeSubtitles> {
  const read: ReadSubtitles[] = [];
  const leftOut: string[] = [];
  for (const sidecar of sidecars) {
    const cues = onFilmClock(sidecar.cues, 0, seconds);
    if (cues.length > 0) read.push({ ...sidecar, cues });
    else leftOut.push(`subtitle file (${sidecar.language}): no words while the film lasts`);
  }
  for (const stream of streams) {
    const name = `in stream ${stream.stream} of ${fileName}`;
    const all = await cuesIn(film, stream, { name, mostKib, seconds }, bench).catch(unreadable);
    if ("reason" in all) {
      leftOut.push(`stream ${stream.stream} (subtitles): ${all.reason}`);
      continue;
    }
    const cues = onFilmClock(all, stream.pictureStart, seconds);
    const { language, isForced } = stream;
    const title = stream.title || (isForced ? "forced" : "");
    if (cues.length > 0) read.push({ language, title, isForced, cues });
    else leftOut.push(`stream ${stream.stream} (subtitles): no words while the film lasts`);
  }
  const subtitles: EncodedSubtitles[] = [];
  for (const { id, language, name, isForced, cues } of subtitleOrders(read)) {
    subtitles.push({ id, language, name, isForced, path: await keptText(writeCues(cues), bench) });
  }
  return { subtitles, leftOut };
}

async function cuesIn(
  film: Input,
  stream: SubtitleIntake,
  about: { readonly name: string; readonly mostKib: number; readonly seconds: number },
  bench: Bench,
): Promise<readonly Cue[]> {
  const output = "subtitles.vtt";
  return withScratch(bench.workDir, async (scratch) => {
    const args = subtitleArgs(film, stream, output);
    const { ffmpeg: tool, signal } = bench;
    const work = { tool, args, reads: [film.path], scratch, filmSeconds: about.seconds, signal };
    await bench.workshop.run(work).catch((error: unknown) => {
      if (!(error instanceof Fault) || error.code !== "process-failed") throw error;
      throw unfit(about.name, "ffmpeg cannot read them as text", error);
    });
    const text = await textOf(join(scratch, output), about.name, about.mostKib);
    const read = readCues(text);
    if (read.kind === "unreadable") throw unfit(about.name, read.reason);
    return read.cues;
  });
}

function cuesOf(text: string, file: string): readonly Cue[] {
  const read = readCues(text);
  if (read.kind === "unreadable") throw unfit(file, read.reason);
  if (read.cues.length === 0) throw unfit(file, "it holds no words");
  return read.cues;
}

async function textOf(path: string, file: string, mostKib: number): Promise<string> {
  const found = await stat(path).catch((cause: Error) => {
    throw unfit(file, `it cannot be opened: ${cause.message}`, cause);
  });
  if (!found.isFile()) throw unfit(file, "it is a folder, a pipe or a device");
  if (found.size > mostKib * 1024) {
    const size = Math.ceil(found.size / 1024);
    throw unfit(file, `${size} KiB are more than ${mostKib} KiB (MILLRACE_ENCODE_MAX_SUBTITLE_KIB)`);
  }
  const bytes = await readFile(path);
  const encoding = bytes[0] === 0xff && bytes[1] === 0xfe ? "utf-16le" : "utf-8";
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (cause) {
    throw unfit(file, `it is not ${encoding.toUpperCase()} text; save it as UTF-8`, cause);
  }
}

/** Named by what it says. */
async function keptText(text: string, bench: Bench): Promise<string> {
  const path = join(bench.workDir, "subtitles", `${keyOf({ subtitles: text })}.vtt`);
  if (await isKept(path, bench.signal)) return path;
  await withScratch(bench.workDir, async (scratch) => {
    const fresh = join(scratch, "subtitles.vtt");
    await writeFile(fresh, text);
    await keepFile(fresh, path, bench.signal);
  });
  return path;
}

/** Unreadable words in a film are left out with the reason: the film is not the worse for them. */
function unreadable(error: unknown): { readonly reason: string } {
  if (!(error instanceof Fault) || error.code !== encodeFaults.subtitleFile.code) throw error;
  return { reason: `${error.facts.reason}` };
}

function unfit(file: string, reason: string, cause?: unknown): Fault {
  return new Fault(encodeFaults.subtitleFile, { file, reason }, cause);
}
