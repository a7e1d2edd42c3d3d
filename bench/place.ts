// Claim: on a cluster of unlike boxes HCA uses more of the throughput, with fewer holes, than uniform consistent hashing.
import { defaultsOf } from "#config/setting.ts";
import { uniformRing } from "#place/baseline.ts";
import { plan } from "#place/plan.ts";
import { boxes, zipfCatalogue } from "#place/sample.ts";
import { placeSettings } from "#place/settings.ts";
import type { BenchResult } from "./bench.ts";

/** Cluster B of the literature's sizes: 4 × (200 TB, 40 Gbit/s) and 4 × (18 TB, 100 Gbit/s), filled to 97 %. */
const servers = [...boxes("storage", 4, 200, 40), ...boxes("flash", 4, 18, 100)];
const capacity = servers.reduce((sum, box) => sum + box.storageBytes, 0);

export async function bench(quick: boolean): Promise<BenchResult> {
  const settings = defaultsOf(placeSettings);
  const rows: Record<string, string | number>[] = [];
  for (const exponent of [0.9, 1]) {
    const files = zipfCatalogue({
      count: quick ? 20_000 : 100_000,
      exponent,
      totalBytes: capacity * 0.96,
      seed: 7,
    });
    const ring = uniformRing({ servers, files }, settings.headroomPercent);
    const begun = performance.now();
    const hca = plan({ servers, files, minCopies: 1, previous: undefined }, settings);
    const took = performance.now() - begun;
    if (hca.kind === "refused" || "kind" in ring) throw new Error("the benchmark's own input was refused");
    const { effectiveCapacity, holePercent } = hca.plan.predicted;
    rows.push(row("uniform ring (reference)", exponent, ring.effectiveCapacity, ring.holePercent));
    rows.push({
      ...row("HCA", exponent, effectiveCapacity, holePercent),
      ratio: (effectiveCapacity / ring.effectiveCapacity).toFixed(2),
      planMs: Math.round(took),
    });
  }
  return { claim: "effective capacity of HCA ÷ uniform ring", rows };
}

function row(
  what: string,
  zipf: number,
  capacityShare: number,
  holes: number,
): Record<string, string | number> {
  return { what, zipf, effectiveCapacity: capacityShare.toFixed(3), holePercent: holes.toFixed(2) };
}
