// More than two bands: where unlike servers of three kinds or more cannot meet both equations with a single cutoff, a
// linear program finds weights for up to eight bands.
//
//   minimise   M·U + Σ_b |w_b − w_{b+1}|          (what crosses an edge moves with half of that probability)
//   subject to Σ_i w_ib = 1,  Σ_b w_ib·d_b = s_i,  Σ_b w_ib·p_b ≤ U·cap_i,  w ≥ 0,  U ≥ least
//
// Kinds of servers, not servers, are its variables, so it is as small for a thousand boxes as for three, and identical
// servers get identical weights. Source: placement research §6.2, the choice of edges derived in lorenz.ts.
import { type Coefficients, type Constraint, solve } from "yalps";
import { type Curve, shareAt } from "./curve.ts";
import { type Corner, corners, type Kind, kindsOf } from "./lorenz.ts";
import type { Shares } from "./split.ts";

const mostBands = 8;
/** Kinds beyond so many are joined with their neighbours: the program stays below half a second. */
const mostKinds = 32;
/** Up to so many kinds, the program also keeps neighbouring bands alike. */
const fewKinds = 16;
const tolerance = 1e-7;

export type BandProgram =
  | {
      readonly kind: "solved";
      /** Rising from 0 to 1. */
      readonly edges: readonly number[];
      /** By band, then by server; each band sums to 1. */
      readonly weights: readonly (readonly number[])[];
      /** U: the highest traffic ÷ cap. */
      readonly peak: number;
    }
  | { readonly kind: "failed"; readonly because: string };

export interface ProgramOrder {
  readonly curve: Curve;
  readonly shares: Shares;
  /** The most each server may send, as shares of the same traffic. */
  readonly caps: readonly number[];
  /** U below which nothing is gained. */
  readonly least: number;
}

/** Chooses edges and weights. `failed` where the solver gives no usable answer. */
export function manyBands(order: ProgramOrder): BandProgram {
  const kinds = kindsOf(order.shares);
  const least = kinds.length <= fewKinds ? order.least : 0;
  const edges = chosenEdges(order.curve, corners(kinds));
  return solveBands({ ...order, least, kinds: joined(kinds), edges });
}

type BandOrder = ProgramOrder & { readonly edges: readonly number[]; readonly kinds?: readonly Kind[] };

/** The program with given edges. What the solver rounds to zero decides whether it ends well: three tries. */
export function solveBands(order: BandOrder): BandProgram {
  let answer: BandProgram = { kind: "failed", because: "it was not tried" };
  for (const precision of [1e-9, 1e-8, 1e-10]) {
    answer = solvedWith(order, precision);
    if (answer.kind === "solved") return answer;
  }
  return answer;
}

function solvedWith(order: BandOrder, precision: number): BandProgram {
  const { curve, shares, edges } = order;
  const kinds = order.kinds ?? kindsOf(shares);
  const bands = edges.slice(1).map((to, b) => {
    const from = edges[b] ?? 0;
    return { bytes: to - from, traffic: shareAt(curve, to) - shareAt(curve, from) };
  });
  const caps = kinds.map((kind) => capOf(kind, shares, order.caps));
  const answer = solve(model(kinds, caps, bands, order.least), { precision, maxPivots: 4000 });
  if (answer.status !== "optimal") return { kind: "failed", because: `its answer was "${answer.status}"` };
  const value = new Map(answer.variables);
  const byBand = bands.map((_, b) => {
    const raw = kinds.map((_, k) => Math.max(0, value.get(`w${k},${b}`) ?? 0));
    const sum = raw.reduce((a, w) => a + w, 0);
    return raw.map((w) => w / sum);
  });
  const weights = byBand.map((row) => spread(row, kinds, shares));
  const peak = peakOf(weights, bands, order);
  if (Number.isNaN(peak))
    return { kind: "failed", because: "its answer misses an equation by more than 1e-7" };
  return { kind: "solved", edges, weights, peak };
}

interface Band {
  readonly bytes: number;
  readonly traffic: number;
}

