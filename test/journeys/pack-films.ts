// A small film in every codec, voice and language that the packager takes, made by Debian's ffmpeg.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { planSegments } from "#encode/segment-plan.ts";
import type { AudioCodec, Codec, EncodedAudio, EncodedFilm, EncodedRung, Piece } from "#model/encoded.ts";
import { bitsPerSecond, seconds } from "#units/quantity.ts";
import { ffmpeg, fps, rate } from "./pack-rig.ts";

export const frames = 270;
export const cuts = [0, 100, 149];
const shots = cuts.map((startFrame, id) => ({ id, startFrame, endFrame: cuts[id + 1] ?? frames }));
export const plan = planSegments(shots, 4, fps, frames);
export const clickAt = { en: 3, de: 5 };

const size = { width: 160, height: 90 };
const duration = (frames * fps.den) / fps.num;
const fragmented = "+frag_keyframe+empty_moov+default_base_moof+cmaf";

/** What each encoder is asked for; CRFs are those of rung and shot. */
const encoders: Readonly<Record<Codec, readonly string[]>> = {
  // One thread, as the encoder does it: with two, a run in thirty gives other bytes on a busy machine.
  h264: [
    ...["-c:v", "libx264", "-preset", "veryfast", "-profile:v", "high", "-level:v", "3.0"],
    ...["-x264-params", "stitchable=1:scenecut=0:keyint=infinite:open-gop=0:ref=2:bframes=3:threads=1"],
    ...["-bsf:v", "filter_units=remove_types=6"],
  ],
  hevc: [
    ...["-c:v", "libx265", "-preset", "ultrafast", "-tag:v", "hvc1"],
    "-x265-params",
    "log-level=error:info=0:repeat-headers=0:open-gop=0:scenecut=0:keyint=-1:pools=none:frame-threads=1",
  ],
  vp9: [
    ...["-c:v", "libvpx-vp9", "-deadline", "good", "-cpu-used", "8", "-b:v", "0", "-g", "9999"],
    ...["-auto-alt-ref", "1", "-lag-in-frames", "16"],
  ],
  av1: ["-c:v", "libsvtav1", "-preset", "10", "-g", "-1"],
};

export interface RungWish {
  readonly id: string;
  readonly codec: Codec;
  /** Per shot. */
  readonly crf: readonly [number, number, number];
}

/** The second of the H.264 rungs differs from the first in its last shot only. */
export const wishes: readonly RungWish[] = [
  { id: "h264-1", codec: "h264", crf: [34, 34, 34] },
  { id: "h264-2", codec: "h264", crf: [34, 34, 24] },
  { id: "hevc-1", codec: "hevc", crf: [34, 30, 32] },
  { id: "vp9-1", codec: "vp9", crf: [45, 40, 42] },
  { id: "av1-1", codec: "av1", crf: [50, 45, 55] },
];

export async function manyTracks(folder: string): Promise<EncodedFilm> {
  const master = join(folder, "master.mkv");
  const picture = `testsrc2=size=${size.width}x${size.height}:rate=${rate},trim=end_frame=${frames}`;
  await ffmpeg("-f", "lavfi", "-i", picture, "-c:v", "ffv1", "-pix_fmt", "yuv420p", master);
  await ffmpeg("-i", master, "-frames:v", "1", join(folder, "picture.jpg"));
  const rungs: EncodedRung[] = [];
  for (const wish of wishes) rungs.push(await encodeRung(folder, master, wish));
  await writeFile(join(folder, "en.vtt"), "WEBVTT\n\n00:03.000 --> 00:04.000 line:90%\nClick!\n");
  await writeFile(join(folder, "de.srt"), "1\n00:00:05,000 --> 00:00:06,000\nKlick!\n");
  return {
    source: {
      ...{ sha256: "0".repeat(64), ...size, frameRate: fps, frames, duration: seconds(duration) },
      audio: { codec: "pcm_s16le", sampleRate: 48_000, channels: 2 },
    },
    shots,
    plan,
    metric: { name: "ssim", model: "", pooling: "mean", displayWidth: 160, displayHeight: 90, subsample: 1 },
    rungs,
    audio: await encodeSounds(folder),
    subtitles: [
      { id: "subtitles-en", path: join(folder, "en.vtt"), language: "en", name: "English", isForced: false },
      { id: "subtitles-de", path: join(folder, "de.srt"), language: "de", name: "Deutsch", isForced: true },
    ],
    thumbnails: {
      sheets: [join(folder, "picture.jpg")],
      ...{ tileWidth: 80, tileHeight: 45, columns: 2, rows: 2, every: 4, count: 3 },
      poster: join(folder, "picture.jpg"),
    },
  };
}

