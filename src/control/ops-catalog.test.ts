import assert from "node:assert/strict";
import { test } from "node:test";
import { viewOf } from "#catalog/view.ts";
import { smallTitle } from "#test/fixtures/small-network.ts";
import { episode, film, series } from "#test/fixtures/small-works.ts";
import { catalogueOf } from "./catalogue.ts";
import { planImport } from "./import-works.ts";
import { type ShelfAsked, type ShelfOrder, shelfOf, shelfTitleOf } from "./ops-catalog.ts";

const nowMs = 1_800_000_000_000;
const closed = [{ territories: ["DE"], fromMs: null, untilMs: nowMs - 1 }];
const abroad = [{ territories: ["FR"], fromMs: null, untilMs: null }];
const open = [{ territories: ["DE"], fromMs: 0, untilMs: nowMs + 60_000 }];

const works = [
  film("a", { windows: open, age: 12, names: { en: "Aurora" } }),
  film("b", { windows: closed }),
  film("c", { windows: abroad }),
  film("later", { titleId: null }),
  series("s"),
  episode("e1", "s", [1, 1], { titleId: "plain-e1" }),
  series("empty"),
];

const order: ShelfOrder = {
  catalogue: catalogueOf(["a", "b", "c", "plain", "plain-e1"].map((id) => smallTitle(id))),
  view: viewOf(1, works),
  denied: new Set(["c"]),
  settings: { territory: "DE", unratedAge: 18 },
  nowMs,
};
const all: ShelfAsked = { q: "", after: "", limit: 50 };

test("[CO450] every title and every work that no title stands for is listed once, with state and rights", () => {
  const { counts, rows, found, next } = shelfOf(order, all);
  assert.deepEqual(
    rows.map(({ id, kind, state, access }) => [id, kind, state, access]),
    [
      ["a", "film", "published", "open"],
      ["b", "film", "published", "not-now"],
      ["c", "film", "withheld", "not-here"],
      ["plain", null, "published", "open"],
      ["plain-e1", "episode", "published", "open"],
      ["empty", "series", "announced", "open"],
      ["later", "film", "announced", "open"],
      ["s", "series", "published", "open"],
    ],
  );
  assert.deepEqual([counts, found, next], [{ published: 5, withheld: 1, announced: 2 }, 8, null]);
  assert.deepEqual([rows[0]?.age, rows[0]?.windows, rows[0]?.bytes], [12, 1, 8000]);
});

test("[CO450] a part of a name or id finds; pages follow one another without a gap", () => {
  assert.deepEqual(
    shelfOf(order, { ...all, q: "auRO" }).rows.map(({ id }) => id),
    ["a"],
  );
  assert.deepEqual(
    shelfOf(order, { ...all, q: "plain", state: "withheld" }).rows.map(({ id }) => id),
    [],
  );
  const seen: string[] = [];
  for (let after: string | null = ""; after !== null; ) {
    const page = shelfOf(order, { ...all, limit: 3, after });
    assert.ok(page.rows.length <= 3);
    seen.push(...page.rows.map(({ id }) => id));
    after = page.next;
  }
  assert.deepEqual(
    seen,
    shelfOf(order, all).rows.map(({ id }) => id),
  );
});

test("[CO450] the next page goes on where the last ended, though that row has left the list or new ones came", () => {
  const titles = [
    ...["old", "older"].map((id, at) => smallTitle(id, 500 - at)),
    ...["m", "k"].map((id) => smallTitle(id, 900)),
  ];
  const of = (list: typeof titles) => ({ ...order, view: viewOf(1, []), catalogue: catalogueOf(list) });
  const first = shelfOf(of(titles), { ...all, limit: 2 });
  assert.deepEqual([first.rows.map(({ id }) => id), first.next], [["k", "m"], "900:m"]);
  const later = of([...titles.filter(({ id }) => id !== "m"), smallTitle("new", 1000)]);
  const second = shelfOf(later, { ...all, limit: 2, after: first.next ?? "" });
  assert.deepEqual([second.rows.map(({ id }) => id), second.next], [["old", "older"], null]);
  assert.deepEqual(shelfOf(later, { ...all, after: ":zz" }).rows, []);
});

test("[CO451] one is found by its title's id or its work's; what is told of it can be imported, and changes nothing", () => {
  const plan = { version: 1, screens: 1, priceMinor: 1, currency: "EUR", period: "month" } as const;
  const more = { trialDays: 0, createdAtMs: 0, toldFromMs: undefined, offered: true } as const;
  const plans = [
    { ...plan, ...more, planId: "big", name: "Big", maxHeight: 2160 },
    { ...plan, ...more, planId: "tiny", name: "Tiny", maxHeight: 240 },
    { ...plan, ...more, planId: "old", name: "Old", maxHeight: 240, offered: false },
  ];
  const a = shelfTitleOf(order, "a", plans);
  assert.deepEqual(
    a?.plans.map(({ planId, isWhole }) => [planId, isWhole]),
    [
      ["tiny", false],
      ["big", true],
    ],
  );
  assert.deepEqual([a?.untilMs, a?.territory, a?.renditions.length], [nowMs + 60_000, "DE", 3]);
  const bytes = Buffer.from(JSON.stringify({ works: [a?.work] }));
  const again = planImport({ view: order.view, bytes, form: "json", charset: undefined, mode: "merge" });
  assert.deepEqual([again.complaints, again.counts.unchanged, again.counts.changed], [[], 1, 0]);
  assert.equal(shelfTitleOf(order, "e1", [])?.row.id, "plain-e1");
  assert.equal(shelfTitleOf(order, "plain", [])?.work, null);
  assert.equal(shelfTitleOf(order, "later", [])?.row.state, "announced");
  assert.equal(shelfTitleOf(order, "nothing", []), undefined);
});

test("[CO450] ten thousand titles are walked over in well under a second", () => {
  const many = Array.from({ length: 10_000 }, (_, index) => smallTitle(`t${index}`));
  const large = { ...order, catalogue: catalogueOf(many) };
  const beganMs = performance.now();
  assert.equal(shelfOf(large, { ...all, q: "t9999" }).found, 1);
  assert.ok(performance.now() - beganMs < 1000);
});
