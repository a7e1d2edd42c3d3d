// How true draws are to their weights, and what moves when a box joins or leaves.
import type { PlacementPlan, PlacementServer } from "#model/placement.ts";
import { type PreviousPlan, plan } from "#place/plan.ts";
import { boxes, sampleClusters, storageOf, zipfCatalogue } from "#place/sample.ts";
import { assert } from "#units/assert.ts";
import { atMost, type Result, rounded } from "./place-bars.ts";

/**
 * Boxes whose throughput follows their storage need no cutoff: every file is drawn with the same weights. Of the files
 * that are not on every box, the share that has a box among its first `copies` is compared with the chance it should have.
 */
export function fidelityOf(count: number, copies: number): Result {
  const weights = [1, 2, 3, 4, 5, 6, 7, 8];
  const servers = weights.flatMap((weight) => boxes(`w${weight}-`, 1, 10 * weight, 10 * weight));
  const files = zipfCatalogue({
    ...{ count, exponent: 0.9, seed: 1 },
    totalBytes: (0.8 / copies) * storageOf(servers),
  });
  const made = planned(servers, files, copies);
  const drawn = made.assignment.filter(({ band }) => band === "popular" || band === "tail");
  const off = servers.map(({ id }) => {
    const wanted = copies * (made.weights.find((one) => one.serverId === id)?.beta ?? 0);
    const got = drawn.filter(({ serverIds }) => serverIds.slice(0, copies).some((one) => one === id)).length;
    return Math.abs(got / drawn.length / wanted - 1);
  });
  const worst = 100 * Math.max(...off);
  const what = `weight fidelity, ${count.toLocaleString("en")} files, ${copies === 1 ? "one copy" : `${copies} copies`}`;
  // By chance alone the box of least weight is off by so much (one standard deviation).
  const chance = 100 * Math.sqrt((1 - copies / 36) / (drawn.length * (copies / 36)));
  const row = { what, drawn: drawn.length, ...rounded({ worstOffPercent: worst, chancePercent: chance }) };
  return { row, bars: copies === 1 ? [atMost(what, 1.5, worst, "%")] : [] };
}

export function joins(count: number): Result[] {
  const equal = boxes("old", 8, 100, 50);
  const cases = [
    { what: "8 equal boxes + 1", before: equal, joining: boxes("new", 1, 100, 50), hasBar: true },
    { what: "B + a flash box", before: sampleClusters.B, joining: boxes("new", 1, 18, 100), hasBar: false },
    { what: "B + a storage box", before: sampleClusters.B, joining: boxes("new", 1, 200, 40), hasBar: false },
  ];
  return cases.flatMap((one) => [1, 2].map((copies) => joinOf({ ...one, copies, count })));
}

function joinOf(given: {
  readonly what: string;
  readonly before: readonly PlacementServer[];
  readonly joining: readonly PlacementServer[];
  readonly copies: number;
  readonly count: number;
  readonly hasBar: boolean;
}): Result {
  const { before, joining, copies, count } = given;
  const after = [...before, ...joining];
  const files = zipfCatalogue({
    ...{ count, exponent: 0.9, seed: 1 },
    totalBytes: (0.8 / copies) * storageOf(before),
  });
  const first = planned(before, files, copies);
  const joined = planned(after, files, copies, first);
  const left = planned(before, files, copies, joined);
  const bytes = new Map(files.map((file) => [file.id, file.sizeBytes]));
  const news = new Set(joining.map(({ id }) => id));
  const newBytes = joined.predicted.servers
    .filter(({ serverId }) => news.has(serverId))
    .reduce((sum, server) => sum + server.bytes, 0);
  const movedIn = firstMoved(first, joined, bytes) / leastMove(first, joined);
  const movedOut = firstMoved(joined, left, bytes) / leastMove(joined, left);
  const fetchedIn = joined.predicted.churnBytes / newBytes;
  const fetchedOut = left.predicted.churnBytes / newBytes;
  const what = `${given.what}, ${copies === 1 ? "one copy" : `${copies} copies`}`;
  const bars = [
    atMost(`first boxes that move when a box joins, ${what}`, 1.05, movedIn, "× the least"),
    atMost(`first boxes that move when it leaves, ${what}`, 1.05, movedOut, "× the least"),
  ];
  return {
    row: {
      what,
      ...rounded({
        "joins: first boxes": movedIn,
        "joins: all fetches": fetchedIn,
        "leaves: first boxes": movedOut,
        "leaves: all fetches": fetchedOut,
      }),
    },
    bars: given.hasBar ? bars : [],
  };
}

/** Share of the bytes that only some boxes hold both times whose first box is another one. */
function firstMoved(from: PlacementPlan, to: PlacementPlan, bytes: ReadonlyMap<string, number>): number {
  const before = new Map(from.assignment.map((file) => [file.fileId, file]));
  let [moved, all] = [0, 0];
  for (const { fileId, band, serverIds } of to.assignment) {
    const old = before.get(fileId);
    if (band === "head" || band === "hole" || old === undefined || old.band === "head") continue;
    const size = bytes.get(fileId) ?? 0;
    all += size;
    if (old.serverIds[0] !== serverIds[0]) moved += size;
  }
  return all > 0 ? moved / all : 0;
}

/** Share of bytes that must move between two plans' weights: half of the sum of differences, in each part between cutoffs. */
function leastMove(from: PlacementPlan, to: PlacementPlan): number {
  const low = Math.min(from.cutoff, to.cutoff);
  const high = Math.max(from.cutoff, to.cutoff);
  const at = (made: PlacementPlan, depth: number): ReadonlyMap<string, number> =>
    new Map(made.weights.map((one) => [one.serverId, depth < made.cutoff ? one.alpha : one.beta]));
  const apart = (depth: number): number => {
    const [a, b] = [at(from, depth), at(to, depth)];
    const ids = new Set([...a.keys(), ...b.keys()]);
    return [...ids].reduce((sum, id) => sum + Math.abs((a.get(id) ?? 0) - (b.get(id) ?? 0)), 0) / 2;
  };
  return low * apart(low / 2) + (high - low) * apart((low + high) / 2) + (1 - high) * apart((1 + high) / 2);
}

function planned(
  servers: readonly PlacementServer[],
  files: ReturnType<typeof zipfCatalogue>,
  minCopies: number,
  before?: PlacementPlan,
): PlacementPlan {
  const previous: PreviousPlan | undefined =
    before === undefined
      ? undefined
      : {
          cutoff: before.cutoff,
          assignment: Object.fromEntries(before.assignment.map((one) => [one.fileId, one.serverIds])),
        };
  const planning = plan({ servers, files, minCopies, previous });
  assert(planning.kind === "planned", "the benchmark's own input is good");
  return planning.plan;
}
