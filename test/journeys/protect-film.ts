// A small encoded film for the journeys of encryption and MPEG-TS: two rungs of three shots in tiers SD and HD, sound, and
// boundaries that no four-second grid would choose.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { run } from "#io/process.ts";
import type { EncodedFilm, EncodedRung, Piece } from "#model/encoded.ts";
import { bitsPerSecond, milliseconds, seconds } from "#units/quantity.ts";

export const rate = { num: 24_000, den: 1001 };
export const frames = 192;
export const plan = { boundaries: [0, 50, 120, 144], keyframes: [0, 50, 80, 120, 144] };
export const filmSeconds = (frames * rate.den) / rate.num;
const shots = [
  { id: 0, startFrame: 0, endFrame: 50 },
  { id: 1, startFrame: 50, endFrame: 120 },
  { id: 2, startFrame: 120, endFrame: frames },
];
export const sizes = [
  { id: "v90-1", width: 160, height: 90 },
  { id: "v720-1", width: 720, height: 720 },
];

export async function ffmpeg(signal: AbortSignal, ...args: readonly string[]): Promise<string> {
  const quiet = ["-nostdin", "-v", "error", "-y", "-threads", "1"];
  const argv = ["ffmpeg", ...quiet, ...args] as const;
  return (await run({ argv, signal, deadline: milliseconds(120_000), nice: 10 })).stdout;
}

export async function makeFilm(folder: string, signal: AbortSignal): Promise<EncodedFilm> {
  await mkdir(folder, { recursive: true });
  const master = join(folder, "master.mkv");
  const picture = `testsrc2=size=320x180:rate=${rate.num}/${rate.den},trim=end_frame=${frames}`;
  await ffmpeg(signal, "-f", "lavfi", "-i", picture, "-c:v", "ffv1", "-pix_fmt", "yuv420p", master);
  const rungs: EncodedRung[] = [];
  for (const size of sizes) rungs.push(await encodeRung(folder, master, size, signal));
  const sound = join(folder, "sound.mp4");
  const tone = [
    "-f",
    "lavfi",
    "-i",
    `sine=f=330:r=48000:d=${filmSeconds}`,
    "-af",
    "atrim=start_sample=1024,asetpts=N/SR/TB",
  ];
  const coding = ["-c:a", "aac", "-b:a", "64k", "-ac", "2", "-frag_duration", "4000000"];
  await ffmpeg(signal, ...tone, ...coding, "-movflags", "+empty_moov+default_base_moof+cmaf", sound);
  const poster = join(folder, "poster.jpg");
  await ffmpeg(signal, "-i", master, "-frames:v", "1", "-vf", "scale=80:46", poster);
  const board = { sheets: [poster], tileWidth: 80, tileHeight: 46, columns: 1, rows: 1, every: 60, count: 1 };
  return {
    source: {
      sha256: "0".repeat(64),
      ...{ width: 320, height: 180, frameRate: rate, frames, duration: seconds(filmSeconds) },
      audio: { codec: "pcm_s16le", sampleRate: 48_000, channels: 2 },
    },
    shots,
    plan,
    metric: { name: "ssim", model: "", pooling: "mean", displayWidth: 320, displayHeight: 180, subsample: 1 },
    rungs,
    audio: [
      {
        ...{ id: "audio", codec: "aac", language: "und", name: "Original", path: sound },
        ...{ bitrate: bitsPerSecond(64_000), sampleRate: 48_000, channels: 2 },
      },
    ],
    subtitles: [],
    thumbnails: { ...board, poster },
  };
}

async function encodeRung(
  folder: string,
  master: string,
  size: (typeof sizes)[number],
  signal: AbortSignal,
): Promise<EncodedRung> {
  const pieces: Piece[] = [];
  for (const shot of shots) {
    const path = join(folder, `${size.id}-${shot.id}.mp4`);
    const count = shot.endFrame - shot.startFrame;
    const keys = plan.keyframes.filter((key) => key >= shot.startFrame && key < shot.endFrame);
    const times = keys.map((key) => (((key - shot.startFrame) * rate.den) / rate.num).toFixed(6));
    const begin = Math.max(0, ((shot.startFrame - 0.5) * rate.den) / rate.num).toFixed(6);
    const scale = `scale=${size.width}:${size.height},setsar=1,format=yuv420p`;
    await ffmpeg(
      signal,
      ...["-ss", begin, "-i", master, "-an", "-frames:v", `${count}`, "-fps_mode", "passthrough"],
      ...["-vf", `${scale},settb=${rate.den}/${rate.num},setpts=N`, "-c:v", "libx264", "-preset", "veryfast"],
      ...["-profile:v", "high", "-level:v", "3.1", "-crf", "30", "-x264-params"],
      "stitchable=1:scenecut=0:keyint=infinite:open-gop=0:ref=2:bframes=3",
      ...["-force_key_frames", times.join(","), "-video_track_timescale", `${rate.num}`],
      ...["-movflags", "+frag_keyframe+empty_moov+default_base_moof+cmaf"],
      ...["-bsf:v", "filter_units=remove_types=6", path],
    );
    pieces.push({ startFrame: shot.startFrame, frames: count, path });
  }
  const rung = {
    ...size,
    codec: "h264",
    crf: shots.map(() => 30),
    bitrate: bitsPerSecond(100_000),
    quality: 80,
  } as const;
  return {
    rung,
    timescale: rate.num,
    ticksPerFrame: rate.den,
    pieces,
    quality: plan.boundaries.map(() => 80),
  };
}
