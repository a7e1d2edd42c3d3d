import assert from "node:assert/strict";
import { test } from "node:test";
import { emptyLog, type Fetched, foldLog, kept, stallsOf } from "./log.ts";
import {
  foldPlayback,
  meanHeight,
  newPlayback,
  type Playback,
  type PlaybackEvent,
  stallsAt,
} from "./playback.ts";

type Simple = Exclude<PlaybackEvent["kind"], "tick">;
const course = (...steps: readonly [Simple, number][]): Playback =>
  steps.reduce((play, [kind, nowMs]) => foldPlayback(play, { kind }, nowMs), newPlayback(1000));

test("[PY24] start-up is from the request to the first frame, and waiting in it is no stall", () => {
  const play = course(["waiting", 1100], ["first-frame", 1350], ["playing", 1351], ["first-frame", 1400]);
  assert.equal(play.startupMs, 350);
  assert.equal(stallsAt(play, 2000).count, 0);
});

test("[PY24] a wait in play is a stall, and counts while it is under way", () => {
  const waiting = course(["first-frame", 1300], ["playing", 1300], ["waiting", 5000], ["waiting", 5100]);
  assert.equal(waiting.state, "stalled");
  assert.deepEqual(stallsAt(waiting, 5600), { count: 1, ms: 600 });
  const over = foldPlayback(waiting, { kind: "playing" }, 6000);
  assert.deepEqual([over.stallCount, over.stallMs, over.state], [1, 1000, "playing"]);
});

test("[PY24] a wait that is shorter than a frame is no stall", () => {
  const waiting = course(["first-frame", 1300], ["playing", 1300], ["waiting", 5000]);
  assert.deepEqual(stallsAt(waiting, 5009), { count: 0, ms: 0 });
  const over = foldPlayback(waiting, { kind: "playing" }, 5009);
  assert.deepEqual([over.stallCount, over.stallMs, over.state], [0, 0, "playing"]);
});

test("[PY24] a wait after a seek or in a pause is no stall", () => {
  const sought = course(["first-frame", 1300], ["playing", 1300], ["seeking", 2000], ["waiting", 2001]);
  assert.equal(stallsAt(sought, 3000).count, 0);
  const paused = course(["first-frame", 1300], ["playing", 1300], ["paused", 2000], ["waiting", 2001]);
  assert.equal(stallsAt(paused, 3000).count, 0);
  const again = course(
    ["first-frame", 1300],
    ["playing", 1300],
    ["seeking", 2000],
    ["playing", 2100],
    ["waiting", 2200],
  );
  assert.equal(stallsAt(again, 2300).count, 1);
});

test("[PY24] film played counts per height, a jump does not", () => {
  const tick = (positionMs: number, height: number): PlaybackEvent => ({ kind: "tick", positionMs, height });
  const play = [tick(250, 180), tick(500, 360), tick(20_000, 360), tick(20_300, 360)].reduce(
    (state, event) => foldPlayback(state, event, 0),
    newPlayback(0),
  );
  assert.deepEqual(play.playedMs, { "180": 250, "360": 550 });
  assert.equal(meanHeight(play), (180 * 250 + 360 * 550) / 800);
  assert.equal(meanHeight(newPlayback(0)), 0);
});

const fetched = (order: Partial<Fetched>): Fetched => ({
  kind: "fetched",
  atMs: 0,
  media: "video",
  segment: 0,
  rendition: "v180-1",
  height: 180,
  kbps: 300,
  bytes: 1000,
  ms: 10,
  throughputKbps: 800,
  sourceId: "a",
  ...order,
});

test("[PY25] switches are counted between neighbouring video fetches, sources once", () => {
  const log = [
    fetched({}),
    fetched({ media: "audio", rendition: "audio", sourceId: "b" }),
    fetched({ rendition: "v360-1" }),
    fetched({ rendition: "v360-1", sourceId: "b" }),
    fetched({}),
  ].reduce(foldLog, emptyLog);
  assert.equal(log.switches, 2);
  assert.deepEqual(log.sourcesUsed, ["a", "b"]);
});

test("[PY25] the record is bounded", () => {
  let log = emptyLog;
  for (let i = 0; i < kept.noted + 10; i++) log = foldLog(log, { kind: "noted", atMs: i, text: `${i}` });
  assert.equal(log.noted.length, kept.noted);
  assert.equal(log.noted.at(-1)?.text, `${kept.noted + 9}`);
});

test("[PY25] stalls are the runs of samples in which the picture stood still", () => {
  const log = [false, true, true, false, true].reduce(
    (so, stalled, i) => foldLog(so, { kind: "buffer", atMs: i * 250, bufferMs: 0, positionMs: 0, stalled }),
    emptyLog,
  );
  assert.deepEqual(stallsOf(log), [
    { fromMs: 250, toMs: 750 },
    { fromMs: 1000, toMs: 1000 },
  ]);
});
