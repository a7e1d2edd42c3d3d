// What the pictures of a plan show: who owns which part of the hash circle, with tokens and with weights, and how full
// each server is beside the others.
import type { PlacementPlan, PlacementServer, PlanTheory } from "#model/placement.ts";
import type { Arc, PictureServer, PlanPictures, ServerKind } from "#model/placement-picture.ts";
import { unitInterval } from "#units/hash.ts";
import { byText } from "./stock.ts";

/** More arcs than this on one circle are thinner than a pixel. */
const mostArcs = 2400;
/** Enough to see that tokens scatter, few enough to see each. */
const mostTokens = 40;
/** Throughput over storage, each as a share, within which a server counts as even. */
const evenWithin = 1.5;

export function picturesOf(plan: PlacementPlan, servers: readonly PlacementServer[]): PlanPictures {
  const ranked = pictureServers(plan, servers);
  const ids = ranked.map((server) => server.serverId);
  const tokensEach = Math.max(1, Math.min(mostTokens, Math.floor(mostArcs / Math.max(1, ids.length))));
  const weightOrder = plan.weights.map((weight) => weight.serverId);
  const wide = bandsOf(plan).filter((band) => band.to > band.from);
  const bands = wide.map(({ from, to, weights }) => {
    const traffic = plan.theory && share(plan.theory.curve, to) - share(plan.theory.curve, from);
    return { from, to, traffic, arcs: weightArcs(ids, weightOrder, weights) };
  });
  return { servers: ranked, uniform: { tokensEach, arcs: uniformArcs(ids, tokensEach) }, bands };
}

/** A plan of an earlier release has no theory: its two bands follow from cutoff and weights. */
export function bandsOf(plan: PlacementPlan): PlanTheory["bands"] {
  if (plan.theory !== undefined) return plan.theory.bands;
  const [alpha, beta] = [plan.weights.map((one) => one.alpha), plan.weights.map((one) => one.beta)];
  const popular = { from: 0, to: plan.cutoff, weights: alpha };
  const tail = { from: plan.cutoff, to: 1, weights: beta };
  return [popular, tail].filter((band) => band.to > band.from);
}

/** Servers of the plan that are still known, with their part of all there is. Those that hold nothing count. */
function pictureServers(plan: PlacementPlan, servers: readonly PlacementServer[]): PictureServer[] {
  const known = new Map(servers.map((server) => [server.id, server]));
  const throughput = sum(servers.map((server) => server.throughputBps));
  const storage = sum(servers.map((server) => server.storageBytes));
  const rows = plan.predicted.servers.flatMap((load): PictureServer[] => {
    const server = known.get(load.serverId);
    if (server === undefined) return [];
    const throughputShare = part(server.throughputBps, throughput);
    return [
      {
        serverId: load.serverId,
        kind: kindOf(part(server.storageBytes, storage), throughputShare),
        storageShare: load.storageShare,
        trafficShare: load.trafficShare,
        throughputShare,
        utilisation: part(load.trafficShare, throughputShare),
      },
    ];
  });
  const order: Readonly<Record<ServerKind, number>> = { fast: 0, even: 1, large: 2 };
  return rows.sort((a, b) => order[a.kind] - order[b.kind] || byText(a.serverId, b.serverId));
}

function kindOf(storageShare: number, throughputShare: number): ServerKind {
  if (throughputShare > storageShare * evenWithin) return "fast";
  return throughputShare * evenWithin < storageShare ? "large" : "even";
}

/**
 * Who owns each stretch when every server has the same number of tokens, placed as in baseline.ts: the owner of a place
 * is the next token. Stretches of one owner that touch are one arc; together they are the whole circle.
 */
export function uniformArcs(serverIds: readonly string[], tokensEach: number): Arc[] {
  const tokens = serverIds
    .flatMap((serverId) =>
      Array.from({ length: tokensEach }, (_, i) => ({ serverId, at: unitInterval(`${serverId}#${i}`) })),
    )
    .sort((a, b) => a.at - b.at || byText(a.serverId, b.serverId));
  const [first] = tokens;
  if (first === undefined) return [];
  const arcs: Arc[] = [];
  let from = 0;
  for (const { serverId, at } of [...tokens, { ...first, at: 1 }]) {
    const before = arcs.at(-1);
    if (before?.serverId === serverId) arcs[arcs.length - 1] = { ...before, to: at };
    else if (at > from) arcs.push({ serverId, from, to: at });
    from = at;
  }
  return arcs;
}

/** Each server's weight as one stretch, in the order of `ids`; the last one ends the circle. */
function weightArcs(ids: readonly string[], order: readonly string[], weights: readonly number[]): Arc[] {
  const weightOf = new Map(order.map((serverId, i) => [serverId, weights[i] ?? 0]));
  const all = sum(ids.map((serverId) => weightOf.get(serverId) ?? 0));
  let at = 0;
  return ids.flatMap((serverId) => {
    const from = at;
    at += part(weightOf.get(serverId) ?? 0, all);
    return at > from ? [{ serverId, from, to: Math.min(1, at) }] : [];
  });
}

/** P(x), straight between the points of a plan's curve. */
export function share(curve: PlanTheory["curve"], x: number): number {
  let before = { depth: 0, share: 0 };
  for (const point of curve) {
    if (point.depth >= x) {
      const width = point.depth - before.depth;
      return width > 0
        ? before.share + ((point.share - before.share) * (x - before.depth)) / width
        : point.share;
    }
    before = point;
  }
  return 1;
}

function part(value: number, whole: number): number {
  return whole > 0 ? value / whole : 0;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
