// Each file's band, and which boxes it prefers there. Draws are made once per title and band.
import type { Allocation } from "./allocation.ts";
import type { Wishes } from "./assign.ts";
import { type Boxes, type FileColumns, nobody } from "./columns.ts";
import { asked, drawFirst, type Lots, lotsOf, mixed, placed } from "./draw.ts";
import type { Past } from "./past.ts";
import type { Ranked } from "./ranked.ts";
import { stayers } from "./staying.ts";

export interface DrawingOrder {
  readonly files: FileColumns;
  readonly boxes: Boxes;
  readonly ranked: Ranked;
  readonly past: Past;
  readonly allocation: Allocation;
  /** Ranks to be stored, most plays per copy first. */
  readonly stored: Uint32Array;
  /** By rank. */
  readonly copies: Uint16Array;
  /** Copies that most files have. */
  readonly usual: number;
  /** How far over an edge a file may drift before it changes bands, as a part of the edge's depth. */
  readonly margin: number;
}

export interface Drawing {
  /** By rank: number of its band. */
  readonly band: Uint8Array;
  /** By rank: middle of its bytes in the stored bytes below the head. */
  readonly depth: Float64Array;
  /** By rank: `crossed` where it lies beyond an edge but stays in the band where it was. */
  readonly stayed: Uint8Array;
  /** By rank 1 where it stays on the boxes that hold it. */
  readonly stays: Uint8Array;
  readonly wishes: Wishes;
}

export const crossed = 1;
/** The same, guessed from the boxes that hold it because its band was not told. */
const guessed = 2;
/** Stands for a title that has not drawn yet. */
const undrawn = 0xfffe;

export function drawing(order: DrawingOrder): Drawing {
  const { ranked, allocation, stored, copies } = order;
  const { edges } = allocation;
  const { count, size } = ranked;
  const band = new Uint8Array(count);
  const depth = new Float64Array(count);
  const stayed = new Uint8Array(count);
  const tables = drawTables(order);
  const staying = stayRule(order, tables);
  let total = 0;
  for (const at of stored) total += (size[at] ?? 0) * (copies[at] ?? 1);
  let above = 0;
  let natural = 0;
  for (const at of stored) {
    const bytes = (size[at] ?? 0) * (copies[at] ?? 1);
    const middle = total > 0 ? (above + bytes / 2) / total : 0;
    above += bytes;
    depth[at] = middle;
    while (natural + 2 < edges.length && middle > (edges[natural + 1] ?? 1)) natural += 1;
    const stays = staying(at, natural, middle);
    band[at] = stays.band;
    stayed[at] = stays.how;
  }
  const { past } = order;
  const stays = stayers({
    past,
    allocation,
    boxes: order.boxes.count,
    stored,
    size,
    copies,
    band,
    first: tables.first,
  });
  for (const at of stored) if (stayed[at] === guessed) stays[at] = 1;
  return { band, depth, stayed, stays, wishes: wishesOf(order, tables, band, stays) };
}

interface Tables {
  /** Writes the first boxes of a file's title in a band, as many as the file has copies, and says how many. */
  first(rank: number, band: number, out: Uint16Array): number;
  asks(rank: number, band: number, box: number): number;
}

