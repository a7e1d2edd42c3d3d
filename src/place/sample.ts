// Clusters and catalogues for tests and benchmarks: seeded, never real.
import type { FileDemand, PlacementServer } from "#model/placement.ts";
import { type Random, seededRandom } from "#units/random.ts";

/** `count` boxes alike: terabytes of storage and Gbit/s. */
export function boxes(prefix: string, count: number, terabytes: number, gigabits: number): PlacementServer[] {
  return Array.from({ length: count }, (_, i) => ({
    id: `${prefix}${i + 1}`,
    siteId: "cluster",
    storageBytes: terabytes * 1e12,
    throughputBps: gigabits * 1e9,
  }));
}

/**
 * A catalogue of `count` files, one per title, whose sizes are lognormal (σ = 0.9) and sum to `totalBytes`, and whose
 * plays fall with rank as Zipf's law says.
 */
export function zipfCatalogue(order: {
  readonly count: number;
  readonly exponent: number;
  readonly totalBytes: number;
  readonly seed: number;
}): FileDemand[] {
  const random = seededRandom(order.seed);
  const sizes = Array.from({ length: order.count }, () => Math.exp(0.9 * normal(random)));
  const scale = order.totalBytes / sizes.reduce((sum, size) => sum + size, 0);
  return sizes.map((size, i) => ({
    id: `file-${i}`,
    titleId: `file-${i}`,
    sizeBytes: Math.floor(size * scale),
    playsPerDay: 1e6 / (i + 1) ** order.exponent,
  }));
}

/** Box–Muller. */
function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}

/**
 * Clusters of unlike boxes, as the sizes that Open Connect publishes make them: 200 TB at 40 Gbit/s on disks, 18 TB at
 * 100 Gbit/s on flash. C has a third kind between them. Source: placement research §1.1, §1.4.
 */
export const sampleClusters: Readonly<Record<"A" | "B" | "C", readonly PlacementServer[]>> = {
  A: [...boxes("storage", 1, 200, 40), ...boxes("flash", 2, 18, 100)],
  B: [...boxes("storage", 4, 200, 40), ...boxes("flash", 4, 18, 100)],
  C: [...boxes("storage", 2, 200, 40), ...boxes("middle", 2, 100, 90), ...boxes("flash", 2, 18, 100)],
};

/** Bytes that all boxes together hold. */
export function storageOf(servers: readonly PlacementServer[]): number {
  return servers.reduce((sum, server) => sum + server.storageBytes, 0);
}
