import assert from "node:assert/strict";
import { before, test } from "node:test";
import { ShakaManagers } from "#abr/shaka-managers.ts";
import type { TitleSizes } from "#play/ladder.ts";
import type { AbrConfiguration, Variant } from "./shaka.ts";

const rungs = [
  { id: "v240", height: 240, kbps: 300 },
  { id: "v480", height: 480, kbps: 1000 },
  { id: "v1080", height: 1080, kbps: 5000 },
];
const title: TitleSizes = {
  metric: { name: "vmaf" },
  durationsMs: Array.from({ length: 50 }, () => 4000),
  renditions: rungs.map(({ id, height, kbps }, i) => ({
    id,
    height,
    bitrateBps: kbps * 1000,
    bytes: Array.from({ length: 50 }, () => kbps * 500),
    quality: Array.from({ length: 50 }, () => 60 + 15 * i),
  })),
};

/** Of Shaka's variant the manager reads these fields only. */
const variants: Variant[] = JSON.parse(
  JSON.stringify(
    rungs.map(({ id, height, kbps }) => ({
      bandwidth: kbps * 1000,
      video: { originalId: id, height, width: height },
    })),
  ),
);
const configuration: AbrConfiguration = JSON.parse('{"restrictToElementSize":false,"droppedFrames":false}');

before(() => Object.assign(globalThis, { devicePixelRatio: 1 }));

function manager(world: { bufferMs: number; kbps: number }) {
  const switches: string[] = [];
  const managers = new ShakaManagers<Variant>({
    sizes: title,
    maxBufferMs: 60_000,
    bufferMs: () => world.bufferMs,
    throughput: () => ({ kbps: world.kbps, latencyMs: 20 }),
  });
  const made = managers.make();
  made.configure(configuration);
  made.init((variant) => switches.push(variant.video?.originalId ?? ""));
  made.setVariants(variants);
  made.chooseVariant();
  made.enable();
  return { made, switches };
}

test("[WE20] progress never changes the rung, not even the last packet of a segment: only an appended segment does", () => {
  const world = { bufferMs: 4000, kbps: 400 };
  const { made, switches } = manager(world);
  // Everything that could make it go up: it is the last packet's switch that makes Shaka fetch the same segment for ever.
  Object.assign(world, { bufferMs: 50_000, kbps: 50_000 });
  for (let packet = 0; packet < 100; packet++) made.segmentDownloaded(10, 1000, true);
  assert.deepEqual(switches, []);
  made.decideAfter(0);
  assert.equal(switches.length, 1, "one decision per segment");
  for (let packet = 0; packet < 100; packet++) made.segmentDownloaded(10, 1000, true);
  made.sought(30);
  assert.equal(switches.length, 1);
});

test("[WE20] a rung that retrieval wants instead is taken at once, and the rule goes on from there", () => {
  const { made, switches } = manager({ bufferMs: 20_000, kbps: 1200 });
  assert.deepEqual(made.usable(), ["v240", "v480", "v1080"]);
  made.take("v240");
  assert.deepEqual(switches.at(-1), "v240");
  const before = switches.length;
  made.take("v4320");
  assert.equal(switches.length, before, "a rung that is none is not taken");
  made.disable();
  made.take("v480");
  assert.equal(switches.length, before, "nor any while the viewer chose a rung");
});
