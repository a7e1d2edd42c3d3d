import assert from "node:assert/strict";
import { test } from "node:test";
import type { OpsQuality } from "#wire/quality.ts";
import { linesOf, offloadOf, qualityHour } from "./overview-figures.ts";
import { sparkPath } from "./spark-path.ts";

const minute = 60_000;
const untilMs = 360 * minute;
const nothing = {
  ...{ plays: 0, startFailures: 0, exits: 0, failures: 0, stalls: 0, switches: 0, playMs: 0, stallMs: 0 },
  ...{
    startupMedian: null,
    startupSlow: null,
    startFailureRatio: null,
    failureRatio: null,
    stallRatio: null,
  },
  ...{ bitrate: null, height: null, atEnd: null, watchedMs: null, estimates: 0 },
};
type Window = OpsQuality["groups"][number]["windows"][number];

function quality(...windows: readonly Partial<Window>[]): OpsQuality {
  return {
    ...{
      by: "device",
      fromMs: 0,
      untilMs,
      stepMs: minute,
      leftOut: 0,
      settledUntilMs: null,
      heardUntilMs: null,
      waitingFor: "",
    },
    groups: windows.map((one, at) => ({
      key: `${at}`,
      whole: nothing,
      windows: [{ ...nothing, startMs: untilMs - minute, soFar: false, ...one }],
    })),
  };
}

test("[WE104] the hour's share is that of its sums, not the mean of shares", () => {
  const hour = qualityHour(
    quality(
      { plays: 1, stallMs: 500, playMs: 500 },
      { plays: 999, playMs: 999_000, failures: 10, startFailures: 5 },
    ),
  );
  assert.equal(hour.stall.whole, 500 / 1_000_000);
  assert.equal(hour.failed.whole, 15 / 1000);
  assert.equal(hour.stall.points.length, 60);
  assert.deepEqual(hour.stall.points.at(-1), { atMs: untilMs, value: 500 / 1_000_000 });
});

test("[WE104] what is older than an hour does not count, and without a play there is no share", () => {
  const old = qualityHour(quality({ startMs: untilMs - 61 * minute, plays: 5, playMs: 1000, stallMs: 1000 }));
  assert.deepEqual([old.plays, old.stall.whole, old.failed.whole], [0, null, null]);
  assert.ok(old.stall.points.every(({ value }) => value === null));
});

test("[WE104] offload is that of all sites together, or of one", () => {
  const figures = (all: number, offloaded: number) => ({
    ...{ all, offloaded, offload: null, best: 0, missRatio: null, unjoined: 0 },
    misses: {
      content: { bytes: 0, share: 0 },
      health: { bytes: 0, share: 0, forWantOfRoom: 0 },
      other: { bytes: 0, share: 0 },
    },
  });
  const site = (name: string, all: number, offloaded: number) => ({
    ...{ site: name, whole: figures(all, offloaded) },
    windows: [{ startMs: untilMs - minute, ...figures(all, offloaded) }],
  });
  const answer = {
    ...{ fromMs: 0, untilMs, stepMs: minute, whole: figures(0, 0), leftOut: 0, completeUntilMs: null },
    sites: [site("a", 900, 900), site("b", 100, 0)],
  };
  assert.deepEqual([offloadOf(answer).share.whole, offloadOf(answer).bytes], [0.9, 1000]);
  assert.equal(offloadOf(answer, "b").share.whole, 0);
  assert.equal(offloadOf({ ...answer, sites: [] }).share.whole, null);
});

test("[WE104] what was missed is that of the hour, not of the whole answer", () => {
  const figures = (bytes: number) => ({
    ...{ all: 100, offloaded: 0, offload: null, best: 0, missRatio: null, unjoined: 0 },
    misses: {
      content: { bytes, share: 0 },
      health: { bytes: 2 * bytes, share: 0, forWantOfRoom: 0 },
      other: { bytes: 0, share: 0 },
    },
  });
  const windows = [61, 60, 1].map((ago) => ({ startMs: untilMs - ago * minute, ...figures(10) }));
  const { missed } = offloadOf({
    ...{ fromMs: 0, untilMs, stepMs: minute, whole: figures(30), leftOut: 0, completeUntilMs: null },
    sites: [{ site: "a", whole: figures(30), windows }],
  });
  assert.deepEqual(missed, { content: 20, health: 40, other: 0 });
});

test("[WE104] a line's last word is its last point with data", () => {
  const line = { expression: 0, label: "x", tags: {} };
  const answer = { firstMs: 10, lastMs: 40, stepMs: 10, read: { series: 1, datapoints: 4 } };
  const [known, empty] = linesOf({
    ...answer,
    lines: [
      { ...line, values: [1, 2, null, null] },
      { ...line, values: [null, null] },
    ],
  });
  assert.deepEqual(known?.last, { atMs: 20, value: 2 });
  assert.equal(empty?.last, null);
});

test("[WE105] a line breaks where there is no data, and one of zeros lies on the ground", () => {
  const at = (values: readonly (number | null)[]) => values.map((value, index) => ({ atMs: index, value }));
  const frame = { from: 0, until: 3, most: 2 };
  assert.equal(sparkPath(at([0, null, 1, 2]), frame), "M0.0 40.0h0.6M133.3 20.0h0.6L200.0 0.0h0.6");
  assert.doesNotMatch(sparkPath(at([0, 0]), { ...frame, most: 0 }), /NaN/);
});
