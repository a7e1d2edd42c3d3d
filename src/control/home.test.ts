import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultsOf } from "#config/setting.ts";
import { unsold } from "#model/entitlement.ts";
import { memoryStores } from "#test/fixtures/memory-stores.ts";
import { smallTitle } from "#test/fixtures/small-network.ts";
import { catalogueOf } from "./catalogue.ts";
import { type HomeOrder, homeOf, titleCardOf } from "./home.ts";
import { opsTitlesOf } from "./ops.ts";
import { controlSettings } from "./settings.ts";

const account = {
  id: "acc",
  email: "ada@x.org",
  passwordHash: "",
  role: "viewer",
  maturity: 18,
  language: "en",
  entitlement: unsold,
  profileId: "ada",
  profileName: "Ada",
} as const;

function homeWith(titles: Parameters<typeof catalogueOf>[0]): HomeOrder {
  const stores = memoryStores();
  const asked = (): never => assert.fail("a request read the catalogue from the database");
  return {
    ports: {
      stores: { ...stores, catalog: { publish: asked, title: asked, titles: asked } },
      settings: defaultsOf(controlSettings),
    },
    catalogue: catalogueOf(titles),
    account,
    viewpoints: [],
    posterUrl: (title) => `poster of ${title.id}`,
    nowMs: 1.8e12,
  };
}

test("[CO30] home, a title's card and the operator's list come from what was taken in at publishing", async () => {
  const order = homeWith([smallTitle("new", 2), smallTitle("old", 1)]);
  const { rows } = await homeOf(order);
  assert.deepEqual(
    rows.map((row) => [row.id, row.items.map((card) => card.id)]),
    [["newest", ["new", "old"]]],
  );
  const card = await titleCardOf(order, "old");
  assert.deepEqual(card, {
    id: "old",
    name: "Film old",
    durationMs: 60_000,
    height: 360,
    rungs: 1,
    shots: 0,
    bitsSavedPercent: null,
    posterUrl: "poster of old",
    resume: null,
  });
  assert.equal(await titleCardOf(order, "gone"), undefined);
  assert.deepEqual(
    opsTitlesOf(order.catalogue).titles.map((title) => [title.id, title.renditions, title.bytes]),
    [
      ["new", 3, 8000],
      ["old", 3, 8000],
    ],
  );
});

test("[CO30] encode reports are not kept in memory", () => {
  const catalogue = catalogueOf([{ ...smallTitle("film"), report: { trials: ["many of them"] } }]);
  assert.doesNotMatch(JSON.stringify([...catalogue.titles.values()]), /trials/);
});
