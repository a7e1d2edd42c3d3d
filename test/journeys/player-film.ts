// A tiny packaged title for the player's journey, made by ffmpeg's own DASH muxer in the layout that pack writes:
// RENDITION/init.mp4, RENDITION/NUMBER.m4s, manifest.mpd and sidecar.json beside them.
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "#io/process.ts";
import { milliseconds } from "#units/quantity.ts";
import type { Sidecar } from "#wire/sidecar.ts";

const rungs = [
  { id: "v90-1", width: 160, height: 90, kbps: 60, quality: 60 },
  { id: "v180-1", width: 320, height: 180, kbps: 200, quality: 80 },
  { id: "v270-1", width: 480, height: 270, kbps: 600, quality: 94 },
] as const;

export const renditionIds: readonly string[] = [...rungs.map((rung) => rung.id), "audio"];

export interface Film {
  readonly folder: string;
  readonly sidecar: Sidecar;
}

export async function makeFilm(folder: string, seconds: number, signal: AbortSignal): Promise<Film> {
  const raw = join(folder, "raw");
  for (const index of renditionIds.keys()) await mkdir(join(raw, `${index}`), { recursive: true });
  await run({ argv: ["ffmpeg", ...argvOf(seconds)], cwd: raw, signal, deadline: milliseconds(240_000) });
  let manifest = await readFile(join(raw, "manifest.mpd"), "utf8");
  for (const [index, id] of renditionIds.entries()) {
    await rename(join(raw, `${index}`), join(folder, id));
    manifest = manifest.replace(`<Representation id="${index}"`, `<Representation id="${id}"`);
  }
  await writeFile(join(folder, "manifest.mpd"), manifest.replace("</Period>", `${subtitleSet}</Period>`));
  await writeFile(join(folder, "subtitles-en.vtt"), subtitlesOf(seconds));
  await makeStoryboard(folder, seconds, signal);
  const sidecar = await sidecarOf(folder);
  await writeFile(join(folder, "sidecar.json"), JSON.stringify(sidecar));
  return { folder, sidecar };
}

function argvOf(seconds: number): readonly string[] {
  const source = ["-f", "lavfi", "-i", `testsrc2=size=480x270:rate=25:duration=${seconds}`];
  const sound = ["-f", "lavfi", "-i", `sine=frequency=330:duration=${seconds}`];
  const video = rungs.flatMap(({ width, height, kbps }, index) => [
    ...["-map", "0:v", `-s:v:${index}`, `${width}x${height}`],
    ...[`-b:v:${index}`, `${kbps}k`, `-maxrate:v:${index}`, `${kbps}k`, `-bufsize:v:${index}`, `${kbps}k`],
  ]);
  const codec = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"];
  const gop = ["-g", "50", "-keyint_min", "50", "-sc_threshold", "0", "-bf", "0"];
  const dash = ["-f", "dash", "-seg_duration", "2", "-use_template", "1", "-use_timeline", "1"];
  const names = [
    "-init_seg_name",
    "$RepresentationID$/init.mp4",
    "-media_seg_name",
    "$RepresentationID$/$Number$.m4s",
  ];
  const audio = ["-map", "1:a", "-c:a", "aac", "-b:a", "32k"];
  const sets = ["-adaptation_sets", "id=0,streams=v id=1,streams=a"];
  return [
    "-v",
    "error",
    ...source,
    ...sound,
    ...video,
    ...codec,
    ...gop,
    ...audio,
    ...dash,
    ...names,
    ...sets,
    "manifest.mpd",
  ];
}

/** As pack writes it: one file for the whole film. */
const subtitleSet =
  '<AdaptationSet contentType="text" mimeType="text/vtt" lang="en"><Label>English</Label><Role schemeIdUri="urn:mpeg:dash:role:2011" value="subtitle"/><Representation id="subtitles-en" bandwidth="256"><BaseURL>subtitles-en.vtt</BaseURL></Representation></AdaptationSet>';

/** A line for every two seconds. */
function subtitlesOf(seconds: number): string {
  const clock = (second: number): string =>
    `00:${`${Math.floor(second / 60)}`.padStart(2, "0")}:${`${second % 60}`.padStart(2, "0")}.000`;
  const cues = Array.from(
    { length: seconds / 2 },
    (_, i) => `${clock(2 * i)} --> ${clock(2 * i + 2)}\n<i>Second</i> ${2 * i}\n`,
  );
  return ["WEBVTT\n", ...cues].join("\n");
}

/** One sheet of 4 columns, a picture every two seconds. */
async function makeStoryboard(folder: string, seconds: number, signal: AbortSignal): Promise<void> {
  const source = ["-f", "lavfi", "-i", `testsrc2=size=480x270:rate=25:duration=${seconds}`];
  const filter = ["-vf", `fps=1/2,scale=160:90,tile=4x${Math.ceil(seconds / 8)}`, "-frames:v", "1"];
  const argv = ["ffmpeg", "-v", "error", ...source, ...filter, "storyboard-1.jpg"] as const;
  await run({ argv, cwd: folder, signal, deadline: milliseconds(240_000) });
  const clock = (second: number): string => `00:00:${`${second}`.padStart(2, "0")}.000`;
  const cues = Array.from({ length: seconds / 2 }, (_, i) => {
    const place = `${(i % 4) * 160},${Math.floor(i / 4) * 90},160,90`;
    return `${clock(2 * i)} --> ${clock(2 * i + 2)}\nstoryboard-1.jpg#xywh=${place}\n`;
  });
  await writeFile(join(folder, "storyboard.vtt"), ["WEBVTT\n", ...cues].join("\n"));
}

async function sidecarOf(folder: string): Promise<Sidecar> {
  const renditions = await Promise.all(
    rungs.map(async ({ id, width, height, quality }) => {
      const segments = (await readdir(join(folder, id))).filter((name) => name.endsWith(".m4s")).length;
      const paths = Array.from({ length: segments }, (_, i) => join(folder, id, `${i + 1}.m4s`));
      const bytes = await Promise.all(paths.map(async (path) => (await stat(path)).size));
      const bitrateBps = (bytes.reduce((sum, size) => sum + size, 0) * 8) / (segments * 2);
      const sha256Prefix = await Promise.all(paths.map(prefixOf));
      return { id, width, height, bitrateBps, bytes, quality: bytes.map(() => quality), sha256Prefix };
    }),
  );
  const sound = (await readdir(join(folder, "audio"))).filter((name) => name.endsWith(".m4s")).length;
  const soundPaths = Array.from({ length: sound }, (_, i) => join(folder, "audio", `${i + 1}.m4s`));
  const bytes = await Promise.all(soundPaths.map(async (path) => (await stat(path)).size));
  const sha256Prefix = await Promise.all(soundPaths.map(prefixOf));
  return {
    version: 1,
    titleId: "sample",
    metric: { name: "vmaf", model: "vmaf_v0.6.1" },
    durationsMs: (renditions[0]?.bytes ?? []).map(() => 2000),
    renditions,
    sounds: [{ id: "audio", codec: "aac", language: "und", bitrateBps: 32_000, bytes, sha256Prefix }],
  };
}

async function prefixOf(path: string): Promise<string> {
  return createHash("sha256")
    .update(await readFile(path))
    .digest("hex")
    .slice(0, 16);
}
