import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultsOf } from "#config/setting.ts";
import { dataFaults } from "#data/faults.ts";
import type { Stores } from "#data/ports.ts";
import { unsold } from "#model/entitlement.ts";
import { memoryStores } from "#test/fixtures/memory-stores.ts";
import { smallTitle } from "#test/fixtures/small-network.ts";
import { Fault } from "#units/fault.ts";
import { catalogueOf } from "./catalogue.ts";
import { type HomeOrder, homeOf, titleCardOf } from "./home.ts";
import { opsTitlesOf } from "./ops.ts";
import { controlSettings } from "./settings.ts";
import { believed, nothingPopular, popularIn, popularNow } from "./taste.ts";

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
      stores: { ...stores, catalog: { publish: asked, revise: asked, title: asked, titles: asked } },
      settings: defaultsOf(controlSettings),
    },
    catalogue: catalogueOf(titles),
    account,
    viewpoints: [],
    posterUrl: (title) => `poster of ${title.id}`,
    taste: undefined,
    popular: nothingPopular,
    nearby: undefined,
    genres: new Map(),
    pictures: () => [],
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

test("[CO270] a home page is there without the database: what everyone sees, and a word that it is less", async () => {
  const order = homeWith([smallTitle("new", 2), smallTitle("old", 1)]);
  const away = new Fault(dataFaults.databaseSlow, { seconds: 1 });
  const stores: Stores = {
    ...order.ports.stores,
    taste: { ...order.ports.stores.taste, seen: () => Promise.reject(away) },
  };
  const popular = { everywhere: [{ titleId: "old", plays: 1 }], byRegion: new Map() };
  const home = await homeOf({ ...order, popular, ports: { ...order.ports, stores } });
  assert.equal(home.degraded, true);
  assert.deepEqual(
    home.rows.map((row) => row.id),
    ["popular", "newest"],
  );
  assert.equal((await homeOf(order)).degraded, undefined);
});

test("[CO271] a model is believed until it is too old, and a clock set back makes none old", () => {
  const day = 86_400_000;
  const inForce = { madeAtMs: 100 * day, model: { weights: new Map() } };
  const at = (days: number) => believed(inForce, { staleDays: 14, nowMs: days * day });
  assert.equal(at(114), inForce.model);
  assert.equal(at(114.1), undefined);
  assert.equal(at(3), inForce.model);
  assert.equal(believed(undefined, { staleDays: 14, nowMs: 0 }), undefined);
});

test("[CO272] a region counts when enough was played there", async () => {
  const stores = memoryStores();
  const begin = (id: string, region: string, titleId: string) =>
    stores.playback.open({
      ...{ id, region, titleId },
      accountId: "a",
      profileId: "p",
      viewpoint: "",
      startedAtMs: 5,
    });
  for (let nth = 0; nth < 20; nth++) await begin(`a${nth}`, "leeds", nth < 15 ? "x" : "y");
  for (let nth = 0; nth < 19; nth++) await begin(`b${nth}`, "york", "x");
  const popular = await popularNow({ stores }, 10);
  assert.deepEqual(popular.everywhere, [
    { titleId: "x", plays: 34 },
    { titleId: "y", plays: 5 },
  ]);
  const leeds = popularIn(popular, { id: "leeds", name: "Leeds" });
  assert.deepEqual(
    leeds?.plays.map(({ titleId, plays }) => [titleId, plays]),
    [
      ["x", 15],
      ["y", 5],
    ],
  );
  assert.equal(popularIn(popular, { id: "york", name: "York" }), undefined);
  assert.equal(popularIn(popular, undefined), undefined);
});

test("[CO420] a card brings the pictures that the catalogue has, and none where it has none", async () => {
  const poster = {
    kind: "poster",
    path: "/artwork/ab",
    type: "image/webp",
    width: 600,
    height: 900,
  } as const;
  const order = homeWith([smallTitle("new", 2), smallTitle("old", 1)]);
  const { rows } = await homeOf({ ...order, pictures: (id) => (id === "new" ? [poster] : []) });
  assert.deepEqual(
    rows[0]?.items.map(({ pictures }) => pictures),
    [[poster], undefined],
  );
});
