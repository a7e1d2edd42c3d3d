import assert from "node:assert/strict";
import { test } from "node:test";
import { toWatch } from "#web/addresses.ts";
import { languageFor } from "#web/words/language.ts";
import { say as inWords, type Values } from "#web/words/say.ts";
import type { TitleCard } from "#wire/viewer.ts";
import { factsOf, nextOf, playRoute, playWords, startOf } from "./facts.ts";
import { type Left, withLeft } from "./left.ts";
import { viewerEn } from "./viewer-en.ts";
import { chosenViewpoint, ownAddress } from "./viewpoint.ts";

const card = (change: Partial<TitleCard> = {}): TitleCard => ({
  id: "bunny",
  name: "Bunny",
  durationMs: 60_000,
  posterUrl: "http://127.0.1.11:8181/poster.jpg",
  height: 720,
  shots: 9,
  rungs: 4,
  bitsSavedPercent: 21.44,
  resume: null,
  ...change,
});
const resumeAt = (positionMs: number): TitleCard["resume"] => ({
  titleId: "bunny",
  positionMs,
  durationMs: 60_000,
});
const say = (id: keyof typeof viewerEn, values?: Values): string =>
  inWords(viewerEn[id], languageFor(["en"]), values);
const names = (one: TitleCard): string[] => factsOf(one, say).map((fact) => fact.name);

test("[WE6] facts come from the card", () => {
  assert.deepEqual(
    factsOf(card(), say).map((fact) => `${fact.name}: ${fact.value}`),
    [
      "Length: 60 s",
      "Up to: 720p",
      "Rungs: 4",
      "Shots: 9",
      "Bits saved against one CRF at every height: 21.4 %",
    ],
  );
});

test("[WE6] without a baseline nothing is said about saved bits", () => {
  assert.ok(!names(card({ bitsSavedPercent: null })).some((name) => name.includes("its")));
});

test("[WE6] a title without a report has no shots to speak of", () => {
  assert.ok(!names(card({ shots: 0 })).includes("Shots"));
});

test("[WE6] more bits are never called saved", () => {
  const fact = factsOf(card({ bitsSavedPercent: -3 }), say).at(-1);
  assert.deepEqual(fact, { name: "More bits than one CRF at every height", value: "3 %" });
});

test("[WE7] the button resumes from one second on", () => {
  assert.equal(playWords(card(), say), "Play");
  assert.equal(playWords(card({ resume: resumeAt(999) }), say), "Play");
  assert.equal(playWords(card({ resume: resumeAt(1000) }), say), "Resume at 0:01");
  assert.equal(playWords(card({ resume: resumeAt(31_500) }), say), "Resume at 0:31");
});

test("[WE7] a button that says where it begins is not asked about again", () => {
  const begun = card({ resume: resumeAt(31_500) });
  assert.deepEqual(playRoute(begun), toWatch("bunny", "resume"));
  assert.deepEqual(playRoute(card()), toWatch("bunny", "beginning"));
  assert.equal(startOf(begun, "resume"), 31_500);
  assert.equal(startOf(begun, "beginning"), 0);
  assert.equal(startOf(begun, "ask"), undefined);
  assert.equal(startOf(card(), "resume"), 0);
});

test("[WE9] the remembered viewpoint holds while it exists", () => {
  const alder = { id: "alder", name: "Alder Broadband", address: "203.0.113.7" };
  const birch = { id: "birch", name: "Birch Telecom", address: "198.51.100.7" };
  assert.equal(chosenViewpoint("birch", [alder, birch]), birch);
  assert.equal(chosenViewpoint("gone", [alder, birch]), alder);
  assert.equal(chosenViewpoint(null, [alder, birch]), alder);
  assert.equal(chosenViewpoint(ownAddress, [alder, birch]), undefined);
  assert.equal(chosenViewpoint("birch", []), undefined);
});

test("[WE19] a film that was left a moment ago is resumed there, whatever an older answer says", () => {
  const left: Left = { titleId: "bunny", positionMs: 20_000, durationMs: 60_000, atMs: 1000 };
  assert.equal(playWords(withLeft(card(), left, 1100), say), "Resume at 0:20");
  assert.equal(playWords(withLeft(card({ resume: resumeAt(4000) }), left, 1100), say), "Resume at 0:20");
  const own = card({ resume: resumeAt(30_000) });
  assert.equal(withLeft(own, left, 9000), own, "by then the control plane knows better");
  assert.equal(withLeft(own, { ...left, titleId: "lakeside" }, 1100), own, "another film");
  assert.equal(withLeft(own, { ...left, positionMs: 59_000 }, 1100), own, "finished or not: not ours to say");
  assert.equal(withLeft(own, undefined, 1100), own);
});

test("[WE84] the watch page hands the player the episode that comes after, and nothing where none does", () => {
  const watched: string[] = [];
  const watch = (titleId: string): void => void watched.push(titleId);
  const next = nextOf({ next: { titleId: "bell", name: "The bell", season: 1, episode: 2 } }, watch);
  assert.deepEqual([next?.name, next?.season, next?.episode], ["The bell", 1, 2]);
  assert.deepEqual(watched, []);
  next?.play();
  assert.deepEqual(watched, ["bell"]);
  assert.equal(nextOf({ next: null }, watch), undefined);
  assert.equal(nextOf(null, watch), undefined);
});
