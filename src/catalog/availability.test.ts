import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { RightsWindow } from "#model/work.ts";
import { episode, film, series } from "#test/fixtures/small-works.ts";
import { mayWatch, rightsOf, territoryOf, undescribed, type WatchOrder } from "./availability.ts";
import { textFor } from "./language.ts";
import { ageOf, yearsOf } from "./maturity.ts";

const window = (territories: string[], fromMs: number | null, untilMs: number | null): RightsWindow => ({
  territories,
  fromMs,
  untilMs,
});
const ask = (more: Partial<WatchOrder>, windows: RightsWindow[] = [], age: number | null = 0) =>
  mayWatch({ title: { windows, age }, territory: "DE", maturity: 18, unratedAge: 18, nowMs: 100, ...more });
const kind = (...order: Parameters<typeof ask>): string => {
  const watching = ask(...order);
  return watching.kind === "may" ? "may" : watching.because;
};

test("[CA10] a title without windows is free everywhere and always, one with windows inside one of them", () => {
  assert.deepEqual(ask({}), { kind: "may", untilMs: null });
  assert.deepEqual(ask({ territory: "" }), { kind: "may", untilMs: null });
  const windows = [window(["DE", "AT"], 50, 200), window(["FR"], null, null)];
  assert.deepEqual(ask({}, windows), { kind: "may", untilMs: 200 });
  assert.deepEqual(ask({ territory: "FR" }, windows), { kind: "may", untilMs: null });
  assert.equal(kind({ territory: "IT" }, windows), "not-here");
  assert.equal(kind({ nowMs: 49 }, windows), "not-now");
  assert.equal(kind({ nowMs: 50 }, windows), "may");
  assert.equal(kind({ nowMs: 199 }, windows), "may");
  assert.equal(kind({ nowMs: 200 }, windows), "not-now");
});

test("[CA11] where no territory is known, only windows that name none open", () => {
  const windows = [window(["DE"], null, null), window([], 150, null)];
  assert.equal(kind({ territory: "" }, windows), "not-now");
  assert.equal(kind({ territory: "", nowMs: 150 }, windows), "may");
  assert.equal(kind({ territory: "" }, [window(["DE"], null, null)]), "not-here");
  assert.equal(territoryOf({ account: "", address: undefined, setting: "de" }), "DE");
  assert.equal(territoryOf({ account: "AT", address: "FR", setting: "DE" }), "AT");
  assert.equal(territoryOf({ address: "FR", setting: "DE" }), "FR");
});

test("[CA12] a profile is shown what its years allow; what nobody rated counts as the setting says", () => {
  assert.equal(kind({ maturity: 15 }, [], 16), "too-young");
  assert.equal(kind({ maturity: 16 }, [], 16), "may");
  assert.equal(kind({ maturity: 12 }, [], null), "too-young");
  assert.equal(kind({ maturity: 12, unratedAge: 0 }, [], null), "may");
  assert.deepEqual(undescribed, { windows: [], age: null });
});

test("[CA12] national labels are years; the strictest counts, what the operator says counts more", () => {
  const found = ["FSK 16", "bbfc 12a", "MPA PG-13", "TV MA", "FSK 17", "constructor toString", "R"].map(
    yearsOf,
  );
  assert.deepEqual(found, [16, 12, 13, 17, undefined, undefined, undefined]);
  assert.equal(ageOf(film("f", { ratings: ["FSK 12", "BBFC 15"] })), 15);
  assert.equal(ageOf(film("f", { ratings: ["FSK 12"], age: 6 })), 6);
  assert.equal(ageOf(film("f")), null);
});

test("[CA13] an episode without windows or rating of its own has its series's", () => {
  const show = series("s", { age: 12, windows: [window(["DE"], null, null)] });
  assert.deepEqual(rightsOf(episode("e", "s", [1, 1]), show), { age: 12, windows: show.windows });
  const own = episode("e", "s", [1, 1], { age: 16, windows: [window([], 1, 2)] });
  assert.deepEqual(rightsOf(own, show), { age: 16, windows: own.windows });
  assert.deepEqual(rightsOf(episode("e", "s", [1, 1]), undefined), { age: null, windows: [] });
});

test("[CA14] a play that began in its window goes on for the grace, and no other does", () => {
  const windows = [window([], 50, 200)];
  const at = (nowMs: number, startedAtMs: number) =>
    ask({ nowMs, underWay: { startedAtMs, graceMs: 40 } }, windows);
  assert.deepEqual(at(150, 100), { kind: "may", untilMs: 240 });
  assert.equal(at(239, 199).kind, "may");
  assert.equal(at(240, 199).kind, "may-not");
  assert.equal(at(210, 200).kind, "may-not");
  assert.equal(at(210, 10).kind, "may-not");
});

test("[CA10] more windows, and years more, never take a title away; a later end never shortens it", () => {
  const ms = fc.option(fc.integer({ min: 0, max: 20 }), { nil: null });
  const windows = fc.array(fc.record({ territories: fc.subarray(["DE", "FR"]), fromMs: ms, untilMs: ms }), {
    minLength: 1,
    maxLength: 4,
  });
  const order = fc.record({
    territory: fc.constantFrom("DE", "FR", "IT", ""),
    nowMs: fc.integer({ min: -1, max: 21 }),
    maturity: fc.integer({ min: 0, max: 18 }),
  });
  fc.assert(
    fc.property(windows, windows, order, fc.integer({ min: 0, max: 18 }), (some, more, asked, age) => {
      const few = ask(asked, some, age);
      const all = ask(asked, [...some, ...more], age);
      if (few.kind === "may") {
        assert.equal(all.kind, "may");
        assert.equal(ask({ ...asked, maturity: 18 }, some, age).kind, "may");
        if (few.untilMs === null) assert.ok(all.kind === "may" && all.untilMs === null);
        else assert.ok(few.untilMs > asked.nowMs);
      }
    }),
    { seed: 10 },
  );
});

test("[CA15] a text is in the viewer's language, else the nearest, the original, English, any", () => {
  const texts = { "pt-BR": "pb", pt: "p", de: "d", en: "e", ja: "j" };
  const found = ["pt-BR", "pt-PT", "PT", "de-AT", "fr", "ja-JP"].map((tag) => textFor(texts, tag, "ja"));
  assert.deepEqual(found, ["pb", "p", "p", "d", "j", "j"]);
  assert.equal(textFor({ "pt-BR": "pb", en: "e" }, "pt", "en"), "pb");
  assert.equal(textFor({ ru: "r", en: "e" }, "fr", "it"), "e");
  assert.equal(textFor({ ru: "r", bg: "b" }, "fr", "it"), "b");
  assert.equal(textFor({}, "fr", "it"), undefined);
});
