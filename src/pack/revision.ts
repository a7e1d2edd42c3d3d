// Other subtitles for a title that is published: another version of its index, beside the one before. Nothing that was published is
// changed: what is new has a name of its own, made of what is in it, so that whoever plays the version before finds all of it where it
// was, and a change that was begun and never finished is no more than a few files that nobody names. Media are the same files.
import type { PackagedFile, Rendition, RetiredFile, TitlePackage } from "#model/package.ts";
import { isTopIndex } from "#model/package.ts";
import { assert } from "#units/assert.ts";
import { bytes } from "#units/quantity.ts";
import { subtitlePlaylist } from "./hls.ts";
import { listedSubtitles, type Manifests, withSubtitles } from "./subtitle-sets.ts";
import type { SubtitleTrack } from "./track.ts";

export type SubtitleChange =
  | {
      readonly kind: "put";
      readonly track: Pick<SubtitleTrack, "language" | "name" | "isForced">;
      /** WebVTT as we write it. */
      readonly text: string;
      /** In whose place; absent: beside the others. */
      readonly replaces?: string | undefined;
    }
  | { readonly kind: "remove"; readonly id: string };

export interface RevisionOrder {
  readonly title: TitlePackage;
  /** As the package has them. */
  readonly manifests: Manifests;
  readonly change: SubtitleChange;
  readonly nowMs: number;
  /** How long a play of an earlier version may last. */
  readonly keepMs: number;
  /** Sha256 in lowercase hex. */
  readonly digest: (text: string) => string;
}

export type Revision =
  | { readonly kind: "revised"; readonly title: TitlePackage; readonly files: readonly NewFile[] }
  /** It is so already: the same order came before. */
  | { readonly kind: "unchanged" }
  | { readonly kind: "unknown-track"; readonly id: string }
  | { readonly kind: "refused"; readonly because: string };

export interface NewFile {
  readonly path: string;
  readonly text: string;
}

/** As many as may come with a film (MILLRACE_ENCODE_MAX_SUBTITLE_TRACKS). */
const mostTracks = 64;
/** Of earlier versions. Four files or so come with each change; so many changes within a play's time are a program gone wild. */
const mostRetired = 400;

export function revise(order: RevisionOrder): Revision {
  const { title, manifests, change, digest } = order;
  const index = title.renditions.find(isTopIndex);
  assert(index !== undefined, "every package has an index");
  const sizes = new Map(index.files.map((file) => [file.path, Number(file.bytes)]));
  const tracks = listedSubtitles(manifests.dash).map((track) => ({
    ...track,
    bytes: sizes.get(`${track.id}.vtt`) ?? 0,
  }));
  const changed = changedTracks(tracks, change, digest);
  if (changed.kind !== "changed") return changed;
  const written = withSubtitles(manifests, changed.tracks);
  if (written.kind === "refused") return written;
  const named = (start: string, text: string, end: string): NewFile => ({
    path: `${start}-${digest(text).slice(0, 8)}${end}`,
    text,
  });
  const dash = named("manifest", written.manifests.dash, ".mpd");
  const hls = named("master", written.manifests.hls, ".m3u8");
  const { added } = changed;
  const own = added && [
    { path: `${added.track.id}.vtt`, text: added.text },
    { path: `${added.track.id}.m3u8`, text: subtitlePlaylist(added.track, written.microseconds) },
  ];
  const files = [...(own ?? []), dash, hls];
  const kept = new Set(changed.tracks.flatMap(({ id }) => [`${id}.vtt`, `${id}.m3u8`]));
  const dropped = [
    ...[title.dash, title.hls],
    ...tracks.flatMap(({ id }) => [`${id}.vtt`, `${id}.m3u8`]).filter((path) => !kept.has(path)),
  ];
  const after = indexAfter(order, index, files, dropped);
  if (after.retired.length > mostRetired) {
    return { kind: "refused", because: "it was changed too often of late; wait until older plays are over" };
  }
  const { retired: _, ...rest } = title;
  return {
    kind: "revised",
    files,
    title: {
      ...rest,
      ...{ dash: dash.path, hls: hls.path },
      renditions: title.renditions.map((one) => (one === index ? after.index : one)),
      subtitles: changed.tracks.map(({ language, name, isForced }) => ({ language, name, isForced })),
      revisedAtMs: order.nowMs,
      ...(after.retired.length > 0 && { retired: after.retired }),
    },
  };
}

