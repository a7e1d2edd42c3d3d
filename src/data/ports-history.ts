// Bookmarks and viewing history. Everything is ordered by ord alone, so that writes may come twice, late and in any order.
import type { Bookmark, PlayRecord } from "#model/playback.ts";

export type BookmarkKey = Pick<Bookmark, "profileId" | "titleId">;

export interface BookmarkReading {
  readonly bookmark: Bookmark | undefined;
  /** It may be older than what was asked for, or could not be read: not an answer to build on. */
  readonly stale: boolean;
}

export interface HistoryPage {
  /** Highest generation first; of one generation by title. */
  readonly items: readonly PlayRecord[];
  /** Of the next page; absent: there is none. */
  readonly next?: string;
}

/**
 * Per profile. Two facts of one key with the same ord are equal; a removal beats a bookmark of its own ord.
 *
 * A profile that was erased is never used again: what comes late for it may or may not be kept, until it is erased anew.
 *
 * Everything rejects with the Fault value-refused for what cannot be kept (a NUL, no id, a number that is no count), with the
 * signal's reason when aborted, and with the Fault history-away, or a database's, when it cannot be asked.
 */
export interface HistoryStore {
  /** Of each profile and title the highest ord stays, whatever the order. Resolves when all of them are kept. */
  put(bookmarks: readonly Bookmark[], signal?: AbortSignal): Promise<void>;
  /** Stale: what is known is older than `minOrd`, or a history of its own cannot be asked just now. */
  get(of: BookmarkKey & { readonly minOrd?: number }, signal?: AbortSignal): Promise<BookmarkReading>;
  /** Unfinished, highest ord first. */
  continueWatching(profileId: string, limit: number, signal?: AbortSignal): Promise<readonly Bookmark[]>;
  /** All that are not removed, finished or not, highest ord first. */
  recent(profileId: string, limit: number, signal?: AbortSignal): Promise<readonly Bookmark[]>;
  /** Ordered like a write: what has a lower ord does not bring it back, what has a higher one does. */
  remove(of: BookmarkKey & { readonly atOrd: number }, signal?: AbortSignal): Promise<void>;
  /** Of each profile, title and generation the highest ord stays. */
  append(plays: readonly PlayRecord[], signal?: AbortSignal): Promise<void>;
  /** Goes on behind the last item of the page before, whatever was added or rolled up meanwhile. */
  page(
    profileId: string,
    order: { readonly limit: number; readonly cursor?: string },
    signal?: AbortSignal,
  ): Promise<HistoryPage>;
  /** Packs old plays away, if there are enough (history-rules.ts). Killed at any point, it loses nothing. */
  rollup(profileId: string, nowMs: number, signal?: AbortSignal): Promise<{ readonly moved: number }>;
  /** Profiles with something to roll up, as far as is known without asking for each. */
  due(nowMs: number, limit: number): Promise<readonly string[]>;
  /** Nothing of the profile is left. Idempotent. */
  erase(profileId: string, signal?: AbortSignal): Promise<void>;
  /** Fails when it does not answer within the deadline. */
  ping(signal?: AbortSignal): Promise<void>;
  /** The code of why it cannot be asked at present; undefined while it can, or was not tried. */
  trouble(): string | undefined;
  close(): Promise<void>;
}

/**
 * Erasures that were committed with the profile or account they belong to, to be carried out on a history that lies elsewhere,
 * and once more a while later on any: a beacon that was under way meanwhile may have written again.
 */
export interface ErasureStore {
  /** Oldest first. */
  pending(limit: number): Promise<readonly { readonly profileId: string; readonly askedAtMs: number }[]>;
  done(profileIds: readonly string[]): Promise<void>;
}
