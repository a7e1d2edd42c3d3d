// What bookmarks and plays are made of, and reading a whole history page by page.
import type { OnRollStep } from "#data/io/history-roll.ts";
import type { HistoryStore } from "#data/ports-history.ts";
import { ord } from "#model/beacon.ts";
import type { Bookmark, PlayRecord } from "#model/playback.ts";

export interface HistoryRig {
  readonly name: string;
  /** All that one rig opens share what is kept. `onStep`: see history-roll.ts; without steps nothing is called. */
  open(onStep?: OnRollStep): Promise<HistoryStore | { readonly missing: string }>;
  readonly hasSteps: boolean;
}

export const dayMs = 86_400_000;
/** Long after everything that `play` makes began. */
export const nowMs = 1_800_000_000_000;

/** All facts follow from the ord, as with beacons. */
export function mark(profileId: string, titleId: string, at: number, more: Partial<Bookmark> = {}): Bookmark {
  return {
    profileId,
    titleId,
    ord: at,
    positionMs: at % 99_991,
    durationMs: 100_000,
    finished: false,
    ...more,
  };
}

export function play(
  profileId: string,
  generation: number,
  seq = 1,
  more: Partial<PlayRecord> = {},
): PlayRecord {
  return {
    ...{ profileId, generation, titleId: `film-${generation % 7}`, ord: ord(generation, seq) },
    startedAtMs: nowMs - 60 * dayMs + generation * 1000,
    lastSeenMs: nowMs - 59 * dayMs + generation * 1000 + seq,
    positionMs: seq * 10_000,
    ...more,
  };
}

export async function wholeHistory(
  store: HistoryStore,
  profileId: string,
  limit = 100,
  between: (page: number) => Promise<void> = async () => undefined,
): Promise<readonly PlayRecord[]> {
  const found: PlayRecord[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < 10_000; page++) {
    const answer = await store.page(profileId, cursor === undefined ? { limit } : { limit, cursor });
    found.push(...answer.items);
    if (answer.next === undefined) return found;
    cursor = answer.next;
    await between(page);
  }
  throw new Error("the pages have no end");
}

export function permutations<T>(items: readonly T[]): readonly (readonly T[])[] {
  if (items.length < 2) return [items];
  return items.flatMap((item, at) =>
    permutations([...items.slice(0, at), ...items.slice(at + 1)]).map((rest) => [item, ...rest]),
  );
}
