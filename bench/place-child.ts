// One measurement of placement in a process of its own, so that its time and memory are not another's. Prints one line of JSON:
// node bench/place-child.ts '{"job":"plan","files":1000000,"servers":16}'
import { defaultsOf } from "#config/setting.ts";
import type { PlacementServer } from "#model/placement.ts";
import { popularityCurve } from "#place/curve.ts";
import { plan } from "#place/plan.ts";
import { boxes, storageOf, zipfCatalogue } from "#place/sample.ts";
import { placeSettings } from "#place/settings.ts";
import { normalised, trafficTargets } from "#place/shares.ts";
import { split } from "#place/split.ts";
import { takeStock } from "#place/stock.ts";
import { assert } from "#units/assert.ts";
import { type ChildOrder, readOrder } from "./place-order.ts";
import { Stopwatch } from "./turn.ts";

const settings = defaultsOf(placeSettings);
const order = readOrder(process.argv[2] ?? "");
console.log(JSON.stringify(order.job === "plan" ? planned(order) : cutoffFound(order)));

/** Half of them large and slow, half small and fast. */
function unlike(count: number): readonly PlacementServer[] {
  return [...boxes("storage", count / 2, 200, 40), ...boxes("flash", count / 2, 18, 100)];
}

function catalogue(given: ChildOrder): ReturnType<typeof zipfCatalogue> {
  const totalBytes = 0.97 * storageOf(unlike(given.servers));
  return zipfCatalogue({ count: given.files, exponent: 0.9, totalBytes, seed: 1 });
}

/** The first plan of a fresh process, as a nightly plan is: nothing is warm. */
function planned(given: ChildOrder): Readonly<Record<string, number>> {
  const servers = unlike(given.servers);
  const files = catalogue(given);
  const inputMiB = peakMiB();
  const [planning, times] = timed(() => plan({ servers, files, minCopies: 1 }, settings));
  assert(planning.kind === "planned", "the benchmark's own input is good");
  const { effectiveCapacity, holePercent } = planning.plan.predicted;
  return { ...times, inputMiB, peakMiB: peakMiB(), effectiveCapacity, holePercent };
}

/** From the files in density order to the cutoff and both weights of each box; the sorting before is the plan's anyway. */
function cutoffFound(given: ChildOrder): Readonly<Record<string, number>> {
  const servers = unlike(given.servers);
  const stock = takeStock({ servers, files: catalogue(given), minCopies: 1, headroomPercent: 3 });
  assert(stock.kind === "stock", "the benchmark's own input is good");
  const storage = normalised(stock.boxes.map((box) => box.room));
  const throughput = normalised(stock.boxes.map((box) => box.throughput));
  const { traffic } = trafficTargets({ storage, throughput, headTraffic: 0.25, carry: 0.97 });
  const [curve, { ownMs: curveMs }] = timed(() => popularityCurve(stock.files));
  const [found, times] = timed(() => split(curve, { storage, traffic }, { cutoff: undefined, factor: 1.1 }));
  return { ...times, curveMs, cutoff: found.cutoff, lambda: found.lambda };
}

function timed<T>(work: () => T): readonly [T, { readonly clockMs: number; readonly ownMs: number }] {
  const watch = new Stopwatch();
  watch.lap();
  const made = work();
  watch.lap();
  watch.close();
  return [made, { clockMs: watch.clockMs, ownMs: watch.ownMs }];
}

function peakMiB(): number {
  return process.resourceUsage().maxRSS / 1024;
}
