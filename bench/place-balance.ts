// Capacity and holes of the plan on clusters A, B and C, beside three baselines and the bound. Pure but for the clock.
import { defaultsOf } from "#config/setting.ts";
import type { FileDemand, PlacementPlan, PlacementServer, PredictedLoad } from "#model/placement.ts";
import { baseline, type OwnerRule, ownerRules } from "#place/baseline.ts";
import {
  type Bound,
  mostCapacity,
  mostServed,
  mostStored,
  placementBound,
  servedAtFull,
} from "#place/bound.ts";
import { plan } from "#place/plan.ts";
import { sampleClusters, storageOf, zipfCatalogue } from "#place/sample.ts";
import { type PlaceSettings, placeSettings } from "#place/settings.ts";
import { assert } from "#units/assert.ts";
import { median } from "./bench.ts";
import { atLeast, atMost, type Bar, type Row, rounded, type Section } from "./place-bars.ts";
import { Stopwatch } from "./turn.ts";

const exponents = [0.6, 0.8, 0.9, 1, 1.2];
/** Of the catalogue in the tables; the bars look at all of them, for a few large files move what can be reached. */
const seeds = [1, 2, 3] as const;
/** All that may be planned for: the rest is headroom. What a replicated head takes must become holes. */
const filledPart = 0.97;
const settings = defaultsOf(placeSettings);
const headless: PlaceSettings = { ...settings, headBytesPercent: 0 };

type ClusterName = keyof typeof sampleClusters;

interface Case {
  readonly cluster: ClusterName;
  readonly zipf: number;
  readonly seed: number;
  readonly servers: readonly PlacementServer[];
  readonly files: readonly FileDemand[];
  readonly bound: Bound;
}

interface Figures {
  readonly capacity: number;
  readonly holePercent: number;
  /** Capacity ÷ the most that any placement has which serves as much. */
  readonly toBound: number;
  readonly servedAtFull: number;
}

interface Measured {
  readonly what: string;
  readonly figures: Figures;
  readonly row: Row;
}

export function balance(quick: boolean): readonly Section[] {
  const count = quick ? 20_000 : 300_000;
  const tables = clusterNames().flatMap((cluster) =>
    exponents.map((zipf) => compared(caseOf(cluster, zipf, seeds[0], count))),
  );
  const bars = (["B", "C"] as const).flatMap((cluster) =>
    [0.9, 1].flatMap((zipf) => barsOf(seeds.map((seed) => caseOf(cluster, zipf, seed, count)))),
  );
  const files = `${count.toLocaleString("en")} files, ${100 * filledPart} % of storage`;
  return [
    {
      title: `Effective capacity (holes %) by cluster and Zipf exponent: ${files}, seed ${seeds[0]}`,
      rows: tables.flatMap(({ rows }) => rows),
      shown: tables.map(({ shown }) => shown),
      bars,
      notes: [
        "effective capacity: share of all throughput that is reached before the first server saturates, of what is stored. " +
          "at full demand: share that is delivered when all files together are asked for as much as all servers can send; " +
          "holes count as not delivered.",
        "bound: the most of both that any placement has, with files split at will (src/place/bound.ts); effective capacity is " +
          "compared at equal holes, because who stores less has it easier.",
        ...(quick ? ["quick: with so few files a single one weighs much, and less can be reached."] : []),
      ],
    },
  ];
}

function clusterNames(): readonly ClusterName[] {
  return ["A", "B", "C"];
}

function caseOf(cluster: ClusterName, zipf: number, seed: number, count: number): Case {
  const servers = sampleClusters[cluster];
  const totalBytes = filledPart * storageOf(servers);
  const files = zipfCatalogue({ count, exponent: zipf, totalBytes, seed });
  const bound = placementBound({ servers, files, headroomPercent: settings.headroomPercent });
  return { cluster, zipf, seed, servers, files, bound };
}

function compared(given: Case): { readonly rows: readonly Row[]; readonly shown: Row } {
  const withHead = planned(given, "HCA with head", settings);
  const without = planned(given, "HCA without head", headless);
  const bare = ownerRules.map((rule) => hashed(given, rule, "bare", []));
  const headed = ownerRules.map((rule) => hashed(given, rule, "same head", withHead.head));
  const spilling = ownerRules.map((rule) => hashed(given, rule, "same head, spills", withHead.head));
  const baselines = [...bare, ...headed, ...spilling];
  const best = {
    capacityToBest: withHead.figures.capacity / bestOf(baselines.filter(hasFewHoles), (one) => one.capacity),
    atFullToBest: withHead.figures.servedAtFull / bestOf(baselines, (one) => one.servedAtFull),
  };
  const rows = [...baselines, without, { ...withHead, row: { ...withHead.row, ...rounded(best) } }];
  const cell = ({ figures }: Measured): string =>
    `${figures.capacity.toFixed(3)} (${figures.holePercent.toFixed(1)})`;
  const three = (list: readonly Measured[]): string => list.map(cell).join(" · ");
  const { cluster, zipf, bound } = given;
  return {
    rows: [...rows.map(({ row }) => row), boundRow(given)],
    shown: {
      cluster,
      zipf,
      "ring · by storage · by throughput, bare": three(bare),
      "with the plan's head": three(headed),
      "head, spills when full": three(spilling),
      "HCA, no head": cell(without),
      HCA: `${withHead.figures.capacity.toFixed(3)} (${withHead.figures.holePercent.toFixed(2)})`,
      bound: mostCapacity(bound, 1 - withHead.figures.holePercent / 100).toFixed(3),
      "÷ bound": withHead.figures.toBound.toFixed(3),
      "÷ best": best.capacityToBest.toFixed(2),
      "at full demand": `${withHead.figures.servedAtFull.toFixed(3)} of ${mostServed(bound, 1).toFixed(3)}`,
      "÷ best there": best.atFullToBest.toFixed(2),
      ...theory(withHead.plan),
      ms: withHead.ms.toFixed(0),
    },
  };
}

