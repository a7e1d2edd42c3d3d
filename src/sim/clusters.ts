// The nightly plan of each site, from what its viewers are expected to watch. The plan is place/'s, or a baseline's with the
// plan's own head, so that both are compared alike.
import type { FileDemand, PlacementServer, PredictedLoad } from "#model/placement.ts";
import { baseline, type OwnerRule } from "#place/baseline.ts";
import { type PlannedColumns, planColumns } from "#place/engine.ts";
import type { PlaceSettings } from "#place/settings.ts";
import { type Catalogue, renditionsPerTitle } from "./catalogue.ts";
import { HolderLists, type Placed, placedByLists, placedByPlan, previousColumns } from "./placed.ts";
import type { Placement } from "./scenario.ts";

/** What one site's boxes are to hold from tonight on. */
export interface ClusterPlan {
  readonly cutoff: number;
  readonly lambda: number;
  readonly placed: Placed;
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

export interface ClusterOrder {
  readonly servers: readonly PlacementServer[];
  readonly catalogue: Catalogue;
  /** Expected plays by title. */
  readonly titlePlays: Float64Array;
  readonly previous: ClusterPlan | undefined;
  readonly placement: Placement;
  readonly minCopies: number;
  readonly settings: PlaceSettings;
}

export function planCluster(order: ClusterOrder): ClusterPlanning {
  const { servers, catalogue, titlePlays, previous, placement, minCopies, settings } = order;
  const plays = filePlays(catalogue, titlePlays);
  const serverIds = servers.map(({ id }) => id);
  const before =
    previous && previousColumns(previous.placed, previous.cutoff, { serverIds, files: catalogue.files });
  const files = { ...catalogue.columns(), playsPerDay: plays };
  const planning = planColumns({ servers, files, minCopies, previous: before }, settings);
  if (planning.kind === "refused") return planning;
  if (placement !== "hca") return planBaseline(order, rules[placement], planning.plan, plays);
  const { cutoff, lambda, predicted } = planning.plan.summary;
  const placed = placedByPlan(planning.plan, serverIds);
  return { kind: "planned", plan: { cutoff, lambda, placed, predicted, plays } };
}

/** `planned`: whose head it is given as well. */
function planBaseline(
  { servers, catalogue, previous, settings }: ClusterOrder,
  rule: OwnerRule,
  { densest, band }: PlannedColumns,
  plays: Float64Array,
): ClusterPlanning {
  const { fileIds } = catalogue;
  const head = Array.from(
    densest.filter((file) => band[file] === 1),
    (file) => fileIds[file] ?? "",
  );
  const made = baseline({
    ...{ servers, head, rule, whenFull: "next", headroomPercent: settings.headroomPercent },
    files: demandOf(catalogue, plays),
    previous: previous && listsOf(previous.placed, fileIds),
  });
  if (made.kind === "refused") return made;
  const serverIds = servers.map(({ id }) => id);
  const placed = placedByLists(fileIds, serverIds, (id) => made.assignment.get(id) ?? []);
  return { kind: "planned", plan: { cutoff: 0, lambda: 0, placed, predicted: made.predicted, plays } };
}

function listsOf(placed: Placed, fileIds: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const lists = new HolderLists(placed);
  return new Map(fileIds.slice(0, placed.starts.length - 1).map((id, file) => [id, lists.of(file)]));
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
