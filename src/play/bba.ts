// The buffer decides the rate: a linear map from the seconds that lie ready to a rung, with hysteresis.
//
// Source: "A Buffer-Based Approach to Rate Adaptation", SIGCOMM 2014 (BBA-0, Algorithm 1): below the reservoir the
// lowest rate, above the cushion the highest, in between f(B) rises linearly and the rung stays until f(B) passes
// the rate above or falls to the rate below. The paper's 240 s buffer makes that safe by itself; at 60 s and less the
// map alone is in its risky area (research abr §1), so measured throughput helps in three places: it lifts the choice
// while the buffer is still small (instead of BBA-2's steps), it holds an upward step that the network does not
// carry, and it refuses a segment that cannot arrive before the buffer runs dry, by its real size.
//
// `decide` is a pure function of its arguments: asked twice, it answers the same.
import { bitsOf, liftShare, safeBits, type Trail } from "./budget.ts";
import { at } from "./ladder.ts";
import { rateAt, rateMap } from "./rate-map.ts";
import type { Context, Decision, Film, Ladder, RateMap } from "./types.ts";
import { sentence } from "./words.ts";
import { worthwhileRung } from "./worth.ts";

export function decide(film: Film, context: Context): Decision {
  const map = rateMap(film, context.maxBufferMs);
  const trail = choose(film, context, map);
  const duration = film.segments.durationMs[context.segment] ?? 0;
  return {
    rung: trail.chosen,
    waitMs: Math.max(0, context.bufferMs + duration - context.maxBufferMs),
    map,
    because: sentence(film, context, map, trail),
  };
}

/** Algorithm 1 of the paper, within the caps. */
export function mappedRung(ladder: Ladder, map: RateMap, context: Context): number {
  const last = clamp(context.lastRung ?? context.minRung, context);
  if (context.bufferMs <= map.reservoirMs) return context.minRung;
  if (context.bufferMs >= map.topMs) return context.maxRung;
  const rate = rateAt(ladder, map, context.bufferMs);
  const above = at(ladder.kbps, Math.min(last + 1, context.maxRung));
  const below = at(ladder.kbps, Math.max(last - 1, context.minRung));
  if (last < context.maxRung && rate >= above) return clamp(highestBelow(ladder, rate), context);
  if (last > context.minRung && rate <= below) return clamp(lowestAbove(ladder, rate), context);
  return last;
}

function choose(film: Film, context: Context, map: RateMap): Trail {
  const mapped = mappedRung(film.ladder, map, context);
  const kbps = context.estimateKbps;
  if (kbps === undefined || !(kbps > 0)) {
    const none = context.minRung;
    return { mapped, held: none, lifted: none, fitting: none, chosen: none };
  }
  const last = clamp(context.lastRung ?? context.minRung, context);
  const held = mapped > last ? Math.min(mapped, Math.max(last, carried(film, context, kbps))) : mapped;
  const lifted = Math.max(held, carried(film, context, liftShare * kbps));
  const fitting = fittingRung(film, context, lifted, kbps);
  return { mapped, held, lifted, fitting, chosen: worthwhileRung(film, context, fitting) };
}

/** The highest rung whose segment plays for longer than it takes to arrive at `kbps`. */
function carried(film: Film, context: Context, kbps: number): number {
  const duration = film.segments.durationMs[context.segment] ?? 0;
  for (let rung = context.maxRung; rung > context.minRung; rung--) {
    const bits = Math.max(bitsOf(film, context.segment, rung), at(film.ladder.kbps, rung) * duration);
    if (context.latencyMs + bits / kbps <= duration) return rung;
  }
  return context.minRung;
}

function fittingRung(film: Film, context: Context, from: number, kbps: number): number {
  const safe = safeBits(context, kbps);
  let rung = from;
  while (rung > context.minRung && bitsOf(film, context.segment, rung) > safe) rung--;
  return rung;
}

function highestBelow(ladder: Ladder, kbps: number): number {
  return Math.max(
    0,
    ladder.kbps.findLastIndex((rate) => rate < kbps),
  );
}

function lowestAbove(ladder: Ladder, kbps: number): number {
  const found = ladder.kbps.findIndex((rate) => rate > kbps);
  return found < 0 ? ladder.kbps.length - 1 : found;
}

function clamp(rung: number, context: Context): number {
  return Math.min(context.maxRung, Math.max(context.minRung, rung));
}
