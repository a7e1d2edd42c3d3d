import assert from "node:assert/strict";
import { test } from "node:test";
import { traceOf } from "#play/sim-network.ts";
import type { Sidecar } from "#wire/sidecar.ts";
import { predicted } from "./play-predict.ts";

/** Ten segments of 2 s. */
const sidecar: Sidecar = {
  ...{
    version: 1,
    titleId: "film",
    metric: { name: "vmaf", model: "m" },
    durationsMs: Array<number>(10).fill(2000),
  },
  renditions: [200, 800].map((kbps, rung) => ({
    ...{ id: `${kbps}`, width: 320, height: 180, bitrateBps: kbps * 1000 },
    bytes: Array<number>(10).fill(kbps * 250),
    quality: Array<number>(10).fill(60 + 30 * rung),
  })),
  sounds: [{ id: "a", codec: "aac", language: "und", bitrateBps: 64_000, bytes: [] }],
};

function over(kbps: number): number {
  const made = traceOf("steady", [{ durationMs: 1000, kbps, latencyMs: 20 }]);
  assert.ok(made.kind === "made");
  return predicted(sidecar, made.trace, 20).kbps;
}

test("[PY179] a network that carries everything shows the highest rung but for the start, a poor one the lowest", () => {
  assert.equal(over(50_000), (200 + 9 * 800) / 10);
  assert.equal(over(280), 200);
});

test("[PY179] the sound takes its part of the network", () => {
  const silent = { ...sidecar, sounds: [] };
  const made = traceOf("steady", [{ durationMs: 1000, kbps: 240, latencyMs: 0 }]);
  assert.ok(made.kind === "made");
  assert.equal(predicted(silent, made.trace, 20).stallMs, 0);
  assert.ok(predicted(sidecar, made.trace, 20).stallMs > 0, "264 kbit/s do not go over 240");
});
