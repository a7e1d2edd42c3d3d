// Why one file lies where it lies, with every number that its draw was made from: enough to do it again by hand.
import type { FileDemand, PlacedFile, PlacementPlan } from "#model/placement.ts";
import { becauseNoPiece } from "./because.ts";
import { bandsOf } from "./pictures.ts";
import { bandOf, draws, preference, sortKeys } from "./rendezvous.ts";
import { byText } from "./stock.ts";

export interface ExplainOrder {
  readonly plan: PlacementPlan;
  /** What the plan was made from. */
  readonly files: readonly FileDemand[];
  readonly minCopies: number;
  /** Who held the file before this plan, if known. */
  readonly before?: readonly string[] | undefined;
}

/** One server's lot. */
export interface DrawRow {
  readonly serverId: string;
  /** The title's number for this server, in (0, 1). */
  readonly u: number;
  /** The server's weight in the band. */
  readonly weight: number;
  /** π: its chance to be among the drawn copies; absent for a single copy. */
  readonly chance?: number | undefined;
  /** Least wins; absent for a server without weight, which comes last. */
  readonly key?: number | undefined;
  /** 1 is the most preferred. */
  readonly order: number;
  readonly holds: boolean;
  readonly heldBefore: boolean;
  /** Without it although preferred to one that holds it, or although a copy is missing: it had no room left. */
  readonly passedOver: boolean;
}

export interface FileExplanation {
  readonly fileId: string;
  readonly titleId: string;
  readonly sizeBytes: number;
  readonly playsPerDay: number;
  /** By plays a day, 1 first, among `of` files. */
  readonly rank: number;
  readonly of: number;
  /** Of all traffic. */
  readonly trafficShare: number;
  readonly band: PlacedFile["band"];
  readonly serverIds: readonly string[];
  readonly because: string;
  readonly copies: { readonly held: number; readonly wanted: number; readonly drawn: number };
  /** Only files below the head are drawn. */
  readonly drawn?: Drawn | undefined;
}

export interface Drawn {
  /** Middle of the file in the stored bytes below the head, densest first. */
  readonly depth: number;
  readonly cutoff: number;
  /** Number of the band, from 0, and the depths it spans. */
  readonly band: number;
  readonly from: number;
  readonly to: number;
  /** It lies in another band but stays with the servers that hold it. */
  readonly stayed: boolean;
  /** "exponential": −ln(u) ÷ w. "pareto": u(1−π) ÷ ((1−u)π). */
  readonly formula: "exponential" | "pareto";
  readonly rows: readonly DrawRow[];
}

/** Undefined when the plan or the files do not have it. */
export function explainFile(order: ExplainOrder, fileId: string): FileExplanation | undefined {
  const { plan, files, minCopies } = order;
  const placed = plan.assignment.find((one) => one.fileId === fileId);
  const file = files.find((one) => one.id === fileId);
  if (placed === undefined || file === undefined) return undefined;
  const wanted = files.some((one) => one.playsPerDay * one.sizeBytes > 0);
  const traffic = (one: FileDemand): number => (wanted ? one.playsPerDay : 1) * one.sizeBytes;
  const all = files.reduce((sum, one) => sum + traffic(one), 0);
  const copies = plan.theory?.copies ?? minCopies;
  return {
    fileId,
    titleId: file.titleId,
    sizeBytes: file.sizeBytes,
    playsPerDay: file.playsPerDay,
    rank: 1 + files.filter((one) => denser(one, file)).length,
    of: files.length,
    trafficShare: all > 0 ? traffic(file) / all : 0,
    band: placed.band,
    serverIds: placed.serverIds,
    because: placed.because,
    copies: { held: placed.serverIds.length, wanted: minCopies, drawn: copies },
    drawn:
      placed.band === "head" || placed.serverIds.length === 0
        ? undefined
        : drawnOf(order, { file, placed, copies }),
  };
}

function denser(a: FileDemand, b: FileDemand): boolean {
  return a.playsPerDay > b.playsPerDay || (a.playsPerDay === b.playsPerDay && byText(a.id, b.id) < 0);
}

interface Given {
  readonly file: FileDemand;
  readonly placed: PlacedFile;
  readonly copies: number;
}

function drawnOf(order: ExplainOrder, given: Given): Drawn {
  const { plan, minCopies } = order;
  const { file, placed, copies } = given;
  const bands = bandsOf(plan);
  const depth = depthOf(order, file);
  const serverIds = plan.weights.map((one) => one.serverId);
  const u = draws(file.titleId, serverIds);
  const lots = bands.map((band) => {
    const drawing = bandOf(band.weights, copies);
    return { band, drawing, order: preference(u, drawing) };
  });
  const held = new Set<string>(placed.serverIds);
  const own = Math.max(
    0,
    bands.findIndex((band) => depth <= band.to),
  );
  const isHeld = (box: number): boolean => held.has(serverIds[box] ?? "");
  const number =
    bands.length === 2 ? (placed.band === "popular" ? 0 : 1) : bandHeld(lots, { own, copies, isHeld });
  const lot = lots[number];
  const keys = lot === undefined ? [] : sortKeys(u, lot.drawing);
  const last = (lot?.order ?? []).findLastIndex(isHeld);
  const rows = (lot?.order ?? []).map((box, i): DrawRow => {
    const serverId = serverIds[box] ?? "";
    return {
      serverId,
      u: u[box] ?? 0,
      weight: lot?.band.weights[box] ?? 0,
      chance: lot?.drawing.inclusion?.[box],
      key: finite(keys[box]),
      order: i + 1,
      holds: held.has(serverId),
      heldBefore: order.before?.includes(serverId) === true,
      passedOver: !held.has(serverId) && (i < last || held.size < minCopies),
    };
  });
  return {
    depth,
    cutoff: plan.cutoff,
    band: number,
    from: lot?.band.from ?? 0,
    to: lot?.band.to ?? 1,
    stayed: number !== own,
    formula: copies === 1 ? "exponential" : "pareto",
    rows,
  };
}

/**
 * The band whose draw the holders are: the file's own, or one beside it whose first boxes hold the file when its own do
 * not. Where neither fits, servers without room were passed over and it is its own.
 */
function bandHeld(
  lots: readonly { readonly order: readonly number[] }[],
  held: { readonly own: number; readonly copies: number; readonly isHeld: (box: number) => boolean },
): number {
  const { own, copies, isHeld } = held;
  const fits = (number: number): boolean => {
    const first = lots[number]?.order.slice(0, copies) ?? [];
    return first.length > 0 && first.every(isHeld);
  };
  return [own, own - 1, own + 1].find(fits) ?? own;
}

/** Stored bytes in front of the file's middle, over all below the head. */
function depthOf({ plan, files }: ExplainOrder, file: FileDemand): number {
  const placed = new Map(plan.assignment.map((one) => [one.fileId, one]));
  let [before, all] = [file.sizeBytes / 2, 0];
  for (const one of files) {
    const { band, because } = placed.get(one.id) ?? { band: "hole", because: "" };
    // What was to be stored and found no room in one piece was counted by the plan.
    if (band === "head" || (band === "hole" && because !== becauseNoPiece(one.sizeBytes))) continue;
    all += one.sizeBytes;
    if (denser(one, file)) before += one.sizeBytes;
  }
  return all > 0 ? before / all : 0;
}

function finite(value: number | undefined): number | undefined {
  return value !== undefined && Number.isFinite(value) ? value : undefined;
}
