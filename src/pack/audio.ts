// Cuts the sound into segments: one per fragment of the encoder, on its ~4 s grid, with the lengths they really have.
//
// An AAC encoder begins with priming: a frame that only warms the decoder up. A file says so in an edit list, whose start is
// where the film begins; without one, its time 0 is the film's, and the encoder saw to that. Players obey edit lists each in
// their own way, HLS and DASH differ as well, and being wrong is 21 ms at 48 kHz. So frames before the edit's start are taken
// out, the edit list with them, and what is published begins at 0 as the picture does, with nothing left to interpret.
// Sources: ISO/IEC 14496-12 §8.6.6 (edit list), 14496-24 (AAC priming).
import { type Refused, refused } from "./boxes.ts";
import { type Fragment, ticksOf, writeFragment } from "./fragment.ts";
import { readFragmented, segmentBytes } from "./fragmenter.ts";
import { type Init, withoutEditList } from "./init.ts";

export interface AudioSegment {
  readonly number: number;
  /** Ticks of the track's timescale. */
  readonly start: number;
  readonly duration: number;
  readonly bytes: Uint8Array;
}

export type CutAudio =
  | {
      readonly kind: "cut";
      readonly init: Init;
      readonly initBytes: Uint8Array;
      readonly segments: readonly AudioSegment[];
    }
  | Refused;

/** AAC-LC frame. Source: ISO/IEC 14496-3 §4.5.1.1. */
const aacFrame = 1024;

/** Cuts a whole fragmented file; what begins after `filmSeconds` would never be heard and is left out. */
export function cutAudio(bytes: Uint8Array, filmSeconds: number): CutAudio {
  const read = readFragmented(bytes);
  if (read.kind === "refused") return read;
  const { init, initBytes, fragments } = read.file;
  if (init.kind !== "audio") return refused("it holds no sound track");
  const gap = gapIn(fragments);
  if (gap !== undefined) return refused(gap);
  const primed = withoutPriming(fragments, Math.round((init.editStart ?? 0) / aacFrame));
  const heard = primed.filter((fragment) => fragment.baseTime / init.timescale < filmSeconds);
  if (heard.length === 0) return refused("it holds no sound after its edit list's start");
  const segments = heard.map((fragment, index) => ({
    number: index + 1,
    start: fragment.baseTime,
    duration: ticksOf(fragment),
    bytes: segmentBytes([writeFragment({ ...fragment, sequence: index + 1 }, init.trackId)]),
  }));
  const published = init.editStart === undefined ? initBytes : withoutEditList(initBytes);
  return { kind: "cut", init: { ...init, editStart: undefined }, initBytes: published, segments };
}

/** Drops the first `count` frames and moves the rest so that the track begins at 0 again. */
function withoutPriming(fragments: readonly Fragment[], count: number): readonly Fragment[] {
  const kept: Fragment[] = [];
  let left = count;
  let shift = 0;
  for (const fragment of fragments) {
    const dropped = fragment.samples.slice(0, left);
    const samples = fragment.samples.slice(dropped.length);
    const ticks = dropped.reduce((sum, sample) => sum + sample.duration, 0);
    const size = dropped.reduce((sum, sample) => sum + sample.bytes, 0);
    left -= dropped.length;
    shift += ticks;
    const baseTime = fragment.baseTime + ticks - shift;
    if (samples.length > 0) kept.push({ ...fragment, baseTime, samples, data: fragment.data.subarray(size) });
  }
  return kept;
}

function gapIn(fragments: readonly Fragment[]): string | undefined {
  let time = 0;
  for (const [index, fragment] of fragments.entries()) {
    if (fragment.baseTime !== time) {
      return `fragment ${index + 1} begins at tick ${fragment.baseTime}, wanted ${time}: the sound must begin at 0 and have no gap`;
    }
    time += ticksOf(fragment);
  }
  return undefined;
}
