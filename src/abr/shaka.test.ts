import assert from "node:assert/strict";
import { test } from "node:test";
import { type NamedRule, named } from "#play/rule.ts";
import { openConfig, ShakaTwin, type TwinOrder, variantsOf } from "#test/fixtures/shaka-twin.ts";
import type { AbrDecision, AbrOptions } from "./session.ts";
import type { ShakaAbrManager } from "./shaka.ts";
import { attachToShaka } from "./shaka-attach.ts";
import type { ShakaVariant } from "./shaka-limits.ts";
import { ShakaManagers } from "./shaka-managers.ts";

const kbps = [300, 900, 2700];
const order: TwinOrder = { variants: variantsOf(kbps), segments: 12, segmentSeconds: 4 };
const allOnce = Array.from({ length: order.segments }, (_, segment) => segment);

/** Changes its mind at every decision: nothing is worse for a player that decides too often. */
const fickle: NamedRule = named<null>({
  name: "fickle",
  start: () => null,
  decide: (_, state, { sinceSeek, maxRung }) => ({
    choice: { rung: sinceSeek % 2 === 0 ? 0 : maxRung, waitMs: 0 },
    state,
  }),
  explain: () => "the other one",
});
/** Always what caps allow. */
const greedy: NamedRule = named<null>({
  name: "greedy",
  start: () => null,
  decide: (_, state, { maxRung }) => ({ choice: { rung: maxRung, waitMs: 0 }, state }),
  explain: () => "the highest",
});
const fast = () => ({ kbps: 1e6, latencyMs: 0 });

function twin(
  given: Partial<TwinOrder>,
  options: AbrOptions = {},
): { player: ShakaTwin; told: AbrDecision[] } {
  const player = new ShakaTwin({ ...order, ...given });
  const told: AbrDecision[] = [];
  attachToShaka(player, { onDecision: (one) => told.push(one), ...options });
  return { player, told };
}

const segmentsOf = (player: ShakaTwin): readonly number[] =>
  player.requests.map((one) => Number(one.split(" ")[1]));

test("[PY91] each segment is asked for once, although the rule changes its mind at every decision", () => {
  const { player, told } = twin({}, { rule: fickle, throughput: fast });
  player.load();
  player.fetchAll();
  assert.deepEqual(segmentsOf(player), allOnce);
  assert.equal(new Set(player.requests.map((one) => one.split(" ")[0])).size, 2, "it did switch");
  assert.deepEqual(
    told.slice(0, order.segments).map(({ segment, key }) => `${key} ${segment}`),
    player.requests,
  );
});

test("[PY91] planted: a manager that switches while packets arrive fetches the same segment again and again", () => {
  const { player } = twin(
    { onPacket: (manager) => manager.trySuggestStreams() },
    { rule: fickle, throughput: fast },
  );
  player.load();
  player.fetchAll();
  assert.notDeepEqual(segmentsOf(player), allOnce);
  const times = allOnce.map((one) => segmentsOf(player).filter((segment) => segment === one).length);
  assert.ok(Math.max(...times) > 10, player.requests.slice(0, 20).join(", "));
});

test("[PY91] a segment of sound, or one that arrives late after a seek, decides nothing", () => {
  const media = { seeking: true, currentTime: 30 };
  const { player, told } = twin({ media }, { rule: fickle });
  player.load();
  player.append(0, "audio");
  player.append(0);
  assert.equal(told.length, 1, "only the start was decided");
  player.append(7);
  assert.deepEqual(
    told.map(({ segment }) => segment),
    [0, 8],
  );
});

test("[PY91] a manager that only prepares a film tells nothing, and the one that plays is asked", () => {
  const { player, told } = twin({}, { rule: fickle });
  const prepared = player.load();
  prepared.release();
  const playing = player.load();
  told.length = 0;
  player.append(0);
  assert.equal(told.length, 1);
  playing.stop();
  player.append(1);
  assert.equal(told.length, 1);
});

