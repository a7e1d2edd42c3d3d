// The files in density order, their quantities laid out in that order, so that every later pass runs straight through.
import { type FileColumns, numbered } from "./columns.ts";
import { densityOrder } from "./density.ts";

/** By rank, densest first. */
export interface Ranked {
  readonly count: number;
  /** Number of the file in the order. */
  readonly file: Uint32Array;
  readonly size: Float64Array;
  /** Plays a day that count: as demanded, or 1 for every file when nobody plays anything. */
  readonly plays: Float64Array;
  /** Bytes sent per day. */
  readonly traffic: Float64Array;
  /** Number of the file's title, from 0 on. */
  readonly title: Uint32Array;
  readonly titles: number;
  readonly totalTraffic: number;
}

export function rank(files: FileColumns): Ranked {
  const { count, sizeBytes, playsPerDay, titleHash } = files;
  const wanted = playsPerDay.some((plays, i) => plays * (sizeBytes[i] ?? 0) > 0);
  // The order goes by bits, and −0 has other bits than 0.
  const playsOf = wanted ? playsPerDay.map((plays) => plays + 0) : new Float64Array(count).fill(1);
  const file = densityOrder(playsOf, files);
  const numbers = numbered(titleHash);
  const size = new Float64Array(count);
  const plays = new Float64Array(count);
  const traffic = new Float64Array(count);
  const title = new Uint32Array(count);
  let totalTraffic = 0;
  for (let at = 0; at < count; at++) {
    const number = file[at] ?? 0;
    const [bytes, played] = [sizeBytes[number] ?? 0, playsOf[number] ?? 0];
    size[at] = bytes;
    plays[at] = played;
    traffic[at] = played * bytes;
    totalTraffic += played * bytes;
    title[at] = numbers.of[number] ?? 0;
  }
  return { count, file, size, plays, traffic, title, titles: numbers.count, totalTraffic };
}
