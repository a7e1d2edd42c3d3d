// What becomes of the buffer when one rung is kept: the segments ahead, by their real sizes, at one assumed throughput.
import { at } from "./ladder.ts";
import type { Context, Film } from "./types.ts";

export interface Plan {
  readonly rung: number;
  readonly kbps: number;
  /** How much film is looked at. Beyond the film's end, segments of the rung's mean rate are assumed. */
  readonly filmMs: number;
  /** Under this the buffer must not fall. */
  readonly reserveMs: number;
}

/** A plan for any rung. */
export interface Outlook {
  readonly kbps: number;
  readonly filmMs: number;
  readonly leastReserveMs: number;
  readonly mostReserveMs: number;
  /** Reserve per rate of the rung: the higher it is, the longer the worst moment lasts. */
  readonly reserveMsPerKbps: number;
}

/** r = 2 · V · R / T_worst, within its limits. */
export function planFor(film: Film, outlook: Outlook, rung: number): Plan {
  const { kbps, filmMs, leastReserveMs, mostReserveMs, reserveMsPerKbps } = outlook;
  const worstMs = reserveMsPerKbps * at(film.ladder.kbps, rung);
  const reserveMs = Math.min(mostReserveMs, Math.max(leastReserveMs, worstMs));
  return { rung, kbps, filmMs, reserveMs };
}

/** How long a segment plays, at the playback rate. */
export function playsMs(film: Film, context: Context, segment: number): number {
  return (film.segments.durationMs[segment] ?? 0) / (context.playbackRate ?? 1);
}

/**
 * Whether the buffer stays at or above the reserve.
 *
 * Per segment: B' = B − latency − bits / T ≥ reserve, then B = min(B' + V, Bmax − V), since the player waits for room.
 */
export function holds(film: Film, context: Context, plan: Plan): boolean {
  const { rung, kbps, filmMs, reserveMs } = plan;
  const { durationMs, bits } = film.segments;
  const mean = film.ladder.kbps[rung] ?? 0;
  const lastSegment = durationMs.length - 1;
  const from = Math.min(context.segment, lastSegment);
  let bufferMs = context.bufferMs;
  let plannedMs = 0;
  for (let segment = from; plannedMs < filmMs; segment++) {
    const ms = playsMs(film, context, Math.min(segment, lastSegment));
    if (!(ms > 0)) return true;
    const size = bits[segment]?.[rung] ?? mean * (durationMs[lastSegment] ?? 0);
    bufferMs -= context.latencyMs + size / kbps;
    if (bufferMs < reserveMs) return false;
    bufferMs = Math.min(bufferMs + ms, context.maxBufferMs - ms);
    plannedMs += ms;
  }
  return true;
}

/** How much film is left from the context's segment on, but no more than `mostMs`. */
export function leftMs(film: Film, context: Context, mostMs: number): number {
  const segments = film.segments.durationMs.length;
  let left = 0;
  for (let segment = context.segment; segment < segments && left < mostMs; segment++) {
    left += playsMs(film, context, segment);
  }
  return Math.min(left, mostMs);
}
