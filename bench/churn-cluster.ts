// Thirty nightly plans of cluster B, each from the night before: what every box must fetch, and what the cluster serves.
import type { FileDemand, PlacementPlan, PlacementServer } from "#model/placement.ts";
import { plan, previousOf } from "#place/plan.ts";
import { boxes } from "#place/sample.ts";
import type { PlaceSettings } from "#place/settings.ts";
import { bytesThere, cachePart } from "./churn-cache.ts";
import type { Replay } from "./churn-replay.ts";

/** Boxes that come later. */
export const comers = [...boxes("new-storage", 1, 200, 40), ...boxes("new-flash", 1, 18, 100)];

/** Cluster B of the literature's sizes: 4 × (200 TB, 40 Gbit/s) and 4 × (18 TB, 100 Gbit/s). */
export const clusterB = [...boxes("storage", 4, 200, 40), ...boxes("flash", 4, 18, 100)];

export const storageOfBoxes: ReadonlyMap<string, number> = new Map(
  [...clusterB, ...comers].map(({ id, storageBytes }) => [id, storageBytes]),
);

export interface Nights {
  readonly replay: Replay;
  /** forecasts[night][file]; the first is the fill that does not count. */
  readonly forecasts: readonly Float64Array[];
  /** The replay's day that forecasts[0] is for. */
  readonly firstDay: number;
}

export interface Night {
  readonly plan: PlacementPlan;
  /** Holders by file, as the next night's plan and the comparison of two plans need them. */
  readonly holders: ReadonlyMap<string, readonly string[]>;
  readonly files: readonly FileDemand[];
  /** Bytes each box must fetch, by its id. */
  readonly fetched: ReadonlyMap<string, number>;
  readonly byteHit: number;
}

/** Files of the night with their sizes, a quarter of which fit into the servers; yesterday's copies stay where they are. */
export function planNight(order: {
  readonly nights: Nights;
  readonly night: number;
  readonly servers: readonly PlacementServer[];
  readonly settings: PlaceSettings;
  readonly before: Night | undefined;
}): Night {
  const { nights, night, servers, settings, before } = order;
  const files = filesOf(nights, night);
  const previous = before === undefined ? undefined : previousOf(before.plan);
  const made = plan({ servers, files, minCopies: 1, previous }, settings);
  if (made.kind === "refused") throw new Error(`the benchmark's own input was refused: ${made.because}`);
  const holders = new Map(made.plan.assignment.map((one) => [one.fileId, one.serverIds]));
  return {
    plan: made.plan,
    files,
    holders,
    fetched: fetchedBytes(files, before?.holders ?? new Map(), holders),
    byteHit: byteHitOf(nights, night, holders),
  };
}

/** Bytes that each box holds now and did not hold before. */
function fetchedBytes(
  files: readonly FileDemand[],
  before: ReadonlyMap<string, readonly string[]>,
  after: ReadonlyMap<string, readonly string[]>,
): ReadonlyMap<string, number> {
  const fetched = new Map<string, number>();
  for (const { id, sizeBytes } of files) {
    const had = before.get(id) ?? [];
    for (const server of after.get(id) ?? []) {
      if (!had.includes(server)) fetched.set(server, (fetched.get(server) ?? 0) + sizeBytes);
    }
  }
  return fetched;
}

export function sumOf(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

function filesOf({ replay, forecasts }: Nights, night: number): FileDemand[] {
  const room = clusterB.reduce((sum, box) => sum + box.storageBytes, 0) * 0.97;
  const scale = room / cachePart / bytesThere(replay, 0);
  const files: FileDemand[] = [];
  forecasts[night]?.forEach((playsPerDay, file) => {
    if (Number.isNaN(playsPerDay)) return;
    const id = `file-${file}`;
    files.push({ id, titleId: id, sizeBytes: Math.floor((replay.sizes[file] ?? 0) * scale), playsPerDay });
  });
  return files;
}

export function byteHitOf(
  { replay, firstDay }: Nights,
  night: number,
  holders: ReadonlyMap<string, readonly string[]>,
): number {
  const truth = replay.plays[firstDay + night] ?? new Float32Array(0);
  let [served, asked] = [0, 0];
  truth.forEach((plays, file) => {
    if (Number.isNaN(plays)) return;
    const bytes = plays * (replay.sizes[file] ?? 0);
    asked += bytes;
    if ((holders.get(`file-${file}`) ?? []).length > 0) served += bytes;
  });
  return served / asked;
}
