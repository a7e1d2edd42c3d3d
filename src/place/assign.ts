// Puts copies on boxes without ever exceeding a box: first copies of everything before second copies of anything.
import type { StockFile } from "./stock.ts";

/** A file with the boxes it prefers, best first. */
export interface Wish {
  readonly file: StockFile;
  readonly preference: readonly number[];
}

export interface Placed {
  /** Box numbers. */
  readonly holders: readonly number[];
  /** The first preferred box that had no room when this file came, or undefined. */
  readonly spilledFrom: number | undefined;
}

/**
 * In passes over the files, densest first: one copy each, then up to `minCopies` each, then what room is left goes to
 * the densest, each on as many boxes as can take it. `room` is what each box has left, in box order.
 */
export function assign(wishes: readonly Wish[], room: readonly number[], minCopies: number): Placed[] {
  const free = [...room];
  const placed = wishes.map(() => ({ holders: [] as number[], spilledFrom: unset() }));
  const smallest = wishes.reduce((least, wish) => Math.min(least, wish.file.sizeBytes), Infinity);
  const raise = (upTo: number): void => {
    if (Math.max(...free) < smallest) return;
    wishes.forEach((wish, i) => {
      const record = placed[i];
      if (record === undefined || (upTo > 1 && record.holders.length === 0)) return;
      for (const box of wish.preference) {
        if (record.holders.length >= upTo) return;
        if (record.holders.includes(box)) continue;
        if ((free[box] ?? 0) < wish.file.sizeBytes) {
          if (upTo <= minCopies) record.spilledFrom ??= box;
          continue;
        }
        free[box] = (free[box] ?? 0) - wish.file.sizeBytes;
        record.holders.push(box);
      }
    });
  };
  for (let copies = 1; copies <= Math.min(minCopies, room.length); copies++) raise(copies);
  raise(room.length);
  return placed;
}

function unset(): number | undefined {
  return undefined;
}

/** Which files are worth planning for: densest first while there is room in sum, the held ones with a bonus. */
export function admit(order: {
  readonly files: readonly StockFile[];
  readonly room: readonly number[];
  readonly held: (fileId: string) => boolean;
  readonly heldBonus: number;
}): ReadonlySet<string> {
  const score = (file: StockFile): number => file.plays * (order.held(file.id) ? 1 + order.heldBonus : 1);
  const ranked = order.files
    .map((file, rank) => ({ file, rank, score: score(file) }))
    .sort((a, b) => b.score - a.score || a.rank - b.rank);
  const largest = Math.max(...order.room);
  let left = order.room.reduce((sum, bytes) => sum + bytes, 0);
  const admitted = new Set<string>();
  for (const { file } of ranked) {
    if (file.sizeBytes > largest || file.sizeBytes > left) continue;
    left -= file.sizeBytes;
    admitted.add(file.id);
  }
  return admitted;
}