/** Capacities of placements that leave out much are no measure for one that does not. */
function hasFewHoles({ figures }: Measured): boolean {
  return figures.holePercent <= 0.5;
}

function bestOf(list: readonly Measured[], by: (figures: Figures) => number): number {
  return Math.max(...list.map(({ figures }) => by(figures)));
}

function hashed(
  given: Case,
  rule: OwnerRule,
  variant: "bare" | "same head" | "same head, spills",
  head: readonly string[],
): Measured {
  const { servers, files } = given;
  const whenFull = variant === "same head, spills" ? "next" : "hole";
  const { headroomPercent } = settings;
  const made = baseline({ servers, files, headroomPercent, rule, whenFull, head });
  assert(made.kind === "placed", "the benchmark's own input is good");
  return measured(given, `${rule}, ${variant}`, made.predicted, {});
}

interface Planned extends Measured {
  readonly plan: PlacementPlan;
  readonly head: readonly string[];
  readonly ms: number;
}

function planned(given: Case, what: string, how: PlaceSettings): Planned {
  const { servers, files } = given;
  const watch = new Stopwatch();
  watch.lap();
  const planning = plan({ servers, files, minCopies: 1 }, how);
  watch.lap();
  watch.close();
  assert(planning.kind === "planned", "the benchmark's own input is good");
  const { predicted, head } = planning.plan;
  const more = { ...theory(planning.plan), headFiles: head.length, ms: Math.round(watch.ownMs) };
  return { ...measured(given, what, predicted, more), plan: planning.plan, head, ms: watch.ownMs };
}

function theory({ cutoff, lambda, weights, theory: known }: PlacementPlan): Row {
  const apart = weights.reduce((sum, { alpha, beta }) => sum + Math.abs(alpha - beta), 0) / 2;
  return { method: known?.method ?? "", ...rounded({ D: cutoff, lambda, TV: apart }) };
}

function measured(given: Case, what: string, predicted: PredictedLoad, more: Row): Measured {
  const { cluster, zipf, seed, servers, bound } = given;
  const { effectiveCapacity, holePercent } = predicted;
  const most = mostCapacity(bound, 1 - holePercent / 100);
  const atFull = servedAtFull(servers, predicted);
  const figures = {
    capacity: effectiveCapacity,
    holePercent,
    toBound: effectiveCapacity / most,
    servedAtFull: atFull,
  };
  const row = {
    ...{ cluster, zipf, seed, what },
    ...rounded({ effectiveCapacity, holePercent, boundCapacity: most, toBound: figures.toBound }),
    ...rounded({ servedAtFull: atFull, atFullToBound: atFull / mostServed(bound, 1) }),
    ...more,
  };
  return { what, figures, row };
}

function boundRow({ cluster, zipf, seed, bound }: Case): Row {
  const stored = mostStored(bound);
  return {
    ...{ cluster, zipf, seed, what: "bound" },
    ...rounded({ effectiveCapacity: mostCapacity(bound, stored), holePercent: 100 * (1 - stored) }),
    ...rounded({ servedAtFull: mostServed(bound, 1) }),
  };
}

/** Of the same cluster and exponent with several catalogues: each is said, and the middle of them. */
function barsOf(cases: readonly Case[]): Bar[] {
  const found = cases.map((given) => ({ given, ...planned(given, "HCA with head", settings).figures }));
  const [first] = cases;
  const name = `${first?.cluster} at Zipf ${first?.zipf}`;
  const capacity = found.map(({ given, ...figures }) => {
    const reach = mostCapacity(given.bound, 1 - figures.holePercent / 100);
    return atLeast(`effective capacity, ${name}, seed ${given.seed}`, 0.97, figures.capacity, reach);
  });
  const middle = (pick: (figures: Figures) => number): number => median(found.map(pick));
  return [
    ...capacity,
    atLeast(
      `effective capacity ÷ bound, ${name}, middle of ${found.length}`,
      0.97,
      middle((one) => one.toBound),
    ),
    atMost(
      `holes, ${name}, middle of ${found.length}`,
      0.5,
      middle((one) => one.holePercent),
      "%",
    ),
  ];
}
