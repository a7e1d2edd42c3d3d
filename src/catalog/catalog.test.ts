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
  plays: [],
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
