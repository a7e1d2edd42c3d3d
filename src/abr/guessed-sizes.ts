// Caution where real sizes are not known: a segment may be half as large again as its rung's mean.
import { at } from "#play/ladder.ts";
import type { Context, Film } from "#play/types.ts";

/** Share of what arrives before the buffer runs dry that may be spent. Source: dash.js's insufficient-buffer rule. */
export const guessedShare = 0.7;
/** At the start and after a seek the picture stands still anyway: so much is waited for. As in play's budget. */
const graceMs = 1000;

export interface Borne {
  readonly rung: number;
  /** What to add to the rule's sentence; undefined when its choice stands. */
  readonly because?: string;
}

/** The rule's rung, or the highest below it with bits ≤ 0.7 · (B − latency) · T. */
export function borne(film: Film, context: Context, from: number): Borne {
  const { estimateKbps: kbps, bufferMs, latencyMs, sinceSeek, segment, minRung } = context;
  if (kbps === undefined) return { rung: from };
  const safe = guessedShare * Math.max(sinceSeek === 0 ? graceMs : 0, bufferMs - latencyMs) * kbps;
  let rung = from;
  while (rung > minRung && (film.segments.bits[segment]?.[rung] ?? 0) > safe) rung--;
  if (rung === from) return { rung };
  const name = at(film.ladder.names, rung);
  return {
    rung,
    because: `; sizes are not known, and ${guessedShare} of what is sure to arrive carries ${name}`,
  };
}
