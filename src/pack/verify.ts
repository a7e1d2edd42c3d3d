// The package's own check before it is published: bytes that were written are read again and held against the plan.
import { isSync, readSegment, ticksOf } from "./fragment.ts";
import type { PlannedSegment } from "./fragmenter.ts";
import type { Init } from "./init.ts";
import type { TrackSegment } from "./track.ts";

export interface SegmentOrder {
  readonly init: Init;
  readonly bytes: Uint8Array;
  /** Sequence number of the last fragment before this segment. */
  readonly afterSequence: number;
}

export type Verdict =
  | { readonly kind: "sound"; readonly lastSequence: number }
  | { readonly kind: "unsound"; readonly because: string };

const unsound = (because: string): Verdict => ({ kind: "unsound", because });

/**
 * A video segment must show exactly its planned frames: decoding times without a gap, a sync sample first, and the
 * presentation times, sorted, one frame apart from the segment's start. So nothing in it is shown in another segment.
 */
export function checkVideoSegment(
  order: SegmentOrder,
  planned: PlannedSegment,
  ticksPerFrame: number,
): Verdict {
  const start = planned.startFrame * ticksPerFrame;
  const checked = checkTimes(order, start, planned.frames * ticksPerFrame);
  if (checked.kind === "unsound") return checked;
  const shown = checked.shownAt.toSorted((one, other) => one - other);
  if (shown.length !== planned.frames)
    return unsound(`it holds ${shown.length} frames, planned ${planned.frames}`);
  const odd = shown.findIndex((time, index) => time !== start + index * ticksPerFrame);
  if (odd >= 0) {
    return unsound(
      `frame ${planned.startFrame + odd} is shown at tick ${shown[odd]}, wanted ${start + odd * ticksPerFrame}`,
    );
  }
  return { kind: "sound", lastSequence: checked.lastSequence };
}

export function checkAudioSegment(order: SegmentOrder, segment: TrackSegment): Verdict {
  const checked = checkTimes(order, segment.start, segment.duration);
  return checked.kind === "unsound" ? checked : { kind: "sound", lastSequence: checked.lastSequence };
}

type Times =
  | { readonly kind: "read"; readonly shownAt: readonly number[]; readonly lastSequence: number }
  | { readonly kind: "unsound"; readonly because: string };

function checkTimes(order: SegmentOrder, start: number, duration: number): Times {
  const read = readSegment(order.bytes, order.init);
  if (read.kind === "refused") return { kind: "unsound", because: read.because };
  if (read.fragments.length === 0) return { kind: "unsound", because: "it holds no fragment" };
  const shownAt: number[] = [];
  let time = start;
  let sequence = order.afterSequence;
  for (const fragment of read.fragments) {
    const [first] = fragment.samples;
    sequence += 1;
    if (
      fragment.sequence !== sequence ||
      fragment.baseTime !== time ||
      first === undefined ||
      !isSync(first)
    ) {
      const found = `${fragment.sequence} at tick ${fragment.baseTime}`;
      return {
        kind: "unsound",
        because: `fragment ${found}: wanted ${sequence} at tick ${time}, a sync sample first`,
      };
    }
    let decoded = time;
    for (const sample of fragment.samples) {
      shownAt.push(decoded + sample.offset);
      decoded += sample.duration;
    }
    time += ticksOf(fragment);
  }
  if (time !== start + duration) {
    return { kind: "unsound", because: `its samples last ${time - start} ticks, wanted ${duration}` };
  }
  return { kind: "read", shownAt, lastSequence: sequence };
}

/** Every path that a playlist names; a `data:` address carries its content itself. */
export function pathsInPlaylist(text: string): readonly string[] {
  const attributes = [...text.matchAll(/URI="([^"]*)"/g)].map((match) => match[1] ?? "");
  const paths = attributes.filter((uri) => !uri.startsWith("data:"));
  return [...paths, ...text.split("\n").filter((line) => line !== "" && !line.startsWith("#"))];
}

/** Every media path that our own DASH manifest names; sprite sheets have no timeline and are left out. */
export function pathsInManifest(text: string): readonly string[] {
  return [...text.matchAll(/<AdaptationSet[\s\S]*?<\/AdaptationSet>/g)].flatMap(([set]) => {
    const media = /media="([^"]*)"/.exec(set)?.[1] ?? "";
    const init = /initialization="([^"]*)"/.exec(set)?.[1];
    if (init === undefined) return [];
    const counts = [...set.matchAll(/<S\b[^>]*?(?: r="(\d+)")?\/>/g)].map(
      (match) => 1 + Number(match[1] ?? 0),
    );
    const count = counts.reduce((sum, runs) => sum + runs, 0);
    const ids = [...set.matchAll(/<Representation id="([^"]*)"/g)].map((match) => match[1] ?? "");
    return ids.flatMap((id) => {
      const named = (template: string): string => template.replace("$RepresentationID$", id);
      const numbers = Array.from({ length: count }, (_, index) => String(index + 1));
      return [named(init), ...numbers.map((number) => named(media).replace("$Number$", number))];
    });
  });
}

/**
 * What the two manifests and the folder disagree on; undefined when HLS, DASH and the folder name the same segments and
 * all that is named is there.
 */
export function unlisted(
  playlists: readonly string[],
  manifest: string,
  folder: ReadonlySet<string>,
): string | undefined {
  const hls = new Set(playlists.flatMap(pathsInPlaylist));
  const dash = new Set(pathsInManifest(manifest));
  const lost = [...hls, ...dash].find((path) => !folder.has(path));
  if (lost !== undefined) return `a manifest names ${lost}, which is not there`;
  const media = [...folder].filter((path) => path.includes("/"));
  const missed = media.find((path) => !hls.has(path) || !dash.has(path));
  if (missed !== undefined) return `${missed} is not named by both manifests`;
  return undefined;
}
