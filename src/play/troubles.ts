// What went wrong with the segments under way, over all requests for them: how far they were stepped down, what was skipped, and
// the sentence that tells it.
import type { Tried } from "./retrieval.ts";

export type Track = "video" | "audio";

interface Trouble {
  readonly segment: number;
  /** Lower rungs tried because no source had it whole. */
  readonly steps: number;
  readonly tried: readonly (Tried & { readonly rendition: string })[];
}

export interface Troubles {
  readonly now: Readonly<Partial<Record<Track, Trouble>>>;
  readonly skipped: Readonly<Partial<Record<Track, number>>>;
}

export type TroubleEvent =
  | { readonly kind: "tried"; readonly rendition: string; readonly tried: Tried }
  | { readonly kind: "stepped" }
  | { readonly kind: "skipped" }
  | { readonly kind: "served" };

export const noTroubles: Troubles = { now: {}, skipped: {} };

/** The newest go on; the oldest were told in notes. */
const keptTries = 24;

export function foldTroubles(
  troubles: Troubles,
  track: Track,
  segment: number,
  event: TroubleEvent,
): Troubles {
  const known = troubles.now[track];
  const before: Trouble = known?.segment === segment ? known : { segment, steps: 0, tried: [] };
  const withNow = (trouble: Trouble | undefined): Troubles => ({
    ...troubles,
    now: { ...troubles.now, [track]: trouble },
  });
  switch (event.kind) {
    case "tried": {
      const one = { ...event.tried, rendition: event.rendition };
      return withNow({ ...before, tried: [...before.tried, one].slice(-keptTries) });
    }
    case "stepped":
      return withNow({ ...before, steps: before.steps + 1 });
    case "skipped":
      return { ...withNow(undefined), skipped: { ...troubles.skipped, [track]: segment } };
    case "served":
      return withNow(undefined);
  }
}

export function stepsFor(troubles: Troubles, track: Track, segment: number): number {
  const known = troubles.now[track];
  return known?.segment === segment ? known.steps : 0;
}

/** One segment may be missing, never two side by side. */
export function maySkip(troubles: Troubles, track: Track, segment: number): boolean {
  const before = troubles.skipped[track];
  return before === undefined || Math.abs(segment - before) !== 1;
}

const longestSentence = 600;

/** "north-a1 answered HTTP 503 (v360-1, v180-1); exchange-b1: no answer within 2.0 s (v360-1)", at most 600 characters. */
export function whatWasTried(tried: readonly (Tried & { readonly rendition: string })[]): string {
  const renditions = new Map<string, Set<string>>();
  for (const { sourceId, because, rendition } of tried) {
    const what = `${sourceId}: ${because}`;
    renditions.set(what, (renditions.get(what) ?? new Set()).add(rendition));
  }
  const parts = [...renditions].map(([what, names]) => `${what} (${[...names].join(", ")})`);
  const text = parts.join("; ");
  return text.length <= longestSentence ? text : `${text.slice(0, longestSentence - 1)}…`;
}

export function triedFor(
  troubles: Troubles,
  track: Track,
  segment: number,
): readonly (Tried & { readonly rendition: string })[] {
  const known = troubles.now[track];
  return known?.segment === segment ? known.tried : [];
}
