// Turns what the sidecar says about a title into the ladder and the segment table that rules read.
import { assert } from "#units/assert.ts";
import type { Film, Ladder } from "./types.ts";

/** A title's renditions as its sidecar lists them (wire/sidecar.ts). */
export interface TitleSizes {
  readonly metric: { readonly name: string };
  readonly durationsMs: readonly number[];
  readonly renditions: readonly {
    readonly id: string;
    readonly height: number;
    readonly bitrateBps: number;
    readonly bytes: readonly number[];
    readonly quality: readonly number[];
  }[];
}

/** The element that must be there. */
export function at<T>(list: readonly T[], index: number): T {
  const element = list[index];
  assert(element !== undefined, `no element ${index} in a list of ${list.length}`);
  return element;
}

/**
 * The film as rules see it, from those renditions the player can use.
 *
 * Sorted by rate; a rendition whose rate does not rise above the one below it is left out, since no rule can tell
 * the two apart.
 */
export function filmOf(title: TitleSizes, usable: ReadonlySet<string>): Film {
  const sorted = title.renditions
    .filter((rendition) => usable.has(rendition.id))
    .toSorted((a, b) => a.bitrateBps - b.bitrateBps || a.height - b.height);
  const rising = sorted.filter(
    (rendition, i) => i === 0 || rendition.bitrateBps > at(sorted, i - 1).bitrateBps,
  );
  return {
    ladder: {
      kbps: rising.map((rendition) => rendition.bitrateBps / 1000),
      heights: rising.map((rendition) => rendition.height),
      names: rising.map((rendition) => nameOf(rendition, rising)),
      ids: rising.map((rendition) => rendition.id),
    },
    segments: {
      durationMs: title.durationsMs,
      bits: title.durationsMs.map((ms, segment) =>
        rising.map((r) => (r.bytes[segment] ?? (ms * r.bitrateBps) / 8000) * 8),
      ),
      vmaf:
        title.metric.name === "vmaf"
          ? title.durationsMs.map((_, segment) => rising.map((r) => r.quality[segment] ?? 0))
          : undefined,
    },
  };
}

/** The segment that plays at `positionMs`; the last one from its start on. */
export function segmentAt(durationsMs: readonly number[], positionMs: number): number {
  let end = 0;
  for (const [index, duration] of durationsMs.entries()) {
    end += duration;
    if (positionMs < end) return index;
  }
  return Math.max(0, durationsMs.length - 1);
}

export function startOfSegment(durationsMs: readonly number[], segment: number): number {
  return durationsMs.slice(0, segment).reduce((sum, ms) => sum + ms, 0);
}

/** The rung whose rate is nearest: where the last rung went when the ladder changes under way. */
export function nearestRung(ladder: Ladder, kbps: number): number {
  let best = 0;
  for (const [rung, rate] of ladder.kbps.entries()) {
    if (Math.abs(rate - kbps) < Math.abs(at(ladder.kbps, best) - kbps)) best = rung;
  }
  return best;
}

type Named = Pick<TitleSizes["renditions"][number], "height" | "bitrateBps">;

function nameOf(rendition: Named, all: readonly Named[]): string {
  const shared = all.filter((other) => other.height === rendition.height).length > 1;
  const height = `${rendition.height}p`;
  return shared ? `${height} at ${(rendition.bitrateBps / 1e6).toFixed(2)} Mbit/s` : height;
}
