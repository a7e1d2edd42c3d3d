import assert from "node:assert/strict";
import { test } from "node:test";
import {
  closedBook,
  type DecisionBook,
  emptyBook,
  firstSheet,
  lookUp,
  openedBook,
  restoredBook,
  sheetsAfter,
  tearOut,
  writeDown,
} from "./decision-book.ts";

const decided = (sessionId: string, atMs: number) => ({
  usedMs: atMs,
  known: [{ sessionId, atMs, best: [] }],
});

function written(book: DecisionBook, ...sessions: readonly (readonly [string, number])[]): DecisionBook {
  const open = openedBook(book, 2);
  for (const [id, atMs] of sessions) writeDown(open, id, decided(id, atMs));
  return closedBook(open);
}

const plain = (value: unknown) => JSON.parse(JSON.stringify(value));

test("[QO60] what is found is what was written last, and a book that was handed in stays as it was", () => {
  const first = written(emptyBook, ["a", 1], ["b", 2], ["c", 3]);
  const then = written(first, ["a", 4], ["d", 5]);
  assert.deepEqual([lookUp(first, "a")?.usedMs, lookUp(then, "a")?.usedMs], [1, 4]);
  assert.deepEqual([lookUp(first, "d"), lookUp(then, "b")?.usedMs], [undefined, 2]);
  assert.deepEqual([first.full.length, [...first.last.keys()]], [1, ["c"]]);
  assert.equal(then.full[0], first.full[0], "a full sheet is never copied");
});

test("[QO60] a save writes the sheets that were filled since the one before, whatever else is remembered", () => {
  const first = written(emptyBook, ["a", 1], ["b", 2], ["c", 3]);
  assert.deepEqual(
    sheetsAfter(first, -1).map(({ id, entries }) => [id, entries.map(([session]) => session)]),
    [[0, ["a", "b"]]],
  );
  assert.deepEqual(sheetsAfter(first, 0), []);
  const then = written(first, ["d", 4], ["e", 5], ["f", 6]);
  assert.deepEqual(
    sheetsAfter(then, 0).map(({ id }) => id),
    [1, 2],
  );
  assert.deepEqual(restoredBook(plain(sheetsAfter(then, -1)), plain([...then.last]), then.lastId, 2), then);
});

test("[QO60] whole sheets go from the beginning: beyond the bound, or of sessions that nobody was served by", () => {
  const book = written(emptyBook, ["a", 1], ["b", 9], ["c", 3], ["d", 4], ["e", 5]);
  const left = (beforeMs: number, most: number) => {
    const open = openedBook(book, 2);
    tearOut(open, beforeMs, most);
    return [
      firstSheet(closedBook(open)),
      ["a", "b", "c", "d", "e"].filter((id) => lookUp(open, id)).join(""),
    ];
  };
  assert.deepEqual(left(0, 5), [0, "abcde"]);
  assert.deepEqual(left(0, 4), [1, "cde"]);
  assert.deepEqual(left(9, 99), [0, "abcde"], "somebody was served by one of the first sheet's");
  assert.deepEqual(left(10, 99), [2, "e"]);
});

test("[QO60] what an older release saved as one list is put onto sheets", () => {
  const all = ["a", "b", "c"].map((id, i) => [id, decided(id, i)] as const);
  const book = restoredBook([], plain(all), undefined, 2);
  assert.deepEqual(
    [book.full.length, book.lastId, lookUp(book, "a")?.usedMs, lookUp(book, "c")?.usedMs],
    [1, 1, 0, 2],
  );
});
