// An encoded film becomes a published title: one CMAF set with HLS and DASH manifests, storyboard and sidecar.
import { defaultsOf, type Values } from "#config/setting.ts";
import type { EncodedFilm } from "#model/encoded.ts";
import type { PackagedFile, Rendition, SubtitleChoice, TitlePackage } from "#model/package.ts";
import { dashManifest } from "#pack/dash.ts";
import { packFaults } from "#pack/faults.ts";
import { unfitFilm } from "#pack/film.ts";
import { segmentsOf } from "#pack/fragmenter.ts";
import {
  iframePlaylist,
  iframePlaylistOf,
  mediaPlaylist,
  subtitlePlaylist,
  targetSeconds,
} from "#pack/hls.ts";
import { masterPlaylist } from "#pack/hls-master.ts";
import { labelOf } from "#pack/protection.ts";
import { packSettings } from "#pack/settings.ts";
import { sidecarOf } from "#pack/sidecar.ts";
import { distinct, voicesOf } from "#pack/sounds.ts";
import { storyboardVtt } from "#pack/storyboard.ts";
import {
  type AudioTrack,
  filmMicroseconds,
  meanRate,
  microsecondsOf,
  type PackedTitle,
  peakRate,
  type VideoTrack,
} from "#pack/track.ts";
import { unfitTransport } from "#pack/transport-film.ts";
import { transportFolder, transportMaster } from "#pack/transport-hls.ts";
import { Fault } from "#units/fault.ts";
import type { TitleId } from "#units/id.ts";
import { bitsPerSecond, bytes, framesToSeconds } from "#units/quantity.ts";
import { sidecar } from "#wire/sidecar.ts";
import { checkFolder } from "./check-folder.ts";
import { checkEncrypted, encryptTitle } from "./encrypt.ts";
import { publishWhole } from "./folder.ts";
import { askSecondOpinion, type RunProbe } from "./second-opinion.ts";
import type { ProtectionOrder } from "./shaka-packager.ts";
import { shareFiles, sweepShelves } from "./share.ts";
import { writeTransport } from "./transport.ts";
import { type Work, write, writeAudio, writePictures, writeSubtitles, writeVideo } from "./write-tracks.ts";

export interface PackOrder {
  readonly film: EncodedFilm;
  readonly titleId: TitleId;
  /** The title's folder in the origin store. Afterwards it is the whole new package, or what it was before. */
  readonly outDir: string;
  /** Where the store's titles share equal files, see share.ts. Without it, only within this title. */
  readonly shared?: string;
  readonly signal: AbortSignal;
  readonly settings?: Values<typeof packSettings>;
  /** Encrypts every rendition. */
  readonly protection?: ProtectionOrder;
  /** MPEG-TS chunks for old devices, beside the CMAF set. Never of an encrypted title: they are clear. */
  readonly transport?: "beside";
  /** Has ffprobe read every rendition before it is published. Without it our own check is the only one. */
  readonly secondOpinion?: RunProbe;
}

/**
 * Packages and checks a title, then puts it in place as a whole. The same film gives the same bytes.
 *
 * @throws Fault pack-film-unfit, pack-piece-missing, pack-piece-unfit, pack-folder-failed, pack-unsound, pack-too-slow,
 *   pack-packager-failed, pack-transport-unfit, pack-second-opinion; the signal's reason when aborted
 */
export async function packTitle(order: PackOrder): Promise<TitlePackage> {
  const { film, titleId, outDir, settings = defaultsOf(packSettings) } = order;
  order.signal.throwIfAborted();
  const reason = unfitFilm(film);
  if (reason !== undefined) throw new Fault(packFaults.filmUnfit, { title: titleId, reason });
  const misfit =
    order.transport && unfitTransport(film, order.protection === undefined ? "clear" : "encrypted");
  if (misfit !== undefined) throw new Fault(packFaults.transportUnfit, { title: titleId, reason: misfit });
  const deadline = AbortSignal.timeout(settings.deadlineMinutes * 60_000);
  const signal = AbortSignal.any([order.signal, deadline]);
  const segments = segmentsOf(film.plan.boundaries, film.source.frames);
  const maxBytes = settings.pieceMib * 2 ** 20;
  const maxSubtitleBytes = settings.subtitleMib * 2 ** 20;
  try {
    return await publishWhole(outDir, (folder) =>
      fill(order, { film, titleId, folder, segments, maxBytes, maxSubtitleBytes, signal }),
    );
  } catch (error) {
    order.signal.throwIfAborted();
    if (deadline.aborted) {
      throw new Fault(packFaults.tooSlow, { title: titleId, minutes: settings.deadlineMinutes }, error);
    }
    if (error instanceof Fault) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new Fault(packFaults.folderFailed, { folder: outDir, reason: why }, error);
  }
}

