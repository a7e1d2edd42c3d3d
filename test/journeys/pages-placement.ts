// A placement plan as the pages are told of it: made by formula, its pictures and its reasons by what control uses.
import { explainFile } from "#place/explain-file.ts";
import { picturesOf } from "#place/pictures.ts";
import { applianceId } from "#units/id.ts";
import type { OpsPlacement } from "#wire/ops.ts";
import type { OpsPlacementChurn, OpsPlacementExplain } from "#wire/ops-placement.ts";
import { boxes, home } from "./pages-fixtures.ts";

/** P(x) = x^0.4 at 41 depths, with a cutoff near where it is furthest above the diagonal. */
const theory: NonNullable<OpsPlacement["theory"]> = {
  method: "two-bands",
  curve: Array.from({ length: 41 }, (_, i) => ({ depth: i / 40, share: (i / 40) ** 0.4 })),
  feasible: { low: 0.12, high: 0.41 },
  cheapest: 0.22,
  bands: [
    { from: 0, to: 0.35, weights: boxes.map((_, i) => 0.1 + 0.1 * i) },
    { from: 0.35, to: 1, weights: boxes.map((_, i) => 0.4 - 0.1 * i) },
  ],
  headTraffic: 0.11,
};

const bands = ["head", "popular", "popular", "tail", "tail", "hole"] as const;
const placed = {
  epoch: 3,
  createdAtMs: Date.now() - 95_000,
  cutoff: 0.35,
  lambda: 0,
  weights: boxes.map((serverId, i) => ({ serverId, alpha: 0.1 + 0.1 * i, beta: 0.4 - 0.1 * i })),
  head: ["sample-film/index"],
  files: Array.from({ length: 40 }, (_, index) => ({
    fileId: `${home.rows[1]?.items[index % 6]?.id}/v${[180, 270, 360, 360][index % 4]}-${1 + (index % 2)}`,
    sizeBytes: 410_000 * (1 + (index % 5)),
    playsPerDay: 120 / (index + 1),
    band: bands[index % 6] ?? "tail",
    serverIds: index % 6 === 5 ? [] : boxes.slice(0, 1 + (index % 3)),
    because: `Rank ${index + 1} of 40 by plays per byte; at ${(index / 40).toFixed(2)} of the stored bytes, cutoff 0.35.`,
  })),
  predicted: {
    maxUtilisation: 1.08,
    effectiveCapacity: 0.926,
    holePercent: 1.7,
    churnBytes: 5_320_000,
    servers: boxes.map((serverId, i) => ({
      serverId,
      bytes: 9_000_000 - 1_900_000 * i,
      trafficShare: 0.16 + 0.06 * i,
      storageShare: 0.37 - 0.08 * i,
    })),
  },
  theory,
} satisfies Omit<OpsPlacement, "pictures">;

const placementServers = boxes.map((id, i) => ({
  id,
  siteId: "site",
  storageBytes: 9e6 - 1.9e6 * i,
  throughputBps: 1e9 * (1 + i),
}));
const asPlan = {
  ...placed,
  assignment: placed.files.map((file, index) => ({
    ...file,
    serverIds: file.serverIds.map(applianceId),
    drawn:
      file.band === "popular" || file.band === "tail"
        ? { band: file.band === "popular" ? 0 : 1, depth: index / 40, copies: 2, stayed: false }
        : undefined,
  })),
};
const pictures = picturesOf(asPlan, placementServers);
export const placement: OpsPlacement = {
  ...placed,
  pictures: {
    servers: [...pictures.servers],
    uniform: { ...pictures.uniform, arcs: [...pictures.uniform.arcs] },
    bands: pictures.bands.map((band) => ({ ...band, arcs: [...band.arcs] })),
  },
};

export const churn: OpsPlacementChurn = {
  days: Array.from({ length: 9 }, (_, i) => ({
    startMs: Date.UTC(2026, 10, 15 + i),
    plans: i === 4 ? 0 : 1,
    bytes: i === 4 ? 0 : 1e6 * (2 + ((i * 5) % 7)),
  })),
};

/** As control answers for any file: computed, so that its numbers can be checked. */
export function explained(fileId: string): OpsPlacementExplain | undefined {
  const files = placed.files.map(({ fileId: id, sizeBytes, playsPerDay }) => ({
    id,
    titleId: id.split("/")[0] ?? "",
    sizeBytes,
    playsPerDay,
  }));
  const found = explainFile({ plan: asPlan, files, servers: [], minCopies: 2 }, fileId);
  if (found === undefined) return undefined;
  const { drawn } = found;
  return { ...found, serverIds: [...found.serverIds], drawn: drawn && { ...drawn, rows: [...drawn.rows] } };
}
