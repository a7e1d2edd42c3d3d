// Figures on their way to a collector.
import assert from "node:assert/strict";
import { test } from "node:test";
import { metricsRequest, pointsOf } from "#test/fixtures/otlp-collector.ts";
import type { Figure } from "./figure.ts";
import { isWorthRetrying, otlpOf, pauseMs } from "./otlp.ts";

const nowMs = 1_800_000_000_000;
const named = { sentence: "What it is.", labels: new Map([["source", "tokyo-1"]]) };
const figures: readonly Figure[] = [
  { ...named, kind: "counter", name: "plays_total", unit: "plays", total: 3 },
  { ...named, kind: "counter", name: "plays_total", unit: "plays", labels: new Map(), total: 4.5 },
  { ...named, kind: "gauge", name: "fill_ratio", unit: "ratio", value: 0.5 },
  {
    ...named,
    ...{ kind: "distribution", name: "time_seconds", unit: "s", bounds: [1, 2] },
    ...{ counts: [2, 0, 1], sum: 7, count: 3, max: 5 },
  },
];

test("[SE30] figures fit the protocol's shape: sums, gauges and histograms, with labels, units and times", () => {
  const request = otlpOf({ figures, sinceMs: nowMs - 1000, nowMs, version: "0.1.0", instance: "plane-1" });
  const parsed = metricsRequest.parse(JSON.parse(JSON.stringify(request)));
  assert.deepEqual(pointsOf(parsed, "plays_total"), ["source=tokyo-1 3", " 4.5"]);
  assert.deepEqual(pointsOf(parsed, "fill_ratio"), ["source=tokyo-1 0.5"]);
  assert.deepEqual(pointsOf(parsed, "time_seconds"), ["source=tokyo-1 3"]);
  const [resource] = parsed.resourceMetrics;
  const metrics = resource?.scopeMetrics[0]?.metrics ?? [];
  assert.deepEqual(
    metrics.map(({ name, unit, description }) => [name, unit, description]),
    [
      ["plays_total", "{plays}", "What it is."],
      ["fill_ratio", "1", "What it is."],
      ["time_seconds", "s", "What it is."],
    ],
  );
  const sum = metrics[0] !== undefined && "sum" in metrics[0] ? metrics[0].sum.dataPoints[0] : undefined;
  assert.equal(sum?.startTimeUnixNano, "1799999999000000000");
  assert.equal(sum?.timeUnixNano, "1800000000000000000");
  assert.deepEqual(
    resource?.resource.attributes.map(({ key }) => key),
    ["service.name", "service.version", "service.instance.id"],
  );
});

test("[SE31] pauses double, are spread by a half, end at five minutes, and give the collector what it asks for", () => {
  const pause = (failures: number, chance = 0.5, askedMs = 0): number =>
    pauseMs({ failures, firstMs: 1000, chance, askedMs });
  assert.deepEqual(
    [1, 2, 3, 4].map((failures) => pause(failures)),
    [1000, 2000, 4000, 8000],
  );
  assert.deepEqual([pause(1, 0), pause(1, 1)], [500, 1500]);
  assert.deepEqual(
    [pause(30), pause(5000), pause(1, 0.5, 60_000), pause(1, 0.5, 9e9)],
    [300_000, 300_000, 60_000, 300_000],
  );
  assert.deepEqual(
    [200, 400, 401, 404, 413, 429, 500, 502, 503, 504].filter(isWorthRetrying),
    [429, 502, 503, 504],
  );
});
