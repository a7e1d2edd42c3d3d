import assert from "node:assert/strict";
import { test } from "node:test";
import Hls from "hls.js";
import { type NamedRule, named } from "#play/rule.ts";
import { hlsConfig } from "./hls.ts";
import { HlsLink, type HlsPlayerLike } from "./hls-link.ts";
import type { AbrDecision, AbrOptions } from "./session.ts";

const greedy: NamedRule = named<null>({
  name: "greedy",
  start: () => null,
  decide: (_, state, { maxRung }) => ({ choice: { rung: maxRung, waitMs: 0 }, state }),
  explain: () => "the highest",
});
const fast = () => ({ kbps: 1e6, latencyMs: 0 });

type Level = HlsPlayerLike["levels"][number];

function level(place: number, codec: string, about: Partial<Level> = {}): Level {
  const rate = 300_000 * (place + 1);
  const well = { loadError: 0, fragmentError: 0 };
  return {
    uri: `${codec}-${place}.m3u8`,
    height: 180 * (place + 1),
    bitrate: rate,
    averageBitrate: 0,
    videoCodec: `${codec}.1`,
    ...well,
    ...about,
  };
}

/** hls.js as its controller of rungs sees it. */
class HlsTwin implements HlsPlayerLike {
  levels: readonly Level[] = [level(0, "avc1"), level(1, "avc1"), level(2, "avc1")];
  media = {
    currentTime: 0,
    playbackRate: 1,
    ownerDocument: { hidden: false },
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  };
  minAutoLevel = 0;
  maxAutoLevel = 9;
  mainForwardBufferInfo = { len: 0, end: 0 };
  readonly #listeners = new Map<string, Set<(event: string, data: unknown) => void>>();

  on(event: string, listener: (event: string, data: unknown) => void): void {
    this.#listeners.set(event, (this.#listeners.get(event) ?? new Set()).add(listener));
  }

  off(event: string, listener: (event: string, data: unknown) => void): void {
    this.#listeners.get(event)?.delete(listener);
  }

  get listening(): number {
    return [...this.#listeners.values()].reduce((sum, { size }) => sum + size, 0);
  }

  fragment(sn: number, place: number, type = "main", loading = { start: 0, first: 100, end: 1100 }): void {
    const stats = { aborted: false, loaded: 500_000, loading };
    const data = { frag: { sn, type, level: place, start: sn * 4, duration: 4, stats } };
    const tell = (event: string): void =>
      this.#listeners.get(event)?.forEach((listener) => void listener(event, data));
    tell("hlsFragLoading");
    tell("hlsFragLoaded");
    if (type === "main")
      this.mainForwardBufferInfo = { len: this.mainForwardBufferInfo.len + 4, end: sn * 4 + 4 };
    tell("hlsFragBuffered");
  }
}

function linked(options: AbrOptions, first = 0): { hls: HlsTwin; link: HlsLink; told: AbrDecision[] } {
  const told: AbrDecision[] = [];
  const hls = new HlsTwin();
  return {
    hls,
    told,
    link: new HlsLink(hls, { onDecision: (one) => told.push(one), ...options }, () => first),
  };
}

test("[PY94] asked any number of times it answers the same; what counts is the fragment that is requested", () => {
  const { hls, link, told } = linked({ rule: greedy, throughput: fast });
  assert.deepEqual([link.level(), link.level(), link.level()], [2, 2, 2]);
  assert.equal(told.length, 0);
  hls.fragment(0, 2);
  hls.fragment(0, 2, "audio");
  assert.deepEqual([link.level(), link.level()], [2, 2]);
  hls.fragment(1, 2);
  assert.deepEqual(
    told.map(({ segment, context }) => [segment, context.sinceSeek, context.lastRung]),
    [
      [0, 0, undefined],
      [1, 1, 2],
    ],
  );
  link.close();
  assert.equal(hls.listening, 0);
});

test("[PY94] sound that came beside the picture belongs to the measure", () => {
  const { hls, link } = linked({});
  assert.equal(link.level(), 0);
  hls.fragment(0, 0, "audio", { start: 0, first: 600, end: 1600 });
  hls.fragment(0, 0);
  link.level();
  const half = linked({});
  half.link.level();
  half.hls.fragment(0, 0);
  half.link.level();
  half.hls.fragment(1, 0);
  hls.fragment(1, 0);
  const estimates = [link, half.link].map((one) => one.throughput.kbps ?? 0);
  assert.ok((estimates[0] ?? 0) > (estimates[1] ?? 0) * 1.2, `${estimates}`);
});

test("[PY94] the player's caps are kept, a level that fails is left, and codecs are not mixed", () => {
  const { hls, link } = linked({ rule: greedy, throughput: fast });
  hls.maxAutoLevel = 1;
  assert.equal(link.level(), 1);
  hls.maxAutoLevel = 9;
  hls.levels = [level(0, "avc1"), level(1, "avc1"), level(2, "avc1", { fragmentError: 1 })];
  assert.equal(link.level(), 1);
  const mixed = linked({ rule: greedy, throughput: fast }, 1);
  mixed.hls.levels = [level(0, "avc1"), level(1, "hvc1"), level(2, "hvc1"), level(3, "avc1")];
  assert.equal(mixed.link.level(), 2);
  mixed.hls.levels = [];
  assert.equal(mixed.link.level(), undefined);
});

/** What a controller does to itself when a request begins. */
function touchedOnLoading({ prototype }: { readonly prototype: object }): readonly unknown[] {
  const touched: unknown[] = [];
  const told = Object.getOwnPropertyDescriptor(prototype, "onFragLoading")?.value;
  const controller = new Proxy({}, { get: (_, key) => touched.push(key) });
  try {
    Reflect.apply(told, controller, ["hlsFragLoading", { frag: {} }]);
  } catch (error) {
    touched.push(error);
  }
  return touched;
}

test("[PY94] our class is made of the page's own, and neither tests the line nor gives requests up", () => {
  const { abrController, testBandwidth } = hlsConfig(Hls);
  assert.ok(abrController.prototype instanceof Hls.DefaultConfig.abrController);
  assert.equal(testBandwidth, false);
  assert.deepEqual(touchedOnLoading(abrController), []);
  assert.notDeepEqual(
    touchedOnLoading(Hls.DefaultConfig.abrController),
    [],
    "the class of hls.js watches requests",
  );
  const broken = { DefaultConfig: { abrController: 5 } };
  assert.throws(() => hlsConfig(broken), /hls\.js was wanted .* found number/);
});