test("[PY145] each film that is prepared has a manager of its own; all begin where the next film begins", () => {
  const told: AbrDecision[] = [];
  const managers = new ShakaManagers<ShakaVariant>({
    ...{ bufferMs: () => 0, rule: fickle, onDecision: (one) => told.push(one) },
  });
  const ready = (): ShakaAbrManager<ShakaVariant> => {
    const manager = managers.make();
    manager.setVariants([...order.variants]);
    return manager;
  };
  managers.begin(5);
  const [first, second] = [ready(), ready()];
  assert.notEqual(first, second);
  second.chooseVariant();
  assert.deepEqual([managers.playing, told.length], [undefined, 0]);
  first.init(() => undefined);
  first.chooseVariant();
  assert.equal(managers.playing, first);
  managers.begin(7);
  first.chooseVariant();
  assert.deepEqual(
    told.map(({ segment }) => segment),
    [5, 7],
  );
});

test("[PY146] what the page says of a segment is what the rule is told, not what the packets say", () => {
  const heard: unknown[] = [];
  const rule = named<null>({
    ...{ name: "listener", start: () => null, explain: () => "the lowest" },
    decide: (_, state) => ({ choice: { rung: 0, waitMs: 0 }, state }),
    downloaded: (_, state, { segment, bits, ms, ttfbMs }) => {
      heard.push([segment, bits, ms, ttfbMs]);
      return state;
    },
  });
  const sample = { bits: 2e6, ms: 500, ttfbMs: 100, origin: "network" } as const;
  const managers = new ShakaManagers<ShakaVariant>({
    ...{ bufferMs: () => 0, rule },
    measured: (segment) => (segment === 1 ? { ...sample, ownBits: 1e6 } : undefined),
  });
  const manager = managers.make();
  manager.setVariants([...order.variants]);
  manager.chooseVariant();
  const picture = { type: 1, stream: { type: "video" } };
  for (const segment of [0, 1]) {
    manager.segmentDownloaded(9000, 250_000, true, { packetNumber: 1, timeToFirstByte: 8000 }, picture);
    manager.decideAfter(segment);
  }
  assert.deepEqual(heard, [
    [0, 2e6, 9000, 8000],
    [1, 1e6, 500, 100],
  ]);
});

test("[PY91] the next film of the same player begins at its first segment", () => {
  const { player, told } = twin({}, { rule: fickle });
  player.load();
  player.append(8);
  player.dispatchEvent(new Event("unloading"));
  player.load();
  assert.deepEqual(
    told.map(({ segment }) => segment),
    [0, 9, 0],
  );
});

function topWith(given: Partial<TwinOrder>): string {
  const { player, told } = twin(given, { rule: greedy, throughput: fast });
  player.load();
  player.append(0);
  return told.at(-1)?.key ?? "";
}

test("[PY92] restrictions, the element's size and the screen's limit the choice", () => {
  const { restrictions } = openConfig;
  const screen = { height: 300 };
  const page = { hidden: false, defaultView: { devicePixelRatio: 2, screen } };
  const media = { clientHeight: 80, ownerDocument: page };
  assert.equal(topWith({}), "v2");
  assert.equal(topWith({ config: { restrictions: { ...restrictions, maxHeight: 400 } } }), "v1");
  assert.equal(topWith({ config: { restrictions: { ...restrictions, maxBandwidth: 899_999 } } }), "v0");
  assert.equal(
    topWith({ config: { restrictions: { ...restrictions, minHeight: 5000 } } }),
    "v2",
    "all, when none is within",
  );
  assert.equal(topWith({ media, config: { restrictToElementSize: true } }), "v0");
  assert.equal(
    topWith({ media: { ...media, clientHeight: 91 }, config: { restrictToElementSize: true } }),
    "v1",
  );
  assert.equal(
    topWith({ media, config: { restrictToScreenSize: true, ignoreDevicePixelRatio: true } }),
    "v1",
  );
  assert.equal(
    topWith({ media: { ...media, clientHeight: 0 }, config: { restrictToElementSize: true } }),
    "v2",
  );
});

test("[PY92] the rate that the server suggests is not passed", () => {
  const { player, told } = twin({}, { rule: greedy, throughput: fast });
  const manager = player.load();
  player.append(0);
  for (const [suggested, key] of [
    [1_000_000, "v1"],
    [1, "v0"],
    [null, "v2"],
  ] as const) {
    manager.setCmsdManager({ getMaxBitrate: () => suggested });
    manager.trySuggestStreams();
    assert.equal(told.at(-1)?.key, key);
  }
});

