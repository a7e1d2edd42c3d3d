// How viewing history is ordered, merged and judged, whichever adapter keeps it. A play is in a live row until it is rolled up
// into a chunk; it may be in both, also with different ords, and whoever reads merges: per title and generation the highest
// ord counts. So nothing depends on a roll-up having been finished.
import type { Bookmark, PlayRecord } from "#model/playback.ts";
import { Fault } from "#units/fault.ts";
import { dataFaults } from "./faults.ts";
import type { BookmarkKey } from "./ports-history.ts";

const dayMs = 86_400_000;

/** Live rows that a profile may have before all that is not of today is rolled up. Source: control-telemetry research §3.5. */
export const mostLive = 500;
/** Age at which a play is rolled up in any case. Source: the same. */
export const liveMs = 30 * dayMs;
/** A play that may still go on stays live: each of its beacons would leave a copy in another chunk. */
const underWayMs = dayMs;

/** What of the live rows is to be rolled up now. */
export function rollable(live: readonly PlayRecord[], nowMs: number): readonly PlayRecord[] {
  const after = live.length > mostLive ? underWayMs : liveMs;
  return live.filter((play) => play.startedAtMs <= nowMs - after);
}

type Place = Pick<PlayRecord, "generation" | "titleId">;

/** The order of a history's pages. */
export function comparePlaces(a: Place, b: Place): number {
  return b.generation - a.generation || (a.titleId < b.titleId ? -1 : Number(a.titleId > b.titleId));
}

/** Each play once, with its highest ord, in order. */
export function merged(plays: readonly PlayRecord[]): readonly PlayRecord[] {
  const best = new Map<string, PlayRecord>();
  for (const play of plays) {
    const key = `${play.generation} ${play.titleId}`;
    const before = best.get(key);
    if (before === undefined || play.ord > before.ord) best.set(key, play);
  }
  return [...best.values()].toSorted(comparePlaces);
}

/** A cursor names the last item that was seen, not a count: what is added before it moves nothing. */
export function cursorAt({ generation, titleId }: Place): string {
  return Buffer.from(JSON.stringify([generation, titleId])).toString("base64url");
}

/** @throws Fault value-refused */
export function placeOf(cursor: string): Place {
  try {
    const found: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString());
    if (Array.isArray(found)) {
      const [generation, titleId]: readonly unknown[] = found;
      if (typeof generation === "number" && typeof titleId === "string") return { generation, titleId };
    }
  } catch {
    // Refused below, like any other text.
  }
  throw new Fault(dataFaults.valueRefused, { reason: "the cursor is not one of this history" });
}

/** @throws Fault value-refused */
export function checkKeys(...ids: readonly string[]): void {
  for (const id of ids) {
    if (id === "") throw new Fault(dataFaults.valueRefused, { reason: "an id is empty" });
    if (id.includes("\0")) throw new Fault(dataFaults.valueRefused, { reason: "an id has a NUL" });
  }
}

/** @throws Fault value-refused */
export function checkCounts(...counts: readonly number[]): void {
  for (const count of counts) {
    if (Number.isSafeInteger(count) && count >= 0) continue;
    throw new Fault(dataFaults.valueRefused, { reason: `wanted a whole number from 0 on, found ${count}` });
  }
}

/** @throws Fault value-refused */
export function checkBookmark(mark: Bookmark): void {
  checkKeys(mark.profileId, mark.titleId);
  checkCounts(mark.ord, mark.positionMs, mark.durationMs);
}

/** @throws Fault value-refused */
export function checkRemoval({ profileId, titleId, atOrd }: BookmarkKey & { readonly atOrd: number }): void {
  checkKeys(profileId, titleId);
  checkCounts(atOrd);
}

/** @throws Fault value-refused */
export function checkPlay(play: PlayRecord): void {
  checkKeys(play.profileId, play.titleId);
  checkCounts(play.generation, play.ord, play.startedAtMs, play.lastSeenMs, play.positionMs);
}