function drawTables({ files, boxes, ranked, allocation, copies, usual }: DrawingOrder): Tables {
  const { titleHash } = files;
  const lots = new Map<number, Lots>();
  const lotsFor = (band: number, wanted: number): Lots => {
    const key = band * 0x10000 + wanted;
    const known = lots.get(key);
    if (known !== undefined) return known;
    const fresh = lotsOf(boxes, allocation.weights[band] ?? [], wanted);
    lots.set(key, fresh);
    return fresh;
  };
  const usualLots = allocation.weights.map((_, band) => lotsFor(band, usual));
  const drawn = allocation.weights.map(() => new Uint16Array(0));
  const high = (rank: number): number => titleHash[2 * (ranked.file[rank] ?? 0)] ?? 0;
  const low = (rank: number): number => titleHash[2 * (ranked.file[rank] ?? 0) + 1] ?? 0;
  const lotsAt = (rank: number, band: number): Lots | undefined => {
    const wanted = copies[rank] ?? 1;
    return wanted === usual ? usualLots[band] : lotsFor(band, wanted);
  };
  return {
    first: (rank, band, out) => {
      const own = lotsAt(rank, band);
      if (own === undefined) return 0;
      if (own.copies !== usual) {
        drawFirst(own, high(rank), low(rank), out, 0, nobody);
        return own.copies;
      }
      let table = drawn[band] ?? new Uint16Array(0);
      if (table.length === 0) {
        table = new Uint16Array(ranked.titles * usual).fill(undrawn);
        drawn[band] = table;
      }
      const at = (ranked.title[rank] ?? 0) * usual;
      if (table[at] === undrawn) drawFirst(own, high(rank), low(rank), table, at, nobody);
      for (let i = 0; i < usual; i++) out[i] = table[at + i] ?? nobody;
      return usual;
    },
    asks: (rank, band, box) => {
      const own = lotsAt(rank, band);
      const [boxHigh, boxLow] = [boxes.hash[2 * box] ?? 0, boxes.hash[2 * box + 1] ?? 0];
      const number = mixed(high(rank), low(rank), boxHigh, boxLow);
      const price = own?.priceOf[box] ?? Number.POSITIVE_INFINITY;
      if (own === undefined || price === Number.POSITIVE_INFINITY) return Number.MAX_VALUE * placed(number);
      return asked(own, price, number);
    },
  };
}

/**
 * A file stays in the band where it was while it lies beyond the edge between by no more than the margin. Where its
 * band was not told, it is taken for one of the other band if exactly that band's boxes hold it.
 */
function stayRule(
  { allocation, past, margin, copies, boxes }: DrawingOrder,
  tables: Tables,
): (rank: number, natural: number, depth: number) => { readonly band: number; readonly how: number } {
  const { edges, method } = allocation;
  const last = edges.length - 2;
  const before = new Uint16Array(boxes.boxOf.length + 1);
  const [own, other] = [new Uint16Array(boxes.count + 1), new Uint16Array(boxes.count + 1)];
  const near = (edge: number, depth: number): boolean =>
    Math.abs(depth - (edges[edge] ?? 0)) <= margin * (edges[edge] ?? 0);
  const holds = (count: number, list: Uint16Array): boolean => {
    for (let i = 0; i < count; i++) if (!before.subarray(0, count).includes(list[i] ?? nobody)) return false;
    return true;
  };
  return (rank, natural, depth) => {
    const stay = { band: natural, how: 0 };
    if (past.cutoff === undefined || method === "one-band") return stay;
    const upper = natural > 0 && near(natural, depth);
    const lower = natural < last && near(natural + 1, depth);
    if (!upper && !lower) return stay;
    const code = past.bandCode(rank);
    const alternative = upper ? natural - 1 : natural + 1;
    if (code > 1 && past.bandCount === edges.length - 1) {
      const was = code - 2;
      const stays = (upper && was === natural - 1) || (lower && was === natural + 1);
      return stays ? { band: was, how: crossed } : stay;
    }
    const wanted = copies[rank] ?? 1;
    if (past.holders(rank, before) !== wanted) return stay;
    tables.first(rank, natural, own);
    tables.first(rank, alternative, other);
    const stays = holds(wanted, other) && !holds(wanted, own);
    return stays ? { band: alternative, how: guessed } : stay;
  };
}

function wishesOf({ past }: DrawingOrder, tables: Tables, band: Uint8Array, stays: Uint8Array): Wishes {
  return {
    stays,
    preferred: (rank, out) => {
      if (stays[rank] !== 1) return tables.first(rank, band[rank] ?? 0, out);
      const held = past.holders(rank, out);
      return held + tables.first(rank, band[rank] ?? 0, out.subarray(held));
    },
    before: past.holders,
    asks: (rank, box) => tables.asks(rank, band[rank] ?? 0, box),
  };
}
