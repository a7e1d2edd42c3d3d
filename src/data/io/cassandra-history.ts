// Bookmarks and viewing history in Cassandra. Its theory stands in cassandra-cql.ts; roll-ups and pages are those of every
// adapter (history-roll.ts).
import { checkBookmark, checkCounts, checkKeys, checkPlay, checkRemoval } from "#data/history-rules.ts";
import type { HistoryStore } from "#data/ports-history.ts";
import { systemClock } from "#io/clock.ts";
import type { Bookmark, PlayRecord } from "#model/playback.ts";
import { Fault } from "#units/fault.ts";
import type { CassandraLink, Row } from "./cassandra-link.ts";
import { cassandraShelf, eachOf, Months, monthOf, numberIn, textIn } from "./cassandra-shelf.ts";
import { type OnRollStep, pageOf, rollUp } from "./history-roll.ts";

export interface CassandraHistoryOrder {
  readonly link: CassandraLink;
  /** How long somebody who wants to play waits for a bookmark. */
  readonly playMs: number;
  readonly onStep?: OnRollStep | undefined;
}

/** Above every ord there is: nothing that comes later is seen again. */
const forEver = BigInt(Number.MAX_SAFE_INTEGER);
/** Profiles that were written to and not yet looked at for a roll-up; the others come again with their next play. */
const mostTouched = 20_000;

export function cassandraHistory({ link, playMs, onStep }: CassandraHistoryOrder): HistoryStore {
  const months = new Months();
  const touched = new Set<string>();
  return {
    ...bookmarksIn(link, playMs),
    async append(plays, signal) {
      for (const play of plays) checkPlay(play);
      await eachOf(plays, (play) => appendPlay(link, months, play, signal));
      for (const { profileId } of plays) if (touched.size < mostTouched) touched.add(profileId);
    },
    async page(profileId, order, signal) {
      checkCounts(order.limit);
      return pageOf(cassandraShelf(link, signal), profileId, order);
    },
    async rollup(profileId, nowMs, signal) {
      const done = await rollUp(cassandraShelf(link, signal), { profileId, nowMs, onStep });
      touched.delete(profileId);
      return done;
    },
    due: async (_nowMs, limit) => [...touched].slice(0, limit),
    async erase(profileId, signal) {
      checkKeys(profileId);
      await erase(link, profileId, signal);
      touched.delete(profileId);
    },
    async ping(signal) {
      await link.rows("ping", [], { signal });
    },
    trouble: () => link.trouble(),
    close: () => link.close(),
  };
}

type Bookmarks = Pick<HistoryStore, "put" | "get" | "continueWatching" | "recent" | "remove">;

function bookmarksIn(link: CassandraLink, playMs: number): Bookmarks {
  const listed = async (
    profileId: string,
    limit: number,
    signal: AbortSignal | undefined,
  ): Promise<readonly Bookmark[]> => {
    checkCounts(limit);
    const rows = await link.rows("bookmarks", [profileId], { signal });
    return rows
      .filter((row) => row.removed !== true)
      .map((row) => bookmarkIn(profileId, row))
      .toSorted((a, b) => b.ord - a.ord);
  };
  return {
    async put(bookmarks, signal) {
      for (const mark of bookmarks) checkBookmark(mark);
      await eachOf(bookmarks, (mark) => write(link, mark, "kept", signal));
    },
    async get({ profileId, titleId, minOrd = 0 }, signal) {
      try {
        const patience = { signal, deadlineMs: playMs };
        const [row] = await link.rows("bookmark", [profileId, titleId], patience);
        if (row === undefined) return { bookmark: undefined, stale: minOrd > 0 };
        const bookmark = bookmarkIn(profileId, row);
        const stale = bookmark.ord < minOrd;
        return { bookmark: row.removed === true ? undefined : bookmark, stale };
      } catch (error) {
        // A film plays from its beginning rather than not at all.
        if (error instanceof Fault && error.status === 503) return { bookmark: undefined, stale: true };
        throw error;
      }
    },
    continueWatching: async (profileId, limit, signal) =>
      (await listed(profileId, limit, signal)).filter(({ finished }) => !finished).slice(0, limit),
    recent: async (profileId, limit, signal) => (await listed(profileId, limit, signal)).slice(0, limit),
    async remove(of, signal) {
      checkRemoval(of);
      const { atOrd: ord, ...key } = of;
      const nothing = { ...key, ord, positionMs: 0, durationMs: 0, finished: true };
      await write(link, nothing, "removed", signal);
    },
  };
}

async function write(
  link: CassandraLink,
  mark: Bookmark,
  as: "kept" | "removed",
  signal: AbortSignal | undefined,
): Promise<void> {
  const [ord, position, duration] = [mark.ord, mark.positionMs, mark.durationMs].map(BigInt);
  if (ord === undefined || position === undefined || duration === undefined) return;
  const facts = [ord, position, duration, mark.finished, as === "removed", ord];
  await link.rows("putBookmark", [mark.profileId, mark.titleId, ...facts], { signal });
}

function bookmarkIn(profileId: string, row: Row): Bookmark {
  return {
    profileId,
    titleId: textIn(row, "title"),
    ord: numberIn(row, "ord"),
    positionMs: numberIn(row, "position_ms"),
    durationMs: numberIn(row, "duration_ms"),
    finished: row.finished === true,
  };
}

/** The month first: a live row whose month is not known would not be found. */
async function appendPlay(
  link: CassandraLink,
  months: Months,
  play: PlayRecord,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { profileId, titleId } = play;
  const [month, ord] = [monthOf(play.startedAtMs), BigInt(play.ord)];
  if (!months.has(profileId, month)) {
    await link.rows("putMonth", [profileId, month, ord], { signal });
    months.add(profileId, month);
  }
  const seen = [BigInt(play.startedAtMs), BigInt(play.lastSeenMs), BigInt(play.positionMs)];
  const row = [profileId, month, BigInt(play.generation), titleId, ord, ...seen, ord];
  await link.rows("putLive", row, { signal });
}

/** Also the months in which a play may begin to be written while this goes on. The list of months goes last. */
async function erase(link: CassandraLink, profileId: string, signal: AbortSignal | undefined): Promise<void> {
  const thisMonth = monthOf(systemClock.wallMs());
  const rows = await link.rows("months", [profileId], { signal });
  const all = new Set([
    thisMonth - 1,
    thisMonth,
    thisMonth + 1,
    ...rows.map((row) => numberIn(row, "month")),
  ]);
  await eachOf([...all], (month) => link.rows("eraseLive", [forEver, profileId, month], { signal }));
  for (const statement of ["eraseBookmarks", "eraseRolls", "eraseChunks", "eraseMonths"] as const) {
    await link.rows(statement, [forEver, profileId], { signal });
  }
}
