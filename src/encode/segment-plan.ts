// Where a title may be cut into segments: one boundary per grid line, moved to the first shot cut soon after it.
// Source: research, encoding §4. shaka-packager and ffmpeg's HLS muxer find the same boundaries by themselves.
import type { SegmentPlan, Shot } from "#model/encoded.ts";
import type { FrameRate } from "#units/quantity.ts";

/** First frame at or after each grid line inside the film; line 0 is left out. */
export function gridLines(segmentSeconds: number, rate: FrameRate, frames: number): readonly number[] {
  const lines: number[] = [];
  for (let k = 1; ; k++) {
    const line = Math.ceil((k * segmentSeconds * rate.num) / rate.den);
    if (line >= frames) return lines;
    lines.push(line);
  }
}

/**
 * The plan for a grid of T seconds and a window of W = T/2.
 *
 * boundary k = first cut c with ⌈k·T·fps⌉ ≤ c < (k·T + W)·fps, else ⌈k·T·fps⌉ unless under one second would remain
 */
export function planSegments(
  shots: readonly Shot[],
  segmentSeconds: number,
  rate: FrameRate,
  frames: number,
): SegmentPlan {
  const cuts = shots.map((shot) => shot.startFrame).filter((frame) => frame > 0);
  const boundaries = [0];
  let next = 0;
  for (const [index, line] of gridLines(segmentSeconds, rate, frames).entries()) {
    const windowEnd = ((index + 1) * segmentSeconds + segmentSeconds / 2) * rate.num;
    while ((cuts[next] ?? Number.POSITIVE_INFINITY) < line) next++;
    const cut = cuts[next];
    if (cut !== undefined && cut * rate.den < windowEnd) boundaries.push(cut);
    else if ((frames - line) * rate.den >= rate.num) boundaries.push(line);
  }
  const keyframes = [...new Set([...boundaries, ...cuts])].sort((a, b) => a - b);
  return { boundaries, keyframes };
}
