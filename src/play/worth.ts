// Which rung is worth its bits for one segment.
import type { Context, Film } from "./types.ts";

/** A better picture by less than this is not worth its bits. Chosen by us; viewing tests would change it. */
const worthVmaf = 1;

/** The cheapest rung within 1 VMAF of the best one at or below `from`; the last rung when it is among those. */
export function worthwhileRung(film: Film, context: Context, from: number): number {
  const scores = film.segments.vmaf?.[context.segment];
  if (scores === undefined) return from;
  const allowed = scores.slice(context.minRung, from + 1);
  const best = Math.max(...allowed);
  const cheapest = context.minRung + allowed.findIndex((score) => score > best - worthVmaf);
  const last = context.lastRung;
  return last !== undefined && last >= cheapest && last <= from ? last : cheapest;
}
