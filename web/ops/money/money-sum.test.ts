import assert from "node:assert/strict";
import { test } from "node:test";
import { comparisons, examplePrices, perGb, titleSum } from "./money-sum.ts";

const prices = { ...examplePrices, egressPerGb: 0.05, cpuHour: 0.1 };
const plain = { name: "plain", label: "Plain", bytesPerPlay: 1e9, baselineBytesPerPlay: 1.5e9 };
const title = {
  ...{ id: "t", name: "T", durationMs: 7_200_000, plays: 40, cpuSeconds: 36_000, isWhole: true },
  against: [{ ...plain, baselineCpuSeconds: 3600 }],
};

test("[WE150] break-even plays are the extra encode cost over the egress that a play saves, rounded up", () => {
  const sum = titleSum(title, "plain", prices);
  assert.ok(sum !== undefined);
  // Ten CPU hours less one of the plain way, at 0.1; half a gigabyte a play, at 0.05.
  assert.ok(Math.abs(sum.extraCost - 0.9) < 1e-12);
  assert.equal(sum.savedPerPlay, 0.025);
  assert.equal(sum.breakEvenPlays, 36);
  assert.equal(sum.bitsSavedPerPlayHour, 2e9);
  assert.equal(sum.savedInSpan, 1);
  const odd = { ...title, cpuSeconds: 36_001 };
  assert.equal(titleSum(odd, "plain", prices)?.breakEvenPlays, 37);
});

test("[WE150] nothing saved is never repaid; what was not measured is not told", () => {
  const dearer = { ...title, against: [{ ...plain, baselineBytesPerPlay: 9e8, baselineCpuSeconds: null }] };
  const sum = titleSum(dearer, "plain", prices);
  assert.equal(sum?.breakEvenPlays, null);
  assert.ok((sum?.savedInSpan ?? 0) < 0, "a loss is told as one");
  assert.equal(sum?.extraCost, 1);
  assert.equal(titleSum({ ...title, cpuSeconds: null }, "plain", prices), undefined);
  assert.equal(titleSum(title, "other", prices), undefined);
});

test("[WE150] a gigabyte is 10⁹ bytes; the way that most titles were compared with comes first", () => {
  assert.equal(perGb(2.5e9, 0.08), 0.2);
  const rare = {
    ...title,
    against: [...title.against, { ...plain, name: "rare", label: "Rare", baselineCpuSeconds: 1 }],
  };
  assert.deepEqual(
    comparisons([rare, title]).map(({ label }) => label),
    ["Plain", "Rare"],
  );
});
