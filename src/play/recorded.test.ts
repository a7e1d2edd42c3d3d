import assert from "node:assert/strict";
import { test } from "node:test";
import type { Fetched } from "./log.ts";
import { recordedPeriods, traceFile } from "./recorded.ts";

function fetched(atMs: number, ms: number, bytes: number, throughputKbps: number): Fetched {
  return {
    ...{ kind: "fetched", media: "video", segment: 0, rendition: "v", height: 360, kbps: 800 },
    ...{ atMs, ms, bytes, throughputKbps, sourceId: "a" },
  };
}

test("[PY183] the network of a play lasts from one request for the picture to the next, with its rate and its first byte", () => {
  const first = fetched(1000, 600, 50_000, 800);
  const second = fetched(3000, 500, 25_000, 500);
  const sound: Fetched = { ...fetched(1500, 100, 4000, 320), media: "audio" };
  assert.deepEqual(recordedPeriods([first, sound, second]), [
    { durationMs: 2100, kbps: 800, latencyMs: 100 },
    { durationMs: 500, kbps: 500, latencyMs: 100 },
  ]);
  assert.deepEqual(recordedPeriods([sound]), []);
});

test("[PY183] the file is what the simulator reads, to the last digit", () => {
  const periods = recordedPeriods([fetched(1000.1, 333.3, 12_345, 777.7)]);
  const [line] = JSON.parse(traceFile(periods));
  assert.deepEqual(
    { durationMs: line.duration_ms, kbps: line.bandwidth_kbps, latencyMs: line.latency_ms },
    periods[0],
  );
});
