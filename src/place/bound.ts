// What no placement can exceed: the optimum of placement's linear relaxation, where files may be split among servers.
//
// Let server i hold at most Sᵢ bytes and send at most U·Tᵢ, where U = 1 means its throughput. Let P(b) be the traffic
// that the densest b bytes of the catalogue draw. Then for every set A of servers
//
//   served ≤ P(Σ_A Sᵢ) + U·Σ_{not A} Tᵢ                                                                        (1)
//
// because the files that A holds are Σ_A Sᵢ bytes at most and draw no more than the densest as many, and the others
// send no more than they may. This counts what is sent, not how often it is stored, so copies do not beat it: if yᵢ of
// file f's traffic w comes from server i, the fractional placement xᵢ = yᵢ ÷ w stores and sends no more than the plan.
//
// The least of the right sides is also reached by a fractional placement, so it is the optimum and not only a bound:
// - Loads l can be had from files split at will iff l(A) ≤ P(S(A)) for every A. Both sides describe a closed convex set
//   that holds with every l all smaller ones, so it is enough that they have the same greatest Σ λᵢ·lᵢ for every λ ≥ 0.
//   In files, that is the densest bytes for the greatest λ (rearrangement), the next for the next:
//   Σ λ₍ₖ₎·(P(S₁+…+Sₖ) − P(S₁+…+Sₖ₋₁)). In sets, it is the same sum, because P(S(A)) is submodular (P is concave) and the
//   greedy choice is optimal there.
// - The most of l(N) with l ≤ U·T in such a set is min_A P(S(A)) + U·T(not A).
// The best A is always a prefix of the servers sorted by Tᵢ ÷ Sᵢ, most first: P(b) is the least of its tangents
// σ·b + k(σ), and for a given slope Σᵢ min(σ·Sᵢ, U·Tᵢ) takes into A those with Tᵢ ÷ Sᵢ above σ ÷ U. So n + 1 prefixes
// say it all, for every U; and to serve a share V of all traffic, (1) turned round gives the least possible U.
//
// With no storage to spare and no holes this is the test that the servers' Lorenz curve lies nowhere above P (Blackwell;
// Strassen), for the flattest loads under a cap.
//
// What it leaves out, so that real plans stay below: files are whole, and one division must fit the forecast.
// Sources: G. H. Hardy, J. E. Littlewood, G. Pólya, "Inequalities" (1934), ch. X (rearrangement); J. Edmonds,
// "Submodular functions, matroids, and certain polyhedra" (1970), and A. Schrijver, "Combinatorial Optimization" (2003),
// ch. 44 (greedy choice, and the min–max under a cap). Held against a solver in bound.test.ts.
import type { FileDemand, PlacementServer, PredictedLoad } from "#model/placement.ts";

/** (1) for each set A that may bind: no server, the one with most throughput per byte, the two with most, … all. */
export interface Bound {
  readonly prefixes: readonly {
    /** Share of all traffic that the densest files draw, as many as fit on A. */
    readonly traffic: number;
    /** Share of all throughput that the servers not in A have. */
    readonly spare: number;
  }[];
}

/** The bound of one cluster. As the plan does, it counts a play for every file when nobody plays anything. */
export function placementBound(order: {
  readonly servers: readonly PlacementServer[];
  readonly files: readonly FileDemand[];
  readonly headroomPercent: number;
}): Bound {
  const senders = order.servers
    .filter((server) => server.throughputBps > 0)
    .map(({ storageBytes, throughputBps }) => ({
      room: storageBytes * (1 - order.headroomPercent / 100),
      throughput: throughputBps,
    }))
    .sort((a, b) => b.throughput * a.room - a.throughput * b.room);
  const trafficOf = densest(order.files);
  const throughput = senders.reduce((sum, one) => sum + one.throughput, 0);
  const ends = [0, ...senders.map((_, i) => i + 1)];
  return {
    prefixes: ends.map((end) => ({
      traffic: trafficOf(senders.slice(0, end).reduce((sum, one) => sum + one.room, 0)),
      spare: senders.slice(end).reduce((sum, one) => sum + one.throughput, 0) / (throughput || 1),
    })),
  };
}

