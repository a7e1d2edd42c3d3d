// What a title needs beside its rungs: the sound, the small pictures of the seek bar, and a poster.
import { join } from "node:path";
import type { Input, Reference } from "#encode/argv.ts";
import {
  posterArgs,
  type SheetLayout,
  sheetArgs,
  soundArgs,
  soundBitrate,
  soundRate,
} from "#encode/argv-side.ts";
import type { SoundIntake } from "#encode/intake.ts";
import type { EncodedAudio, Thumbnails } from "#model/encoded.ts";
import { bitsPerSecond } from "#units/quantity.ts";
import type { Bench } from "./bench.ts";
import { isKept, keepFile, keyOf } from "./vault.ts";
import { withScratch } from "./workshop.ts";

/** The sound as one AAC file, exactly as long as the picture. */
export async function makeSound(
  film: Input,
  sha256: string,
  sound: SoundIntake,
  seconds: number,
  bench: Bench,
): Promise<EncodedAudio> {
  const args = soundArgs(film, sound, seconds, "sound.mp4");
  const path = await keptOrMade(args, film, sha256, "sound", "sound.mp4", seconds, bench);
  const about = { id: "audio", codec: "aac", language: "und", name: "Original" } as const;
  return { ...about, path, bitrate: bitsPerSecond(soundBitrate), sampleRate: soundRate, channels: 2 };
}

const tileWidth = 160;
const columns = 10;
const mostRows = 10;
const everySeconds = 2;

/** Sheets and poster. `posterFrame` was chosen from the trials. */
export async function makeThumbnails(
  reference: Reference,
  referenceKey: string,
  frames: number,
  posterFrame: number,
  bench: Bench,
): Promise<Thumbnails> {
  const { rate, display } = reference;
  const seconds = (frames * rate.den) / rate.num;
  const everyFrames = Math.max(1, Math.round((everySeconds * rate.num) / rate.den));
  const count = Math.ceil(frames / everyFrames);
  const rows = Math.min(mostRows, Math.ceil(count / columns));
  const tileHeight = Math.max(2, 2 * Math.round((tileWidth * display.height) / display.width / 2));
  const layout: SheetLayout = { everyFrames, tileWidth, tileHeight, columns, rows };
  const sheetCount = Math.ceil(count / (columns * rows));
  const sheets = await sheetPaths(reference, referenceKey, layout, sheetCount, seconds, bench);
  const posterWork = posterArgs(reference, posterFrame, "poster.jpg");
  const poster = await keptOrMade(
    posterWork,
    reference,
    referenceKey,
    "pictures",
    "poster.jpg",
    seconds,
    bench,
  );
  const every = (everyFrames * rate.den) / rate.num;
  return { sheets, tileWidth, tileHeight, columns, rows, every, count, poster };
}

async function sheetPaths(
  reference: Reference,
  referenceKey: string,
  layout: SheetLayout,
  sheetCount: number,
  filmSeconds: number,
  bench: Bench,
): Promise<readonly string[]> {
  const key = keyOf({ sheets: layout, referenceKey, by: bench.ffmpeg.version });
  const paths = Array.from({ length: sheetCount }, (_, index) =>
    join(bench.workDir, "pictures", `${key}-${index + 1}.jpg`),
  );
  const kept = await Promise.all(paths.map((path) => isKept(path, bench.signal)));
  if (kept.every(Boolean)) return paths;
  await withScratch(bench.workDir, async (scratch) => {
    const args = sheetArgs(reference, layout, "sheet-%d.jpg");
    await bench.workshop.run({
      tool: bench.ffmpeg,
      args,
      reads: [reference.path],
      scratch,
      filmSeconds,
      signal: bench.signal,
    });
    for (const [index, path] of paths.entries())
      await keepFile(join(scratch, `sheet-${index + 1}.jpg`), path, bench.signal);
  });
  return paths;
}

/** One file made by one ffmpeg run, kept by its arguments. */
export async function keptOrMade(
  args: readonly string[],
  input: Input,
  inputKey: string,
  folder: string,
  output: string,
  filmSeconds: number,
  bench: Bench,
): Promise<string> {
  const nameless = args.map((arg) => arg.replaceAll(input.path, "INPUT"));
  const key = keyOf({ inputKey, args: nameless, by: bench.ffmpeg.version });
  const path = join(bench.workDir, folder, `${key}${output.slice(output.lastIndexOf("."))}`);
  if (await isKept(path, bench.signal)) return path;
  await withScratch(bench.workDir, async (scratch) => {
    await bench.workshop.run({
      tool: bench.ffmpeg,
      args,
      reads: [input.path],
      scratch,
      filmSeconds,
      signal: bench.signal,
    });
    await keepFile(join(scratch, output), path, bench.signal);
  });
  return path;
}
