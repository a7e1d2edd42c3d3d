// The stores of an installation whose history does not lie in its database: whatever SQL did with bookmarks in one
// transaction is done beside it. Everything is idempotent by ord, so that a death in between is repeated harmlessly.

import type { LeaseStore, PlaybackStore } from "#data/ports.ts";
import type { HistoryStore } from "#data/ports-history.ts";
import type { TasteStore } from "#data/ports-taste.ts";

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
      seen: async (profileId, most) => (await history.recent(profileId, most)).map(({ titleId }) => titleId),
    },
  };
}