/** SVT-AV1 keeps to no forced keyframe, so each of its pieces is from one keyframe to the next. */
async function encodeRung(folder: string, master: string, wish: RungWish): Promise<EncodedRung> {
  const starts = wish.codec === "av1" ? plan.keyframes : cuts;
  const pieces: Piece[] = [];
  for (const [index, startFrame] of starts.entries()) {
    const count = (starts[index + 1] ?? frames) - startFrame;
    const crf = wish.crf[cuts.findLastIndex((cut) => cut <= startFrame)] ?? 40;
    const path = join(folder, `${wish.id}-${index}.mp4`);
    await encodePiece({ master, codec: wish.codec, crf, startFrame, count, path });
    pieces.push({ startFrame, frames: count, path });
  }
  const about = { id: wish.id, codec: wish.codec, ...size, crf: wish.crf, quality: 80 };
  return {
    rung: { ...about, bitrate: bitsPerSecond(1) },
    timescale: fps.num,
    ticksPerFrame: fps.den,
    pieces,
    quality: plan.boundaries.map((_, segment) => 80 + segment),
  };
}

interface PieceWish {
  readonly master: string;
  readonly codec: Codec;
  readonly crf: number;
  readonly startFrame: number;
  readonly count: number;
  readonly path: string;
}

async function encodePiece({ master, codec, crf, startFrame, count, path }: PieceWish): Promise<void> {
  const inside = plan.keyframes.filter((key) => key >= startFrame && key < startFrame + count);
  const times = inside.map((key) => (((key - startFrame) * fps.den) / fps.num).toFixed(6)).join(",");
  const seek = Math.max(0, ((startFrame - 0.5) * fps.den) / fps.num).toFixed(6);
  await ffmpeg(
    ...["-ss", seek, "-i", master, "-an", "-frames:v", `${count}`, "-fps_mode", "passthrough"],
    ...["-vf", `setsar=1,format=yuv420p,settb=${fps.den}/${fps.num},setpts=N`],
    ...encoders[codec],
    ...["-crf", `${crf}`],
    ...(codec === "av1" ? [] : ["-force_key_frames", times]),
    ...["-video_track_timescale", `${fps.num}`, "-movflags", fragmented, path],
  );
}

/** Two languages in AAC, one of them at two rates, and both in Opus, once with its priming noted and once without. */
async function encodeSounds(folder: string): Promise<readonly EncodedAudio[]> {
  for (const [language, at] of Object.entries(clickAt)) {
    const click = `aevalsrc='if(between(t,${at},${at}+0.05),0.8*sin(2*PI*1000*t),0)':s=48000:d=${duration}`;
    await ffmpeg("-f", "lavfi", "-i", click, join(folder, `${language}.wav`));
  }
  return [
    await encodeSound(folder, { id: "audio", language: "en", codec: "aac", kilobits: 96, note: false }),
    await encodeSound(folder, { id: "audio-en-48", language: "en", codec: "aac", kilobits: 48, note: false }),
    await encodeSound(folder, { id: "audio-de", language: "de", codec: "aac", kilobits: 96, note: false }),
    await encodeSound(folder, { id: "opus-en", language: "en", codec: "opus", kilobits: 64, note: true }),
    await encodeSound(folder, { id: "opus-de", language: "de", codec: "opus", kilobits: 64, note: false }),
  ];
}

interface SoundWish {
  readonly id: string;
  readonly language: "en" | "de";
  readonly codec: AudioCodec;
  readonly kilobits: number;
  /** Whether the encoder writes its priming into an edit list. */
  readonly note: boolean;
}

async function encodeSound(
  folder: string,
  { id, language, codec, kilobits, note }: SoundWish,
): Promise<EncodedAudio> {
  const path = join(folder, `${id}.mp4`);
  const encoder = codec === "aac" ? ["-c:a", "aac"] : ["-c:a", "libopus"];
  const movflags = `+empty_moov+default_base_moof+${note ? "delay_moov" : "cmaf"}`;
  await ffmpeg(
    ...["-v", "error", "-i", join(folder, `${language}.wav`)],
    ...(codec === "aac" ? ["-af", "atrim=start_sample=1024,asetpts=N/SR/TB"] : []),
    ...[...encoder, "-b:a", `${kilobits}k`, "-ac", "2"],
    ...["-frag_duration", "4000000", "-movflags", movflags, path],
  );
  const name = language === "en" ? "English" : "Deutsch";
  const about = { id, codec, language, name, path, bitrate: bitsPerSecond(kilobits * 1000) };
  return { ...about, sampleRate: 48_000, channels: 2 };
}
