// Pages and roll-ups over whatever keeps live rows, rolls and chunks. A roll-up writes chunks, reads them again, writes the
// roll's row, and only then deletes the live rows, each with its own ord. Killed in between it leaves copies, never a gap:
// chunks without a row are not looked at, and a play that is in a chunk and in a live row is merged by whoever reads.
import { comparePlaces, cursorAt, merged, placeOf, rollable } from "#data/history-rules.ts";
import type { HistoryPage } from "#data/ports-history.ts";
import type { PlayRecord } from "#model/playback.ts";
import { type ChunkFacts, type PackedRoll, pack, type Roll, unpack } from "./history-chunk.ts";

export interface HistoryShelf {
  /** Every live row of the profile. */
  live(profileId: string): Promise<readonly PlayRecord[]>;
  rolls(profileId: string): Promise<readonly Roll[]>;
  chunk(roll: Roll, chunk: number): Promise<Uint8Array | undefined>;
  putChunks(roll: PackedRoll): Promise<void>;
  putRoll(roll: Roll): Promise<void>;
  /** Those that were not written anew since. */
  deleteLive(plays: readonly PlayRecord[]): Promise<void>;
}

/** For tests: called before each step; what it throws is a death there. */
export type RollStep = "chunks" | "check" | "roll" | "live";
export type OnRollStep = (step: RollStep) => void | Promise<void>;

export async function rollUp(
  shelf: HistoryShelf,
  order: { readonly profileId: string; readonly nowMs: number; readonly onStep?: OnRollStep | undefined },
): Promise<{ readonly moved: number }> {
  const { profileId, nowMs, onStep = () => undefined } = order;
  const plays = rollable(await shelf.live(profileId), nowMs);
  if (plays.length === 0) return { moved: 0 };
  const packed = pack(profileId, plays);
  const { bodies, ...roll } = packed;
  await onStep("chunks");
  await shelf.putChunks(packed);
  await onStep("check");
  for (const [chunk] of bodies.entries()) unpack(roll, chunk, await shelf.chunk(roll, chunk));
  await onStep("roll");
  await shelf.putRoll(roll);
  await onStep("live");
  await shelf.deleteLive(plays);
  return { moved: plays.length };
}

interface Chunk {
  readonly roll: Roll;
  readonly chunk: number;
  readonly facts: ChunkFacts;
}

/** Chunks are opened only as far as the page reaches. */
export async function pageOf(
  shelf: HistoryShelf,
  profileId: string,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string },
): Promise<HistoryPage> {
  const behind = cursor === undefined ? undefined : placeOf(cursor);
  const isWanted = (play: PlayRecord): boolean => behind === undefined || comparePlaces(play, behind) > 0;
  // Live rows first: what is rolled up in between is then in both, and not in neither.
  const live = await shelf.live(profileId);
  const chunks: Chunk[] = (await shelf.rolls(profileId))
    .flatMap((roll) => roll.chunks.map((facts, chunk) => ({ roll, chunk, facts })))
    .filter(({ facts }) => behind === undefined || facts.lowest <= behind.generation)
    .toSorted((a, b) => b.facts.highest - a.facts.highest);
  let found = merged(live.filter(isWanted));
  for (const { roll, chunk, facts } of chunks) {
    const last = found[limit];
    if (last !== undefined && last.generation > facts.highest) break;
    const plays = unpack(roll, chunk, await shelf.chunk(roll, chunk));
    found = merged([...found, ...plays.filter(isWanted)]);
  }
  const items = found.slice(0, limit);
  const end = items.at(-1);
  return found.length > limit && end !== undefined ? { items, next: cursorAt(end) } : { items };
}
