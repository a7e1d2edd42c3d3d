// Real pieces from ffmpeg, packaged, then read by ffmpeg's own HLS and DASH readers: a second opinion on every promise.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import {
  appendFile,
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  truncate,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { EncodedAudio, EncodedFilm, EncodedRung, Piece } from "#model/encoded.ts";
import type { TitlePackage } from "#model/package.ts";
import { segmentsOf } from "#pack/fragmenter.ts";
import { checkFolder } from "#pack/io/check-folder.ts";
import { packTitle } from "#pack/io/pack-title.ts";
import { writeVideo } from "#pack/io/write-tracks.ts";
import { Fault } from "#units/fault.ts";
import { titleId } from "#units/id.ts";
import { bitsPerSecond, seconds } from "#units/quantity.ts";
import { sidecar } from "#wire/sidecar.ts";
import { clickIn, ffmpeg, ffmpegMissing, fps, frameHashes, hashes, rate, signal } from "./pack-rig.ts";

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
/** When the master's sound clicks, in seconds. */
const clickAt = 3;

let folder = "";
let film: EncodedFilm | undefined;
let missing: string | undefined;

before(async () => {
  missing = await ffmpegMissing();
  if (missing !== undefined) return;
  folder = await mkdtemp(join(tmpdir(), "millrace-pack-"));
  film = await encodeFilm();
});

after(async () => {
  if (folder !== "") await rm(folder, { recursive: true, force: true });
});

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
  const late = ["-i", master, "-ss", "8", "-frames:v", "1", "-vf", "scale=80:46,tile=2x2"];
  await ffmpeg(...late, join(folder, "s2.jpg"));
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
    audio: [await encodeAudio(sound, "sound.mp4", "compensated")],
    subtitles: [],
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

type Priming = "compensated" | "noted";

/** `cmaf` writes no edit list, so the priming takes the place of the first frame; `delay_moov` writes one. */
async function encodeAudio(sound: string, name: string, priming: Priming): Promise<EncodedAudio> {
  const path = join(folder, name);
  const filter = `atrim=start_sample=${priming === "noted" ? 0 : 1024},asetpts=N/SR/TB`;
  const movflags = `+empty_moov+default_base_moof+${priming === "noted" ? "delay_moov" : "cmaf"}`;
  await ffmpeg(
    ...["-i", sound, "-af", filter, "-c:a", "aac", "-b:a", "64k", "-ac", "2"],
    ...["-frag_duration", "4000000", "-movflags", movflags, path],
  );
  const about = { id: "audio", codec: "aac", language: "und", name: "Original" } as const;
  return { ...about, path, bitrate: bitsPerSecond(64_000), sampleRate: 48_000, channels: 2 };
}

async function encodeRung(master: string, size: (typeof sizes)[number]): Promise<EncodedRung> {
  const pieces: Piece[] = [];
  for (const shot of shots) {
    const path = join(folder, `${size.id}-${shot.id}.mp4`);
    await encodeShot(master, size, shot, path);
    const count = shot.endFrame - shot.startFrame;
    pieces.push({ startFrame: shot.startFrame, frames: count, path });
  }
  const crf = shots.map((shot) => shot.crf);
  const rung = { ...size, codec: "h264", crf, bitrate: bitsPerSecond(100_000), quality: 80 } as const;
  return {
    rung,
    timescale: fps.num,
    ticksPerFrame: fps.den,
    pieces,
    quality: plan.boundaries.map((_, segment) => 80 - segment),
  };
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
    ...["-c:v", "libx264", "-preset", "veryfast", "-profile:v", "high", "-level:v", "3.0"],
    ...["-crf", `${shot.crf}`],
    ...["-x264-params", `stitchable=1:scenecut=0:keyint=infinite:open-gop=0:ref=2:bframes=${bframes}`],
    ...["-force_key_frames", times.join(","), "-video_track_timescale", `${fps.num}`],
    ...[
      "-movflags",
      "+frag_keyframe+empty_moov+default_base_moof+cmaf",
      "-bsf:v",
      "filter_units=remove_types=6",
    ],
    path,
  );
}

async function pack(encoded: EncodedFilm, name: string): Promise<{ outDir: string; title: TitlePackage }> {
  const outDir = join(folder, "store", name);
  return { outDir, title: await packTitle({ film: encoded, titleId: titleId(name), outDir, signal }) };
}

test("[PA1] [PA2] every frame of every shot comes back in order, through HLS and through DASH", async (t) => {
  if (film === undefined) return t.skip(`ffmpeg is missing: ${missing}`);
  const { outDir } = await pack(film, "river");
  for (const [index, encoded] of film.rungs.entries()) {
    const source: string[] = [];
    for (const piece of encoded.pieces) source.push(...(await frameHashes(piece.path, "0:v:0")));
    assert.equal(source.length, frames);
    assert.deepEqual(await frameHashes(join(outDir, "master.m3u8"), `0:v:${index}`), source);
    assert.deepEqual(await frameHashes(join(outDir, "manifest.mpd"), `0:v:${index}`), source);
  }
});