test("[PY92] a rung that drops frames is left for a while: not for a handful of frames, nor faster than life", () => {
  const frames = { droppedVideoFrames: 0, totalVideoFrames: 0 };
  const media = { playbackRate: 1, getVideoPlaybackQuality: () => ({ ...frames }) };
  const advanced = { droppedFramesThreshold: 0.2, droppedFramesBanDuration: 10 };
  const config = { droppedFrames: true, advanced };
  const { player, told } = twin({ media, config }, { rule: greedy, throughput: fast });
  player.load();
  let segment = 0;
  const show = (dropped: number, total: number): string | undefined => {
    frames.droppedVideoFrames += dropped;
    frames.totalVideoFrames += total;
    player.append(segment++);
    return told.at(-1)?.key;
  };
  assert.equal(show(2, 2), "v2", "two frames say nothing");
  assert.equal(show(10, 100), "v2", "one in ten is bearable");
  assert.equal(show(20, 100), "v1");
  assert.equal(show(20, 100), "v0", "the one below it drops them too");
  // Ten seconds are three segments, from the last time on.
  const after = [show(90, 100), show(0, 100), show(0, 100), show(0, 100)];
  assert.deepEqual(after, ["v0", "v0", "v0", "v2"], "there is none below the lowest");
  Object.assign(player.media, { playbackRate: 2 });
  assert.equal(show(90, 100), "v2");
});

test("[PY93] a segment's packets are one transfer with what came beside it, its first byte apart", () => {
  const { player } = twin({});
  const manager = player.load();
  const beside = { type: 1, stream: { type: "audio" } };
  const picture = { type: 1, stream: { type: "video" } };
  manager.segmentDownloaded(100, 999_999, true, { packetNumber: 1, timeToFirstByte: 10 }, beside);
  manager.segmentDownloaded(150, 50_000, true, { packetNumber: 1, timeToFirstByte: 50 }, picture);
  manager.segmentDownloaded(100, 20_000, true, { packetNumber: 1, timeToFirstByte: 10 }, beside);
  manager.segmentDownloaded(100, 30_000, true, { packetNumber: 2, timeToFirstByte: 50 }, picture);
  manager.segmentDownloaded(
    100,
    5000,
    true,
    { packetNumber: 1, timeToFirstByte: 10 },
    { type: 0, stream: { type: "video" } },
  );
  player.append(0);
  const { kbps: rate, latencyMs } = manager.session.throughput;
  assert.ok(Math.abs((rate ?? 0) - (105_000 * 8) / 200) < 1e-6, `${rate}`);
  assert.ok(Math.abs(latencyMs - 50) < 1e-6);
  assert.ok(Math.abs(manager.getBandwidthEstimate() - 4_200_000) < 1);
});

test("[PY93] a request that was begun again counts from its beginning; a page that sleeps, and a seek, say nothing", () => {
  const picture = { type: 1, stream: { type: "video" } };
  const first = { packetNumber: 1, timeToFirstByte: 0 };
  const again = twin({});
  const manager = again.player.load();
  manager.segmentDownloaded(9000, 100, true, first, picture);
  manager.segmentDownloaded(100, 50_000, true, first, picture);
  again.player.append(0);
  assert.ok(Math.abs((manager.session.throughput.kbps ?? 0) - 4000) < 1e-6);
  const page = { hidden: true, defaultView: null };
  const asleep = twin({ media: { ownerDocument: page } });
  const sleeping = asleep.player.load();
  sleeping.segmentDownloaded(100, 50_000, true, first, picture);
  asleep.player.append(0);
  assert.equal(sleeping.session.throughput.kbps, undefined);
  const sought = twin({});
  const seeking = sought.player.load();
  seeking.segmentDownloaded(100, 50_000, true, first, picture);
  seeking.sought(5);
  sought.player.append(5);
  assert.equal(seeking.session.throughput.kbps, undefined);
});
