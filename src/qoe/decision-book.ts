// Steering decisions by session, on sheets: only the last one is written to. Neither a batch nor a save has to copy or write them all,
// however many sessions are remembered.
import type { Steered } from "./detours.ts";

export interface Decided {
  /** Whichever is later: the decision, or what was served by it. */
  readonly usedMs: number;
  /** Oldest first. */
  readonly known: readonly Steered[];
}

/** Full, and never changed again. What stands on a later sheet as well counts there. */
export interface Sheet {
  /** One more than that of the sheet before. */
  readonly id: number;
  /** The latest `usedMs`. */
  readonly latestMs: number;
  readonly entries: ReadonlyMap<string, Decided>;
}

export interface DecisionBook {
  /** Oldest first. */
  readonly full: readonly Sheet[];
  /** The id of the sheet that is being written. */
  readonly lastId: number;
  readonly last: ReadonlyMap<string, Decided>;
}

export const emptyBook: DecisionBook = { full: [], lastId: 0, last: new Map() };

/** A book while it is written to. */
export interface OpenBook {
  full: readonly Sheet[];
  lastId: number;
  last: ReadonlyMap<string, Decided>;
  /** `last`, once it is this one's own. */
  own: Map<string, Decided> | undefined;
  /** Sessions on a sheet. */
  readonly perSheet: number;
}

/** The book that is handed in stays as it is. */
export function openedBook(book: DecisionBook, perSheet: number): OpenBook {
  return { ...book, own: undefined, perSheet };
}

export function closedBook({ full, lastId, last }: OpenBook): DecisionBook {
  return { full, lastId, last };
}

export function lookUp({ full, last }: DecisionBook, sessionId: string): Decided | undefined {
  return (
    last.get(sessionId) ?? full.findLast(({ entries }) => entries.has(sessionId))?.entries.get(sessionId)
  );
}

/** How many entries came after it: with so many more it is torn out first. 0: it is on the last sheet, or on none. */
export function entriesAfter({ full, last }: DecisionBook, sessionId: string): number {
  if (last.has(sessionId)) return 0;
  const at = full.findLastIndex(({ entries }) => entries.has(sessionId));
  if (at < 0) return 0;
  return last.size + full.slice(at + 1).reduce((sum, { entries }) => sum + entries.size, 0);
}

export function writeDown(book: OpenBook, sessionId: string, decided: Decided): void {
  book.own ??= new Map(book.last);
  book.last = book.own.set(sessionId, decided);
  if (book.own.size < book.perSheet) return;
  const latestMs = [...book.own.values()].reduce((latest, { usedMs }) => Math.max(latest, usedMs), 0);
  book.full = [...book.full, { id: book.lastId, latestMs, entries: book.own }];
  book.lastId += 1;
  book.own = new Map();
  book.last = book.own;
}

/** Takes out whole sheets from the beginning: those that nobody was served by since `beforeMs`, and what is more than `most` entries. */
export function tearOut(book: OpenBook, beforeMs: number, most: number): void {
  let count = book.last.size + book.full.reduce((sum, { entries }) => sum + entries.size, 0);
  let out = 0;
  for (const { latestMs, entries } of book.full) {
    if (count <= most && latestMs >= beforeMs) break;
    count -= entries.size;
    out += 1;
  }
  if (out > 0) book.full = book.full.slice(out);
}

/** A full sheet as plain data. */
export interface SavedSheet {
  readonly id: number;
  readonly entries: readonly (readonly [string, Decided])[];
}

/** Full sheets after that id. */
export function sheetsAfter({ full }: DecisionBook, id: number): readonly SavedSheet[] {
  return full
    .filter((sheet) => sheet.id > id)
    .map((sheet) => ({ id: sheet.id, entries: [...sheet.entries] }));
}

/** Sheets before it are needed no more. */
export function firstSheet({ full, lastId }: DecisionBook): number {
  return full[0]?.id ?? lastId;
}

/** `lastId` undefined: all decisions stand in `last`, as an older release saved them. */
export function restoredBook(
  sheets: readonly SavedSheet[],
  last: readonly (readonly [string, Decided])[],
  lastId: number | undefined,
  perSheet: number,
): DecisionBook {
  if (lastId === undefined) {
    const book = openedBook(emptyBook, perSheet);
    for (const [sessionId, decided] of last) writeDown(book, sessionId, decided);
    return closedBook(book);
  }
  const full = sheets.map(({ id, entries }): Sheet => {
    const latestMs = entries.reduce((latest, [, { usedMs }]) => Math.max(latest, usedMs), 0);
    return { id, latestMs, entries: new Map(entries) };
  });
  return { full, lastId, last: new Map(last) };
}
