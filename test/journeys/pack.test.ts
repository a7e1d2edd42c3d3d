// Real pieces from ffmpeg, packaged, then read by ffmpeg's own HLS and DASH readers: a second opinion on every promise.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { appendFile, copyFile, mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { run } from "#io/process.ts";
import type { EncodedAudio, EncodedFilm, EncodedRung, Piece } from "#model/encoded.ts";
import type { TitlePackage } from "#model/package.ts";
import { packTitle } from "#pack/io/pack-title.ts";
import { Fault } from "#units/fault.ts";
import { titleId } from "#units/id.ts";
import { bitsPerSecond, milliseconds, seconds } from "#units/quantity.ts";
import { sidecar } from "#wire/sidecar.ts";

const fps = { num: 30_000, den: 1001 };
const rate = `${fps.num}/${fps.den}`;
const frames = 250;
const shots = [
  { id: 0, startFrame: 0, endFrame: 100, crf: 22 },
  { id: 1, startFrame: 100, endFrame: 149, crf: 34 },
  { id: 2, startFrame: 149, endFrame: 250, crf: 28 },
];
const plan = { boundaries: [0, 60, 149, 210], keyframes: [0, 60, 100, 149, 210] };
const sizes = [
  { id: "v90-1", width: 160, height: 90 },
  { id: "v180-1", width: 320, height: 180 },
];
/** A click in the master's sound at this moment, and a white flash in its picture. */
const clickAt = 3;
const signal = AbortSignal.timeout(240_000);

let folder = "";
let film: EncodedFilm | undefined;
let missing: string | undefined;

before(async () => {
  missing = await run({ argv: ["ffprobe", "-version"], signal, deadline: milliseconds(15_000) }).then(
    () => undefined,
    (error) => String(error),
  );
  if (missing !== undefined) return;
  folder = await mkdtemp(join(tmpdir(), "millrace-pack-"));
  film = await encodeFilm();
});

after(async () => {
  if (folder !== "") await rm(folder, { recursive: true, force: true });
});

async function ffmpeg(...args: readonly string[]): Promise<string> {
  const done = await run({
    argv: ["ffmpeg", "-nostdin", "-v", "warning", "-y", "-threads", "1", ...args],
    signal,
    deadline: milliseconds(120_000),
  });
  return done.stdout + done.stderr;
}

/** Moving test picture with a click in the sound, as three shots of different CRF in two sizes. */
async function encodeFilm(): Promise<EncodedFilm> {
  const picture = `testsrc2=size=320x180:rate=${rate},trim=end_frame=${frames}`;
  const click = `aevalsrc='if(between(t,${clickAt},${clickAt}+0.05),0.8*sin(2*PI*1000*t),0)':s=48000:d=${(frames * fps.den) / fps.num}`;
  const master = join(folder, "master.mkv");
  await ffmpeg("-f", "lavfi", "-i", picture, "-c:v", "ffv1", "-pix_fmt", "yuv420p", master);
  const sound = join(folder, "sound.wav");
  await ffmpeg("-f", "lavfi", "-i", click, sound);
  const rungs = [];
  for (const size of sizes) rungs.push(await encodeRung(master, size));
  await ffmpeg("-i", master, "-frames:v", "1", "-vf", "fps=1/2,scale=80:46,tile=2x2", join(folder, "s1.jpg"));
  await ffmpeg("-i", master, "-ss", "8", "-frames:v", "1", "-vf", "scale=80:46,tile=2x2", join(folder, "s2.jpg"));
  await ffmpeg("-i", master, "-frames:v", "1", join(folder, "poster.jpg"));
  return {
    source: {
      sha256: "0".repeat(64),
      width: 320,
      height: 180,
      frameRate: fps,
      frames,
      duration: seconds((frames * fps.den) / fps.num),
      audio: { codec: "pcm_s16le", sampleRate: 48_000, channels: 1 },
    },
    shots,
    plan,
    metric: { name: "ssim", model: "", pooling: "mean", displayWidth: 320, displayHeight: 180, subsample: 1 },
    rungs,
    audio: await encodeAudio(sound, "sound.mp4", []),
    thumbnails: {
      sheets: [join(folder, "s1.jpg"), join(folder, "s2.jpg")],
      tileWidth: 80,
      tileHeight: 46,
      columns: 2,
      rows: 2,
      every: 2,
      count: 5,
      poster: join(folder, "poster.jpg"),
    },
  };
}