function model(
  kinds: readonly Kind[],
  caps: readonly number[],
  bands: readonly Band[],
  least: number,
): {
  direction: "minimize";
  objective: string;
  constraints: Map<string, Constraint>;
  variables: Map<string, Coefficients>;
} {
  const constraints = new Map<string, Constraint>([["u", { min: least }]]);
  const variables = new Map<string, Coefficients>();
  const peak = new Map([
    ["cost", 1000],
    ["u", 1],
  ]);
  bands.forEach((_, b) => {
    constraints.set(`all${b}`, { equal: 1 });
  });
  kinds.forEach((kind, k) => {
    const cap = caps[k] ?? 0;
    constraints.set(`bytes${k}`, { equal: 1 });
    constraints.set(`traffic${k}`, { max: 0 });
    peak.set(`traffic${k}`, -1);
    bands.forEach((band, b) => {
      const row = new Map([
        [`all${b}`, 1],
        [`bytes${k}`, band.bytes / kind.storage],
        [`traffic${k}`, band.traffic / cap],
      ]);
      if (kinds.length <= fewKinds && b > 0)
        for (const sign of ["+", "-"]) row.set(`${sign}${k},${b}`, sign === "+" ? -1 : 1);
      if (kinds.length <= fewKinds && b + 1 < bands.length) {
        for (const sign of ["+", "-"]) row.set(`${sign}${k},${b + 1}`, sign === "+" ? 1 : -1);
        for (const sign of ["+", "-"]) constraints.set(`${sign}${k},${b + 1}`, { max: 0 });
        const differs: Coefficients = new Map([
          ["cost", 1],
          [`+${k},${b + 1}`, -1],
          [`-${k},${b + 1}`, -1],
        ]);
        variables.set(`z${k},${b}`, differs);
      }
      variables.set(`w${k},${b}`, row);
    });
  });
  variables.set("U", peak);
  return { direction: "minimize", objective: "cost", constraints, variables };
}

/** A kind that joins unlike servers may send only as much per byte as its weakest member. */
function capOf(kind: Kind, shares: Shares, caps: readonly number[]): number {
  const perByte = kind.members.map((i) => (caps[i] ?? 0) / (shares.storage[i] ?? 1));
  return Math.max(1e-12, kind.storage * perByte.reduce((a, b) => Math.min(a, b)));
}

/** A kind's weight divided among its members by storage. */
function spread(byKind: readonly number[], kinds: readonly Kind[], shares: Shares): number[] {
  const weights = shares.storage.map(() => 0);
  kinds.forEach((kind, k) => {
    for (const i of kind.members) {
      weights[i] = ((byKind[k] ?? 0) * (shares.storage[i] ?? 0)) / kind.storage;
    }
  });
  return weights;
}

/** Highest traffic ÷ cap; NaN where a server's bytes are not what they should be. */
function peakOf(
  weights: readonly (readonly number[])[],
  bands: readonly Band[],
  { shares, caps }: ProgramOrder,
): number {
  return shares.storage.reduce((peak, storage, i) => {
    if (storage <= 0) return peak;
    const sum = (of: (band: Band) => number): number =>
      bands.reduce((acc, band, b) => acc + (weights[b]?.[i] ?? Number.NaN) * of(band), 0);
    if (!(Math.abs(sum((band) => band.bytes) - storage) <= tolerance)) return Number.NaN;
    return Math.max(peak, sum((band) => band.traffic) / (caps[i] ?? 0));
  }, 0);
}

/** At most `mostKinds`: neighbours are joined whose traffic per byte differs by less than a fixed factor. */
function joined(kinds: readonly Kind[]): readonly Kind[] {
  if (kinds.length <= mostKinds) return kinds;
  const density = (kind: Kind): number => Math.max(1e-9, kind.traffic / kind.storage);
  const densities = kinds.map(density);
  const [most, least] = [densities[0] ?? 1, densities.at(-1) ?? 1];
  const step = (most / least) ** (1 / mostKinds) * (1 + 1e-9);
  const groups = new Map<number, Kind>();
  kinds.forEach((kind, k) => {
    const number = Math.floor(Math.log(most / (densities[k] ?? 1)) / Math.log(step));
    const group = groups.get(number);
    groups.set(number, {
      members: [...(group?.members ?? []), ...kind.members],
      storage: (group?.storage ?? 0) + kind.storage,
      traffic: (group?.traffic ?? 0) + kind.traffic,
    });
  });
  return [...groups.values()];
}

/**
 * Edges at corners of the servers' curve, as few as carry it: the next one is always where the straight pieces so far
 * fall farthest below it. Eight bands at most.
 */
function chosenEdges(curve: Curve, own: readonly Corner[]): readonly number[] {
  const edges = [0, 1];
  while (edges.length <= mostBands) {
    const lacks = own.map(({ depth, share }) => share - chord(curve, edges, depth));
    const most = lacks.reduce((a, b) => Math.max(a, b), 0);
    const next = own[lacks.indexOf(most)]?.depth;
    if (most <= 1e-9 || next === undefined || edges.includes(next)) break;
    edges.push(next);
    edges.sort((a, b) => a - b);
  }
  return edges;
}

/** The popularity curve with straight pieces between edges. */
function chord(curve: Curve, edges: readonly number[], depth: number): number {
  const after = Math.max(
    1,
    edges.findIndex((edge) => edge >= depth),
  );
  const [from, to] = [edges[after - 1] ?? 0, edges[after] ?? 1];
  const [low, high] = [shareAt(curve, from), shareAt(curve, to)];
  return to > from ? low + ((high - low) * (depth - from)) / (to - from) : high;
}
