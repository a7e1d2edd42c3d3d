// What a player may say of where it is. Whoever has a session's token can post anything; it should neither stand beyond the film's
// end nor run through it, nor leap so far ahead in its numbers that nothing honest is ever newer.
// Source: control-telemetry research §8.2, telemetry.
import type { Beacon } from "#model/beacon.ts";

/** How far ahead of the newest a number may be. Source: ibid. §3.4, the window of numbers. */
export const numberReach = 4096;
/** Nobody plays faster than twice, and a tenth is for clocks. Source: ibid. §8.2. */
const fastest = 2.2;
/** Chosen by us: a short seek inside what is buffered can go unseen between two looks. */
const unseenSeekMs = 15_000;

/** A session's newest beacon, as far as it is known. */
export type Before = Pick<Beacon, "seq" | "state" | "positionMs" | "madeMs">;

export function isBeyond(before: Pick<Before, "seq"> | undefined, seq: number): boolean {
  return before !== undefined && seq > before.seq + numberReach;
}

/** The beacon with a position that can be: itself, if it is. Only plain playing from one number to the next is judged by its step. */
export function plausible(before: Before | undefined, beacon: Beacon): Beacon {
  const { durationMs, positionMs } = beacon;
  const most = Math.min(durationMs > 0 ? durationMs : positionMs, stepEnd(before, beacon));
  return positionMs <= most ? beacon : { ...beacon, positionMs: most };
}

function stepEnd(before: Before | undefined, { seq, state, madeMs }: Beacon): number {
  if (before?.state !== "playing" || state !== "playing" || seq !== before.seq + 1) return Infinity;
  if (before.madeMs === undefined || madeMs === undefined) return Infinity;
  const passedMs = Math.max(0, madeMs - before.madeMs);
  return Math.round(before.positionMs + fastest * passedMs + unseenSeekMs);
}
