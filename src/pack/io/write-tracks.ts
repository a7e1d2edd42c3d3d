// Reads what the encoder left, and writes it as tracks and pictures into the folder that is being filled.
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { EncodedFilm, EncodedRung } from "#model/encoded.ts";
import { cutAudio } from "#pack/audio.ts";
import { packFaults } from "#pack/faults.ts";
import { isJpeg, unfitInit } from "#pack/film.ts";
import { joinPiece, type PlannedSegment, startJoining } from "#pack/fragmenter.ts";
import type { AudioTrack, VideoTrack } from "#pack/track.ts";
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
  readonly signal: AbortSignal;
}

/**
 * Joins a rung's pieces into `<id>/init.mp4`, `<id>/1.m4s`, …
 *
 * @throws Fault pack-piece-missing, pack-piece-unfit
 */
export async function writeVideo(work: Work, encoded: EncodedRung): Promise<VideoTrack> {
  const { id, width, height } = encoded.rung;
  const sizes: number[] = [];
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
      sizes.push(segment.bytes.length);
    }
  }
  if (joining.initBytes !== undefined) await write(work, `${id}/init.mp4`, joining.initBytes);
  const segments = work.segments.map((segment, index) => ({
    start: segment.startFrame * encoded.ticksPerFrame,
    duration: segment.frames * encoded.ticksPerFrame,
    bytes: sizes[index] ?? 0,
  }));
  return { id, codecs, timescale: encoded.timescale, width, height, segments };
}

/**
 * Cuts the sound into `audio/init.mp4`, `audio/1.m4s`, …
 *
 * @throws Fault pack-piece-missing, pack-piece-unfit
 */
export async function writeAudio(work: Work): Promise<AudioTrack | undefined> {
  const {
    audio: [audio],
    source,
  } = work.film;
  if (audio === undefined) return undefined;
  const cut = cutAudio(await readInput(work, audio.path), framesToSeconds(source.frames, source.frameRate));
  if (cut.kind === "refused") throw unfit(audio.path, "audio", cut.because);
  await write(work, "audio/init.mp4", cut.initBytes);
  for (const segment of cut.segments) await write(work, `audio/${segment.number}.m4s`, segment.bytes);
  const segments = cut.segments.map(({ start, duration, bytes }) => ({
    start,
    duration,
    bytes: bytes.length,
  }));
  const { channels, sampleRate } = audio;
  return {
    id: "audio",
    codecs: cut.init.codecs,
    timescale: cut.init.timescale,
    channels,
    sampleRate,
    segments,
  };
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

async function readInput(work: Work, path: string): Promise<Uint8Array> {
  const { signal, titleId, maxBytes } = work;
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
