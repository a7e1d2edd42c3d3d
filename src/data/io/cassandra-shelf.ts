// Live rows, rolls and chunks in Cassandra. Live rows lie in a partition per profile and month, so that none grows for ever;
// a list says which months a profile has.
import { dataFaults } from "#data/faults.ts";
import type { PlayRecord } from "#model/playback.ts";
import { assert } from "#units/assert.ts";
import { Fault } from "#units/fault.ts";
import type { CassandraLink, Row } from "./cassandra-link.ts";
import type { ChunkFacts, Roll } from "./history-chunk.ts";
import type { HistoryShelf } from "./history-roll.ts";

/** A twelfth of a Julian year: the calendar does not matter, only that it is the same for ever. */
const monthMs = (365.25 / 12) * 86_400_000;

export function monthOf(startedAtMs: number): number {
  return Math.floor(startedAtMs / monthMs);
}

const mostMonths = 50_000;

/** Which months are known to be on the list, so that it is not written with every play. */
export class Months {
  readonly #known = new Set<string>();

  has(profileId: string, month: number): boolean {
    return this.#known.has(`${month} ${profileId}`);
  }

  add(profileId: string, month: number): void {
    if (this.#known.size >= mostMonths) this.#known.clear();
    this.#known.add(`${month} ${profileId}`);
  }
}

/** One call has so many requests under way, so that it leaves turns to others. */
const lanes = 32;

export async function eachOf<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
  const left = items.values();
  const lane = async (): Promise<void> => {
    for (const item of left) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(lanes, items.length) }, lane));
}

export function numberIn(row: Row, column: string): number {
  const value: unknown = row[column];
  assert(typeof value === "number" || typeof value === "bigint", `${column} is a number`);
  return Number(value);
}

export function textIn(row: Row, column: string): string {
  const value: unknown = row[column];
  assert(typeof value === "string", `${column} is a text`);
  return value;
}

export function cassandraShelf(link: CassandraLink, signal: AbortSignal | undefined): HistoryShelf {
  return {
    async live(profileId) {
      const months = await link.rows("months", [profileId], { signal });
      const plays: PlayRecord[] = [];
      await eachOf(months, async (month) => {
        const rows = await link.rows("live", [profileId, numberIn(month, "month")], { signal });
        for (const row of rows) plays.push(playIn(profileId, row));
      });
      return plays;
    },
    async rolls(profileId) {
      const rows = await link.rows("rolls", [profileId], { signal });
      return rows.map((row) => rollIn(profileId, row));
    },
    async chunk({ profileId, roll }, chunk) {
      const [row] = await link.rows("chunk", [profileId, roll, chunk], { signal });
      const body: unknown = row?.body;
      return body instanceof Uint8Array ? body : undefined;
    },
    async putChunks({ profileId, roll, ord, bodies }) {
      await eachOf([...bodies.entries()], ([chunk, body]) =>
        link.rows("putChunk", [profileId, roll, chunk, Buffer.from(body), BigInt(ord)], { signal }),
      );
    },
    async putRoll({ profileId, roll, version, ord, chunks }) {
      const facts = [version, BigInt(ord), JSON.stringify(chunks), BigInt(ord)];
      await link.rows("putRoll", [profileId, roll, ...facts], { signal });
    },
    async deleteLive(plays) {
      await eachOf(plays, ({ profileId, titleId, generation, ord, startedAtMs }) =>
        link.rows("deleteLive", [BigInt(ord), profileId, monthOf(startedAtMs), BigInt(generation), titleId], {
          signal,
        }),
      );
    },
  };
}

function playIn(profileId: string, row: Row): PlayRecord {
  return {
    profileId,
    titleId: textIn(row, "title"),
    generation: numberIn(row, "generation"),
    ord: numberIn(row, "ord"),
    startedAtMs: numberIn(row, "started_ms"),
    lastSeenMs: numberIn(row, "seen_ms"),
    positionMs: numberIn(row, "position_ms"),
  };
}

function rollIn(profileId: string, row: Row): Roll {
  const roll = textIn(row, "roll");
  const chunks: unknown = JSON.parse(textIn(row, "chunks"));
  if (!Array.isArray(chunks) || !chunks.every(isChunkFacts)) {
    throw new Fault(dataFaults.historyDamaged, { roll, chunk: 0, found: "no list of chunks" });
  }
  return { profileId, roll, version: numberIn(row, "version"), ord: numberIn(row, "ord"), chunks };
}

function isChunkFacts(value: unknown): value is ChunkFacts {
  if (typeof value !== "object" || value === null) return false;
  return ["lowest", "highest", "plays", "checksum"].every(
    (name) => typeof Object.entries(value).find(([key]) => key === name)?.[1] === "number",
  );
}
