import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Miss, missesIn, mostMissed, noMisses, record } from "./miss-list.ts";

const hour = 3_600_000;
const roomy = { files: 100, forgetMs: 24 * hour };

function missed(path: string, atMs: number, titleId = "t1"): Miss {
  return { titleId, path, atMs };
}

function line(
  more: Partial<Record<"session" | "title" | "path" | "miss" | "query" | "method", string>>,
): string {
  const { session = "s1", title = "t1", path = "v/1.m4s", miss = "none", query = "", method = "GET" } = more;
  return `{"time":12.345,"session":"${session}","title":"${title}","path":"${path}","method":"${method}","status":404,"bytes":9,"miss":"${miss}","seconds":0.001,"range":"","client":"192.0.2.1","protocol":"HTTP/1.1","query":"${query}"}\n`;
}

test("[ED58] the list tells what was missed, how often and since when, most missed first", () => {
  const first = record(noMisses, [missed("a", 1000), missed("b", 2000), missed("b", 3000)], roomy);
  const list = record(first, [missed("c", 4000, "t2"), missed("b", 5000)], roomy);
  assert.equal(list.total, 5);
  assert.deepEqual(mostMissed(list, 2), [
    { titleId: "t1", path: "b", count: 3, atLeast: 3, sinceMs: 2000, lastMs: 5000 },
    { titleId: "t1", path: "a", count: 1, atLeast: 1, sinceMs: 1000, lastMs: 1000 },
  ]);
  assert.equal(first.total, 3, "the one before is as it was");
});

test("[ED58] made-up names fill the list's room and no more, and do not push out what many miss", () => {
  const limits = { files: 50, forgetMs: hour };
  let list = noMisses;
  for (let i = 0; i < 400; i++) {
    const flood = Array.from({ length: 9 }, (_, n) => missed(`made-up-${i}-${n}`, i));
    list = record(list, [...flood, missed("wanted", i)], limits);
  }
  assert.equal(list.files.size, 50);
  const [first] = mostMissed(list, 1);
  assert.equal(first?.path, "wanted");
  assert.ok((first?.atLeast ?? 0) <= 400 && (first?.count ?? 0) >= 400);
});

test("[ED58] a count is never too low, its certain part never too high, and what is missed often is never lost", () => {
  const names = fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 300 });
  fc.assert(
    fc.property(names, fc.integer({ min: 1, max: 12 }), (asked, files) => {
      const misses = asked.map((name) => missed(`${name}`, 1));
      const half = Math.floor(misses.length / 2);
      const limits = { files, forgetMs: hour };
      const list = record(record(noMisses, misses.slice(0, half), limits), misses.slice(half), limits);
      assert.ok(list.files.size <= files);
      for (const name of new Set(asked)) {
        const truth = asked.filter((other) => other === name).length;
        const found = list.files.get(`t1/${name}`);
        if (found === undefined) assert.ok(truth <= asked.length / files, `${name} was lost`);
        else assert.ok(found.atLeast <= truth && truth <= found.count, `${name}: ${truth}`);
      }
    }),
    { seed: 11 },
  );
});

test("[ED58] what nobody missed for a day is forgotten", () => {
  const old = record(noMisses, [missed("old", 0), missed("kept", 0)], roomy);
  const list = record(old, [missed("kept", 20 * hour), missed("new", 25 * hour)], roomy);
  assert.deepEqual([...list.files.keys()], ["t1/kept", "t1/new"]);
  assert.equal(list.total, 4);
});

test("[ED58] misses are read from the log: what viewers asked for, whatever they were answered, and nothing else", () => {
  const log =
    line({}) +
    line({ title: "t2", path: "init.mp4", miss: "redirect", method: "HEAD" }) +
    line({ path: "v/2.m4s", miss: "pull" }) +
    line({ miss: "" }) +
    line({ session: "fill-box2" }) +
    line({ miss: "", query: '\\"miss\\":\\"none\\"' }) +
    line({ path: "a\\u0022b" }) +
    "garbage\n";
  assert.deepEqual(missesIn(log), [
    { titleId: "t1", path: "v/1.m4s", atMs: 12_345 },
    { titleId: "t2", path: "init.mp4", atMs: 12_345 },
    { titleId: "t1", path: "v/2.m4s", atMs: 12_345 },
  ]);
});

test("[ED63] a path that no file can have is made up, however it is asked for, and is no miss", () => {
  const longest = `${"a".repeat(255)}/${"b".repeat(256)}`;
  const madeUp = [`${longest}c`, "a".repeat(4000), "a/.b", "a//b", "/a", "a/", "../a"];
  const log = [longest, ...madeUp].map((path) => line({ path })).join("");
  assert.deepEqual(missesIn(log + line({ title: "t".repeat(65) }) + line({ title: ".t" })), [
    { titleId: "t1", path: longest, atMs: 12_345 },
  ]);
});
