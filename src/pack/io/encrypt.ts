// Encrypts the renditions of a folder that is being filled: clear segments become encrypted ones of the same names.
import { createHash } from "node:crypto";
import { appendFile, mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join, relative } from "node:path";
import { type ContentKey, keyLabels } from "#model/content-key.ts";
import {
  bare,
  type CipherSample,
  type Coverage,
  clearMedia,
  protectFragment,
  readCipher,
} from "#pack/cipher.ts";
import { packFaults } from "#pack/faults.ts";
import { readSegment } from "#pack/fragment.ts";
import { segmentBytes } from "#pack/fragmenter.ts";
import { type Init, readInit } from "#pack/init.ts";
import { keyframesIn } from "#pack/keyframe-ranges.ts";
import { protectInit, readProtection } from "#pack/protected-init.ts";
import { keyFor, labelOf, packagerFiles, packagerSegment } from "#pack/protection.ts";
import { systemBoxes } from "#pack/signalling.ts";
import type {
  AudioTrack,
  Keyframe,
  PackedTitle,
  TrackProtection,
  TrackSegment,
  VideoTrack,
} from "#pack/track.ts";
import { Fault } from "#units/fault.ts";
import { seconds } from "#units/quantity.ts";
import { type ProtectionOrder, runPackager } from "./shaka-packager.ts";
import { type Work, weighed, write } from "./write-tracks.ts";

/**
 * The title with every rendition encrypted, in place.
 *
 * @throws Fault pack-packager-failed, pack-unsound
 */
export async function encryptTitle(
  work: Work,
  title: PackedTitle,
  protection: ProtectionOrder,
): Promise<PackedTitle> {
  const used = new Set([...title.video.map(labelOf), ...title.audio.map(() => labelOf("sound"))]);
  const keys = keyLabels.filter((label) => used.has(label)).map((label) => keyFor(protection.keys, label));
  const job = { work, protection, keys };
  const video: VideoTrack[] = [];
  for (const track of title.video) {
    const { written, ...about } = await encryptTrack(job, track, keyFor(keys, labelOf(track)));
    const segments = track.segments.map((segment, index) => ({
      ...segment,
      ...written[index]?.weight,
      keyframes: written[index]?.keyframes ?? [],
    }));
    video.push({ ...track, ...about, segments });
  }
  const audio: AudioTrack[] = [];
  for (const track of title.audio) {
    const { written, ...about } = await encryptTrack(job, track, keyFor(keys, labelOf("sound")));
    const segments = track.segments.map((segment, index) => ({ ...segment, ...written[index]?.weight }));
    audio.push({ ...track, ...about, segments });
  }
  return { ...title, video, audio };
}

/**
 * Looks at the folder as it will be published: no rendition in it may be clear, whoever wrote it and whatever it is called.
 *
 * @throws Fault pack-unsound
 */
