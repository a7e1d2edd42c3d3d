// The film of the players' journey: every frame carries its number in black and white, and every 30 frames a block of the
// picture flashes while the sound clicks. So what a player shows and plays can be told from the output alone.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { run } from "#io/process.ts";
import { flash, flashEvery, frameRate, marks } from "#test/fixtures/players/marks.ts";
import { milliseconds } from "#units/quantity.ts";

const size = { width: 320, height: 180 } as const;
const clickSeconds = 0.005;

/**
 * Where each shot begins. Awkward on a 4 s grid (lines 120, 240, 360, 480): a cut that moves a boundary, one that lies one
 * frame before its line and leaves a piece of one frame, one a frame after its line, and a last shot of ten frames.
 */
const longFilm = [0, 127, 239, 310, 372, 481, 590, 600] as const;
const shortFilm = [0, 127, 200, 270] as const;
export type FilmLength = "long" | "short";
const cutsOf = { long: longFilm, short: shortFilm } as const;

const scenes = [
  "testsrc2=s=320x180:r=30000/1001",
  "mandelbrot=s=320x180:r=30000/1001:maxiter=60",
  "gradients=s=320x180:r=30000/1001:c0=navy:c1=orange:seed=4:speed=0.02",
  "smptehdbars=s=320x180:r=30000/1001,rotate=n/90",
  "mandelbrot=s=320x180:r=30000/1001:maxiter=30:start_scale=0.4:start_x=-0.7,negate",
] as const;

export const framesOf = (length: FilmLength): number => cutsOf[length].at(-1) ?? 0;

/** Draws the film into `folder` and returns its path. */
export async function drawFilm(folder: string, length: FilmLength, signal: AbortSignal): Promise<string> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${length}.mov`);
  const argv = ["ffmpeg", "-nostdin", "-v", "error", "-y", ...inputs(length), ...outputs(path)] as const;
  await run({ argv, signal, deadline: milliseconds(60_000), nice: 5 });
  return path;
}

function inputs(length: FilmLength): readonly string[] {
  const cuts = cutsOf[length];
  const shots = cuts.slice(1).map((end, index) => {
    const scene = scenes[index % scenes.length];
    return `${scene},trim=end_frame=${end - (cuts[index] ?? 0)},setpts=PTS-STARTPTS,format=yuv420p[s${index}]`;
  });
  const joined = `${shots.map((_, index) => `[s${index}]`).join("")}concat=n=${shots.length},${drawn()}[v]`;
  return ["-filter_complex", [...shots, joined, `${sound(length)}[a]`].join(";")];
}

/** Each block is black, and white over it in the frames that say so. */
function drawn(): string {
  const blocks = [...marks, flash].flatMap(({ x, y, width, height, white }) => {
    const box = `drawbox=${x}:${y}:${width}:${height}`;
    return [`${box}:black:fill`, `${box}:white:fill:enable='${white}'`];
  });
  return blocks.join(",");
}

/** Clicks begin at the very time of the flash frames; a faint hum between them. */
function sound(length: FilmLength): string {
  const period = (flashEvery * frameRate.den) / frameRate.num;
  const seconds = (framesOf(length) * frameRate.den) / frameRate.num;
  const click = `if(lt(mod(t,${period}),${clickSeconds}),0.8*cos(2*PI*2000*t),0.01*sin(2*PI*220*t))`;
  return `aevalsrc='${click}|${click}':s=48000:d=${seconds}`;
}

function outputs(path: string): readonly string[] {
  const coding = ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "10", "-g", "30", "-c:a", "pcm_s16le"];
  return ["-map", "[v]", "-map", "[a]", ...coding, "-s", `${size.width}x${size.height}`, path];
}
