// What a title needs to be looked through: the small pictures of the seek bar, and a poster. And how one kept file is made.
import { join } from "node:path";
import type { Reference } from "#encode/argv.ts";
import { posterArgs, type SheetLayout, sheetArgs } from "#encode/argv-side.ts";
import type { Thumbnails } from "#model/encoded.ts";
import type { Bench } from "./bench.ts";
import { isKept, keepFile, keyOf } from "./vault.ts";
import { withScratch } from "./workshop.ts";

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
  const poster = await keptOrMade(
    {
      ...{ args: posterArgs(reference, posterFrame, "poster.jpg"), input: reference.path },
      ...{ inputKey: referenceKey, folder: "pictures", output: "poster.jpg", filmSeconds: seconds },
    },
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
  const sheetWork = sheetArgs(reference, layout, "sheet-%d.jpg").map((arg) =>
    arg.replaceAll(reference.path, "REFERENCE"),
  );
  const key = keyOf({ sheets: sheetWork, referenceKey, by: bench.ffmpeg.build });
  const paths = Array.from({ length: sheetCount }, (_, index) =>
    join(bench.workDir, "pictures", `${key}-${index + 1}.jpg`),
  );
  const kept = await Promise.all(paths.map((path) => isKept(path, bench.signal)));
  bench.tally.note(kept.every(Boolean) ? "kept" : "made");
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

export interface FileOrder {
  readonly args: readonly string[];
  /** The one file that is read. */
  readonly input: string;
  /** Names what `input` holds. */
  readonly inputKey: string;
  /** Under the work folder. */
  readonly folder: string;
  /** What the program writes, a name in its scratch folder. */
  readonly output: string;
  readonly filmSeconds: number;
  /** Looks at the fresh file, and may change it, before it is kept; `named` tells its ways apart. */
  readonly finish?: { readonly named: string; readonly run: (fresh: string) => Promise<void> };
}

/** One file made by one ffmpeg run, kept by its arguments. */
export async function keptOrMade(order: FileOrder, bench: Bench, signal = bench.signal): Promise<string> {
  const { args, input, output, filmSeconds, finish } = order;
  const nameless = args.map((arg) => arg.replaceAll(input, "INPUT"));
  const by = bench.ffmpeg.build;
  const key = keyOf({
    inputKey: order.inputKey,
    args: nameless,
    by,
    ...(finish && { finish: finish.named }),
  });
  const path = join(bench.workDir, order.folder, `${key}${output.slice(output.lastIndexOf("."))}`);
  const isThere = await isKept(path, signal);
  bench.tally.note(isThere ? "kept" : "made");
  if (isThere) return path;
  await withScratch(bench.workDir, async (scratch) => {
    const work = { tool: bench.ffmpeg, args, reads: [input], scratch, filmSeconds, signal };
    await bench.workshop.run(work);
    await finish?.run(join(scratch, output));
    await keepFile(join(scratch, output), path, signal);
  });
  return path;
}
