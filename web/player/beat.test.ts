// Beats as they go over the wire, without a browser: what rides together, what goes again, what is obeyed.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import type { Observation } from "#play/beacons.ts";
import { newScreen, patienceMs } from "#play/screen.ts";
import { deadlineHeader } from "#wire/deadline.ts";
import type { BeatAnswer, BeatBody } from "#wire/screens.ts";
import type { PlayAnswer } from "#wire/viewer.ts";
import { Beat } from "./beat.ts";
import { Hold, type HoldPorts } from "./hold.ts";
import { resigned, resignedTiles } from "./paths.ts";

const lease = { generation: 3, ttlMs: 45_000, renewAfterMs: 10_000 };
const play: PlayAnswer = {
  ...{
    sessionId: "s-1",
    sessionToken: "token",
    titleId: "film",
    durationMs: 9000,
    heartbeatIntervalMs: 10_000,
  },
  ...{ lease, beatUrl: "/v1/play/s-1/beat", releaseUrl: "/v1/play/s-1/release", sessionEndsAtMs: 1e13 },
  ...{ prefix: "/t/1/s-1/k.old/v/film/", expiresAtMs: 1 },
  manifests: [
    {
      sourceId: "a1",
      dash: "http://a1/t/1/s-1/k.old/v/film/m.mpd",
      hls: "http://a1/t/1/s-1/k.old/v/film/m.m3u8",
    },
  ],
  sources: { audio: [{ sourceId: "a1", baseUrl: "http://a1/t/1/s-1/k.old/v/film/audio/" }] },
  sidecarUrls: ["http://a1/t/1/s-1/k.old/v/film/sidecar.json"],
  storyboardUrl: "http://a1/t/1/s-1/k.old/v/film/storyboard.vtt",
  steering: { address: "", ranked: [], eliminated: [] },
  resume: null,
};
const fresh = { prefix: "/t/2/s-1/k.new/v/film/", expiresAtMs: 2 };

const observation = (state: Observation["state"] = "playing"): Observation => ({
  ...{ state, positionMs: 0, durationMs: 9000, bufferMs: 0, bitrateBps: 1, height: 1, throughputBps: 1 },
  ...{ stallCount: 0, stallMs: 0, switchCount: 0, startupMs: 1, applianceId: "a1", because: "" },
});

type Answer = (body: BeatBody) => { readonly status: number; readonly body: unknown };

/** A page with a clock that the test moves. */
function stage(t: TestContext, answer: Answer) {
  const [sent, away, done] = [[] as BeatBody[], [] as string[], [] as string[]];
  const waits: (string | null)[] = [];
  let nowMs = 1000;
  t.mock.method(performance, "now", () => nowMs);
  t.mock.method(globalThis, "fetch", async (_url: unknown, init?: RequestInit) => {
    const body: BeatBody = JSON.parse(String(init?.body));
    sent.push(body);
    waits.push(new Headers(init?.headers).get(deadlineHeader));
    const said = answer(body);
    return new Response(JSON.stringify(said.body), { status: said.status });
  });
  Object.defineProperty(navigator, "sendBeacon", {
    configurable: true,
    value: (url: string) => away.push(url) > 0,
  });
  const beat = new Beat(
    play,
    nowMs,
    {
      observation,
      signed: ({ prefix }) => void done.push(prefix),
      obey: ({ kind }) => void done.push(kind),
      refused: ({ code }) => void done.push(code),
    },
    new AbortController().signal,
  );
  const pass = async (ms: number): Promise<void> => {
    nowMs += ms;
    beat.look();
    for (let n = 0; n < 20; n++) await turn();
  };
  return { beat, sent, waits, away, done, pass };
}

const renewed = (seq: number): { status: number; body: BeatAnswer } => ({
  status: 200,
  body: { seq, durable: true, screen: { lease, ...fresh } },
});

test("[WE43] beacons and renewal are one request, and each request counts as both", async (t) => {
  const { beat, sent, done, pass } = stage(t, ({ seq }) => renewed(seq));
  beat.observe(observation("start"));
  await pass(0);
  assert.deepEqual(
    sent.map(({ seq, generation, events }) => [seq, generation, events?.length]),
    [[1, 3, 1]],
  );
  await pass(9900);
  assert.equal(sent.length, 1);
  await pass(200);
  assert.deepEqual(
    sent.map(({ events }) => events?.map(({ seq }) => seq)),
    [[1], [2]],
    "a beat takes a heartbeat along",
  );
  assert.deepEqual(done, [fresh.prefix, fresh.prefix]);
});

test("[WE51] a beat says how long its lease bears to wait for it", async (t) => {
  const { beat, waits, pass } = stage(t, ({ seq }) => renewed(seq));
  beat.observe(observation("start"));
  await pass(0);
  const wantedMs = patienceMs(newScreen(lease, 0));
  assert.ok(wantedMs < 10_000, `${wantedMs}`);
  assert.deepEqual(waits, [(wantedMs / 1000).toFixed(3)]);
});

test("[WE43] what is not on disk goes again with the same number, and what is not renewed is asked again soon", async (t) => {
  const answers: BeatAnswer[] = [
    { seq: 1, durable: false, screen: { lease, ...fresh } },
    { seq: 2, durable: true },
  ];
  const { beat, sent, done, pass } = stage(t, ({ seq }) => ({
    status: 200,
    body: answers[seq - 1] ?? renewed(seq).body,
  }));
  beat.observe(observation("start"));
  await pass(0);
  await pass(10_100);
  assert.deepEqual(
    sent.map(({ events }) => events?.map(({ seq }) => seq)),
    [[1], [1, 2]],
  );
  assert.deepEqual(done, [fresh.prefix]);
  await pass(1000);
  assert.equal(sent.length, 3, "not renewed: half a second at most");
  assert.equal(beat.held, true);
});

