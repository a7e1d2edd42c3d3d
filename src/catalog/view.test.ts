import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { episode, film, series } from "#test/fixtures/small-works.ts";
import { isSame } from "./same.ts";
import { complaintsAfter, nextEpisode, seriesOf, viewOf } from "./view.ts";

const show = series("show");
const [e12, e21, e11] = [
  episode("b", "show", [1, 2]),
  episode("c", "show", [2, 1]),
  episode("a", "show", [1, 1]),
];
const view = viewOf(3, [show, e12, e21, e11, film("f", { titleId: "title-f" })]);

test("[CA16] a version knows works by id and by title, and episodes in their order over the seasons", () => {
  assert.deepEqual(
    view.episodes.get("show")?.map(({ id }) => id),
    ["a", "b", "c"],
  );
  assert.equal(view.byTitle.get("title-f")?.id, "f");
  assert.equal(nextEpisode(view, e11)?.id, "b");
  assert.equal(nextEpisode(view, e12)?.id, "c");
  assert.equal(nextEpisode(view, e21), undefined);
  assert.equal(seriesOf(view, e11), show);
  assert.equal(seriesOf(view, episode("x", "f", [1, 1])), undefined);
});

test("[CA17] an episode needs its series and a place of its own, a title one work", () => {
  const said = (put: Parameters<typeof complaintsAfter>[1]["put"], remove: string[] = []) =>
    complaintsAfter(view, { put, remove }, 10).map(({ workId, field }) => `${workId} ${field}`);
  assert.deepEqual(said([]), []);
  assert.deepEqual(said([episode("x", "gone", [1, 1])]), ["x series"]);
  assert.deepEqual(said([], ["show"]), ["b series", "c series", "a series"]);
  assert.deepEqual(said([episode("x", "show", [2, 1])]), ["x episode"]);
  assert.deepEqual(said([film("x", { titleId: "title-f" })]), ["x title"]);
  assert.deepEqual(said([film("x", { titleId: null }), film("y", { titleId: null })]), []);
});

test("[CA18] works are the same whatever the order of their keys, and else not", () => {
  const value = fc.jsonValue({ maxDepth: 3 });
  fc.assert(
    fc.property(value, value, (a, b) => {
      assert.ok(isSame(a, turned(a)));
      assert.equal(isSame(a, b), JSON.stringify(sorted(a)) === JSON.stringify(sorted(b)));
    }),
    { seed: 18 },
  );
});

function turned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turned);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, one]) => [key, turned(one)]),
  );
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return Object.is(value, -0) ? 0 : value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, one]) => [key, sorted(one)]));
}
