// The film that is played side by side: packaged once by the project's own encoder, and kept.
import { mkdir, readFile, rename } from "node:fs/promises";
import { join, resolve } from "node:path";
import { makeSampleFilm } from "#encode/io/sample-film.ts";
import { run } from "#io/process.ts";
import type { Tools } from "#io/tools.ts";
import { milliseconds } from "#units/quantity.ts";
import { type Sidecar, sidecar } from "#wire/sidecar.ts";
import { home, isThere } from "./encode-clips.ts";

export interface PlayedFilm {
  /** Holds `dash/`, `hls/` and `package/`. */
  readonly folder: string;
  readonly sidecar: Sidecar;
  /** The sidecar as it lies there. */
  readonly text: string;
  readonly seconds: number;
}

/** As much of each shared clip; 90 s in all. */
const clips = [
  { name: "big-buck-bunny-854x480.mp4", seconds: 30 },
  { name: "real-montage-960x540.mp4", seconds: 27 },
  { name: "tears-of-steel-battle-800x332.webm", seconds: 33 },
] as const;
const filmSeconds = 90;
const fewestRungs = 5;
const size = "scale=854:480:force_original_aspect_ratio=increase,crop=854:480,setsar=1,fps=24,format=yuv420p";
const ladder = ["--bitrates", "150,300,600,1200,2400", "--heights", "180,270,480", "--audio", "aac64"];
const coding = [
  "-c:v",
  "libx264",
  "-preset",
  "veryfast",
  "-crf",
  "12",
  "-g",
  "48",
  "-c:a",
  "aac",
  "-b:a",
  "96k",
];

/** @throws Error when the package has too few rungs to choose from */
export async function filmHere(folder: string, tools: Tools, signal: AbortSignal): Promise<PlayedFilm> {
  const out = join(folder, "film");
  const path = join(out, "package/sidecar.json");
  // A killed encode goes on where it was: until its end there is no HLS.
  if (!(await isThere(path)) || !(await isThere(join(out, "hls/master.m3u8"))))
    await make(folder, out, tools, signal);
  const text = await readFile(path, "utf8");
  const read = sidecar.parse(JSON.parse(text));
  if (read.renditions.length < fewestRungs)
    throw new Error(
      `${out} has ${read.renditions.length} rungs, wanted ${fewestRungs}: remove it, and it is made anew`,
    );
  const seconds = read.durationsMs.reduce((sum, ms) => sum + ms, 0) / 1000;
  return { folder: out, sidecar: read, text, seconds };
}

async function make(folder: string, out: string, tools: Tools, signal: AbortSignal): Promise<void> {
  await mkdir(folder, { recursive: true });
  const film = join(folder, "film.mp4");
  if (!(await isThere(film))) await draw(film, tools, signal);
  process.stderr.write(`encoding ${filmSeconds} s of film once, into ${out}\n`);
  const argv = [
    process.execPath,
    "src/bin/millrace.ts",
    "encode",
    film,
    "--out",
    out,
    "--effort",
    "draft",
  ] as const;
  const env = { ...environment(), MILLRACE_HOME: home };
  await run({ argv: [...argv, ...ladder], signal, deadline: milliseconds(3_600_000), env, orphan: "dies" });
}

function environment(): Record<string, string> {
  const words = Object.entries(process.env).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value]],
  );
  return Object.fromEntries(words);
}

/** Whole or not at all. */
async function draw(path: string, tools: Tools, signal: AbortSignal): Promise<void> {
  const { ffmpeg } = tools;
  if (ffmpeg === undefined) throw new Error("the film cannot be made: ffmpeg is missing");
  const shared = clips.map(({ name }) => resolve("../shared/media", name));
  const there = await Promise.all(shared.map(isThere));
  const inputs = there.every(Boolean) ? joined(shared) : await sample(tools, signal);
  const fresh = `${path}.new.mp4`;
  const argv = [ffmpeg.path, "-nostdin", "-v", "error", "-y", ...inputs, ...coding, fresh] as const;
  await run({ argv, signal, deadline: milliseconds(600_000), orphan: "dies" });
  await rename(fresh, path);
}

function joined(paths: readonly string[]): readonly string[] {
  const parts = clips.map(
    ({ seconds }, index) => `[${index}:v]trim=duration=${seconds},setpts=PTS-STARTPTS,${size}[v${index}]`,
  );
  const whole = `${parts.map((_, index) => `[v${index}]`).join("")}concat=n=${parts.length}[v]`;
  const tone = `sine=frequency=220:duration=${filmSeconds}:sample_rate=48000[a]`;
  const inputs = paths.flatMap((path) => ["-i", path]);
  return [...inputs, "-filter_complex", [...parts, whole, tone].join(";"), "-map", "[v]", "-map", "[a]"];
}

/** Without the shared clips: what a first start shows, again and again. */
async function sample(tools: Tools, signal: AbortSignal): Promise<readonly string[]> {
  const path = join(home, "sample/millrace-sample.mp4");
  if (!(await isThere(path))) await makeSampleFilm({ path, tools, signal });
  return ["-stream_loop", "-1", "-i", path, "-t", `${filmSeconds}`, "-vf", size];
}
