// Reads a filled folder back, before anyone may see it: every segment held against the plan, every file hashed.
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import type { EncodedRung } from "#model/encoded.ts";
import type { PackagedFile } from "#model/package.ts";
import { unlisted } from "#pack/agreement.ts";
import { packFaults } from "#pack/faults.ts";
import { type Init, readInit } from "#pack/init.ts";
import type { AudioTrack, PackedTitle } from "#pack/track.ts";
import { transportFolder } from "#pack/transport-hls.ts";
import {
  checkAudioSegment,
  checkKeyframes,
  checkVideoSegment,
  type SegmentOrder,
  type Verdict,
} from "#pack/verify.ts";
import { Fault } from "#units/fault.ts";
import { bytes as byteCount } from "#units/quantity.ts";
import type { Work } from "./write-tracks.ts";

/**
 * All files of the folder with size and sha256, sorted by path.
 *
 * @throws Fault pack-unsound
 */
export async function checkFolder(work: Work, title: PackedTitle): Promise<readonly PackagedFile[]> {
  for (const encoded of work.film.rungs) await checkVideo(work, encoded, title);
  for (const track of title.audio) await checkAudio(work, track);
  const files: PackagedFile[] = [];
  for (const path of await pathsIn(work.folder)) {
    const content = await read(work, path);
    const sha256 = createHash("sha256").update(content).digest("hex");
    files.push({ path, bytes: byteCount(content.length), sha256 });
  }
  checkSizes(work, title, files);
  // The MPEG-TS set was checked chunk by chunk, and its playlists are of another kind.
  const cmaf = files.filter((file) => !file.path.startsWith(`${transportFolder}/`));
  await checkManifests(work, cmaf);
  return files;
}

async function checkVideo(work: Work, encoded: EncodedRung, title: PackedTitle): Promise<void> {
  const track = title.video.find((one) => one.id === encoded.rung.id);
  const init = await readInitFile(work, encoded.rung.id);
  let afterSequence = 0;
  for (const planned of work.segments) {
    const path = `${encoded.rung.id}/${planned.number}.m4s`;
    const order: SegmentOrder = { init, bytes: await read(work, path), afterSequence };
    afterSequence = passed(work, path, checkVideoSegment(order, planned, encoded.ticksPerFrame));
    const complaint = checkKeyframes(order, track?.segments[planned.number - 1]?.keyframes ?? []);
    if (complaint !== undefined) throw unsound(work, path, complaint);
  }
}

async function checkAudio(work: Work, track: AudioTrack): Promise<void> {
  const init = await readInitFile(work, track.id);
  let afterSequence = 0;
  for (const [index, segment] of track.segments.entries()) {
    const path = `${track.id}/${index + 1}.m4s`;
    const order: SegmentOrder = { init, bytes: await read(work, path), afterSequence };
    afterSequence = passed(work, path, checkAudioSegment(order, segment));
  }
}

function checkSizes(work: Work, title: PackedTitle, files: readonly PackagedFile[]): void {
  const found = new Map(files.map((file) => [file.path, file]));
  for (const track of [...title.video, ...title.audio]) {
    for (const [index, segment] of track.segments.entries()) {
      const path = `${track.id}/${index + 1}.m4s`;
      const { bytes, sha256 } = found.get(path) ?? { bytes: 0, sha256: "" };
      if (bytes !== segment.bytes || sha256 !== segment.sha256)
        throw unsound(work, path, `its ${bytes} bytes are not the ${segment.bytes} that were written`);
    }
  }
}

async function checkManifests(work: Work, files: readonly PackagedFile[]): Promise<void> {
  const text = async (name: string): Promise<string> => new TextDecoder().decode(await read(work, name));
  const names = files.map((file) => file.path).filter((path) => path.endsWith(".m3u8"));
  const playlists = await Promise.all(names.map(text));
  const sizes = new Map(files.map((file) => [file.path, Number(file.bytes)]));
  const complaint = unlisted(playlists, await text("manifest.mpd"), sizes);
  if (complaint !== undefined) throw unsound(work, "the manifests", complaint);
}

async function readInitFile(work: Work, id: string): Promise<Init> {
  const path = `${id}/init.mp4`;
  const about = readInit(await read(work, path));
  if (about.kind === "refused") throw unsound(work, path, about.because);
  return about.init;
}

function passed(work: Work, path: string, verdict: Verdict): number {
  if (verdict.kind === "unsound") throw unsound(work, path, verdict.because);
  return verdict.lastSequence;
}

async function pathsIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.map((entry) => relative(folder, join(entry.parentPath, entry.name))).sort();
}

async function read(work: Work, path: string): Promise<Uint8Array> {
  try {
    return await readFile(join(work.folder, path), { signal: work.signal });
  } catch (error) {
    work.signal.throwIfAborted();
    throw unsound(work, path, error instanceof Error ? error.message : String(error));
  }
}

function unsound(work: Work, path: string, reason: string): Fault {
  return new Fault(packFaults.packageUnsound, { title: work.titleId, path, reason });
}
