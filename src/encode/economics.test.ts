import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fullReport, plainReport } from "#test/fixtures/encode-report.ts";
import type { RatePoint } from "./bd-rate.ts";
import { breakEvenPlays, economicsOf, egressCost, encodeCost } from "./economics.ts";
import { commonQuality, comparisons, qualityAt, rateAt } from "./equal-terms.ts";
import { thinned } from "./report.ts";

const prices = { currency: "EUR", egressPerGb: 0.02, cpuHour: 0.04 };

function curve(...points: readonly (readonly [bitrate: number, quality: number])[]): readonly RatePoint[] {
  return points.map(([bitrate, quality]) => ({ bitrate, quality }));
}

test("[EN57] worked example: two CPU hours against half an hour, 100 MB less per play", () => {
  assert.equal(encodeCost(7200, prices), 0.08);
  assert.equal(egressCost(100e6, prices), 0.002);
  // (2 − 0.5) hours × 0.04 = 0.06, and 0.06 / 0.002 = 30 plays.
  assert.equal(breakEvenPlays(encodeCost(7200 - 1800, prices), egressCost(100e6, prices)), 30);
});

test("[EN57] plays are rounded up, none where nothing is saved, at once where the encode costs no more", () => {
  assert.equal(breakEvenPlays(0.021, 0.01), 3);
  assert.equal(breakEvenPlays(0.02, 0), null);
  assert.equal(breakEvenPlays(0.02, -0.01), null);
  assert.equal(breakEvenPlays(-0.02, -0.01), null);
  assert.equal(breakEvenPlays(-0.02, 0.01), 0);
});

test("[EN57] worked example: a report with one baseline", () => {
  const report = plainReport();
  const flat = { width: 640, height: 360 };
  const ours = [
    { ...flat, bitrateBps: 100_000, quality: 70 },
    { ...flat, bitrateBps: 200_000, quality: 80 },
    { ...flat, bitrateBps: 400_000, quality: 90 },
  ];
  const economics = economicsOf(
    {
      ...report,
      ...{ cpuSeconds: 3600, encodesReused: 0, fixedLadder: [] },
      source: { ...report.source, durationSeconds: 60 },
      ladder: ours.map((point, index) => ({ ...point, id: `r${index}`, codec: "h264", crf: [] })),
      baselines: [
        {
          ...{ name: "peertube", label: "PeerTube", measured: true, cpuSeconds: 900 },
          points: ours.map((point) => ({ ...point, bitrateBps: point.bitrateBps * 2 })),
        },
      ],
    },
    prices,
  );
  assert.equal(economics.encodeCost, 0.04);
  assert.equal(economics.isWhole, true);
  const [saving, ...others] = economics.against;
  assert.deepEqual(others, []);
  assert.equal(saving?.quality, 80);
  // 200 kbit/s less for 60 s are 1.5 MB; three quarters of an hour more are 0.03.
  const about = (found: number | undefined, wanted: number): void =>
    assert.ok(Math.abs((found ?? Number.NaN) / wanted - 1) < 1e-9, `${found}, wanted ${wanted}`);
  about(saving?.baselineBytesPerPlay, 3e6);
  about(saving?.bytesSavedPerPlay, 1.5e6);
  about(saving?.egressSavedPerPlay, 0.00003);
  about(saving?.extraEncodeCost, 0.03);
  assert.ok([1000, 1001].includes(saving?.breakEvenPlays ?? -1), `${saving?.breakEvenPlays} plays`);
});

test("[EN57] an untimed baseline counts as free, and a run that reused encodes is not the whole cost", () => {
  const full = fullReport();
  const { against, isWhole } = economicsOf({ ...full, encodesReused: 1 }, prices);
  assert.equal(isWhole, false);
  const byName = new Map(against.map((saving) => [saving.name, saving]));
  assert.equal(byName.get("peertube")?.extraEncodeCost, encodeCost(full.cpuSeconds, prices));
  assert.equal(byName.get("netflix-2015")?.extraEncodeCost, encodeCost(full.cpuSeconds - 21, prices));
});

