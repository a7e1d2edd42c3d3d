// Puts a decision into one sentence with its numbers: what the drawer shows and telemetry carries.
import { bitsOf, liftShare, safeBits, type Trail } from "./budget.ts";
import { at } from "./ladder.ts";
import { rateAt } from "./rate-map.ts";
import type { Context, Film, RateMap } from "./types.ts";

export function sentence(film: Film, context: Context, map: RateMap, trail: Trail): string {
  const name = (rung: number): string => at(film.ladder.names, rung);
  const end = `→ ${move(context.lastRung, trail.chosen)} ${name(trail.chosen)}`;
  if (context.estimateKbps === undefined) return `no throughput measured yet ${end}`;
  const parts = [mapClause(film, context, map)];
  if (trail.held < trail.mapped) {
    parts.push(`${mbit(context.estimateKbps)} Mbit/s carry only ${name(trail.held)}`);
  }
  if (trail.lifted > trail.held) {
    parts.push(`${liftShare} · ${mbit(context.estimateKbps)} Mbit/s carry ${name(trail.lifted)}`);
  }
  if (trail.fitting < trail.lifted) parts.push(sizeClause(film, context, trail));
  if (trail.chosen < trail.fitting) parts.push(worthClause(film, context, trail));
  return `${parts.join("; ")} ${end}`;
}

function mapClause(film: Film, context: Context, map: RateMap): string {
  const buffer = `buffer ${seconds(context.bufferMs)} s`;
  if (context.bufferMs <= map.reservoirMs)
    return `${buffer} is inside the reservoir of ${seconds(map.reservoirMs)} s`;
  if (context.bufferMs >= map.topMs)
    return `${buffer} is beyond the cushion's end at ${seconds(map.topMs)} s`;
  const last = Math.min(context.maxRung, Math.max(context.minRung, context.lastRung ?? context.minRung));
  const rate = rateAt(film.ladder, map, context.bufferMs);
  const f = `${buffer}, f(B) = ${mbit(rate)} Mbit/s`;
  const above = last < context.maxRung ? at(film.ladder.kbps, last + 1) : undefined;
  const below = last > context.minRung ? at(film.ladder.kbps, last - 1) : undefined;
  if (above !== undefined && rate >= above) return `${f} has passed rate+ ${mbit(above)}`;
  if (below !== undefined && rate <= below) return `${f} has fallen to rate− ${mbit(below)}`;
  if (above === undefined) return `${f} stays above rate− ${below === undefined ? "none" : mbit(below)}`;
  if (below === undefined) return `${f} stays below rate+ ${mbit(above)}`;
  return `${f} lies between rate− ${mbit(below)} and rate+ ${mbit(above)}`;
}

function sizeClause(film: Film, context: Context, trail: Trail): string {
  const next = trail.fitting + 1;
  const bits = megabits(bitsOf(film, context.segment, next));
  const safe = megabits(safeBits(context, context.estimateKbps ?? 0));
  return `segment ${context.segment + 1} at ${at(film.ladder.names, next)} is ${bits} Mbit, only ${safe} are safe to arrive in time`;
}

function worthClause(film: Film, context: Context, trail: Trail): string {
  const scores = film.segments.vmaf?.[context.segment] ?? [];
  const gain = (scores[trail.fitting] ?? 0) - (scores[trail.chosen] ?? 0);
  return `${at(film.ladder.names, trail.fitting)} would add ${gain.toFixed(1)} VMAF to this segment`;
}

export function move(last: number | undefined, next: number): string {
  if (last === undefined) return "start at";
  if (next === last) return "stay at";
  return next > last ? "up to" : "down to";
}

export function seconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}

/** Two digits below 10 Mbit/s, so that neighbouring small rungs stay apart. */
export function mbit(kbps: number): string {
  const value = kbps / 1000;
  return value.toFixed(value < 1 ? 2 : value < 100 ? 1 : 0);
}

export function megabits(bits: number): string {
  return (bits / 1e6).toFixed(bits < 1e6 ? 2 : 1);
}