export async function checkEncrypted(work: Pick<Work, "folder" | "titleId" | "signal">): Promise<void> {
  const entries = await readdir(work.folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  for (const { parentPath, name } of files) {
    const path = relative(work.folder, join(parentPath, name));
    const bytes = await readFile(join(parentPath, name), { signal: work.signal });
    const complaint = /\.(mp4|m4s|ts)$/.test(name) ? clearMedia(bytes) : undefined;
    if (complaint !== undefined) {
      throw new Fault(packFaults.packageUnsound, { title: work.titleId, path, reason: complaint });
    }
  }
}

interface Job {
  readonly work: Work;
  readonly protection: ProtectionOrder;
  readonly keys: readonly ContentKey[];
}

interface EncryptedSegment {
  readonly weight: Pick<TrackSegment, "bytes" | "sha256">;
  readonly keyframes: readonly Keyframe[];
}

interface EncryptedTrack {
  readonly protection: TrackProtection;
  /** One per segment of the clear track. */
  readonly written: readonly EncryptedSegment[];
}

async function encryptTrack(
  job: Job,
  track: VideoTrack | AudioTrack,
  key: ContentKey,
): Promise<EncryptedTrack> {
  const { work, protection } = job;
  const scratch = join(work.folder, ".encrypting");
  await mkdir(scratch);
  try {
    const clearInit = await readFile(join(work.folder, track.id, "init.mp4"));
    const clear = initFrom(job, track.id, clearInit);
    await joinClear(work, track, scratch);
    const iv = constantIv(work.titleId, track.id, key.kid);
    await runPackager({
      ...{ stream: clear.kind, label: key.label, iv, protection, keys: job.keys, folder: scratch },
      filmSeconds: seconds(lengthOf(track)),
      ...{ signal: work.signal, title: work.titleId, rendition: track.id },
    });
    const theirs = await readFile(join(scratch, packagerFiles.init)).catch(() => new Uint8Array(0));
    const made = protectInit(clear.kind, clearInit, theirs, systemBoxes(key));
    if (made.kind === "refused") throw spoilt(job, track.id, made.because);
    checkFacts(job, track.id, made.bytes, { iv, key, kind: clear.kind });
    const written = await encryptSegments(job, track, scratch, { clear, theirs });
    await write(work, `${track.id}/init.mp4`, made.bytes);
    const { kid, signalling } = key;
    const about = { kid, licenceUrl: protection.licenceUrl, ...(signalling && { signalling }) };
    return { written, protection: about };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Our boundaries, times and numbers; the packager's bytes. Sizes, hashes and places of keyframes are new. */
async function encryptSegments(
  job: Job,
  track: VideoTrack | AudioTrack,
  scratch: string,
  inits: { readonly clear: Init; readonly theirs: Uint8Array },
): Promise<readonly EncryptedSegment[]> {
  const { work } = job;
  const next = cipherSource(job, track.id, scratch, initFrom(job, track.id, inits.theirs));
  const written: EncryptedSegment[] = [];
  const coverage: Coverage[] = [];
  for (const index of track.segments.keys()) {
    const path = `${track.id}/${index + 1}.m4s`;
    const read = readSegment(await readFile(join(work.folder, path), { signal: work.signal }), inits.clear);
    if (read.kind === "refused") throw spoilt(job, path, read.because);
    const fragments: Uint8Array[] = [];
    for (const fragment of read.fragments) {
      const made = protectFragment(fragment, inits.clear, await next(fragment.samples.length));
      if (made.kind === "refused") throw spoilt(job, path, made.because);
      fragments.push(made.bytes);
      coverage.push(made.coverage);
    }
    const bytes = segmentBytes(fragments);
    await write(work, path, bytes);
    const found = keyframesIn(bytes, inits.clear);
    if (found.kind === "refused") throw spoilt(job, path, found.because);
    written.push({ weight: weighed(bytes), keyframes: found.keyframes });
  }
  const rest = await next(1);
  if (rest.length > 0) throw spoilt(job, track.id, "the packager made more samples than there are");
  const complaint = bare(inits.clear.kind, coverage);
  if (complaint !== undefined) throw spoilt(job, track.id, complaint);
  return written;
}

/** Hands out encrypted samples in order, however the packager cut them into files; fewer than asked for at the end. */
function cipherSource(
  job: Job,
  rendition: string,
  scratch: string,
  init: Init,
): (count: number) => Promise<readonly CipherSample[]> {
  let number = 0;
  let kept: readonly CipherSample[] = [];
  return async (count) => {
    const names = new Set(await readdir(join(scratch, packagerFiles.folder)));
    while (kept.length < count && names.has(`${number + 1}.m4s`)) {
      number += 1;
      const bytes = await readFile(join(scratch, packagerSegment(number)), { signal: job.work.signal });
      const read = readCipher(bytes, init);
      if (read.kind === "refused")
        throw spoilt(job, rendition, `the packager's segment ${number}: ${read.because}`);
      kept = [...kept, ...read.samples];
    }
    const taken = kept.slice(0, count);
    kept = kept.slice(count);
    return taken;
  };
}

async function joinClear(work: Work, track: VideoTrack | AudioTrack, scratch: string): Promise<void> {
  const clear = join(scratch, packagerFiles.clear);
  const names = ["init.mp4", ...track.segments.map((_, index) => `${index + 1}.m4s`)];
  for (const name of names) {
    const bytes = await readFile(join(work.folder, track.id, name), { signal: work.signal });
    await appendFile(clear, bytes, { mode: 0o600 });
  }
}

function initFrom(job: Job, rendition: string, bytes: Uint8Array): Init {
  const read = readInit(bytes);
  if (read.kind === "refused") throw spoilt(job, rendition, read.because);
  return read.init;
}

/** What was asked for is what the init says: else a player would ask for another key, or show noise. */
function checkFacts(
  job: Job,
  rendition: string,
  bytes: Uint8Array,
  wanted: { readonly iv: string; readonly key: ContentKey; readonly kind: Init["kind"] },
): void {
  const read = readProtection(bytes);
  if (read.kind === "refused") throw spoilt(job, rendition, read.because);
  const { scheme, kid, iv, pattern, psshKids, systemBoxes: boxes } = read.facts;
  const found = `${scheme} ${pattern.join(":")} kid ${kid} iv ${iv} pssh ${psshKids.toSorted().join(",")}`;
  const kids = job.keys.map((one) => one.kid).toSorted();
  const order = wanted.kind === "video" ? "1:9" : "0:0";
  const asked = `cbcs ${order} kid ${wanted.key.kid} iv ${wanted.iv} pssh ${kids.join(",")}`;
  if (found !== asked) throw spoilt(job, rendition, `its init says ${found}, wanted ${asked}`);
  const signalled = (wanted.key.signalling ?? []).flatMap(({ pssh }) => pssh ?? []);
  if (boxes.join() !== signalled.join())
    throw spoilt(job, rendition, "its init has other pssh boxes of systems than its key's");
}

/** Public, other for every rendition, and the same in every run. */
function constantIv(title: string, rendition: string, kid: string): string {
  return createHash("sha256").update(`millrace cbcs ${title}/${rendition}/${kid}`).digest("hex").slice(0, 32);
}

function lengthOf(track: VideoTrack | AudioTrack): number {
  return track.segments.reduce((sum, segment) => sum + segment.duration, 0) / track.timescale;
}

function spoilt(job: Job, path: string, reason: string): Fault {
  return new Fault(packFaults.packageUnsound, { title: job.work.titleId, path, reason });
}
