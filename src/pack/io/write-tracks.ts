// Reads what the encoder left, and writes it as tracks and pictures into the folder that is being filled.
import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { EncodedAudio, EncodedFilm, EncodedRung } from "#model/encoded.ts";
import { cutAudio } from "#pack/audio.ts";
import { packFaults } from "#pack/faults.ts";
import { isJpeg, unfitInit } from "#pack/film.ts";
import { joinPiece, type PlannedSegment, type SegmentBytes, startJoining } from "#pack/fragmenter.ts";
import type { Init } from "#pack/init.ts";
import { keyframesIn } from "#pack/keyframe-ranges.ts";
import type { AudioTrack, SubtitleTrack, VideoSegment, VideoTrack } from "#pack/track.ts";
import { readCues, vttText } from "#pack/webvtt.ts";
import { assert } from "#units/assert.ts";
import { Fault } from "#units/fault.ts";
import type { TitleId } from "#units/id.ts";
import { framesToSeconds } from "#units/quantity.ts";
import { writeFlushed } from "./folder.ts";

/** One packaging run. */
export interface Work {
  readonly film: EncodedFilm;
  readonly titleId: TitleId;
  /** The folder that is being filled. */
  readonly folder: string;
  readonly segments: readonly PlannedSegment[];
  /** Files larger than this are refused. */
  readonly maxBytes: number;
  /** The same for subtitles. */
  readonly maxSubtitleBytes: number;
  readonly signal: AbortSignal;
}

/**
 * Joins a rung's pieces into `<id>/init.mp4`, `<id>/1.m4s`, …
 *
 * @throws Fault pack-piece-missing, pack-piece-unfit
 */
export async function writeVideo(work: Work, encoded: EncodedRung): Promise<VideoTrack> {
  const { id, width, height } = encoded.rung;
  const written: VideoSegment[] = [];
  let joining = startJoining(work.segments, encoded.ticksPerFrame);
  let codecs = "";
  for (const piece of encoded.pieces) {
    const bytes = await readInput(work, piece.path);
    const joined = joinPiece(joining, { frames: piece.frames, bytes });
    if (joined.kind === "refused") throw unfit(piece.path, id, joined.because);
    const misfit = unfitInit(joined.init, encoded);
    if (misfit !== undefined) throw unfit(piece.path, id, misfit);
    joining = joined.joining;
    codecs = joined.init.codecs;
    for (const segment of joined.finished) {
      await write(work, `${id}/${segment.number}.m4s`, segment.bytes);
      written.push(segmentOf(segment, work.segments, encoded, joined.init));
    }
  }
  if (joining.initBytes !== undefined) await write(work, `${id}/init.mp4`, joining.initBytes);
  const { timescale, rung } = encoded;
  return { id, codec: rung.codec, codecs, timescale, width, height, segments: written };
}

function segmentOf(
  { number, bytes }: SegmentBytes,
  planned: readonly PlannedSegment[],
  { ticksPerFrame, rung }: EncodedRung,
  init: Init,
): VideoSegment {
  const plan = planned[number - 1];
  assert(plan !== undefined, `segment ${number} of rung ${rung.id} was never planned`);
  const found = keyframesIn(bytes, init);
  assert(found.kind === "read", `segment ${number} of rung ${rung.id} cannot be read back`);
  const at = { start: plan.startFrame * ticksPerFrame, duration: plan.frames * ticksPerFrame };
  return { ...at, ...weighed(bytes), keyframes: found.keyframes };
}

/** What track and sidecar say about a segment's bytes. */
export function weighed(bytes: Uint8Array): { readonly bytes: number; readonly sha256: string } {
  return { bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") };
}

/**
 * Cuts every sound into `<id>/init.mp4`, `<id>/1.m4s`, …
 *
 * @throws Fault pack-piece-missing, pack-piece-unfit
 */
export async function writeAudio(work: Work): Promise<readonly AudioTrack[]> {
  const tracks: AudioTrack[] = [];
  for (const audio of work.film.audio) tracks.push(await writeSound(work, audio));
  return tracks;
}

async function writeSound(work: Work, audio: EncodedAudio): Promise<AudioTrack> {
  const { id, codec, language, name, path, bitrate, channels, sampleRate } = audio;
  const { frames, frameRate } = work.film.source;
  const cut = cutAudio(await readInput(work, path), framesToSeconds(frames, frameRate));
  if (cut.kind === "refused") throw unfit(path, id, cut.because);
  const { init } = cut;
  if (init.codec !== codec) throw unfit(path, id, `it is ${init.codec}, ${codec} was promised`);
  await write(work, `${id}/init.mp4`, cut.initBytes);
  for (const segment of cut.segments) await write(work, `${id}/${segment.number}.m4s`, segment.bytes);
  const segments = cut.segments.map(({ start, duration, bytes }) => ({ start, duration, ...weighed(bytes) }));
  const about = { id, codec, codecs: init.codecs, language, name, bitrate };
  return { ...about, timescale: init.timescale, channels, sampleRate, segments };
}

/**
 * Every language's cues as `<id>.vtt`, read and written anew.
 *
 * @throws Fault pack-piece-missing, pack-piece-unfit
 */
export async function writeSubtitles(work: Work): Promise<readonly SubtitleTrack[]> {
  const { source, subtitles } = work.film;
  const filmMs = Math.round(framesToSeconds(source.frames, source.frameRate) * 1000);
  const tracks: SubtitleTrack[] = [];
  for (const { id, language, name, isForced, path } of subtitles) {
    const read = readCues(await readInput(work, path, work.maxSubtitleBytes), filmMs);
    if (read.kind === "refused") throw unfit(path, id, read.because);
    const text = new TextEncoder().encode(vttText(read.cues));
    await write(work, `${id}.vtt`, text);
    tracks.push({ id, language, name, isForced, bytes: text.length });
  }
  return tracks;
}

/**
 * The poster and the sprite sheets, byte for byte. Answers the sheets' sizes.
 *
 * @throws Fault pack-piece-missing, pack-piece-unfit
 */
export async function writePictures(work: Work): Promise<readonly number[]> {
  const { sheets, poster } = work.film.thumbnails;
  await writePicture(work, poster, "poster.jpg");
  const sizes: number[] = [];
  for (const [index, path] of sheets.entries()) {
    sizes.push(await writePicture(work, path, `storyboard-${index + 1}.jpg`));
  }
  return sizes;
}

async function writePicture(work: Work, path: string, name: string): Promise<number> {
  const bytes = await readInput(work, path);
  if (!isJpeg(bytes)) throw unfit(path, "index", "it is not a JPEG");
  await write(work, name, bytes);
  return bytes.length;
}

export async function write(work: Work, path: string, content: string | Uint8Array): Promise<void> {
  work.signal.throwIfAborted();
  await writeFlushed(join(work.folder, path), content);
}

async function readInput(work: Work, path: string, maxBytes = work.maxBytes): Promise<Uint8Array> {
  const { signal, titleId } = work;
  try {
    const { size } = await stat(path);
    if (size > maxBytes) throw unfit(path, "anything", `it has ${size} bytes, at most ${maxBytes} are taken`);
    return await readFile(path, { signal });
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Fault) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new Fault(packFaults.pieceMissing, { path, title: titleId, reason }, error);
  }
}

function unfit(path: string, rendition: string, reason: string): Fault {
  return new Fault(packFaults.pieceUnfit, { path, rendition, reason });
}
