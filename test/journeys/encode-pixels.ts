// Real pixels for the encode journeys: pictures drawn with known numbers, what came of them, and what should have.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "#io/process.ts";
import { milliseconds } from "#units/quantity.ts";
import { ffmpeg } from "./encode-films.ts";
import { prepare } from "./encode-run.ts";

const { signal } = new AbortController();

export type Colour = readonly [y: number, u: number, v: number];

/** Frames of 8-bit 4:2:0, decoded whole. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  readonly bytes: Uint8Array;
}

/** Decodes without turning or converting anything. */
export async function pixelsOf(folder: string, path: string, width: number, height: number): Promise<Pixels> {
  await ffmpeg(
    folder,
    `-noautorotate -i ${path} -map 0:v:0 -fps_mode passthrough -f rawvideo -pix_fmt yuv420p raw.yuv`,
  );
  const bytes = await readFile(join(folder, "raw.yuv"));
  return { width, height, frames: bytes.length / (width * height * 1.5), bytes };
}

export interface Plain extends Pixels {
  readonly reasons: string;
  readonly tags: string;
}

/** The film made plain, as pixels. */
export async function plain(folder: string, film: string): Promise<Plain> {
  const { accepted, prepared } = await prepare(film, join(folder, "work"));
  const { path, display } = prepared.reference;
  const pixels = await pixelsOf(folder, path, display.width, display.height);
  return { ...pixels, reasons: accepted.intake.reasons.join("; "), tags: await tagsOf(path) };
}

/** Mean colour of a small square around a point given as parts of width and height. */
export function colourAt(pixels: Pixels, frame: number, across: number, down: number): Colour {
  const { width, height, bytes } = pixels;
  const start = frame * width * height * 1.5;
  const mean = (offset: number, w: number, h: number): number => {
    const [x0, y0] = [Math.floor(across * w), Math.floor(down * h)];
    let sum = 0;
    for (let y = y0 - 2; y < y0 + 2; y++)
      for (let x = x0 - 2; x < x0 + 2; x++) sum += bytes[offset + y * w + x] ?? Number.NaN;
    return sum / 16;
  };
  const chroma = (width / 2) * (height / 2);
  return [
    mean(start, width, height),
    mean(start + width * height, width / 2, height / 2),
    mean(start + width * height + chroma, width / 2, height / 2),
  ];
}

/** Mean luma of a whole frame. */
export function lumaOf({ width, height, bytes }: Pixels, frame: number): number {
  const start = frame * width * height * 1.5;
  const luma = bytes.subarray(start, start + width * height);
  return luma.reduce((sum, value) => sum + value, 0) / luma.length;
}

/** How far lines differ from the mean of their neighbours: high when two moments are woven into one frame. */
export function combing({ width, height, bytes }: Pixels, frame: number): number {
  const start = frame * width * height * 1.5;
  let sum = 0;
  for (let y = 1; y < height - 1; y++)
    for (let x = 0; x < width; x++) {
      const at = start + y * width + x;
      sum += Math.abs((bytes[at] ?? 0) - ((bytes[at - width] ?? 0) + (bytes[at + width] ?? 0)) / 2);
    }
  return sum / (width * (height - 2));
}

/** What the picture stream's header says of its colours: matrix, transfer, primaries, range. */
export async function tagsOf(path: string): Promise<string> {
  const entries = "stream=color_space,color_transfer,color_primaries,color_range";
  const argv = [
    "ffprobe",
    "-v",
    "error",
    "-select_streams",
    "v:0",
    "-show_entries",
    entries,
    "-of",
    "csv=p=0",
    path,
  ] as const;
  return (await run({ argv, signal, deadline: milliseconds(20_000) })).stdout.trim();
}

/** Luma weights of red and blue. Sources: ITU-R BT.601, BT.709, BT.2020. */
export const weights = { bt601: [0.299, 0.114], bt709: [0.2126, 0.0722], bt2020: [0.2627, 0.0593] } as const;

