// The sheet of one picture per shot that the report's strip shows, made once and kept.
import { readFile } from "node:fs/promises";
import type { Reference } from "#encode/argv.ts";
import { planShotPictures, type ShotPictures, shotPicturesArgs } from "#encode/shot-pictures.ts";
import type { Shot } from "#model/encoded.ts";
import type { Bench } from "./bench.ts";
import { keptOrMade } from "./side-files.ts";

export interface ShotSheet {
  readonly pictures: ShotPictures;
  readonly jpeg: Uint8Array;
}

const output = "shots.jpg";

export async function makeShotSheet(
  reference: Reference,
  referenceKey: string,
  shots: readonly Shot[],
  bench: Bench,
): Promise<ShotSheet> {
  const pictures = planShotPictures(shots, reference.display);
  const args = shotPicturesArgs(reference, pictures, output);
  const frames = shots.at(-1)?.endFrame ?? 0;
  const seconds = (frames * reference.rate.den) / reference.rate.num;
  const path = await keptOrMade(
    {
      ...{ args, output, folder: "pictures" },
      ...{ input: reference.path, inputKey: referenceKey, filmSeconds: seconds },
    },
    bench,
  );
  return { pictures, jpeg: await readFile(path, { signal: bench.signal }) };
}
