import assert from "node:assert/strict";
import { test } from "node:test";
import type { Deeds } from "./deeds.ts";
import { deedFor, type Focus, keyMap } from "./keys.ts";
import { playerEn } from "./player-en.ts";
import { neighbourSpeed } from "./speed.ts";

/** What a key did, as words. */
function done(key: string, focus: Focus = "none", more: { code?: string; modified?: boolean } = {}): string {
  const told: string[] = [];
  const tell =
    (name: string) =>
    (by?: number): void =>
      void told.push(by === undefined ? name : `${name} ${by}`);
  const deeds: Deeds = {
    ...{ toggle: tell("toggle"), seek: tell("seek"), skip: tell("skip"), share: tell("share") },
    ...{ mute: tell("mute"), louder: tell("louder"), volume: tell("volume"), speed: tell("speed") },
    ...{ faster: tell("faster"), fullscreen: tell("fullscreen"), picture: tell("picture") },
    ...{ captions: tell("captions"), drawer: tell("drawer"), next: tell("next"), help: tell("help") },
  };
  deedFor({ key, code: more.code ?? "", modified: more.modified ?? false, focus }, deeds)?.();
  return told.join();
}

test("[WE80] every key of the map does what it says, and nothing else does anything", () => {
  const wanted: Readonly<Record<string, string>> = {
    ...{ " ": "toggle", k: "toggle", K: "toggle", j: "skip -10000", l: "skip 10000", m: "mute" },
    ...{ ArrowLeft: "skip -5000", ArrowRight: "skip 5000", ArrowUp: "louder 0.1", ArrowDown: "louder -0.1" },
    ...{ f: "fullscreen", c: "captions", i: "drawer", n: "next", p: "picture", "?": "help" },
    ...{ ">": "faster 1", "<": "faster -1", 0: "share 0", 7: "share 0.7", Home: "share 0", End: "share 1" },
    ...{ x: "", Enter: "", Tab: "", Escape: "", "/": "" },
  };
  for (const [key, deed] of Object.entries(wanted)) assert.equal(done(key), deed, key);
  const all = keyMap.flatMap(({ keys }) => keys);
  assert.equal(new Set(all).size, all.length, "no key stands twice in the map");
  for (const key of all) assert.notEqual(done(key), "", key);
  for (const { id } of keyMap) assert.ok(`key_${id}` in playerEn, `${id} has a sentence in the help`);
});

test("[WE80] a key belongs first to what has the focus, and never to the player with Ctrl, Alt or Meta", () => {
  assert.equal(done(" ", "button"), "", "the space bar presses the button");
  assert.equal(done("k", "button"), "toggle");
  assert.equal(done("ArrowUp", "choice"), "", "arrows move through a list of choices");
  assert.equal(done("m", "choice"), "mute");
  assert.equal(done("k", "text"), "", "what is written is text");
  assert.equal(done("ArrowLeft", "seek"), "skip -5000");
  assert.equal(done("f", "none", { modified: true }), "", "Ctrl+F is the browser's");
});

test("[WE80] on a keyboard without Latin letters the key's place counts", () => {
  assert.equal(done("ن", "none", { code: "KeyK" }), "toggle");
  assert.equal(done("é", "none", { code: "Digit2" }), "");
});

test("[WE81] speeds go up and down one by one and stop at both ends", () => {
  assert.deepEqual([neighbourSpeed(1, 1), neighbourSpeed(1, -1)], [1.25, 0.75]);
  assert.deepEqual([neighbourSpeed(2, 1), neighbourSpeed(0.5, -1)], [2, 0.5]);
  assert.equal(neighbourSpeed(1.1, 1), 1.25, "from a speed that is none of ours too");
});
