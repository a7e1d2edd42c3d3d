// What the forecast makes of the plays that control counted.
import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultsOf } from "#config/setting.ts";
import { crossingAt } from "#place/crossings.ts";
import type { DemandHistory, TitleHistory } from "#place/demand.ts";
import { placeSettings } from "#place/settings.ts";
import { memoryStores } from "#test/fixtures/memory-stores.ts";
import { smallSites, smallTitle } from "#test/fixtures/small-network.ts";
import { assert as hold } from "#units/assert.ts";
import { crossingsIn } from "./crossings.ts";
import { readNetwork } from "./network.ts";
import { replanTitles } from "./place-titles.ts";

const dayMs = 86_400_000;
const nowMs = 20_000 * dayMs + 7_200_000;

/** Plays expected of each title's index, which every play reads, after `playsOn(days ago)` plays of the film a day. */
async function expectedPlays(playsOn: (ago: number) => number): Promise<ReadonlyMap<string, number>> {
  const stores = memoryStores();
  await stores.catalog.publish(smallTitle("film", nowMs - 100 * dayMs));
  await stores.catalog.publish(smallTitle("new", nowMs - dayMs / 2));
  for (let ago = 1; ago <= 28; ago++) {
    for (let play = 0; play < playsOn(ago); play++) {
      await stores.playback.open({
        id: `s-${ago}-${play}`,
        accountId: "ann",
        profileId: "ann",
        titleId: "film",
        viewpoint: "",
        startedAtMs: nowMs - ago * dayMs + 1000,
      });
    }
  }
  const reading = readNetwork(smallSites, "http://127.0.1.1:8180");
  hold(reading.kind === "read", "the fixture is well formed");
  const order = { ports: { stores }, network: reading.network, settings: defaultsOf(placeSettings), nowMs };
  assert.equal((await replanTitles(order)).kind, "planned");
  return new Map((await stores.plans.popularity()).map((row) => [row.fileId, row.playsPerDay]));
}

test("[PL82] the nightly plan expects of a Saturday what Saturdays had", async () => {
  const quietWeek = [4, 4, 4, 4, 4, 8, 4];
  const ahead = async (ago: number): Promise<number> =>
    (await expectedPlays((day) => quietWeek[(day + ago) % 7] ?? 0)).get("film/index") ?? 0;
  const [busy, quiet] = [await ahead(5), await ahead(0)];
  assert.ok(busy > 7 && busy < 9, `${busy}`);
  assert.ok(quiet > 3.5 && quiet < 4.5, `${quiet}`);
});

test("[PL84] the nightly plan expects of a title of today what a launch draws, and of an old one what was counted", async () => {
  const plays = await expectedPlays(() => 3);
  assert.equal(plays.get("new/index"), 1.1, "the prior and the floor");
  assert.ok(Math.abs((plays.get("film/index") ?? 0) - 3) < 0.05);
});

test("[CO90] after the clock was set back by days no plan is made", async () => {
  const stores = memoryStores();
  await stores.catalog.publish(smallTitle("film", nowMs - 100 * dayMs));
  const reading = readNetwork(smallSites, "http://127.0.1.1:8180");
  hold(reading.kind === "read", "the fixture is well formed");
  const order = { ports: { stores }, network: reading.network, settings: defaultsOf(placeSettings) };
  assert.equal((await replanTitles({ ...order, nowMs })).kind, "planned");
  const back = await replanTitles({ ...order, nowMs: nowMs - 2 * dayMs });
  assert.ok(back.kind === "refused", "an older day");
  assert.match(back.because, /day/);
  assert.equal((await replanTitles({ ...order, nowMs: nowMs + dayMs })).kind, "planned");
});

test("[CO90] what crossed the middle of the catalogue is counted once a week of days had plays", () => {
  const title = (titleId: string, plays: readonly number[]): TitleHistory => ({
    titleId,
    availableFrom: 0,
    plays: { all: plays },
    files: [{ id: `${titleId}/index`, sizeBytes: 100, share: 1 }],
  });
  const history = (days: number): DemandHistory => ({
    firstDay: 0,
    regions: [{ id: "all", siteIds: [], weight: 1 }],
    // They change places every day.
    titles: [
      title(
        "a",
        Array.from({ length: days }, (_, day) => (day % 2 === 0 ? 5 : 1)),
      ),
      title(
        "b",
        Array.from({ length: days }, () => 3),
      ),
    ],
    events: [],
    launchPlays: {},
  });
  assert.equal(crossingsIn(history(6), "all"), undefined);
  const found = crossingsIn(history(28), "all");
  hold(found !== undefined, "28 days are enough");
  assert.equal(crossingAt(found, 0.5), 200, "both files cross the middle every day");
  assert.equal(crossingAt(found, 0.1), 0);
});