test("[PA5] each segment decodes alone after its init, into exactly its own frames", async (t) => {
  if (film === undefined) return t.skip(`ffmpeg is missing: ${missing}`);
  const { outDir } = await pack(film, "alone");
  const whole = await frameHashes(join(outDir, "v180-1.m3u8"), "0:v:0");
  const alone = join(folder, "alone.mp4");
  for (const [index, start] of plan.boundaries.entries()) {
    await copyFile(join(outDir, "v180-1/init.mp4"), alone);
    await appendFile(alone, await readFile(join(outDir, `v180-1/${index + 1}.m4s`)));
    const end = plan.boundaries[index + 1] ?? frames;
    assert.deepEqual(await frameHashes(alone, "0:v:0"), whole.slice(start, end));
  }
});

test("[PA7] sound stays on the picture, whether the encoder notes its priming or compensates it", async (t) => {
  if (film === undefined) return t.skip(`ffmpeg is missing: ${missing}`);
  const noted = await encodeAudio(join(folder, "sound.wav"), "noted.mp4", "noted");
  for (const [name, audio] of [["plain", film.audio] as const, ["noted", [noted]] as const]) {
    const { outDir } = await pack({ ...film, audio }, name);
    for (const manifest of ["master.m3u8", "manifest.mpd"]) {
      const heard = await clickIn(join(outDir, manifest), join(folder, "click.f32"));
      assert.ok(
        Math.abs(heard - clickAt) < 0.005,
        `${name} ${manifest}: click at ${heard}, wanted ${clickAt}`,
      );
    }
  }
});

test("[PA8] a film without sound is packaged without an audio rendition", async (t) => {
  if (film === undefined) return t.skip(`ffmpeg is missing: ${missing}`);
  const { outDir, title } = await pack({ ...film, audio: [] }, "silent");
  assert.deepEqual(
    title.renditions.map((rendition) => rendition.id),
    ["v90-1", "v180-1", "index"],
  );
  assert.ok(!existsSync(join(outDir, "audio")));
  assert.equal((await frameHashes(join(outDir, "master.m3u8"), "0:v:1")).length, frames);
  assert.equal((await frameHashes(join(outDir, "manifest.mpd"), "0:v:1")).length, frames);
});

test("[PA10] [PA12] [PA71] the package lists every file with its size and hash, and rates that were measured", async (t) => {
  if (film === undefined) return t.skip(`ffmpeg is missing: ${missing}`);
  const { outDir, title } = await pack(film, "listed");
  const listed = title.renditions.flatMap((rendition) => rendition.files);
  assert.deepEqual(Object.fromEntries(listed.map((file) => [file.path, file.sha256])), await hashes(outDir));
  const facts = sidecar.parse(JSON.parse(await readFile(join(outDir, "sidecar.json"), "utf8")));
  assert.ok(facts.durationsMs.length > 1);
  assert.deepEqual(title.segmentMs, facts.durationsMs);
  for (const rendition of facts.renditions) {
    const found = title.renditions.find((one) => one.id === rendition.id);
    const total = rendition.bytes.reduce((sum, size) => sum + size, 0);
    const init = found?.files.find((file) => file.path.endsWith("init.mp4"))?.bytes ?? 0;
    assert.equal(found?.bytes, total + init);
    const rates = rendition.bytes.map((size, index) => (size * 8000) / (facts.durationsMs[index] ?? 0));
    assert.ok(Math.abs((found?.peak ?? 0) - Math.max(...rates)) <= 1);
    assert.ok(Math.abs((found?.bitrate ?? 0) - (total * 8) / title.duration) <= 1);
  }
});

test("[PA13] the same film gives the same bytes, also over an older package and a killed packager's leftovers", async (t) => {
  if (film === undefined) return t.skip(`ffmpeg is missing: ${missing}`);
  const { outDir } = await pack(film, "again");
  const first = await hashes(outDir);
  const left = `${outDir}.packing-999999999-0badcafe`;
  await mkdir(left);
  await writeFile(join(left, "half.m4s"), "half");
  await writeFile(join(outDir, "stray.txt"), "from an older version");
  await pack(film, "again");
  assert.deepEqual(await hashes(outDir), first);
  assert.deepEqual(
    (await readdir(join(folder, "store"))).filter((name) => name.startsWith("again.")),
    [],
  );
});

