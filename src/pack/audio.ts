// Cuts the sound into segments: one per fragment of the encoder, on its ~4 s grid, with the lengths they really have.
//
// An encoder begins with priming: sound that only warms the decoder up. A file says so in an edit list, whose start is where
// the film begins; without one, its time 0 is the film's, and the encoder saw to that. Players obey edit lists each in
// their own way, HLS and DASH differ as well, and being wrong is 21 ms at 48 kHz. So whole frames before the edit's start are
// taken out, and with AAC the edit list too: what is published begins at 0 as the picture does, with nothing to interpret.
//
// Opus says its priming (pre-skip) in the coding's own header as well, and its decoders drop it whatever the container says.
// It is shorter than a frame of 20 ms, so it cannot be taken out. What is published has it in the header and in an edit
// list, as the format's binding asks, and its first segment is shorter by it.
// Sources: ISO/IEC 14496-12 §8.6.6 (edit list), 14496-24 (AAC priming), Opus in ISOBMFF 0.8 §4.3.2 and §4.4.
import { type Refused, refused } from "./boxes.ts";
import { type Fragment, ticksOf, writeFragment } from "./fragment.ts";
import { readFragmented, segmentBytes } from "./fragmenter.ts";
import { type Init, withEditStart } from "./init.ts";

export interface AudioSegment {
  readonly number: number;
  /** When it is heard, in ticks of the track's timescale. */
  readonly start: number;
  readonly duration: number;
  readonly bytes: Uint8Array;
}

export type CutAudio =
  | {
      readonly kind: "cut";
      readonly init: Init;
      readonly initBytes: Uint8Array;
      /** Ticks at the track's start that are decoded and not heard. */
      readonly priming: number;
      readonly segments: readonly AudioSegment[];
    }
  | Refused;

/** Cuts a whole fragmented file; what begins after `filmSeconds` would never be heard and is left out. */
export function cutAudio(bytes: Uint8Array, filmSeconds: number): CutAudio {
  const read = readFragmented(bytes);
  if (read.kind === "refused") return read;
  const { init, initBytes, fragments } = read.file;
  if (init.kind !== "audio") return refused("it holds no sound track");
  const gap = gapIn(fragments);
  if (gap !== undefined) return refused(gap);
  const priming = Math.round((init.preSkip * init.timescale) / preSkipRate);
  const before = Math.max(0, (init.editStart ?? priming) - priming);
  const primed = withoutPriming(fragments, framesWithin(fragments, before));
  const heard = primed.filter((fragment) => (fragment.baseTime - priming) / init.timescale < filmSeconds);
  if (heard.length === 0 || heard.reduce((sum, fragment) => sum + ticksOf(fragment), 0) <= priming)
    return refused("it holds no sound after its priming");
  const segments = heard.map((fragment, index) => ({
    number: index + 1,
    start: Math.max(0, fragment.baseTime - priming),
    duration: ticksOf(fragment) - (index === 0 ? priming : 0),
    bytes: segmentBytes([writeFragment({ ...fragment, sequence: index + 1 }, init.trackId)]),
  }));
  const odd = segments.find((segment) => segment.duration <= 0);
  if (odd !== undefined) return refused(`its fragment ${odd.number} is shorter than its priming`);
  const editStart = priming === 0 ? undefined : priming;
  const published = init.editStart === editStart ? initBytes : withEditStart(initBytes, editStart);
  return { kind: "cut", init: { ...init, editStart }, initBytes: published, priming, segments };
}

/** Opus counts its pre-skip at this rate, whatever the track's. Source: RFC 7845 §5.1. */
const preSkipRate = 48_000;

/** How many of the first frames end before `ticks`, the last rounded to the nearest. */
function framesWithin(fragments: readonly Fragment[], ticks: number): number {
  let count = 0;
  let end = 0;
  for (const sample of fragments.flatMap((fragment) => fragment.samples)) {
    if (ticks < end + sample.duration / 2 || sample.duration === 0) return count;
    end += sample.duration;
    count += 1;
  }
  return count;
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
