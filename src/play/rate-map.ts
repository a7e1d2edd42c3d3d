// The buffer map: which rate a buffer of B milliseconds stands for.
import { at } from "./ladder.ts";
import type { Film, Ladder, RateMap } from "./types.ts";

const longestReservoirMs = 90_000;
const longestBufferMs = 60_000;

/**
 * The most film a player holds ready: 60 s, but no more than half the film and no less than two segments.
 *
 * Half, because most of what is fetched far ahead of a short film's viewer is fetched for nobody when he leaves, and
 * because it is where the map of a short film ends.
 */
export function bufferFor(durationsMs: readonly number[]): number {
  const whole = durationsMs.reduce((sum, ms) => sum + ms, 0);
  return Math.max(2 * Math.max(0, ...durationsMs), Math.min(longestBufferMs, whole / 2));
}

/**
 * Reservoir and end of the cushion for this film and this buffer.
 *
 * With V the longest segment: the map is scaled to min(Bmax, half the film), so that a film shorter than the
 * buffer still reaches its top by its middle. top = max(V, min(0.9·B, B − V)): the buffer at a decision is at most
 * B − V, so the top must not lie beyond. reservoir = clamp(0.375·B, V, 90 s), at most half of top.
 */
export function rateMap(film: Film, maxBufferMs: number): RateMap {
  const durations = film.segments.durationMs;
  const longest = Math.max(1, ...durations);
  const whole = durations.reduce((sum, ms) => sum + ms, 0);
  const scale = Math.min(maxBufferMs, whole / 2);
  const topMs = Math.max(longest, Math.min(0.9 * scale, scale - longest));
  const reservoirMs = Math.min(topMs / 2, longestReservoirMs, Math.max(0.375 * scale, longest));
  return { reservoirMs, topMs };
}

/** f(B), in kbit/s: the lowest rate up to the reservoir, the highest from the cushion's end on, linear between. */
export function rateAt(ladder: Ladder, map: RateMap, bufferMs: number): number {
  const lowest = at(ladder.kbps, 0);
  const highest = at(ladder.kbps, ladder.kbps.length - 1);
  const share = (bufferMs - map.reservoirMs) / (map.topMs - map.reservoirMs);
  return lowest + (highest - lowest) * Math.min(1, Math.max(0, share));
}