async function encodeAudio(sound: string, name: string, flags: readonly string[]): Promise<EncodedAudio> {
  const path = join(folder, name);
  const movflags = ["+empty_moov", "default_base_moof", "cmaf", ...flags].join("+");
  await ffmpeg("-i", sound, "-c:a", "aac", "-b:a", "64k", "-ac", "2", "-frag_duration", "4000000", "-movflags", movflags, path);
  return { path, bitrate: bitsPerSecond(64_000), sampleRate: 48_000, channels: 2 };
}

async function encodeRung(master: string, size: (typeof sizes)[number]): Promise<EncodedRung> {
  const pieces: Piece[] = [];
  for (const shot of shots) {
    const path = join(folder, `${size.id}-${shot.id}.mp4`);
    await encodeShot(master, size, shot, path);
    const count = shot.endFrame - shot.startFrame;
    pieces.push({ startFrame: shot.startFrame, frames: count, path, quality: 100 - shot.crf });
  }
  const crf = shots.map((shot) => shot.crf);
  const rung = { ...size, codec: "h264", crf, bitrate: bitsPerSecond(100_000), quality: 80 } as const;
  return { rung, timescale: fps.num, ticksPerFrame: fps.den, pieces };
}

async function encodeShot(
  master: string,
  size: (typeof sizes)[number],
  shot: (typeof shots)[number],
  path: string,
  bframes = 3,
): Promise<void> {
  const keys = plan.keyframes.filter((key) => key >= shot.startFrame && key < shot.endFrame);
  const times = keys.map((key) => (((key - shot.startFrame) * fps.den) / fps.num).toFixed(6));
  const begin = Math.max(0, ((shot.startFrame - 0.5) * fps.den) / fps.num).toFixed(6);
  const scale = `scale=${size.width}:${size.height}:flags=lanczos,setsar=1,format=yuv420p`;
  await ffmpeg(
    ...["-ss", begin, "-i", master, "-an", "-frames:v", `${shot.endFrame - shot.startFrame}`],
    ...["-fps_mode", "passthrough", "-vf", `${scale},settb=${fps.den}/${fps.num},setpts=N`],
    ...["-c:v", "libx264", "-preset", "veryfast", "-profile:v", "high", "-level:v", "3.0", "-crf", `${shot.crf}`],
    ...["-x264-params", `stitchable=1:scenecut=0:keyint=infinite:open-gop=0:ref=2:bframes=${bframes}`],
    ...["-force_key_frames", times.join(","), "-video_track_timescale", `${fps.num}`],
    ...["-movflags", "+frag_keyframe+empty_moov+default_base_moof+cmaf", "-bsf:v", "filter_units=remove_types=6"],
    path,
  );
}

async function pack(encoded: EncodedFilm, name: string): Promise<{ outDir: string; title: TitlePackage }> {
  const outDir = join(folder, "store", name);
  return { outDir, title: await packTitle({ film: encoded, titleId: titleId(name), outDir, signal }) };
}

/** Frame hashes of one video stream; ffmpeg must not complain about anything. */
async function frameHashes(input: string, map: string): Promise<readonly string[]> {
  const found = await ffmpeg("-i", input, "-map", map, "-f", "framemd5", "-fps_mode", "passthrough", "-");
  const complaints = found.split("\n").filter((line) => line.startsWith("["));
  assert.deepEqual(complaints, [], input);
  const rows = found.split("\n").filter((line) => /^0,/.test(line));
  return rows.map((row) => row.split(",").at(-1)?.trim() ?? "");
}

async function hashes(outDir: string): Promise<Record<string, string>> {
  const entries = await readdir(outDir, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const rows = await Promise.all(
    files.map(async (file) => [
      file.slice(outDir.length + 1),
      createHash("sha256")
        .update(await readFile(file))
        .digest("hex"),
    ]),
  );
  return Object.fromEntries(rows);
}

test("[PA1] [PA2] every frame of every shot comes back in order, through HLS and through DASH", async (t) => {
  if (film === undefined) return t.skip(`no ffmpeg: ${missing}`);
  const { outDir } = await pack(film, "river");
  for (const [index, encoded] of film.rungs.entries()) {
    const source: string[] = [];
    for (const piece of encoded.pieces) source.push(...(await frameHashes(piece.path, "0:v:0")));
    assert.equal(source.length, frames);
    assert.deepEqual(await frameHashes(join(outDir, "master.m3u8"), `0:v:${index}`), source);
    assert.deepEqual(await frameHashes(join(outDir, "manifest.mpd"), `0:v:${index}`), source);
  }
});