/** R'G'B' (0–1) as limited-range numbers of `bits`. */
export function encoded(
  [r, g, b]: readonly [number, number, number],
  [kr, kb]: readonly [number, number],
  bits = 8,
): Colour {
  const y = kr * r + (1 - kr - kb) * g + kb * b;
  const unit = 2 ** (bits - 8);
  const [u, v] = [(b - y) / (2 * (1 - kb)), (r - y) / (2 * (1 - kr))];
  return [unit * (16 + 219 * y), unit * (128 + 224 * u), unit * (128 + 224 * v)];
}

/** Linear light of BT.709's primaries in BT.2020's. Source: ITU-R BT.2087 §2.2. */
export function widened([r, g, b]: readonly [number, number, number]): [number, number, number] {
  return [
    0.6274 * r + 0.3293 * g + 0.0433 * b,
    0.0691 * r + 0.9195 * g + 0.0114 * b,
    0.0164 * r + 0.088 * g + 0.8956 * b,
  ];
}

/** PQ signal of a luminance in cd/m². Source: SMPTE ST 2084 §5.2. */
export function pq(nits: number): number {
  const [m1, m2] = [2610 / 16384, (2523 / 4096) * 128];
  const [c1, c2, c3] = [3424 / 4096, (2413 / 4096) * 32, (2392 / 4096) * 32];
  const p = (Math.max(0, nits) / 10_000) ** m1;
  return ((c1 + c2 * p) / (1 + c3 * p)) ** m2;
}

/** Möbius curve: straight up to `knee`, 1 at `peak`, without a bend between. */
export function bent(light: number, knee: number, peak: number): number {
  if (light <= knee) return light;
  const a = (-knee * knee * (peak - 1)) / (knee * knee - 2 * knee + peak);
  const b = (knee * knee - 2 * knee * peak + peak) / (peak - 1);
  return (((b * b + 2 * b * knee + knee * knee) / (b - a)) * (light + a)) / (light + b);
}

/** A film of upright stripes of given numbers, three frames long. `coding` names encoder and tags; 10-bit formats take 10-bit numbers. */
export async function stripes(
  folder: string,
  name: string,
  colours: readonly Colour[],
  { size = [192, 128], format, coding }: { size?: readonly [number, number]; format: string; coding: string },
): Promise<string> {
  const [width, height] = size;
  const pick = (plane: 0 | 1 | 2): string =>
    colours.reduceRight(
      (rest, colour, index) =>
        rest === ""
          ? `${Math.round(colour[plane])}`
          : `if(lt(X/W,${(index + 1) / colours.length}),${Math.round(colour[plane])},${rest})`,
      "",
    );
  const draw = format.startsWith("gbr")
    ? `geq=r='${pick(0)}':g='${pick(1)}':b='${pick(2)}'`
    : `geq=lum='${pick(0)}':cb='${pick(1)}':cr='${pick(2)}'`;
  await ffmpeg(
    folder,
    `-f lavfi -i color=s=${width}x${height}:r=24,format=${format},${draw} -frames:v 3 ${coding} ${name}`,
  );
  return join(folder, name);
}

/** Puts `matrix` (a b c d of its plane part, whole numbers) into the first track's header. Source: ISO/IEC 14496-12 §8.3.2. */
export async function withMatrix(
  path: string,
  matrix: readonly [number, number, number, number],
): Promise<void> {
  const file = await readFile(path);
  const at = file.indexOf("tkhd") + 44;
  const [a, b, c, d] = matrix;
  for (const [index, value] of [a, b, 0, c, d, 0, 0, 0].entries())
    file.writeInt32BE(value * 65536, at + index * 4);
  await writeFile(path, file);
}

/** Adds a box to the first sample entry of a film whose moov comes last. */
export async function withEntryBox(path: string, entry: string, box: Uint8Array): Promise<void> {
  const file = await readFile(path);
  const moov = file.lastIndexOf("moov");
  const starts = ["moov", "trak", "mdia", "minf", "stbl", "stsd", entry].map(
    (type) => file.indexOf(type, moov) - 4,
  );
  for (const start of starts) file.writeUInt32BE(file.readUInt32BE(start) + box.length, start);
  const last = starts.at(-1) ?? 0;
  const end = last + file.readUInt32BE(last) - box.length;
  await writeFile(path, Buffer.concat([file.subarray(0, end), box, file.subarray(end)]));
}