/** Share of all traffic that a cluster can serve at most while no server is busier than `utilisation` of full demand. */
export function mostServed(bound: Bound, utilisation: number): number {
  return Math.min(
    ...bound.prefixes.map(({ traffic, spare }) => (spare > 0 ? traffic + utilisation * spare : traffic)),
  );
}

/** Share of all traffic that fits in storage at all. What is left is holes in every placement. */
export function mostStored(bound: Bound): number {
  return mostServed(bound, Number.POSITIVE_INFINITY);
}

/**
 * How busy the busiest server is at least while `served` of all traffic is served, when all files together are asked for
 * as much as all servers together can send. Infinite where so much cannot be stored.
 */
export function leastUtilisation(bound: Bound, served: number): number {
  if (served > mostStored(bound) + rounding) return Number.POSITIVE_INFINITY;
  return Math.max(
    0,
    ...bound.prefixes.map(({ traffic, spare }) => (spare > 0 ? (served - traffic) / spare : 0)),
  );
}

const rounding = 1e-9;

/**
 * Effective capacity of any placement that serves this share of all traffic, at most. It falls as `served` grows: who
 * stores less has it easier, so a placement is compared at what it serves itself.
 */
export function mostCapacity(bound: Bound, served: number): number {
  const least = leastUtilisation(bound, served);
  return least > 0 ? served / least : 1;
}

/**
 * Share of all traffic that a placement surely delivers at full demand, when all files together are asked for as much as
 * all servers together can send: what is predicted for each server, cut off at its throughput. Holes count as not
 * delivered. No placement reaches more than `mostServed(bound, 1)`.
 */
export function servedAtFull(servers: readonly PlacementServer[], predicted: PredictedLoad): number {
  const throughput = new Map(servers.map(({ id, throughputBps }) => [id, throughputBps]));
  const all = servers.reduce((sum, server) => sum + server.throughputBps, 0);
  const served = 1 - predicted.holePercent / 100;
  return predicted.servers.reduce(
    (sum, { serverId, trafficShare }) =>
      sum + Math.min(served * trafficShare, all > 0 ? (throughput.get(serverId) ?? 0) / all : 0),
    0,
  );
}

/** P: share of all traffic that the densest so many bytes draw. A file's bytes are all as dense as the file. */
function densest(files: readonly FileDemand[]): (bytes: number) => number {
  const wanted = files.some((file) => file.playsPerDay * file.sizeBytes > 0);
  const plays = Float64Array.from(files, (file) => (wanted ? file.playsPerDay : 1));
  const order = Uint32Array.from(files, (_, i) => i).sort((a, b) => (plays[b] ?? 0) - (plays[a] ?? 0));
  const depth = new Float64Array(files.length + 1);
  const drawn = new Float64Array(files.length + 1);
  order.forEach((file, i) => {
    const size = files[file]?.sizeBytes ?? 0;
    depth[i + 1] = (depth[i] ?? 0) + size;
    drawn[i + 1] = (drawn[i] ?? 0) + size * (plays[file] ?? 0);
  });
  const all = drawn[files.length] ?? 0;
  return (bytes) => {
    if (all === 0 || bytes >= (depth[files.length] ?? 0)) return 1;
    const next = firstAbove(depth, bytes);
    const [from, to] = [depth[next - 1] ?? 0, depth[next] ?? 0];
    const [below, above] = [drawn[next - 1] ?? 0, drawn[next] ?? 0];
    return (below + ((above - below) * (bytes - from)) / (to - from)) / all;
  };
}

/** The first place of an ascending row whose value is above a number that is at least the first and below the last. */
function firstAbove(ascending: Float64Array, value: number): number {
  let low = 0;
  let high = ascending.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] ?? 0) <= value) low = middle;
    else high = middle;
  }
  return high;
}
