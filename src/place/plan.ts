// The plan as objects: what control, the command line and the pages speak. The work is done in columns (engine.ts).
import { defaultsOf } from "#config/setting.ts";
import type { FileDemand, PlacedFile, PlacementPlan, PlacementServer } from "#model/placement.ts";
import { applianceId } from "#units/id.ts";
import { type FileColumns, hashColumn, nobody, type PreviousColumns } from "./columns.ts";
import type { Crossings } from "./crossings.ts";
import { type PlannedColumns, planColumns } from "./engine.ts";
import { type PlaceSettings, placeSettings } from "./settings.ts";
import { fileFault, serverFault } from "./stock.ts";

export interface PlanOrder {
  readonly servers: readonly PlacementServer[];
  readonly files: readonly FileDemand[];
  readonly minCopies: number;
  /** Yesterday's plan: what is held stays where the numbers allow. */
  readonly previous?: PreviousPlan | undefined;
  /** What crossed which depth in the last days (`crossingsOf`): the cutoff goes where least moves. */
  readonly crossings?: Crossings | undefined;
  /** Number of the day that is planned for; one before the previous plan's is refused. */
  readonly epoch?: number | undefined;
}

export interface PreviousPlan {
  readonly cutoff: number;
  /** Boxes of each file, in the plan's order. */
  readonly assignment: Readonly<Record<string, readonly string[]>>;
  /** Band of each file; where it is absent it is guessed from the boxes. */
  readonly bands?: Readonly<Record<string, PlacedFile["band"]>> | undefined;
  /** Of more than two bands: how many, and the number of each drawn file's. */
  readonly drawnIn?: DrawnIn | undefined;
  /** Each server's weights; where they are absent, a server that held nothing is new and no other has gained. */
  readonly weights?: PlacementPlan["weights"] | undefined;
  readonly epoch?: number | undefined;
}

export interface DrawnIn {
  readonly count: number;
  readonly of: Readonly<Record<string, number>>;
}

export type Planning =
  | { readonly kind: "planned"; readonly plan: PlacementPlan }
  | { readonly kind: "refused"; readonly because: string };

/** Plans one cluster. The same order gives the same plan, in whatever order its lists come. */
export function plan(order: PlanOrder, settings: PlaceSettings = defaultsOf(placeSettings)): Planning {
  const because = serverFault(order.servers) ?? fileFault(order.files);
  if (because !== undefined) return { kind: "refused", because };
  const files = columnsOfFiles(order.files);
  const previous = columnsOfPrevious(order);
  const planning = planColumns({ ...order, files, previous }, settings);
  if (planning.kind === "refused") return planning;
  return { kind: "planned", plan: asObjects(order, planning.plan) };
}

/** What tomorrow's order needs of today's plan. */
export function previousOf(made: PlacementPlan, epoch?: number): PreviousPlan {
  return {
    cutoff: made.cutoff,
    assignment: Object.fromEntries(made.assignment.map((file) => [file.fileId, file.serverIds])),
    bands: Object.fromEntries(made.assignment.map((file) => [file.fileId, file.band])),
    drawnIn: drawnIn(made.assignment, made.theory?.bands.length ?? 2),
    weights: made.weights,
    epoch,
  };
}

/** "popular" and "tail" say which of two bands, not which of more. */
export function drawnIn(
  files: readonly { readonly fileId: string; readonly drawn?: { readonly band: number } | undefined }[],
  count: number,
): DrawnIn | undefined {
  if (count <= 2) return undefined;
  const of = Object.fromEntries(files.flatMap(({ fileId, drawn }) => (drawn ? [[fileId, drawn.band]] : [])));
  return { count, of };
}

export function columnsOfFiles(files: readonly FileDemand[]): FileColumns {
  const count = files.length;
  return {
    count,
    sizeBytes: Float64Array.from(files, (file) => file.sizeBytes),
    playsPerDay: Float64Array.from(files, (file) => file.playsPerDay),
    titleHash: hashColumn(
      files.map((file) => file.titleId),
      count,
    ),
    fileHash: hashColumn(
      files.map((file) => file.id),
      count,
    ),
  };
}

const bandCodes = { hole: 0, head: 1, popular: 2, tail: 3 };

function columnsOfPrevious({ previous, files, servers }: PlanOrder): PreviousColumns | undefined {
  if (previous === undefined) return undefined;
  const numbers = new Map(servers.map((server, number) => [server.id, number]));
  const starts = new Uint32Array(files.length + 1);
  const boxes: number[] = [];
  files.forEach((file, i) => {
    // A file may be called "constructor".
    const known = Object.hasOwn(previous.assignment, file.id) ? previous.assignment[file.id] : undefined;
    for (const id of known ?? []) boxes.push(numbers.get(id) ?? nobody);
    starts[i + 1] = boxes.length;
  });
  const { cutoff, epoch } = previous;
  const bands = bandsBefore(previous, files);
  const weights = previous.weights && weightColumns(previous.weights, servers);
  return { cutoff, starts, boxes: Uint16Array.from(boxes), bands, weights, epoch };
}

function bandsBefore(
  { bands, drawnIn }: PreviousPlan,
  files: readonly FileDemand[],
): PreviousColumns["bands"] {
  if (bands === undefined) return undefined;
  const code = (id: string): number => {
    const number = drawnIn !== undefined && Object.hasOwn(drawnIn.of, id) ? drawnIn.of[id] : undefined;
    if (number !== undefined) return 2 + number;
    return bandCodes[(Object.hasOwn(bands, id) ? bands[id] : undefined) ?? "hole"];
  };
  return { of: Uint8Array.from(files, (file) => code(file.id)), count: drawnIn?.count ?? 2 };
}

function weightColumns(
  weights: PlacementPlan["weights"],
  servers: readonly PlacementServer[],
): PreviousColumns["weights"] {
  const known = new Map(weights.map((one) => [one.serverId, one]));
  return {
    alpha: Float64Array.from(servers, ({ id }) => known.get(id)?.alpha ?? 0),
    beta: Float64Array.from(servers, ({ id }) => known.get(id)?.beta ?? 0),
  };
}

function asObjects({ servers, files }: PlanOrder, made: PlannedColumns): PlacementPlan {
  const ids = servers.map((server) => applianceId(server.id));
  const idsOf = (numbers: Uint16Array): PlacedFile["serverIds"] =>
    Array.from(numbers, (number) => ids[number] ?? applianceId(""));
  const everywhere = idsOf(made.everywhere);
  const assignment = Array.from(made.densest, (i): PlacedFile => {
    const code = made.band[i] ?? 0;
    const held = made.boxes.subarray(made.starts[i] ?? 0, made.starts[i + 1] ?? 0);
    return {
      fileId: files[i]?.id ?? "",
      band: bandName(code, made.popularBands),
      serverIds: code === 1 ? everywhere : idsOf(held),
      because: made.because(i),
      drawn: made.drawn(i),
    };
  });
  const head = assignment.flatMap((file) => (file.band === "head" ? [file.fileId] : []));
  return { ...made.summary, head, assignment };
}

function bandName(code: number, popularBands: number): PlacedFile["band"] {
  if (code === 0) return "hole";
  if (code === 1) return "head";
  return code - 2 < popularBands ? "popular" : "tail";
}