test("[WE45] [WE48] a screen that is lost stops the picture: taken while it was held, begun anew after its time", async (t) => {
  const lost: Answer = () => ({ status: 409, body: { error: { code: "screen-lost", message: "gone" } } });
  const taken = stage(t, lost);
  await taken.pass(10_000);
  assert.deepEqual(taken.done, ["stop", "taken"]);
  t.mock.restoreAll();
  const late = stage(t, lost);
  await late.pass(60_000);
  assert.deepEqual(late.done, ["stop", "stop", "begin-anew"]);
  assert.equal(late.beat.held, false);
  await late.pass(60_000);
  assert.equal(late.sent.length, 1, "nothing more is asked");
});

test("[WE49] an account that lost its right is told why, and nothing more is asked", async (t) => {
  for (const [status, code] of [
    [403, "account-suspended"],
    [402, "not-subscribed"],
  ] as const) {
    const { beat, sent, done, pass } = stage(t, () => ({
      status,
      body: { error: { code, message: "why" } },
    }));
    await pass(10_100);
    await pass(60_000);
    assert.deepEqual([done, sent.length, beat.held], [[code], 1, false]);
    t.mock.restoreAll();
  }
});

test("[WE47] a page that goes gives its screen back; fetched back from the browser's memory it begins anew", async (t) => {
  const { beat, away, done } = stage(t, ({ seq }) => renewed(seq));
  beat.hide(observation());
  beat.comeBack();
  assert.deepEqual(done, [], "a page that was only hidden kept its screen");
  beat.leave(observation("closed"));
  beat.comeBack();
  assert.deepEqual(away, ["/v1/telemetry", "/v1/play/s-1/release"]);
  assert.deepEqual(done, ["stop", "begin-anew"]);
});

test("[WE42] a fresh folder stands in every address of a play, and what is not signed stays", () => {
  const after = resigned(play, fresh);
  assert.doesNotMatch(JSON.stringify(after), /k\.old/);
  assert.equal(after.sources.audio?.[0]?.baseUrl, "http://a1/t/2/s-1/k.new/v/film/audio/");
  assert.deepEqual([after.expiresAtMs, after.beatUrl], [2, play.beatUrl]);
  const place = { fromMs: 0, toMs: 1, x: 0, y: 0, width: 1, height: 1 };
  const tiles = [
    { ...place, url: "http://a1/t/1/s-1/k.old/v/film/s.jpg" },
    { ...place, url: "data:," },
  ];
  const urls = resignedTiles(tiles, play.prefix, fresh.prefix).map(({ url }) => url);
  assert.deepEqual(urls, ["http://a1/t/2/s-1/k.new/v/film/s.jpg", "data:,"]);
});

class Picture extends EventTarget {
  paused = false;
  readonly ended = false;
  play(): Promise<void> {
    this.paused = false;
    this.dispatchEvent(new Event("play"));
    return Promise.resolve();
  }
  pause(): void {
    this.paused = true;
  }
}

test("[WE48] held, the picture stands and goes on by itself; a paused or hidden film begins anew when someone wants it", (t) => {
  const page = Object.assign(new EventTarget(), { hidden: false });
  Object.defineProperty(globalThis, "document", { configurable: true, value: page });
  t.after(() => Reflect.deleteProperty(globalThis, "document"));
  const open = () => {
    const [video, told] = [new Picture(), [] as string[]];
    const ports: HoldPorts = {
      video,
      tell: (notice) => void told.push(notice === undefined ? "well" : "unheard"),
      taken: () => void told.push("taken"),
      beginAnew: () => void told.push("anew"),
    };
    return { video, told, hold: new Hold(ports, new AbortController().signal) };
  };
  const held = open();
  held.hold.obey({ kind: "stop" });
  void held.video.play();
  assert.equal(held.video.paused, true, "pressing play does not help");
  held.hold.obey({ kind: "go-on" });
  assert.deepEqual([held.video.paused, held.told], [false, ["unheard", "well"]]);

  const paused = open();
  paused.video.pause();
  paused.hold.obey({ kind: "stop" });
  paused.hold.obey({ kind: "begin-anew" });
  assert.deepEqual(paused.told, ["unheard", "well"]);
  void paused.video.play();
  assert.deepEqual(paused.told, ["unheard", "well", "anew"]);

  const hidden = open();
  page.hidden = true;
  hidden.hold.obey({ kind: "stop" });
  hidden.hold.obey({ kind: "begin-anew" });
  assert.ok(!hidden.told.includes("anew"));
  page.hidden = false;
  page.dispatchEvent(new Event("visibilitychange"));
  assert.ok(hidden.told.includes("anew"));

  const taken = open();
  taken.hold.obey({ kind: "stop" });
  taken.hold.obey({ kind: "taken" });
  page.dispatchEvent(new Event("visibilitychange"));
  assert.deepEqual(taken.told, ["unheard", "well", "taken"], "nothing but the viewer takes it back");
  void taken.video.play();
  assert.deepEqual([taken.video.paused, taken.told.at(-1)], [true, "anew"]);
});
