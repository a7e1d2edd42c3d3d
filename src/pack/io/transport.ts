// The same film once more as MPEG-TS: one chunk per segment, the sound in it, under `ts/` in the folder that is being filled.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Refused } from "#pack/boxes.ts";
import { type Aac, type Avc, accessUnit, adtsFrame, readAac, readAvc } from "#pack/elementary.ts";
import { packFaults } from "#pack/faults.ts";
import { type Fragment, isSync, readSegment } from "#pack/fragment.ts";
import { type Init, readInit } from "#pack/init.ts";
import type { AudioTrack, PackedTitle, TrackSegment, VideoTrack } from "#pack/track.ts";
import { clockRate, muxChunk, startCounters, type TimedUnit } from "#pack/transport.ts";
import { chunkComplaint } from "#pack/transport-check.ts";
import {
  type TransportTrack,
  transportFolder,
  transportMaster,
  transportMasterText,
  transportMediaText,
} from "#pack/transport-hls.ts";
import { readChunk } from "#pack/transport-read.ts";
import { Fault } from "#units/fault.ts";
import { type Work, write } from "./write-tracks.ts";

/** Frames of sound that share one PES packet: 170 ms of 48 kHz, which costs a tenth of a packet header each. */
const framesTogether = 8;

/**
 * Writes `ts/<rung>/<n>.ts` with playlists, each chunk read back before it is written.
 *
 * @throws Fault pack-transport-unfit, pack-unsound
 */
export async function writeTransport(work: Work, title: PackedTitle): Promise<void> {
  const sound = soundFor(work, title);
  const rungs = title.video.filter((track) => track.codec === "h264");
  if (rungs.length === 0) throw unfit(work, "none of its rungs is H.264. Encode one, or leave --ts out");
  const headroom = await headroomOf(work, rungs);
  const tracks: TransportTrack[] = [];
  for (const track of rungs) {
    const sizes = await writeChunks(work, track, sound, headroom);
    const segments = track.segments.map((segment, index) => ({ ...segment, bytes: sizes[index] ?? 0 }));
    tracks.push({ track: { ...track, segments }, soundCodecs: sound?.codecs });
  }
  for (const { track } of tracks) {
    await write(work, `${transportFolder}/${track.id}.m3u8`, transportMediaText(track));
  }
  await write(work, transportMaster, transportMasterText(title, tracks));
}

/** The first sound that MPEG-TS can carry; there are no groups to choose another from. */
function soundFor(work: Work, title: PackedTitle): AudioTrack | undefined {
  const found = title.audio.find((track) => track.codecs === "mp4a.40.2");
  if (found === undefined && title.audio.length > 0)
    throw unfit(work, "none of its sounds is AAC. Encode one, or leave --ts out");
  return found;
}

/** Clock ticks by which decoding must come earlier than in the clear, so that nothing is shown before it is decoded. */
async function headroomOf(work: Work, rungs: readonly VideoTrack[]): Promise<number> {
  let least = 0;
  for (const track of rungs) {
    const init = await initOf(work, track.id);
    for (const index of track.segments.keys()) {
      for (const fragment of await fragmentsOf(work, `${track.id}/${index + 1}.m4s`, init)) {
        for (const { offset } of fragment.samples) least = Math.min(least, ticks(offset, track.timescale));
      }
    }
  }
  return -least;
}

async function writeChunks(
  work: Work,
  track: VideoTrack,
  sound: AudioTrack | undefined,
  headroom: number,
): Promise<readonly number[]> {
  const init = await initOf(work, track.id);
  const avc = known(work, track.id, readAvc(await bytesOf(work, `${track.id}/init.mp4`)));
  const heard = sound === undefined ? undefined : await soundSource(work, sound);
  const sizes: number[] = [];
  let counters = startCounters;
  let decoded = -1;
  for (const [index, segment] of track.segments.entries()) {
    const path = `${track.id}/${index + 1}.m4s`;
    const video: TimedUnit[] = [];
    for (const fragment of await fragmentsOf(work, path, init)) {
      video.push(...pictures(work, path, fragment, { avc, track, headroom, after: decoded }));
      decoded = video.at(-1)?.decoded ?? decoded;
    }
    const isLast = index === track.segments.length - 1;
    const end = isLast ? Number.POSITIVE_INFINITY : ticks(segment.start + segment.duration, track.timescale);
    const audio = heard === undefined ? [] : await heard(end);
    const units = [...video, ...audio].toSorted((one, other) => one.decoded - other.decoded);
    const made = muxChunk(counters, units, sound === undefined ? "silent" : "sound");
    const chunk = `${transportFolder}/${track.id}/${index + 1}.ts`;
    const read = readChunk(made.bytes, counters);
    const wanted = { pictures: work.segments[index]?.frames ?? 0, sounds: audio.length };
    const complaint =
      read.kind === "refused" ? read.because : chunkComplaint(read, spanOf(segment, track), wanted);
    if (complaint !== undefined) throw unsound(work, chunk, complaint);
    await write(work, chunk, made.bytes);
    counters = made.counters;
    sizes.push(made.bytes.length);
  }
  return sizes;
}

