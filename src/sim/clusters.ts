// The nightly plan of each site, from what its viewers are expected to watch. The plan is place/'s, or a baseline's with the
// plan's own head, so that both are compared alike.
import type { FileDemand, PlacementPlan, PlacementServer, PredictedLoad } from "#model/placement.ts";
import { baseline, type OwnerRule } from "#place/baseline.ts";
import { plan } from "#place/plan.ts";
import type { PlaceSettings } from "#place/settings.ts";
import { type Catalogue, renditionsPerTitle } from "./catalogue.ts";
import type { Placement } from "./scenario.ts";

/** What one site's boxes are to hold from tonight on. */
export interface ClusterPlan {
  readonly cutoff: number;
  readonly lambda: number;
  readonly assignment: Readonly<Record<string, readonly string[]>>;
  readonly predicted: PredictedLoad;
  /** Expected plays by file. */
  readonly plays: Float64Array;
}

export type ClusterPlanning =
  | { readonly kind: "planned"; readonly plan: ClusterPlan }
  | { readonly kind: "refused"; readonly because: string };

const rules: Readonly<Record<Exclude<Placement, "hca">, OwnerRule>> = {
  uniform: "uniform ring",
  storage: "storage-weighted",
  throughput: "throughput-weighted",
};

export function planCluster(order: {
  readonly servers: readonly PlacementServer[];
  readonly catalogue: Catalogue;
  /** Expected plays by title. */
  readonly titlePlays: Float64Array;
  readonly previous: ClusterPlan | undefined;
  readonly placement: Placement;
  readonly minCopies: number;
  readonly settings: PlaceSettings;
}): ClusterPlanning {
  const { servers, catalogue, titlePlays, previous, placement, minCopies, settings } = order;
  const plays = filePlays(catalogue, titlePlays);
  const files = demandOf(catalogue, plays);
  const planning = plan({ servers, files, minCopies, previous }, settings);
  if (planning.kind === "refused") return planning;
  if (placement === "hca") return { kind: "planned", plan: ofPlan(planning.plan, plays) };
  const made = baseline({
    servers,
    files,
    headroomPercent: settings.headroomPercent,
    rule: rules[placement],
    whenFull: "next",
    head: planning.plan.head,
    previous: new Map(Object.entries(previous?.assignment ?? {})),
  });
  if (made.kind === "refused") return made;
  const { predicted } = made;
  return {
    kind: "planned",
    plan: { cutoff: 0, lambda: 0, assignment: Object.fromEntries(made.assignment), predicted, plays },
  };
}

function filePlays(catalogue: Catalogue, titlePlays: Float64Array): Float64Array {
  const { shares } = catalogue;
  return Float64Array.from({ length: catalogue.files }, (_, file) => {
    const title = Math.floor(file / renditionsPerTitle);
    return (titlePlays[title] ?? 0) * (shares[file % renditionsPerTitle] ?? 1);
  });
}

function demandOf(catalogue: Catalogue, plays: Float64Array): FileDemand[] {
  return catalogue.fileIds.map((id, file) => ({
    id,
    titleId: catalogue.titleIds[Math.floor(file / renditionsPerTitle)] ?? "",
    sizeBytes: catalogue.sizes[file] ?? 0,
    playsPerDay: plays[file] ?? 0,
  }));
}

function ofPlan({ cutoff, lambda, assignment, predicted }: PlacementPlan, plays: Float64Array): ClusterPlan {
  const holders = Object.fromEntries(assignment.map(({ fileId, serverIds }) => [fileId, serverIds]));
  return { cutoff, lambda, assignment: holders, predicted, plays };
}
