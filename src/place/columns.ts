// What the engine works on: one array per quantity instead of one object per file, so that a million files are cheap.
import type { PlacementServer } from "#model/placement.ts";
import { hash64 } from "#units/hash.ts";
import type { Crossings } from "./crossings.ts";
import { byText } from "./stock.ts";

/** Stands for no box. */
export const nobody = 0xffff;

export interface FileColumns {
  readonly count: number;
  readonly sizeBytes: Float64Array;
  readonly playsPerDay: Float64Array;
  /** `hash64` of each file's title, high word at 2i and low word at 2i + 1. What is drawn with. */
  readonly titleHash: Uint32Array;
  /** Likewise of each file's own id, which breaks ties of density. No two files have the same. */
  readonly fileHash: Uint32Array;
}

/** Yesterday's plan of the same files. */
export interface PreviousColumns {
  readonly cutoff: number;
  /** Holders of file i are `boxes[starts[i]]` up to before `boxes[starts[i + 1]]`, in the plan's order. */
  readonly starts: Uint32Array;
  /** Numbers in the order's list of servers; `nobody` for a server that is gone. */
  readonly boxes: Uint16Array;
  /** What `PlannedColumns.band` said, 0 where it is not known, and how many bands there were. */
  readonly bands?: { readonly of: Uint8Array; readonly count: number } | undefined;
  /** Who held the head, where its files list no boxes of their own. */
  readonly everywhere?: Uint16Array | undefined;
  /** By number in the order's list of servers: its weights of yesterday. Where absent, who held nothing is new. */
  readonly weights?: { readonly alpha: Float64Array; readonly beta: Float64Array } | undefined;
  readonly epoch?: number | undefined;
}

export interface ColumnOrder {
  readonly servers: readonly PlacementServer[];
  readonly files: FileColumns;
  readonly minCopies: number;
  readonly previous?: PreviousColumns | undefined;
  readonly crossings?: Crossings | undefined;
  /** Number of the day that is planned for; one before the previous plan's is refused. */
  readonly epoch?: number | undefined;
}

/** Two words per text, for `FileColumns`. */
export function hashColumn(texts: Iterable<string>, count: number): Uint32Array {
  const words = new Uint32Array(2 * count);
  let at = 0;
  for (const text of texts) {
    const [high, low] = hash64(text);
    words[at++] = high;
    words[at++] = low;
  }
  return words;
}

/** The boxes that take part, in id order, so that nothing depends on the order they came in. */
export interface Boxes {
  readonly count: number;
  readonly ids: readonly string[];
  /** Bytes that may be planned for: storage less the headroom. */
  readonly room: Float64Array;
  readonly throughput: Float64Array;
  /** Two hash words per box. */
  readonly hash: Uint32Array;
  /** Number in the order's list, by box; and box by number in the list, `nobody` for one that takes no part. */
  readonly serverOf: Uint16Array;
  readonly boxOf: Uint16Array;
}

/** Who can hold, send and is not about to leave. */
export function usableBoxes(servers: readonly PlacementServer[], headroomPercent: number): Boxes {
  const chosen = servers
    .map((server, number) => ({ server, number }))
    .filter(({ server }) => usable(server))
    .sort((a, b) => byText(a.server.id, b.server.id));
  const boxOf = new Uint16Array(servers.length).fill(nobody);
  chosen.forEach(({ number }, box) => {
    boxOf[number] = box;
  });
  const ids = chosen.map(({ server }) => server.id);
  return {
    count: chosen.length,
    ids,
    room: Float64Array.from(chosen, ({ server }) => server.storageBytes * (1 - headroomPercent / 100)),
    throughput: Float64Array.from(chosen, ({ server }) => server.throughputBps),
    hash: hashColumn(ids, ids.length),
    serverOf: Uint16Array.from(chosen, ({ number }) => number),
    boxOf,
  };
}

export function usable(server: PlacementServer): boolean {
  return server.state !== "draining" && server.storageBytes > 0 && server.throughputBps > 0;
}

/** Equal pairs of hash words get equal numbers, from 0 on in order of appearance. */
export function numbered(words: Uint32Array): { readonly of: Uint32Array; readonly count: number } {
  const items = words.length >> 1;
  let slots = 16;
  while (slots < 2 * items) slots *= 2;
  const table = new Uint32Array(slots);
  const first = new Uint32Array(items);
  const of = new Uint32Array(items);
  let count = 0;
  for (let i = 0; i < items; i++) {
    const high = words[2 * i] ?? 0;
    const low = words[2 * i + 1] ?? 0;
    let slot = low & (slots - 1);
    for (;;) {
      const number = table[slot] ?? 0;
      if (number === 0) {
        first[count++] = i;
        table[slot] = count;
        of[i] = count - 1;
        break;
      }
      const other = first[number - 1] ?? 0;
      if (words[2 * other] === high && words[2 * other + 1] === low) {
        of[i] = number - 1;
        break;
      }
      slot = (slot + 1) & (slots - 1);
    }
  }
  return { of, count };
}
