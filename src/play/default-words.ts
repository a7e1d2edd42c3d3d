// Says in one sentence why the default rule chose a rung: the clause that decided, with its numbers.
import { at } from "./ladder.ts";
import { planFor } from "./look-ahead.ts";
import type { Grounds } from "./rule.ts";
import type { DefaultTrail } from "./rule-default.ts";
import type { Context, Film } from "./types.ts";
import { mbit, megabits, move, seconds } from "./words.ts";

export function explained(film: Film, context: Context, trail: DefaultTrail | undefined): string {
  const chosen = trail?.chosen ?? context.minRung;
  const end = `→ ${move(context.lastRung, chosen)} ${at(film.ladder.names, chosen)}`;
  if (trail === undefined) return `no throughput measured yet ${end}`;
  return `${deciding(film, context, trail)} ${end}`;
}

/** The reserve that the sentence speaks of, and the floor. */
export function groundsOf(film: Film, trail: DefaultTrail): Grounds {
  return { reserveMs: planFor(film, trail.keep, weighed(trail)).reserveMs, floorKbps: trail.floorKbps };
}

/** The rung that was kept or climbed to, or the lowest one that could not be kept. */
function weighed({ last, planned }: DefaultTrail): number {
  return planned < last ? planned + 1 : planned;
}

/** The last step that changed the choice is the one that decided. */
function deciding(film: Film, context: Context, trail: DefaultTrail): string {
  const { planned, lifted, fitting, chosen } = trail;
  const name = (rung: number): string => at(film.ladder.names, rung);
  if (chosen < fitting) return worthClause(film, context, trail);
  if (fitting < lifted) {
    const bits = at(at(film.segments.bits, context.segment), fitting + 1);
    return `segment ${context.segment + 1} at ${name(fitting + 1)} is ${megabits(bits)} Mbit, only ${megabits(Math.max(0, trail.safeBits))} are safe to arrive in time`;
  }
  if (lifted > planned) {
    return `the usual ${mbit(trail.usualKbps)} Mbit/s carry ${name(lifted)} without any buffer`;
  }
  return planClause(film, context, trail, name);
}

function planClause(
  film: Film,
  context: Context,
  trail: DefaultTrail,
  name: (rung: number) => string,
): string {
  const buffer = `buffer ${seconds(context.bufferMs)} s`;
  const { last, planned, keep, climb, provenKbps } = trail;
  const above = weighed(trail);
  const { reserveMs } = groundsOf(film, trail);
  const reserve = `the reserve of ${seconds(reserveMs)} s`;
  if (planned > last) {
    return `${buffer} stays above ${reserve} for ${seconds(climb.filmMs)} s at ${name(planned)} over ${mbit(climb.kbps)} Mbit/s`;
  }
  if (planned < last) {
    return `${buffer} would fall under ${reserve} within ${seconds(keep.filmMs)} s at ${name(above)} over ${mbit(keep.kbps)} Mbit/s`;
  }
  if (last >= context.maxRung) return `${buffer} keeps ${name(last)}, the highest, above ${reserve}`;
  if (last <= context.minRung && context.bufferMs < reserveMs) return `${buffer} is under ${reserve}`;
  return `${buffer} keeps ${name(last)} above ${reserve}; a step up does not hold for ${seconds(climb.filmMs)} s over ${mbit(climb.kbps)} Mbit/s, or is above the ${mbit(provenKbps)} Mbit/s lately seen`;
}

function worthClause(film: Film, context: Context, { fitting, chosen }: DefaultTrail): string {
  const scores = film.segments.vmaf?.[context.segment] ?? [];
  const gain = (scores[fitting] ?? 0) - (scores[chosen] ?? 0);
  return `${at(film.ladder.names, fitting)} would add ${gain.toFixed(1)} VMAF to this segment`;
}