test("[EN116] a cost is whole only if no stage of the ladder found anything made; other codecs and baselines do not matter", () => {
  const full = fullReport();
  const reusedIn = (name: string): boolean => {
    const stage = { name, wallSeconds: 1, cpuSeconds: 1, jobs: 2, reused: 1 };
    const [rung] = full.ladder;
    assert.ok(rung !== undefined);
    const ladder = [...full.ladder, { ...rung, codec: "av1" }];
    return economicsOf({ ...full, ladder, stages: [...(full.stages ?? []), stage] }, prices).isWhole;
  };
  const lower = ["probe and shots", "sound and pictures", "h264 rungs", "h264 trials"];
  assert.deepEqual(lower.map(reusedIn), [false, false, false, false]);
  assert.deepEqual(["baselines", "av1 trials"].map(reusedIn), [true, true]);
});

test("[EN56] rate and quality are read off between points, and never beyond them", () => {
  const points = curve([100_000, 70], [1_000_000, 90]);
  assert.equal(Math.round(rateAt(points, 80) ?? 0), Math.round(10 ** 5.5));
  assert.equal(qualityAt(points, 10 ** 5.5), 80);
  assert.equal(qualityAt(points, 100_000), 70);
  for (const outside of [69.9, 90.1]) assert.equal(rateAt(points, outside), undefined);
  for (const outside of [99_000, 1_010_000]) assert.equal(qualityAt(points, outside), undefined);
  assert.equal(rateAt([], 80), undefined);
  assert.equal(qualityAt([], 100_000), undefined);
});

test("[EN56] curves meet at the usual quality, or at the nearest that both reach, or nowhere", () => {
  const low = curve([1, 20], [2, 60]);
  const high = curve([1, 50], [2, 95]);
  assert.equal(commonQuality(high, curve([1, 70], [2, 90]), 80), 80);
  assert.equal(commonQuality(low, high, 80), 60);
  assert.equal(commonQuality(high, low, 10), 50);
  assert.equal(commonQuality(low, curve([1, 70], [2, 90]), 80), undefined);
  assert.equal(commonQuality(low, [], 80), undefined);
});

test("[EN56] law: the rate at a curve's quality at a bitrate is that bitrate", () => {
  const rising = fc
    .array(
      fc.tuple(fc.double({ min: 0.05, max: 1, noNaN: true }), fc.double({ min: 0.5, max: 9, noNaN: true })),
      {
        minLength: 2,
        maxLength: 8,
      },
    )
    .map((steps) => {
      let [bitrate, quality] = [20_000, 10];
      return steps.map(([factor, more]) => {
        bitrate *= 1 + factor;
        quality += more;
        return { bitrate, quality };
      });
    });
  fc.assert(
    fc.property(rising, fc.nat(7), (points, index) => {
      const { bitrate = 0, quality = 0 } = points[index % points.length] ?? {};
      assert.ok(Math.abs((rateAt(points, quality) ?? 0) / bitrate - 1) < 1e-9);
      assert.ok(Math.abs((qualityAt(points, bitrate) ?? 0) - quality) < 1e-9);
    }),
    { seed: 41 },
  );
});

test("[EN56] baselines come plainest first; what an older report has only a rate for has no points", () => {
  const names = (report: Parameters<typeof comparisons>[0]): readonly string[] =>
    comparisons(report).map(({ name }) => name);
  const order = ["peertube", "netflix-2015", "fixed-ladder", "fixed-crf-native", "per-title-hull"];
  assert.deepEqual(names(fullReport()), order);
  const { bdRatePercent, fixedLadder } = plainReport();
  const older = comparisons({ bdRatePercent, fixedLadder });
  assert.deepEqual(
    older.map(({ name, points }) => [name, points.length]),
    [
      ["fixed-ladder", fixedLadder.length],
      ["fixed-crf-native", 0],
      ["per-title-hull", 0],
    ],
  );
});

test("[EN55] a long film's frontier is thinned to at most 64 points, both ends kept", () => {
  const many = Array.from({ length: 5000 }, (_, n) => ({ bitrateBps: 1000 * 1.001 ** n }));
  const few = thinned(many);
  assert.ok(few.length <= 64 && few.length > 50, `${few.length} points`);
  assert.deepEqual([few[0], few.at(-1)], [many[0], many.at(-1)]);
  assert.equal(thinned(many.slice(0, 64)).length, 64);
  assert.deepEqual(thinned([]), []);
});
