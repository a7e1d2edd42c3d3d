// What BOLA's decisions say of themselves: the scores, the placeholder, the guard.
import { scoreOf } from "./bola.ts";
import { at } from "./ladder.ts";
import type { BolaTrail } from "./rule-bola.ts";
import type { BolaETrail } from "./rule-bola-e.ts";
import type { Context, Film } from "./types.ts";
import { mbit, megabits, move, seconds } from "./words.ts";

export function bolaSentence(film: Film, context: Context, trail: BolaTrail | undefined): string {
  if (trail === undefined) return unmeasured(film, context);
  const parts = [scoreClause(film, context, trail, `buffer ${seconds(trail.levelMs)} s`)];
  if (trail.chosen !== trail.wanted) parts.push(guardClause(film, context, trail, trail.chosen));
  return `${parts.join("; ")} ${ending(film, trail)}`;
}

export function bolaESentence(film: Film, context: Context, trail: BolaETrail | undefined): string {
  if (trail === undefined) return unmeasured(film, context);
  const buffer = `buffer ${seconds(context.bufferMs)} s + placeholder ${seconds(trail.levelMs - context.bufferMs)} s`;
  if (trail.starting) {
    const carried = at(film.ladder.names, trail.carried);
    return `start: ${mbit(context.estimateKbps ?? 0)} Mbit/s carry ${carried}, ${buffer} ${ending(film, trail)}`;
  }
  const parts = [scoreClause(film, context, trail, buffer)];
  if (trail.guarded !== trail.wanted) parts.push(guardClause(film, context, trail, trail.guarded));
  if (trail.chosen !== trail.guarded) parts.push(safeClause(film, context, trail));
  return `${parts.join("; ")} ${ending(film, trail)}`;
}

function unmeasured(film: Film, context: Context): string {
  return `no throughput measured yet → ${move(context.lastRung, context.minRung)} ${at(film.ladder.names, context.minRung)}`;
}

type Scored = Pick<BolaTrail, "worth" | "levelMs" | "last" | "wanted" | "carried">;

/** The best score against that of the rung it is most interesting to compare with: the last one, else the next above or below. */
function scoreClause(film: Film, context: Context, trail: Scored, buffer: string): string {
  const { wanted, last } = trail;
  const above = wanted < context.maxRung ? wanted + 1 : wanted - 1;
  const other = last !== wanted ? last : above;
  const best = `${at(film.ladder.names, wanted)} scores ${score(film, trail, wanted)}`;
  if (other < context.minRung) return `${buffer}: ${best}`;
  return `${buffer}: ${best}, ${at(film.ladder.names, other)} ${score(film, trail, other)}`;
}

function guardClause(film: Film, context: Context, trail: Scored, held: number): string {
  const carry = `${mbit(context.estimateKbps ?? 0)} Mbit/s carry only ${at(film.ladder.names, trail.carried)}`;
  return held > trail.carried && held !== trail.last ? `${carry}, one above is taken` : carry;
}

function safeClause(film: Film, context: Context, trail: BolaETrail): string {
  const next = trail.chosen + 1;
  const bits = at(film.ladder.kbps, next) * (film.segments.durationMs[context.segment] ?? 0);
  return `${at(film.ladder.names, next)} needs ${megabits(bits)} Mbit, only ${megabits(trail.safeBits ?? 0)} are safe to arrive in time`;
}

function ending(film: Film, trail: Pick<BolaTrail, "last" | "chosen" | "waitMs">): string {
  const wait = trail.waitMs > 0 ? `wait ${seconds(trail.waitMs)} s, ` : "";
  return `→ ${wait}${move(trail.last, trail.chosen)} ${at(film.ladder.names, trail.chosen)}`;
}

function score(film: Film, trail: Scored, rung: number): string {
  return scoreOf(film.ladder, trail.worth, rung, trail.levelMs).toFixed(2);
}
