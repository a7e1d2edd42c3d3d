import assert from "node:assert/strict";
import { test } from "node:test";
import type { Rendition } from "#model/package.ts";
import type { Bookmark } from "#model/playback.ts";
import { titleId } from "#units/id.ts";
import { bitsPerSecond, bytes, seconds } from "#units/quantity.ts";
import { type CatalogTitle, catalogTitle } from "./card.ts";
import { type HomeFacts, homeRows } from "./rows.ts";

const title = (id: string, publishedAtMs: number): CatalogTitle => ({
  id,
  name: id,
  durationMs: 60_000,
  height: 720,
  rungs: 2,
  shots: 6,
  bitsSavedPercent: null,
  publishedAtMs,
});
const mark = (id: string, finished = false): Bookmark => ({
  profileId: "p",
  titleId: id,
  ord: 1,
  positionMs: 1,
  durationMs: 60_000,
  finished,
});
const facts: HomeFacts = {
  titles: [title("old", 1), title("new", 3), title("mid", 2)],
  watching: [],
  seen: [],
  plays: [],
  region: undefined,
  taste: undefined,
  genres: new Map(),
  perRow: 10,
};
const seen = (more: Partial<HomeFacts>): Record<string, string[]> =>
  Object.fromEntries(
    homeRows({ ...facts, ...more }).map((row) => [row.id, row.items.map((item) => item.id)]),
  );

test("[CA1] rows keep their order, cards theirs, and empty rows are left out", () => {
  assert.deepEqual(Object.keys(seen({})), ["newest"]);
  assert.deepEqual(seen({}).newest, ["new", "mid", "old"]);
  const all = seen({
    watching: [mark("old"), mark("mid")],
    plays: [
      { titleId: "mid", plays: 2 },
      { titleId: "new", plays: 2 },
      { titleId: "old", plays: 9 },
    ],
  });
  assert.deepEqual(Object.keys(all), ["continue", "popular", "newest"]);
  assert.deepEqual(all.continue, ["old", "mid"]);
  assert.deepEqual(all.popular, ["old", "new", "mid"]);
  assert.deepEqual(homeRows({ ...facts, titles: [] }), []);
});

test("[CA2] a row holds a title once and at most its limit", () => {
  assert.deepEqual(seen({ perRow: 2 }).newest, ["new", "mid"]);
  assert.deepEqual(seen({ watching: [mark("old"), mark("old")] }).continue, ["old"]);
});

test("[CA3] what nobody played is not popular", () => {
  assert.deepEqual(seen({ plays: [{ titleId: "old", plays: 0 }] }).popular, undefined);
});

test("[CA4] bookmarks of gone titles and finished ones make no card", () => {
  assert.deepEqual(seen({ watching: [mark("gone"), mark("old", true)] }).continue, undefined);
});

/** Each title goes with those listed, the first most. */
const taste = (lists: Readonly<Record<string, readonly string[]>>): HomeFacts["taste"] => ({
  weights: new Map(
    Object.entries(lists).map(([id, others]) => [
      id,
      others.map((titleId, rank) => ({ titleId, weight: 1 / (rank + 2) })),
    ]),
  ),
});

test("[CA72] picked for you and because you watched hold nothing that was begun, and only what may be seen", () => {
  const model = taste({ old: ["new", "mid", "hidden"], mid: ["old", "new"], gone: ["new"] });
  const rows = homeRows({ ...facts, taste: model, seen: ["old", "gone"] });
  const named = rows.map((row) => [row.id, row.title, row.items.map((item) => item.id)]);
  assert.deepEqual(named.slice(0, 2), [
    ["for-you", "Picked for you", ["new", "mid"]],
    ["because-old", "Because you watched old", ["new", "mid"]],
  ]);
  const all = seen({ taste: model, seen: ["mid", "old", "new"] });
  assert.deepEqual(
    [all["for-you"], all["because-mid"], all["because-old"]],
    [undefined, undefined, undefined],
  );
  const three = taste({ old: ["new"], mid: ["new"], older: ["new"] });
  const titles = [...facts.titles, title("older", 0)];
  const because = Object.keys(seen({ titles, taste: three, seen: ["old", "older", "mid"] }));
  assert.deepEqual(because, ["for-you", "because-old", "because-older", "newest"], "the two latest");
});

test("[CA73] without a model, or anything watched, the page is the one without those rows", () => {
  const plays = [{ titleId: "old", plays: 3 }];
  const plain = homeRows({ ...facts, plays });
  assert.deepEqual(homeRows({ ...facts, plays, seen: ["new"] }), plain);
  assert.deepEqual(homeRows({ ...facts, plays, taste: taste({ old: ["new"] }) }), plain);
});

test("[CA74] popular is of the region when it is known, and says so", () => {
  const plays = [{ titleId: "old", plays: 100 }];
  const region = { name: "Leeds", plays: [{ titleId: "mid", plays: 20 }] };
  const [row] = homeRows({ ...facts, plays, region });
  assert.deepEqual(
    [row?.title, row?.about, row?.items.map((item) => item.id)],
    ["Popular in Leeds", "Leeds", ["mid"]],
  );
  const [everywhere] = homeRows({ ...facts, plays });
  assert.deepEqual([everywhere?.title, everywhere?.about], ["Popular", undefined]);
});

test("[CA75] genres that were watched come first, then the largest; small ones have no row", () => {
  const titles = Array.from({ length: 9 }, (_, n) => title(`t${n}`, n));
  const genreOf = (n: number): readonly string[] => (n < 3 ? ["noir"] : n < 7 ? ["space", "war"] : ["rare"]);
  const genres = new Map(titles.map(({ id }, n) => [id, genreOf(n)]));
  const rows = seen({ titles, genres, plays: [{ titleId: "t1", plays: 5 }] });
  assert.deepEqual(Object.keys(rows), ["popular", "newest", "genre-space", "genre-war", "genre-noir"]);
  assert.deepEqual(rows["genre-noir"], ["t1", "t2", "t0"], "by plays, then by age");
  const watched = Object.keys(seen({ titles, genres, seen: ["t0"] }));
  assert.deepEqual(watched, ["newest", "genre-noir", "genre-space", "genre-war"]);
});

test("[CA5] a card shows the highest rung, how many there are, and the saving with its sign turned", () => {
  const rendition = (id: string, height: number, kind: Rendition["kind"] = "video"): Rendition => ({
    id,
    kind,
    codecs: "avc1.64001f",
    width: 0,
    height,
    bitrate: bitsPerSecond(1),
    peak: bitsPerSecond(1),
    bytes: bytes(1),
    files: [],
  });
  const order = {
    id: "t",
    name: "T",
    publishedAtMs: 1,
    package: {
      titleId: titleId("t"),
      duration: seconds(12.3456),
      renditions: [rendition("v360-1", 360), rendition("v720-1", 720), rendition("audio", 0, "audio")],
      hls: "",
      dash: "",
      storyboard: "",
      poster: "",
      sidecar: "",
    },
  };
  const card = catalogTitle({ ...order, report: { shots: 6, bdRatePercent: -31.5 } });
  assert.equal(card.height, 720);
  assert.equal(card.rungs, 2);
  assert.equal(card.durationMs, 12_346);
  assert.equal(card.bitsSavedPercent, 31.5);
  assert.equal(catalogTitle({ ...order, report: { shots: 6, bdRatePercent: null } }).bitsSavedPercent, null);
});
