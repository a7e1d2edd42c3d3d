// Why one file lies where it lies, with every number that its draw was made from: enough to do it again by hand.
import type { DrawnFile, FileDemand, PlacedFile, PlacementPlan, PlacementServer } from "#model/placement.ts";
import { hash64 } from "#units/hash.ts";
import { usable } from "./columns.ts";
import { asked, lotsOf, mixed, placed } from "./draw.ts";
import { bandsOf } from "./pictures.ts";
import { byText } from "./stock.ts";

export interface ExplainOrder {
  readonly plan: PlacementPlan;
  /** What the plan was made from. */
  readonly files: readonly FileDemand[];
  readonly servers: readonly PlacementServer[];
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
  /** `drawn` is absent where nothing was drawn. */
  readonly copies: { readonly held: number; readonly wanted: number; readonly drawn?: number | undefined };
  /** Only files below the head are drawn. */
  readonly drawn?: Drawn | undefined;
}

export interface Drawn {
  /** Middle of the file in the bytes stored below the head, densest first. */
  readonly depth: number;
  readonly cutoff: number;
  /** Number of the band, from 0, and the depths it spans. */
  readonly band: number;
  readonly from: number;
  readonly to: number;
  /** It lies in another band but stays with the servers that hold it. */
  readonly stayed: boolean;
  /** "exponential": −ln(1−u) ÷ w. "pareto": u(1−π) ÷ ((1−u)π), with π at most 1 − 10⁻⁹. */
  readonly formula: "exponential" | "pareto";
  /** Of every server that can hold and send and is not about to leave. */
  readonly rows: readonly DrawRow[];
}

/** Undefined when the plan or the files do not have it. */
export function explainFile(order: ExplainOrder, fileId: string): FileExplanation | undefined {
  const { plan, files, minCopies } = order;
  const file = files.find((one) => one.id === fileId);
  const found = plan.assignment.find((one) => one.fileId === fileId);
  if (found === undefined || file === undefined) return undefined;
  const wanted = files.some((one) => one.playsPerDay * one.sizeBytes > 0);
  const traffic = (one: FileDemand): number => (wanted ? one.playsPerDay : 1) * one.sizeBytes;
  const all = files.reduce((sum, one) => sum + traffic(one), 0);
  const { drawn } = found;
  return {
    fileId,
    titleId: file.titleId,
    sizeBytes: file.sizeBytes,
    playsPerDay: file.playsPerDay,
    rank: 1 + files.filter((one) => one.playsPerDay > file.playsPerDay).length,
    of: files.length,
    trafficShare: all > 0 ? traffic(file) / all : 0,
    band: found.band,
    serverIds: found.serverIds,
    because: found.because,
    copies: { held: found.serverIds.length, wanted: minCopies, drawn: drawn?.copies },
    drawn: drawn && drawnOf(order, { titleId: file.titleId, drawn, holders: found.serverIds }),
  };
}

interface Given {
  readonly titleId: string;
  readonly drawn: DrawnFile;
  readonly holders: readonly string[];
}

function drawnOf({ plan, servers, minCopies, before }: ExplainOrder, given: Given): Drawn {
  const { drawn, holders } = given;
  const band = bandsOf(plan)[drawn.band];
  const apart = new Set(servers.filter((server) => !usable(server)).map((server) => server.id));
  const lots = lotsIn(plan, band?.weights ?? [], given).filter((lot) => !apart.has(lot.serverId));
  const held = new Set(holders);
  const last = lots.findLastIndex((lot) => held.has(lot.serverId));
  const rows = lots.map((lot, i): DrawRow => {
    const holds = held.has(lot.serverId);
    const passedOver = !holds && (i < last || held.size < minCopies);
    return { ...lot, order: i + 1, holds, heldBefore: before?.includes(lot.serverId) === true, passedOver };
  });
  return {
    depth: drawn.depth,
    cutoff: plan.cutoff,
    band: drawn.band,
    from: band?.from ?? 0,
    to: band?.to ?? 1,
    stayed: drawn.stayed,
    formula: drawn.copies === 1 ? "exponential" : "pareto",
    rows,
  };
}

type Lot = Pick<DrawRow, "serverId" | "u" | "weight" | "chance" | "key">;

/** What every server asks for the title, cheapest first, by the functions that the plan was drawn with. */
function lotsIn({ weights: servers }: PlacementPlan, weights: readonly number[], given: Given): Lot[] {
  const { copies } = given.drawn;
  const ids = servers.map((one) => one.serverId);
  const lots = lotsOf({ hash: hashesOf(ids) }, weights, copies);
  const [high, low] = hash64(given.titleId);
  return ids
    .map((serverId, i): Lot => {
      const [boxHigh, boxLow] = hash64(serverId);
      const number = mixed(high, low, boxHigh, boxLow);
      const price = lots.priceOf[i] ?? Number.POSITIVE_INFINITY;
      return {
        serverId,
        u: placed(number),
        weight: weights[i] ?? 0,
        chance: copies === 1 ? undefined : chanceOf(price),
        key: price === Number.POSITIVE_INFINITY ? undefined : asked(lots, price, number),
      };
    })
    .sort(
      (a, b) =>
        (a.key ?? Number.MAX_VALUE) - (b.key ?? Number.MAX_VALUE) ||
        a.u - b.u ||
        byText(a.serverId, b.serverId),
    );
}

function hashesOf(ids: readonly string[]): Uint32Array {
  return Uint32Array.from(ids.flatMap((id) => [...hash64(id)]));
}

/** A price is (1 − π) ÷ π. */
function chanceOf(price: number): number {
  return price === Number.POSITIVE_INFINITY ? 0 : 1 / (1 + price);
}
