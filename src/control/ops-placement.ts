// The operator's placement panel: the plan in force with its pictures, why a file is where it is, what plans moved.
import type { FileDemand, PlacementServer } from "#model/placement.ts";
import { churnDays } from "#place/churn-days.ts";
import { explainFile } from "#place/explain-file.ts";
import { picturesOf } from "#place/pictures.ts";
import type { OpsPlacement } from "#wire/ops.ts";
import type { OpsPlacementChurn, OpsPlacementExplain } from "#wire/ops-placement.ts";
import type { Catalogue } from "./catalogue.ts";
import type { Network } from "./network.ts";
import type { PlanInForce } from "./place-titles.ts";
import type { ControlPorts } from "./ports.ts";

type StorePorts = Pick<ControlPorts, "stores">;

/** What the plan's pictures and reasons are computed from besides the plan. */
export interface PlacementFacts {
  readonly ports: StorePorts;
  readonly catalogue: Catalogue;
  readonly network: Network;
  readonly inForce: PlanInForce;
}

export async function opsPlacementOf(facts: PlacementFacts): Promise<OpsPlacement> {
  const { plan, epoch, createdAtMs } = facts.inForce;
  const demand = new Map((await demandOf(facts)).map((file) => [file.id, file]));
  const { theory } = plan;
  const { servers, uniform, bands } = picturesOf(plan, serversOf(facts.network));
  return {
    epoch,
    createdAtMs,
    cutoff: plan.cutoff,
    lambda: plan.lambda,
    weights: [...plan.weights],
    head: [...plan.head],
    files: plan.assignment.map((file) => ({
      fileId: file.fileId,
      sizeBytes: demand.get(file.fileId)?.sizeBytes ?? 0,
      playsPerDay: demand.get(file.fileId)?.playsPerDay ?? 0,
      band: file.band,
      serverIds: [...file.serverIds],
      because: file.because,
    })),
    predicted: { ...plan.predicted, servers: [...plan.predicted.servers] },
    theory: theory && {
      ...theory,
      curve: [...theory.curve],
      bands: theory.bands.map((band) => ({ ...band, weights: [...band.weights] })),
    },
    pictures: {
      servers: [...servers],
      uniform: { ...uniform, arcs: [...uniform.arcs] },
      bands: bands.map((band) => ({ ...band, arcs: [...band.arcs] })),
    },
  };
}

/** Undefined when neither the plan nor the catalogue has the file. Popularity is that of the latest planning. */
export async function opsExplainFileOf(
  facts: PlacementFacts,
  fileId: string,
  minCopies: number,
): Promise<OpsPlacementExplain | undefined> {
  const [files, servers] = [await demandOf(facts), serversOf(facts.network)];
  const found = explainFile({ plan: facts.inForce.plan, files, servers, minCopies }, fileId);
  if (found === undefined) return undefined;
  const { drawn } = found;
  return { ...found, serverIds: [...found.serverIds], drawn: drawn && { ...drawn, rows: [...drawn.rows] } };
}

export async function opsChurnOf({ stores }: StorePorts): Promise<OpsPlacementChurn> {
  return { days: churnDays(await stores.plans.moved()) };
}

function serversOf(network: Network): PlacementServer[] {
  return [...network.appliances.values()].map((box) => ({
    id: box.id,
    siteId: box.siteId,
    storageBytes: box.storage,
    throughputBps: box.throughput,
  }));
}

async function demandOf({ ports, catalogue }: PlacementFacts): Promise<FileDemand[]> {
  const plays = new Map((await ports.stores.plans.popularity()).map((row) => [row.fileId, row.playsPerDay]));
  return [...catalogue.titles.values()].flatMap((title) =>
    title.package.renditions.map((rendition) => {
      const id = `${title.id}/${rendition.id}`;
      return { id, titleId: title.id, sizeBytes: rendition.bytes, playsPerDay: plays.get(id) ?? 0 };
    }),
  );
}