async function fill(order: PackOrder, work: Work): Promise<TitlePackage> {
  const { protection, transport } = order;
  const clear = await writeTracks(work);
  const title = protection === undefined ? clear : await encryptTitle(work, clear, protection);
  await writeIndex(work, title);
  if (transport !== undefined) await writeTransport(work, title);
  const files = await checkFolder(work, title);
  if (protection !== undefined) await checkEncrypted(work);
  if (order.secondOpinion !== undefined) await askSecondOpinion(work, title, order.secondOpinion);
  if (order.shared !== undefined) await sweepShelves(order.shared, work.signal);
  await shareFiles({ folder: work.folder, files, store: order.shared, signal: work.signal });
  return {
    titleId: work.titleId,
    duration: framesToSeconds(title.frames, title.frameRate),
    renditions: renditionsOf(title, files),
    hls: "master.m3u8",
    dash: "manifest.mpd",
    storyboard: "storyboard.vtt",
    poster: "poster.jpg",
    sidecar: "sidecar.json",
    segmentMs: segmentLengths(title),
    voices: voicesOf(title.audio).map(({ language, name }) => ({ language, name })),
    subtitles: subtitleChoices(title),
    ...protectionOf(title),
    ...(transport === undefined ? {} : { transport: transportMaster }),
  };
}

async function writeTracks(work: Work): Promise<PackedTitle> {
  const video: VideoTrack[] = [];
  for (const encoded of work.film.rungs) video.push(await writeVideo(work, encoded));
  const audio = await writeAudio(work);
  const subtitles = await writeSubtitles(work);
  const { source, thumbnails } = work.film;
  const storyboard = { ...thumbnails, sheets: await writePictures(work) };
  const { frames, frameRate } = source;
  return { frames, frameRate, video, audio, subtitles, storyboard };
}

async function writeIndex(work: Work, title: PackedTitle): Promise<void> {
  const scored = title.video.map((track, index) => ({
    track,
    quality: work.film.rungs[index]?.quality ?? [],
  }));
  const facts = sidecar.parse(sidecarOf(work.titleId, work.film.metric, scored, title.audio));
  const target = targetSeconds([...title.video, ...title.audio]);
  for (const track of [...title.video, ...title.audio])
    await write(work, `${track.id}.m3u8`, mediaPlaylist(track, target));
  for (const track of title.video) await write(work, iframePlaylistOf(track), iframePlaylist(track));
  for (const track of title.subtitles)
    await write(work, `${track.id}.m3u8`, subtitlePlaylist(track, filmMicroseconds(title)));
  await write(work, "master.m3u8", masterPlaylist(title));
  await write(work, "manifest.mpd", dashManifest(title));
  await write(work, "storyboard.vtt", storyboardVtt(title));
  await write(work, "sidecar.json", `${JSON.stringify(facts)}\n`);
}

/** As in the sidecar: all video tracks are cut at the same places. */
function segmentLengths({ video: [first] }: PackedTitle): readonly number[] {
  return first === undefined ? [] : microsecondsOf(first).map((length) => length / 1000);
}

/** Named as the manifests name them. */
function subtitleChoices({ subtitles }: PackedTitle): readonly SubtitleChoice[] {
  const names = distinct(subtitles);
  return subtitles.map(({ language, name, isForced }, at) => ({
    ...{ language, isForced },
    name: names[at] ?? name,
  }));
}

/** Kids and labels by rendition, never keys. */
function protectionOf({ video, audio }: PackedTitle): Pick<TitlePackage, "protection"> {
  const tracks = [
    ...video.map((track) => ({ track, label: labelOf(track) })),
    ...audio.map((track) => ({ track, label: labelOf("sound") })),
  ].flatMap(({ track: { id, protection }, label }) =>
    protection === undefined ? [] : [{ rendition: id, label, kid: protection.kid }],
  );
  return tracks.length === 0 ? {} : { protection: { scheme: "cbcs", tracks } };
}

/** Each track is a rendition with the files of its folder; the files at the top are "index", the MPEG-TS set is "ts". */
function renditionsOf(title: PackedTitle, files: readonly PackagedFile[]): readonly Rendition[] {
  const inFolder = (id: string): readonly PackagedFile[] =>
    files.filter((file) => file.path.startsWith(`${id}/`));
  const video = title.video.map((track) => ({
    ...measured("video", track, inFolder(track.id)),
    width: track.width,
    height: track.height,
  }));
  const audio = title.audio.map((track) => measured("audio", track, inFolder(track.id)));
  const top = files.filter((file) => !file.path.includes("/"));
  const transport = inFolder(transportFolder);
  const sets = transport.length === 0 ? [] : [indexOf(transportFolder, transport)];
  return [...video, ...audio, indexOf("index", top), ...sets];
}

function indexOf(id: string, files: readonly PackagedFile[]): Rendition {
  const rates = { bitrate: bitsPerSecond(0), peak: bitsPerSecond(0) };
  return { id, kind: "index", codecs: "", width: 0, height: 0, ...rates, bytes: sum(files), files };
}

function measured(
  kind: "video" | "audio",
  track: VideoTrack | AudioTrack,
  files: readonly PackagedFile[],
): Rendition {
  return {
    id: track.id,
    kind,
    codecs: track.codecs,
    width: 0,
    height: 0,
    bitrate: bitsPerSecond(meanRate(track)),
    peak: bitsPerSecond(peakRate(track)),
    bytes: sum(files),
    files,
  };
}

function sum(files: readonly PackagedFile[]): Rendition["bytes"] {
  return bytes(files.reduce((total, file) => total + file.bytes, 0));
}
