// In how many encodes a whole film is made. One is best; where a codec cannot have a second keyframe in an encode, or where
// all keyframes do not fit into one argument, it takes several, each beginning at a keyframe of the plan.
import type { FrameRate } from "#units/quantity.ts";
import { keyTimes } from "./argv.ts";
import type { PieceOrder, TrialEncode } from "./argv-video.ts";
import { codecs } from "./codecs.ts";
import { timescaleOf } from "./frame-rate.ts";

/**
 * Bytes of key times in one argument. Linux takes 131,072 for one, whatever the limit on all together is.
 * Source: execve(2), MAX_ARG_STRLEN.
 */
export const mostKeyBytes = 100_000;

export interface PlannedFilm {
  /** The first is 0. */
  readonly keyframes: readonly number[];
  readonly frames: number;
  readonly rate: FrameRate;
}

/** In film order, without gaps; undefined when one encode makes the whole film. */
export function filmParts(
  encode: TrialEncode,
  film: PlannedFilm,
  mostBytes: number = mostKeyBytes,
): readonly PieceOrder[] | undefined {
  const { keyframes, frames, rate } = film;
  const isForced = codecs[encode.codec].keyframes === "forced";
  if (isForced && keyTimes(keyframes, rate).length <= mostBytes) return undefined;
  const starts = isForced ? stretchStarts(keyframes, rate, mostBytes) : keyframes.map((_, index) => index);
  const { timescale } = timescaleOf(rate);
  return starts.flatMap((first, index) => {
    const inside = keyframes.slice(first, starts[index + 1]);
    const [startFrame] = inside;
    if (startFrame === undefined) return [];
    const end = keyframes[first + inside.length] ?? frames;
    const { codec, preset, crf, width, height } = encode;
    const part = { startFrame, frames: end - startFrame, keyframes: inside };
    return [{ codec, preset, crf, width, height, peak: 0, timescale, ...part }];
  });
}

/** Indices of the keyframes that begin a stretch. Times within a stretch are shorter than those counted here. */
function stretchStarts(keyframes: readonly number[], rate: FrameRate, mostBytes: number): readonly number[] {
  const starts: number[] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const [index, frame] of keyframes.entries()) {
    const own = keyTimes([frame], rate).length + 1;
    if (bytes + own > mostBytes) {
      starts.push(index);
      bytes = 0;
    }
    bytes += own;
  }
  return starts;
}