interface Made {
  readonly renditions: readonly {
    readonly id: string;
    readonly files: readonly Pick<PackagedFile, "path" | "sha256">[];
  }[];
  readonly protection?:
    | { readonly tracks: readonly { readonly rendition: string; readonly kid: string }[] }
    | undefined;
}

/** Whether a title is this package with other subtitles: made again, the film is the one that is out. */
export function isRevisionOf(title: TitlePackage, packed: Made): boolean {
  return title.revisedAtMs !== undefined && mediaOf(title) === mediaOf(packed);
}

function mediaOf({ renditions, protection }: Made): string {
  const files = renditions
    .filter((rendition) => !isTopIndex(rendition))
    .flatMap(({ id, files: own }) => own.map(({ path, sha256 }) => `${id} ${path} ${sha256}`));
  const kids = (protection?.tracks ?? []).map(({ rendition, kid }) => `${rendition} ${kid}`);
  return [...files.toSorted(), ...kids.toSorted()].join("\n");
}

type Changed =
  | {
      readonly kind: "changed";
      readonly tracks: readonly SubtitleTrack[];
      readonly added?: { readonly track: SubtitleTrack; readonly text: string };
    }
  | Exclude<Revision, { kind: "revised" }>;

function changedTracks(
  tracks: readonly SubtitleTrack[],
  change: SubtitleChange,
  digest: RevisionOrder["digest"],
): Changed {
  if (change.kind === "remove") {
    const { id } = change;
    const left = tracks.filter((track) => track.id !== id);
    return left.length === tracks.length ? { kind: "unknown-track", id } : { kind: "changed", tracks: left };
  }
  const { text, replaces } = change;
  const { language, name, isForced } = change.track;
  const id = `subtitles-${language}-${digest(text).slice(0, 8)}`;
  const size = new TextEncoder().encode(text).length;
  const track = { id, language, name, isForced, bytes: size };
  const same = tracks.find((one) => one.id === id);
  if (same?.name === name && same.isForced === isForced) return { kind: "unchanged" };
  const place = tracks.findIndex((one) => one.id === replaces);
  if (replaces !== undefined && place < 0) return { kind: "unknown-track", id: replaces };
  const others = tracks.filter((one) => one.id !== replaces);
  const because = clash(track, others);
  if (because !== undefined) return { kind: "refused", because };
  const all = place < 0 ? [...tracks, track] : tracks.with(place, track);
  return { kind: "changed", tracks: all, added: { track, text } };
}

/** Names are what a viewer chooses by, and HLS has no double quotes in them. */
function clash(track: SubtitleTrack, others: readonly SubtitleTrack[]): string | undefined {
  const inHls = ({ name }: SubtitleTrack): string => name.replaceAll('"', "'");
  const twin = others.find((one) => one.id === track.id);
  if (twin !== undefined) return `the same words in the same language are there already, as "${twin.name}"`;
  if (others.some((one) => inHls(one) === inHls(track)))
    return `another track is called "${track.name}" already`;
  return others.length < mostTracks ? undefined : `it has ${others.length} tracks already`;
}

interface IndexAfter {
  readonly index: Rendition;
  readonly retired: readonly RetiredFile[];
}

/** What was dropped stays listed until the last play of its version is over: placed, filled and copied like the rest. */
function indexAfter(
  { title, nowMs, keepMs, digest }: RevisionOrder,
  index: Rendition,
  fresh: readonly NewFile[],
  dropped: readonly string[],
): IndexAfter {
  const isFresh = new Set(fresh.map(({ path }) => path));
  const before = title.retired ?? [];
  const all = [
    ...before,
    ...dropped
      .filter((path) => !before.some((one) => one.path === path))
      .map((path) => ({ path, sinceMs: nowMs })),
  ];
  const back = all.filter(({ path }) => !isFresh.has(path));
  const retired = back.filter(({ sinceMs }) => nowMs - sinceMs < keepMs);
  const gone = new Set(back.filter((one) => !retired.includes(one)).map(({ path }) => path));
  const files = [
    ...index.files.filter(({ path }) => !(gone.has(path) || isFresh.has(path))),
    ...fresh.map(({ path, text }): PackagedFile => {
      const size = new TextEncoder().encode(text).length;
      return { path, bytes: bytes(size), sha256: digest(text) };
    }),
  ].toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const list = files.map(({ path, sha256 }) => `${path} ${sha256}`).join("\n");
  const size = files.reduce((sum, file) => sum + file.bytes, 0);
  return {
    index: { ...index, id: `index-${digest(list).slice(0, 8)}`, bytes: bytes(size), files },
    retired,
  };
}
