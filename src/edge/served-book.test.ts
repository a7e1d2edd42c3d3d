import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { cut, nothingServed, type ServedBook, served, taken } from "./served-book.ts";

interface Asked {
  readonly session?: string;
  readonly path?: string;
  readonly bytes?: number;
  readonly time?: number;
  readonly status?: number;
  readonly miss?: string;
  readonly method?: string;
}

function line(given: Asked = {}): string {
  const { session = "s", path = "v1/1.m4s", bytes = 100, time = 60 } = given;
  const { status = 200, miss = "", method = "GET" } = given;
  return `${JSON.stringify({ time, session, title: "t", path, method, status, bytes, miss })}\n`;
}

const rowsOf = (book: ServedBook) => cut(book, 0).told?.rows;

test("[ED207] what viewers were sent is added up by session and folder; fills, refusals and redirects are not", () => {
  const lines = [
    ...[line(), line({ bytes: 5, status: 206, time: 61.5 }), line({ path: "film.mpd", bytes: 7 })],
    ...[line({ session: "fill-a1" }), line({ status: 404 }), line({ status: 302 }), line({ method: "HEAD" })],
    ...[line({ bytes: 0 }), "garbage\n", line({ path: "v1/2.m4s", miss: "pull", bytes: 40 })],
  ];
  assert.deepEqual(rowsOf(served(nothingServed, lines.join(""))), [
    { atMs: 61_500, sessionId: "s", folder: "v1", bytes: 145, pulled: 40 },
    { atMs: 60_000, sessionId: "s", folder: "", bytes: 7, pulled: 0 },
  ]);
});

test("[ED207] a batch is told until it is taken, and the next comes ten seconds after it at the earliest", () => {
  const first = cut(served(nothingServed, line()), 0);
  const more = cut(served(first, line({ bytes: 1 })), 60_000);
  assert.deepEqual(more.told, first.told);
  assert.deepEqual(taken(more, 9).told, first.told, "another's number takes nothing");
  const free = taken(more, 1);
  assert.equal(cut(free, 9999).told, undefined);
  const second = cut(free, 10_000);
  assert.deepEqual([second.told?.batch, second.told?.rows[0]?.bytes], [2, 1]);
});

test("[ED207] sessions beyond the bound are told as nobody's, and no byte is lost", () => {
  const limits = { rows: 3, everyMs: 0 };
  const asked = fc.record({
    session: fc.constantFrom("a", "b", "c", "d", "e"),
    bytes: fc.nat(1000),
    time: fc.nat(300),
  });
  fc.assert(
    fc.property(fc.array(fc.array(asked, { maxLength: 6 }), { maxLength: 8 }), (reads) => {
      let book = nothingServed;
      let told = 0;
      for (const lines of reads) {
        book = cut(served(book, lines.map(line).join(""), limits), 0, limits);
        assert.ok([...book.growing.values()].filter(({ sessionId }) => sessionId !== "").length <= 3);
        if (book.told === undefined) continue;
        told += book.told.rows.reduce((sum, { bytes }) => sum + bytes, 0);
        book = taken(book, book.told.batch);
      }
      assert.equal(
        told,
        reads.flat().reduce((sum, { bytes }) => sum + bytes, 0),
      );
    }),
    { seed: 207 },
  );
});

test("[ED207] a session or folder that nginx would not let through is no row", () => {
  assert.equal(
    rowsOf(served(nothingServed, line({ session: 'a"b' }) + line({ path: "v1/ä.m4s" }))),
    undefined,
  );
});
