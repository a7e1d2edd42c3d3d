// The stores of an installation whose history does not lie in its database: whatever SQL did with bookmarks in one
// transaction is done beside it. Everything is idempotent by ord, so that a death in between is repeated harmlessly.

import type { LeaseStore, PlaybackStore } from "#data/ports.ts";
import type { HistoryStore } from "#data/ports-history.ts";
import type { TasteStore, WatchedRow } from "#data/ports-taste.ts";
import { isWatched } from "#data/watched.ts";

/** Profiles that are asked for at once. */
const atOnce = 16;
/** Of one profile's titles: the latest of them. */
const mostOfProfile = 1000;

interface Beside {
  readonly playback: PlaybackStore;
  readonly leases: LeaseStore;
  readonly taste: TasteStore;
  readonly history: HistoryStore;
}

export function historyElsewhere({ playback, leases, taste, history }: Beside): Beside {
  return {
    history,
    playback: {
      ...playback,
      /** The offset last: what history did not take is read from the log again. */
      async apply({ bookmarks, plays = [], ...order }) {
        await Promise.all([history.put(bookmarks), history.append(plays)]);
        await playback.apply({ ...order, bookmarks: [] });
      },
    },
    leases: {
      ...leases,
      /** Both at once: a play waits for the slower of the two. */
      async acquire(order) {
        const [acquired, reading] = await Promise.all([
          leases.acquire(order),
          history.get(order.session, order.signal).catch(() => ({ bookmark: undefined, stale: true })),
        ]);
        if (acquired.kind !== "granted") return acquired;
        const stale = reading.stale ? { bookmarkStale: true } : {};
        return { ...acquired, bookmark: reading.bookmark, ...stale };
      },
    },
    taste: {
      ...taste,
      watched: (order) => watched(taste, history, order),
      seen: async (profileId, most) => (await history.recent(profileId, most)).map(({ titleId }) => titleId),
    },
  };
}

/** Who began what is in the database; whether it was watched, in the history. What is not watched makes the answer shorter. */
async function watched(
  taste: Pick<TasteStore, "begun">,
  history: Pick<HistoryStore, "recent">,
  order: Parameters<TasteStore["watched"]>[0],
): Promise<readonly WatchedRow[]> {
  const begun = await taste.begun(order);
  const profiles = [...new Set(begun.map(({ profileId }) => profileId))];
  const seen = new Set<string>();
  for (let at = 0; at < profiles.length; at += atOnce) {
    const some = profiles.slice(at, at + atOnce);
    const marks = await Promise.all(some.map((profileId) => history.recent(profileId, mostOfProfile)));
    for (const mark of marks.flat()) if (isWatched(mark)) seen.add(`${mark.profileId}\n${mark.titleId}`);
  }
  return begun.filter(({ profileId, titleId }) => seen.has(`${profileId}\n${titleId}`));
}
