// Plays packed away: gzipped JSON in chunks of bounded size, named by what is in them, so that a roll-up that is done again
// writes the same again.
import { createHash } from "node:crypto";
import { gunzipSync, gzipSync } from "node:zlib";
import { crc32c } from "#data/crc32c.ts";
import { dataFaults } from "#data/faults.ts";
import { merged } from "#data/history-rules.ts";
import type { PlayRecord } from "#model/playback.ts";
import { Fault } from "#units/fault.ts";

/** Of a chunk, compressed. Source: control-telemetry research §3.5. A single play that is longer is a chunk of its own. */
export const mostChunkBytes = 64 * 1024;
const chunkVersion = 1;
/** Longest JSON that is tried at once: some 20 bytes of it are left after compression. */
const playsPerTry = 2000;
/** A chunk that says it is longer than this is not one of ours. */
const mostUnpackedBytes = 64 * 1024 * 1024;

export interface ChunkFacts {
  /** Of its plays' generations. */
  readonly lowest: number;
  readonly highest: number;
  readonly plays: number;
  /** CRC32C of the compressed bytes. */
  readonly checksum: number;
}

export interface Roll {
  readonly profileId: string;
  readonly roll: string;
  readonly version: number;
  readonly ord: number;
  readonly chunks: readonly ChunkFacts[];
}

export interface PackedRoll extends Roll {
  readonly bodies: readonly Uint8Array[];
}

/** At least one play, all of one profile. */
export function pack(profileId: string, plays: readonly PlayRecord[]): PackedRoll {
  const ordered = merged(plays);
  const parts: { readonly facts: ChunkFacts; readonly body: Uint8Array }[] = [];
  for (let at = 0; at < ordered.length; at += playsPerTry) {
    parts.push(...chunksOf(ordered.slice(at, at + playsPerTry)));
  }
  return {
    profileId,
    roll: createHash("sha256")
      .update(JSON.stringify(ordered.map(rowOf)))
      .digest("hex"),
    version: chunkVersion,
    ord: ordered.reduce((highest, { ord }) => Math.max(highest, ord), 0),
    chunks: parts.map(({ facts }) => facts),
    bodies: parts.map(({ body }) => body),
  };
}

function chunksOf(
  plays: readonly PlayRecord[],
): readonly { readonly facts: ChunkFacts; readonly body: Uint8Array }[] {
  const body = gzipSync(JSON.stringify(plays.map(rowOf)));
  if (body.length > mostChunkBytes && plays.length > 1) {
    const middle = Math.ceil(plays.length / 2);
    return [...chunksOf(plays.slice(0, middle)), ...chunksOf(plays.slice(middle))];
  }
  const generations = plays.map(({ generation }) => generation);
  const facts = {
    lowest: Math.min(...generations),
    highest: Math.max(...generations),
    plays: plays.length,
    checksum: crc32c(body),
  };
  return [{ facts, body }];
}

/** @throws Fault history-damaged */
export function unpack(roll: Roll, chunk: number, body: Uint8Array | undefined): readonly PlayRecord[] {
  const damaged = (found: string): Fault =>
    new Fault(dataFaults.historyDamaged, { roll: roll.roll, chunk, found });
  if (roll.version !== chunkVersion) throw damaged(`version ${roll.version}`);
  if (body === undefined) throw damaged("nothing");
  if (crc32c(body) !== roll.chunks[chunk]?.checksum) throw damaged("another checksum");
  const rows: unknown = JSON.parse(gunzipSync(body, { maxOutputLength: mostUnpackedBytes }).toString("utf8"));
  if (!Array.isArray(rows)) throw damaged("no list");
  return rows.map((row: unknown) => {
    const play = playOf(roll.profileId, row);
    if (play === undefined) throw damaged("a row that is no play");
    return play;
  });
}

type Row = readonly [string, number, number, number, number, number];

function rowOf(play: PlayRecord): Row {
  return [play.titleId, play.generation, play.ord, play.startedAtMs, play.lastSeenMs, play.positionMs];
}

function playOf(profileId: string, row: unknown): PlayRecord | undefined {
  if (!Array.isArray(row) || row.length !== 6) return undefined;
  const [titleId, ...numbers]: readonly unknown[] = row;
  const [generation, ord, startedAtMs, lastSeenMs, positionMs] = numbers.map((value) =>
    typeof value === "number" ? value : Number.NaN,
  );
  const complete = numbers.every((value) => typeof value === "number");
  if (typeof titleId !== "string" || !complete) return undefined;
  if (generation === undefined || ord === undefined || startedAtMs === undefined) return undefined;
  if (lastSeenMs === undefined || positionMs === undefined) return undefined;
  return { profileId, titleId, generation, ord, startedAtMs, lastSeenMs, positionMs };
}
