// Our rule in our own page's Shaka Player: the adapter that others use, with what this page measures and shows. Whole transfers
// are timed in network.ts by a finer clock than Shaka's packets have.
import type { Throughput } from "#abr/session.ts";
import { ShakaAbrManager } from "#abr/shaka.ts";
import type { TitleSizes } from "#play/ladder.ts";
import { rateMap } from "#play/rate-map.ts";
import type { Context, Decision, Film } from "#play/types.ts";
import type { Variant } from "./shaka.ts";

export interface AbrPorts {
  readonly title: TitleSizes;
  readonly maxBufferMs: number;
  readonly bufferMs: () => number;
  readonly throughput: () => Throughput;
  readonly onDecision: (decision: Decision, context: Context, film: Film) => void;
}

export class MillraceAbrManager extends ShakaAbrManager<Variant> {
  constructor({ title, maxBufferMs, bufferMs, throughput, onDecision }: AbrPorts) {
    super({
      ...{ sizes: title, maxBufferMs, bufferMs, throughput },
      onDecision: ({ rung, paceKbps, because, context, film }) => {
        const length = film.segments.durationMs[context.segment] ?? 0;
        const waitMs = Math.max(0, context.bufferMs + length - maxBufferMs);
        onDecision({ rung, waitMs, paceKbps, map: rateMap(film, maxBufferMs), because }, context, film);
      },
    });
  }
}
