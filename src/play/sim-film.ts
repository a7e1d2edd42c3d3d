// Films for the simulator: from bare tables of sizes, and as long as is wanted.
import { at } from "./ladder.ts";
import type { Film } from "./types.ts";

/** A film as tables of sizes describe it, all of whose segments play for as long. */
export interface SizeTable {
  readonly segmentMs: number;
  readonly kbps: readonly number[];
  /** `bits[segment][rung]`. */
  readonly bits: readonly (readonly number[])[];
}

export type SizesRead =
  | { readonly kind: "film"; readonly film: Film }
  | { readonly kind: "refused"; readonly because: string };

/** The film, or the first thing in its tables that no rule can work with. */
export function filmOfSizes({ segmentMs, kbps, bits }: SizeTable): SizesRead {
  const refused = (because: string): SizesRead => ({ kind: "refused", because });
  const flat = kbps.findIndex((rate, rung) => rung > 0 && !(rate > at(kbps, rung - 1)));
  if (flat > 0)
    return refused(`bitrates_kbps.${flat}: wanted more than ${at(kbps, flat - 1)}, found ${at(kbps, flat)}`);
  for (const [segment, sizes] of bits.entries()) {
    if (sizes.length !== kbps.length) {
      return refused(
        `segment_sizes_bits.${segment}: wanted ${kbps.length} sizes, one per bitrate, found ${sizes.length}`,
      );
    }
  }
  const names = kbps.map((rate) => `${rate} kbit/s`);
  return {
    kind: "film",
    film: {
      ladder: { kbps, heights: kbps.map(() => 0), names, ids: names },
      segments: { durationMs: bits.map(() => segmentMs), bits, vmaf: undefined },
    },
  };
}

/** The film cut to `ms`, or repeated until it has them, in whole segments: the last one begins before `ms`. */
export function lastingFor(film: Film, ms: number): Film {
  const { durationMs, bits, vmaf } = film.segments;
  const order: number[] = [];
  for (let reached = 0; reached < ms; ) {
    const segment = order.length % durationMs.length;
    order.push(segment);
    reached += at(durationMs, segment);
  }
  const taken = <T>(list: readonly T[]): T[] => order.map((segment) => at(list, segment));
  return {
    ladder: film.ladder,
    segments: {
      durationMs: taken(durationMs),
      bits: taken(bits),
      vmaf: vmaf === undefined ? undefined : taken(vmaf),
    },
  };
}
