// What profiles watched, and the model of it, on every database there is.
import assert from "node:assert/strict";
import { historyElsewhere } from "#data/io/history-elsewhere.ts";
import { memoryHistory } from "#test/fixtures/memory-history.ts";
import { account, bookmark, fresh, onEach } from "./stores-builders.ts";

onEach(
  "[CA70] what was really watched is history, newest first; what was only begun is not",
  async (stores) => {
    const { playback, taste } = stores;
    const ann = await account(stores);
    const begin = async (film: string, startedAtMs: number): Promise<void> => {
      const session = { id: fresh(), accountId: ann.id, profileId: ann.profileId, titleId: film };
      await playback.open({ ...session, viewpoint: "", startedAtMs });
    };
    const base = 4_000_000_000_000;
    const [long, short, end, tried, old] = ["long", "short", "end", "tried", "old"].map(
      (name) => `${name}-${fresh()}`,
    );
    const films = { long, short, end, tried, old };
    await begin(`${films.old}`, 1000);
    for (const [nth, film] of [films.long, films.short, films.end, films.tried, films.long].entries()) {
      await begin(`${film}`, base + nth);
    }
    const mark = (
      film: string | undefined,
      ord: number,
      positionMs: number,
      durationMs: number,
      finished = false,
    ) => ({
      ...bookmark(ann.profileId, `${film}`, ord, finished),
      ...{ positionMs, durationMs },
    });
    const bookmarks = [
      mark(films.long, 1, 120_000, 9_000_000),
      mark(films.short, 2, 5000, 100_000),
      mark(films.end, 3, 0, 60_000, true),
      mark(films.tried, 4, 119_000, 9_000_000),
      mark(films.old, 5, 500_000, 900_000),
    ];
    await playback.apply({ group: fresh(), offset: 1, summaries: [], bookmarks });
    const own = (await taste.watched({ sinceMs: base, most: 1000 })).filter(
      (row) => row.profileId === ann.profileId,
    );
    assert.deepEqual(
      own.map(({ titleId, atMs }) => [titleId, atMs - base]),
      [
        [films.long, 4],
        [films.end, 2],
        [films.short, 1],
      ],
    );
    assert.equal((await taste.watched({ sinceMs: base, most: 1 })).length, 1);
    assert.deepEqual(await taste.seen(ann.profileId, 2), [films.old, films.tried]);
  },
);

onEach(
  "[DA273] where history lies elsewhere, taste is learned of what was watched by its bookmarks",
  async (stores) => {
    const elsewhere = historyElsewhere({ ...stores, history: memoryHistory().stores.history });
    const ann = await account(stores);
    const base = 4_100_000_000_000;
    const [watched, tried, gone] = [fresh(), fresh(), fresh()];
    for (const [nth, titleId] of [watched, tried, gone].entries()) {
      const session = { id: fresh(), accountId: ann.id, profileId: ann.profileId, titleId, viewpoint: "" };
      await elsewhere.playback.open({ ...session, startedAtMs: base + nth });
    }
    const bookmarks = [watched, tried, gone].map((title, nth) => ({
      ...bookmark(ann.profileId, title, nth + 1),
      ...{ positionMs: title === tried ? 119_000 : 120_000, durationMs: 9_000_000 },
    }));
    await elsewhere.playback.apply({ group: fresh(), offset: 1, summaries: [], bookmarks });
    await elsewhere.history.remove({ profileId: ann.profileId, titleId: gone, atOrd: 3 });
    const found = await elsewhere.taste.watched({ sinceMs: base, most: 1000 });
    assert.deepEqual(
      found.filter(({ profileId }) => profileId === ann.profileId),
      [{ profileId: ann.profileId, titleId: watched, atMs: base }],
    );
    const here = await stores.taste.watched({ sinceMs: base, most: 1000 });
    assert.ok(
      here.every(({ profileId }) => profileId !== ann.profileId),
      "the database knows no bookmark",
    );
  },
);

onEach("[CA71] a saved model replaces the one before, to the last digit", async ({ taste }) => {
  const weights = (scale: number, titles: number) =>
    new Map(
      Array.from({ length: titles }, (_, n) => [
        `title-${n}`,
        [
          { titleId: "é", weight: scale / 3 },
          { titleId: "b", weight: -scale / 7 },
        ],
      ]),
    );
  const first = { madeAtMs: 5, facts: { plays: 3, note: null }, weights: weights(1, 700) };
  await taste.save(first);
  const found = (await taste.latest()) ?? assert.fail("it was saved");
  assert.deepEqual([found.madeAtMs, found.facts], [5, first.facts]);
  assert.deepEqual(Object.fromEntries(found.weights), Object.fromEntries(first.weights));
  await taste.save({ madeAtMs: 6, facts: {}, weights: weights(2, 2) });
  const second = await taste.latest();
  assert.deepEqual([second?.madeAtMs, second?.weights.size], [6, 2]);
});
