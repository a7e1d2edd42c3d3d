// Titles and their renditions: how large each is, and which part of a title's plays reads it.
import { type FileColumns, hashColumn } from "#place/columns.ts";
import { priorShares } from "#place/popularity.ts";
import { hash64 } from "#units/hash.ts";
import type { Random } from "#units/random.ts";
import { normal } from "./chance.ts";

/** A title as it is packaged here: bytes of each rendition relative to the largest video. Chosen by us. */
const ladder = [
  { id: "v1080", kind: "video", height: 1080, bitrate: 5_000_000, bytes: 1 },
  { id: "v720", kind: "video", height: 720, bitrate: 2_800_000, bytes: 0.56 },
  { id: "v480", kind: "video", height: 480, bitrate: 1_400_000, bytes: 0.28 },
  { id: "audio", kind: "audio", height: 0, bitrate: 128_000, bytes: 0.026 },
  { id: "index", kind: "index", height: 0, bitrate: 0, bytes: 0.000_5 },
] as const;

export const renditionsPerTitle = ladder.length;

const shares = priorShares(ladder);

export interface FileContent {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

type Stock = Omit<FileColumns, "playsPerDay">;

/** Files and titles by number; a title's files lie together, in the ladder's order. It only grows. */
export class Catalogue {
  readonly fileIds: string[] = [];
  readonly titleIds: string[] = [];
  readonly sizes: number[] = [];
  /** Day it was published; negative: before the run. */
  readonly bornOn: number[] = [];
  /** Part of a title's plays that reads each rendition. */
  readonly shares: readonly number[] = ladder.map(({ id }) => shares.get(id) ?? 1);
  private readonly contents: (readonly FileContent[])[] = [];
  private readonly numbers = new Map<string, number>();
  private stock: Stock | undefined;
  private readonly random: Random;
  private readonly meanBytes: number;

  /** `meanBytes`: of a title, all its renditions together. */
  constructor(random: Random, meanBytes: number) {
    this.random = random;
    this.meanBytes = meanBytes;
  }

  get files(): number {
    return this.fileIds.length;
  }

  get titles(): number {
    return this.titleIds.length;
  }

  /** Publishes a title and returns its number. Lengths are lognormal, σ = 0.6, as films beside episodes are. */
  publish(day: number): number {
    const title = this.titleIds.length;
    const titleId = `t${title}`;
    const spread = 0.6;
    const length = Math.exp(spread * normal(this.random) - spread ** 2 / 2);
    const largest = (this.meanBytes * length) / ladder.reduce((sum, { bytes }) => sum + bytes, 0);
    this.titleIds.push(titleId);
    this.bornOn.push(day);
    for (const { id, bytes } of ladder) {
      const fileId = `${titleId}/${id}`;
      this.numbers.set(fileId, this.fileIds.length);
      this.fileIds.push(fileId);
      const size = Math.max(1, Math.round(largest * bytes));
      this.sizes.push(size);
      this.contents.push([{ path: id, bytes: size, sha256: fingerprint(fileId) }]);
    }
    return title;
  }

  /** All files as the plan's engine reads them, but for their plays. */
  columns(): Stock {
    const { files: count, stock } = this;
    if (stock?.count === count) return stock;
    const made = {
      count,
      sizeBytes: Float64Array.from(this.sizes),
      titleHash: hashColumn(
        this.fileIds.map((_, file) => this.titleIds[Math.floor(file / renditionsPerTitle)] ?? ""),
        count,
      ),
      fileHash: hashColumn(this.fileIds, count),
    };
    this.stock = made;
    return made;
  }

  /** What lies in a file's folder: here one object of all its bytes. */
  contentOf(fileId: string): readonly FileContent[] {
    return this.contents[this.numbers.get(fileId) ?? -1] ?? [];
  }

  /** Undefined for an id that no file has. */
  numberOf(fileId: string): number | undefined {
    return this.numbers.get(fileId);
  }

  bytesPerPlay(title: number): number {
    let sum = 0;
    for (const [i, share] of this.shares.entries())
      sum += share * (this.sizes[title * renditionsPerTitle + i] ?? 0);
    return sum;
  }

  renditions(
    title: number,
  ): readonly { readonly id: string; readonly sizeBytes: number; readonly share: number }[] {
    return ladder.map(({ id }, i) => ({
      id,
      sizeBytes: this.sizes[title * renditionsPerTitle + i] ?? 0,
      share: this.shares[i] ?? 1,
    }));
  }
}

/** Stands for the hash of a file that nobody ever wrote: 64 digits that differ from file to file. */
function fingerprint(fileId: string): string {
  const [high, low] = hash64(fileId);
  return `${high.toString(16)}${low.toString(16)}`.padStart(16, "0").repeat(4);
}