function spanOf(
  segment: TrackSegment,
  { timescale }: VideoTrack,
): { readonly start: number; readonly end: number } {
  return { start: ticks(segment.start, timescale), end: ticks(segment.start + segment.duration, timescale) };
}

interface Pace {
  readonly avc: Avc;
  readonly track: VideoTrack;
  readonly headroom: number;
  /** When the picture before was decoded. */
  readonly after: number;
}

/**
 * A fragment's pictures in decoding order, each decoded `headroom` early, but none before the film begins: the first few come
 * at once. Players take the first decoding time for the beginning, and would else show a hole before the first picture.
 */
function pictures(
  work: Work,
  path: string,
  fragment: Fragment,
  { avc, track, headroom, after }: Pace,
): readonly TimedUnit[] {
  let time = fragment.baseTime;
  let at = 0;
  let decoded = after;
  return fragment.samples.map((sample) => {
    const unit = accessUnit(fragment.data.subarray(at, at + sample.bytes), avc, isSync(sample));
    if (unit.kind === "refused") throw unsound(work, path, unit.because);
    const shown = ticks(time + sample.offset, track.timescale);
    decoded = Math.max(decoded + 1, Math.min(shown, ticks(time, track.timescale) - headroom));
    time += sample.duration;
    at += sample.bytes;
    return { stream: "video", shown, decoded, standsAlone: isSync(sample), bytes: unit.bytes };
  });
}

/** Hands out the sound that begins before a time, in order; each frame goes with the picture it begins under. */
async function soundSource(
  work: Work,
  track: AudioTrack,
): Promise<(end: number) => Promise<readonly TimedUnit[]>> {
  const init = await initOf(work, track.id);
  const aac = known(work, track.id, readAac(await bytesOf(work, `${track.id}/init.mp4`)));
  let number = 0;
  let kept: readonly { readonly at: number; readonly bytes: Uint8Array }[] = [];
  return async (end) => {
    while ((kept.at(-1)?.at ?? -1) < end && number < track.segments.length) {
      number += 1;
      const fragments = await fragmentsOf(work, `${track.id}/${number}.m4s`, init);
      kept = [...kept, ...fragments.flatMap((fragment) => frames(fragment, track.timescale, aac))];
    }
    const due = kept.filter((frame) => frame.at < end);
    kept = kept.slice(due.length);
    const groups = Array.from({ length: Math.ceil(due.length / framesTogether) }, (_, index) =>
      due.slice(index * framesTogether, (index + 1) * framesTogether),
    );
    return groups.map((group) => {
      const at = group[0]?.at ?? 0;
      const bytes = Buffer.concat(group.map((frame) => frame.bytes));
      return { stream: "audio", shown: at, decoded: at, standsAlone: true, bytes };
    });
  };
}

function frames(
  fragment: Fragment,
  timescale: number,
  aac: Aac,
): readonly { readonly at: number; readonly bytes: Uint8Array }[] {
  let time = fragment.baseTime;
  let at = 0;
  return fragment.samples.map((sample) => {
    const bytes = adtsFrame(fragment.data.subarray(at, at + sample.bytes), aac);
    const frame = { at: ticks(time, timescale), bytes };
    time += sample.duration;
    at += sample.bytes;
    return frame;
  });
}

/** Film time on the stream's clock. Rounded from the whole time, so that rounding never adds up. */
function ticks(time: number, timescale: number): number {
  return Math.round((time * clockRate) / timescale);
}

async function fragmentsOf(work: Work, path: string, init: Init): Promise<readonly Fragment[]> {
  const read = readSegment(await bytesOf(work, path), init);
  if (read.kind === "refused") throw unsound(work, path, read.because);
  return read.fragments;
}

async function initOf(work: Work, id: string): Promise<Init> {
  const read = readInit(await bytesOf(work, `${id}/init.mp4`));
  if (read.kind === "refused") throw unsound(work, id, read.because);
  return read.init;
}

async function bytesOf(work: Work, path: string): Promise<Uint8Array> {
  return readFile(join(work.folder, path), { signal: work.signal });
}

function known<T>(work: Work, id: string, config: T | Refused): T {
  if (isRefused(config)) throw unfit(work, `${id}: ${config.because}`);
  return config;
}

function isRefused(value: unknown): value is Refused {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "refused";
}

function unfit(work: Work, reason: string): Fault {
  return new Fault(packFaults.transportUnfit, { title: work.titleId, reason });
}

function unsound(work: Work, path: string, reason: string): Fault {
  return new Fault(packFaults.packageUnsound, { title: work.titleId, path, reason });
}
