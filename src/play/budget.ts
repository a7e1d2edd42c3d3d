// What the network and the buffer allow a choice to cost, and the steps that a choice goes through.
import type { Context, Film } from "./types.ts";

/** Share of the estimate that may lift a choice. */
export const liftShare = 0.8;
/** A better picture by less than this is not worth its bits. Chosen by us; viewing tests would change it. */
export const worthVmaf = 1;
/** Waiting that is accepted at an empty buffer, right after start or seek: the picture stands still anyway. */
const graceMs = 1000;

/** The steps a choice went through, each at most as high or as low as its name says. For the sentence. */
export interface Trail {
  /** What the buffer map alone says. */
  readonly mapped: number;
  /** After throughput held back an upward step that it does not carry. */
  readonly held: number;
  /** After throughput lifted the choice. */
  readonly lifted: number;
  /** After the segment's size was held against the buffer. */
  readonly fitting: number;
  /** After quality was held against the cost. */
  readonly chosen: number;
}

/** Bits that surely arrive before the buffer runs dry. Source: insufficient-buffer rule of dash.js and Sabre. */
export function safeBits(context: Context, kbps: number): number {
  const caution = Math.max(0.5, 0.9 ** (context.sinceSeek + 1));
  const grace = context.sinceSeek === 0 ? graceMs : 0;
  return caution * Math.max(grace, context.bufferMs - context.latencyMs) * kbps;
}

export function bitsOf(film: Film, segment: number, rung: number): number {
  return film.segments.bits[segment]?.[rung] ?? 0;
}
