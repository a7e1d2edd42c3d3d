// What the simulator says of our rule on the same film and the same network, to hold the browser against. Pure.
import { bufferFor } from "#play/buffer-goal.ts";
import { filmOf } from "#play/ladder.ts";
import { ruleNamed } from "#play/rules.ts";
import type { Trace } from "#play/sim-network.ts";
import { playSession } from "#play/sim-player.ts";
import type { Film } from "#play/types.ts";
import { assert } from "#units/assert.ts";
import type { Sidecar } from "#wire/sidecar.ts";

export interface Predicted {
  /** As `Figures.kbps`: of the picture alone, over the first `untilS` seconds of film. */
  readonly kbps: number;
  readonly stallMs: number;
}

export function predicted(sidecar: Sidecar, trace: Trace, untilS: number): Predicted {
  const film = filmOf(sidecar, new Set(sidecar.renditions.map(({ id }) => id)));
  const naming = ruleNamed("default");
  assert(naming.kind !== "unknown", "the table of rules has ours");
  const rungs = film.segments.durationMs.map(() => 0);
  const { playout } = playSession({
    film: withSound(film, soundKbps(sidecar)),
    trace,
    rule: naming.row.rule,
    maxBufferMs: bufferFor(film.segments.durationMs),
    // As the adapter for Shaka Player has it.
    ...{ first: "rule", abandons: false },
    onRequest: ({ segment, rung }) => {
      rungs[segment] = rung;
    },
  });
  let [reached, sum] = [0, 0];
  for (const [segment, rung] of rungs.entries()) {
    const length = Math.max(0, Math.min(film.segments.durationMs[segment] ?? 0, untilS * 1000 - reached));
    sum += length * (film.ladder.kbps[rung] ?? Number.NaN);
    reached += length;
  }
  return { kbps: sum / reached, stallMs: playout.stallMs };
}

/** Of the sound that plays unless another is chosen. */
export function soundKbps({ sounds = [] }: Sidecar): number {
  return (sounds[0]?.bitrateBps ?? 0) / 1000;
}

/** The simulator fetches one thing at a time: every segment brings its sound along. */
function withSound(film: Film, kbps: number): Film {
  const { durationMs, bits, vmaf } = film.segments;
  const more = bits.map((sizes, segment) => sizes.map((size) => size + kbps * (durationMs[segment] ?? 0)));
  return { ladder: film.ladder, segments: { durationMs, bits: more, vmaf } };
}
