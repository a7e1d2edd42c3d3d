// The package's own check before it is published: bytes that were written are read again and held against the plan.
import { isSync, readSegment, ticksOf } from "./fragment.ts";
import type { PlannedSegment } from "./fragmenter.ts";
import type { Init } from "./init.ts";
import { keyframesIn } from "./keyframe-ranges.ts";
import type { Keyframe, TrackSegment } from "./track.ts";

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

/** What the track is primed with is decoded in its first segment, and not heard. */
export function checkAudioSegment(
  order: SegmentOrder,
  segment: Pick<TrackSegment, "start" | "duration">,
): Verdict {
  const priming = order.init.editStart ?? 0;
  const first = order.afterSequence === 0;
  const start = first ? segment.start : segment.start + priming;
  const checked = checkTimes(order, start, segment.duration + (first ? priming : 0));
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

/** The byte ranges that the I-frame playlist is written from must be those of the bytes. */
export function checkKeyframes(
  { bytes, init }: SegmentOrder,
  listed: readonly Keyframe[],
): string | undefined {
  const found = keyframesIn(bytes, init);
  if (found.kind === "refused") return found.because;
  const rows = (keyframes: readonly Keyframe[]): string =>
    keyframes.map((one) => `${one.bytes}@${one.offset} for ${one.start}+${one.duration}`).join(", ");
  if (rows(found.keyframes) === rows(listed)) return undefined;
  return `its pictures that stand alone are ${rows(found.keyframes)}, wanted ${rows(listed)}`;
}