test("[PA14] a missing, short or foreign piece is named, and nothing of the title is published", async (t) => {
  if (film === undefined) return t.skip(`ffmpeg is missing: ${missing}`);
  const whole = film;
  const [first, second] = whole.rungs;
  const [one, two, three] = first?.pieces ?? [];
  const [small] = sizes;
  const [, middle] = shots;
  assert.ok(first && second && one && two && three && small && middle);
  const short = join(folder, "short.mp4");
  await copyFile(two.path, short);
  await truncate(short, 5000);
  const foreign = join(folder, "foreign.mp4");
  await encodeShot(join(folder, "master.mkv"), small, middle, foreign, 0);
  const text = join(folder, "text.mp4");
  await writeFile(text, "#EXTM3U\n#EXT-X-VERSION:7\n");
  const withSecond = (path: string): EncodedFilm => ({
    ...whole,
    rungs: [{ ...first, pieces: [one, { ...two, path }, three] }, second],
  });
  const cases: [string, EncodedFilm, RegExp][] = [
    ["pack-piece-missing", withSecond(join(folder, "nowhere.mp4")), /nowhere\.mp4.*cannot be read/],
    ["pack-piece-unfit", withSecond(short), /short\.mp4.*claims \d+ bytes/],
    ["pack-piece-unfit", withSecond(foreign), /foreign\.mp4.*init \(ftyp\+moov\) differs/],
    ["pack-piece-unfit", withSecond(text), /text\.mp4.*box/],
    ["pack-piece-unfit", withSecond(one.path), /holds 100 frames, 49 were promised/],
    [
      "pack-piece-unfit",
      { ...film, plan: { ...plan, boundaries: [0, 61, 149, 210] } },
      /straddles boundary 61/,
    ],
    [
      "pack-film-unfit",
      { ...film, rungs: [{ ...first, pieces: [one, three] }, second] },
      /begins at frame 149, wanted 100/,
    ],
    ["pack-film-unfit", { ...film, rungs: [first, first] }, /"v90-1" is malformed, reserved or there twice/],
  ];
  for (const [code, encoded, sentence] of cases) {
    await assert.rejects(pack(encoded, "broken"), (error) => {
      assert.ok(error instanceof Fault);
      assert.equal(error.code, code, error.message);
      assert.match(error.message, sentence);
      return true;
    });
    assert.deepEqual(
      (await readdir(join(folder, "store"))).filter((name) => name.startsWith("broken")),
      [],
    );
  }
});

test("[PA14] an aborted run leaves the older package as it was", async (t) => {
  if (film === undefined) return t.skip(`ffmpeg is missing: ${missing}`);
  const { outDir } = await pack(film, "kept");
  const before = await hashes(outDir);
  const stop = new AbortController();
  const running = packTitle({ film, titleId: titleId("kept"), outDir, signal: stop.signal });
  setImmediate(() => stop.abort(new Error("stopped by test")));
  await assert.rejects(running, /stopped by test/);
  assert.deepEqual(await hashes(outDir), before);
  assert.deepEqual(
    (await readdir(join(folder, "store"))).filter((name) => name.startsWith("kept.")),
    [],
  );
});

test("[PA14] a disk that refuses, a file too large and a run too long are told apart", async (t) => {
  if (film === undefined) return t.skip(`ffmpeg is missing: ${missing}`);
  const file = join(folder, "not-a-folder");
  await writeFile(file, "");
  const order = { film, titleId: titleId("limits"), outDir: join(folder, "store/limits"), signal };
  const settings = { pieceMib: 1024, subtitleMib: 8, deadlineMinutes: 60 };
  await assert.rejects(packTitle({ ...order, outDir: join(file, "title") }), { code: "pack-folder-failed" });
  const small = { ...settings, pieceMib: 1 / 1024 };
  await assert.rejects(packTitle({ ...order, settings: small }), { code: "pack-piece-unfit" });
  const hasty = { ...settings, deadlineMinutes: 0 };
  await assert.rejects(packTitle({ ...order, settings: hasty }), { code: "pack-too-slow" });
});

test("[PA18] a folder with a segment swapped, cut or lost does not pass the check", async (t) => {
  if (film === undefined) return t.skip(`ffmpeg is missing: ${missing}`);
  const harm: [string, (outDir: string) => Promise<void>][] = [
    ["swapped", (outDir) => copyFile(join(outDir, "v90-1/1.m4s"), join(outDir, "v90-1/2.m4s"))],
    ["cut", (outDir) => truncate(join(outDir, "v90-1/2.m4s"), 900)],
    ["lost", (outDir) => rm(join(outDir, "v90-1/2.m4s"))],
  ];
  const segments = segmentsOf(plan.boundaries, frames);
  for (const [name, hurt] of harm) {
    const { outDir } = await pack(film, name);
    const work = {
      film,
      titleId: titleId(name),
      folder: outDir,
      segments,
      maxBytes: 1e9,
      maxSubtitleBytes: 1e6,
      signal,
    };
    const video = [];
    for (const encoded of film.rungs) video.push(await writeVideo(work, encoded));
    await hurt(outDir);
    const title = {
      frames,
      frameRate: fps,
      video,
      audio: [],
      subtitles: [],
      storyboard: { ...film.thumbnails, sheets: [] },
    };
    await assert.rejects(checkFolder(work, title), (error) => {
      assert.ok(error instanceof Fault);
      assert.equal(error.code, "pack-unsound");
      assert.equal(error.facts.path, "v90-1/2.m4s");
      return true;
    });
  }
});
