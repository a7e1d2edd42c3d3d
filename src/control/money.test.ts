import assert from "node:assert/strict";
import { test } from "node:test";
import { SeriesStore } from "#series/store.ts";
import { smallTitle } from "#test/fixtures/small-network.ts";
import { report } from "#test/journeys/pages-fixtures.ts";
import type { OpsAppliances } from "#wire/ops.ts";
import { catalogueOf } from "./catalogue.ts";
import { moneyOf, sentIn, sentRate } from "./money.ts";

const stepMs = 60_000;
const startMs = 1_800_000_000_000;
type Box = OpsAppliances["appliances"][number];

function sentBy(rates: Readonly<Record<string, readonly (number | undefined)[]>>): SeriesStore {
  const series = new SeriesStore({ stepMs, keptBlocks: 10, perName: 100, most: 100 });
  const steps = Math.max(...Object.values(rates).map(({ length }) => length));
  for (let step = 1; step <= steps; step += 1) {
    const figures = Object.entries(rates).flatMap(([appliance, all]) => {
      const value = all[step - 1];
      const name = { kind: "gauge", name: sentRate, unit: "bit/s", sentence: "" } as const;
      return value === undefined ? [] : [{ ...name, labels: new Map([["appliance", appliance]]), value }];
    });
    series.take(figures, startMs + step * stepMs);
  }
  return series;
}

function box(id: string, siteId: string): Box {
  const role = "storage" as const;
  return {
    ...{ id, siteId, siteName: `Site ${siteId}`, role, storageBytes: 1000, throughputBps: 1e9 },
    ...{ health: "silent", because: "", lastSeenMs: null, report: null, verifiedFiles: 0, wantedFiles: 0 },
    admission: { verdict: "unchecked", because: "", isRequired: false },
  };
}

const span = { fromMs: startMs, untilMs: startMs + 3 * stepMs };

test("[CO452] what a site sent is the rates that its appliances reported times the time; silence adds nothing and is told", () => {
  const series = sentBy({ a: [8e6, 8e6, undefined], b: [0, 4e6, undefined], c: [undefined, 8e6, undefined] });
  const { bytes, knownMs } = sentIn({ series, ...span });
  assert.deepEqual(Object.fromEntries(bytes), { a: 120e6, b: 30e6, c: 60e6 });
  assert.equal(knownMs, 2 * stepMs);
  const money = moneyOf({
    ...{ series, ...span, masters: [{ bytes: 7 }, { bytes: 5 }], plays: new Map() },
    appliances: [box("a", "x"), box("b", "x"), box("c", "y"), box("d", "z")],
    catalogue: catalogueOf([]),
  });
  assert.deepEqual(
    money.sites.map(({ id, sentBytes, appliances }) => [id, sentBytes, appliances]),
    [
      ["x", 150e6, 2],
      ["y", 60e6, 1],
      ["z", 0, 1],
    ],
  );
  assert.deepEqual(money.origin, { titles: 0, titleBytes: 0, masters: 2, masterBytes: 12 });
});

test("[CO452] what was sent by appliances that have left the sites file since is a row of its own", () => {
  const series = sentBy({ a: [8e6], left: [16e6], also: [8e6], idle: [0] });
  const { sites } = moneyOf({
    ...{ series, ...span, masters: [], plays: new Map(), catalogue: catalogueOf([]) },
    appliances: [box("a", "x")],
  });
  assert.deepEqual(
    sites.map(({ id, appliances, sentBytes, heldBytes }) => [id, appliances, sentBytes, heldBytes]),
    [
      ["", 2, 180e6, 0],
      ["x", 1, 60e6, 0],
    ],
  );
});

test("[CO453] what titles cost and save is what their encode reports measured, beside plays; without a report it is not known", () => {
  const economics = {
    prices: { currency: "EUR", egressPerGb: 1, cpuHour: 1 },
    ...{ encodeCpuSeconds: 120, encodeCost: 1, isWhole: true },
    against: [
      {
        ...{
          name: "peertube",
          label: "PeerTube",
          quality: 90,
          bytesPerPlay: 700,
          baselineBytesPerPlay: 1000,
        },
        ...{ bytesSavedPerPlay: 300, egressSavedPerPlay: 1, baselineCpuSeconds: 20 },
        ...{ extraEncodeCost: 1, breakEvenPlays: 1 },
      },
    ],
  };
  const { titles } = moneyOf({
    ...{ series: sentBy({ a: [1] }), ...span, masters: [], appliances: [] },
    catalogue: catalogueOf([
      { ...smallTitle("bare"), report: {} },
      { ...smallTitle("whole"), report: { ...report, economics } },
      { ...smallTitle("plain"), report },
    ]),
    plays: new Map([
      ["whole", 9],
      ["bare", 2],
    ]),
  });
  assert.deepEqual(
    titles.map(({ id, plays, cpuSeconds, isWhole }) => [id, plays, cpuSeconds, isWhole]),
    [
      ["whole", 9, 120, true],
      ["bare", 2, null, false],
      ["plain", 0, report.cpuSeconds, false],
    ],
  );
  assert.deepEqual(titles[0]?.against, [
    {
      ...{ name: "peertube", label: "PeerTube", bytesPerPlay: 700, baselineBytesPerPlay: 1000 },
      baselineCpuSeconds: 20,
    },
  ]);
});
