// The series of one program in memory: bounded in number and in time, and it counts what it does not keep.
import { type Blocks, forget, put } from "./blocks.ts";
import { type Figure, type Reading, readingsOf } from "./figure.ts";
import { matches, type Query } from "./query.ts";
import { boundaryOf, firstReading, nextReading, type Rate } from "./rate.ts";
import { keyOf, nameTag, type Tags } from "./tags.ts";

export interface SeriesLimits {
  readonly stepMs: number;
  /** Blocks of 60 points that each series keeps, with the one that is written. */
  readonly keptBlocks: number;
  /** Series of one name. */
  readonly perName: number;
  readonly most: number;
}

export interface Series {
  readonly tags: Tags;
  readonly blocks: Blocks;
}

interface Kept extends Series {
  rate: Rate | undefined;
}

/** Named after what it is to the query: where series come from. */
export interface SeriesSource {
  readonly stepMs: number;
  /** All series. */
  readonly size: number;
  select(query: Query): readonly Series[];
}

export class SeriesStore implements SeriesSource {
  readonly #limits: SeriesLimits;
  readonly #series = new Map<string, Kept>();
  readonly #perName = new Map<string, number>();
  /** When the program was read first without a gap since, and last. */
  #firstMs: number | undefined;
  #lastMs: number | undefined;
  #overflow = 0;

  constructor(limits: SeriesLimits) {
    this.#limits = limits;
  }

  get stepMs(): number {
    return this.#limits.stepMs;
  }

  get size(): number {
    return this.#series.size;
  }

  /** Readings that found no room. */
  get overflow(): number {
    return this.#overflow;
  }

  /** All instruments, read at one moment. */
  take(figures: readonly Figure[], atMs: number): void {
    const { stepMs } = this.#limits;
    const last = this.#lastMs;
    if (last === undefined || atMs <= last || atMs - last > 2 * stepMs) this.#firstMs = atMs;
    for (const reading of figures.flatMap(readingsOf)) this.#read(reading, atMs);
    this.#lastMs = atMs;
    this.#forget(atMs);
  }

  select(query: Query): readonly Series[] {
    return [...this.#series.values()].filter(({ tags }) => matches(query, tags));
  }

  #read({ kind, tags, value }: Reading, atMs: number): void {
    const { stepMs } = this.#limits;
    const kept = this.#series.get(keyOf(tags)) ?? this.#made(tags);
    if (kept === undefined) {
      this.#overflow += 1;
      return;
    }
    if (kind === "gauge") {
      put(kept.blocks, boundaryOf(atMs, stepMs) / stepMs, value);
      return;
    }
    const before = kept.rate ?? this.#zero(atMs);
    if (before === undefined) {
      kept.rate = firstReading(atMs, value);
      return;
    }
    const { rate, points } = nextReading(before, { atMs, total: value }, stepMs);
    kept.rate = rate;
    for (const point of points) put(kept.blocks, point.atMs / stepMs, point.value);
  }

  #made(tags: Tags): Kept | undefined {
    const name = tags.get(nameTag) ?? "";
    const count = this.#perName.get(name) ?? 0;
    if (count >= this.#limits.perName || this.#series.size >= this.#limits.most) return undefined;
    const made: Kept = { tags, blocks: new Map(), rate: undefined };
    this.#series.set(keyOf(tags), made);
    this.#perName.set(name, count + 1);
    return made;
  }

  /** A counter of this program that was not there at the last reading stood at zero, from the beginning. */
  #zero(atMs: number): Rate | undefined {
    const [first, last] = [this.#firstMs, this.#lastMs];
    if (first === undefined || last === undefined || first === atMs) return undefined;
    const boundaryMs = Math.floor(last / this.#limits.stepMs) * this.#limits.stepMs;
    const coveredMs = last - Math.max(first, boundaryMs);
    return { atMs: last, total: 0, gained: 0, coveredMs };
  }

  #forget(atMs: number): void {
    const { stepMs, keptBlocks } = this.#limits;
    const step = Math.floor(atMs / stepMs);
    for (const [key, { tags, blocks, rate }] of this.#series) {
      forget(blocks, step, keptBlocks);
      if (blocks.size > 0 || rate?.atMs === atMs) continue;
      this.#series.delete(key);
      const name = tags.get(nameTag) ?? "";
      this.#perName.set(name, (this.#perName.get(name) ?? 1) - 1);
    }
  }
}
