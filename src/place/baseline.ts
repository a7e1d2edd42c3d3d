// What the plan is compared with: one copy of each file on the owner that a simple rule draws. For measurement only.
import type { FileDemand, PlacementServer, PredictedLoad } from "#model/placement.ts";
import { type Owners, ringOwners, weightedOwners } from "./owners.ts";
import { predict } from "./predict.ts";
import { type Box, byText, type StockFile, takeStock } from "./stock.ts";

/** Every box alike on a ring of tokens; in proportion to storage; in proportion to throughput. */
export const ownerRules = ["uniform ring", "storage-weighted", "throughput-weighted"] as const;
export type OwnerRule = (typeof ownerRules)[number];

export interface BaselineOrder {
  readonly servers: readonly PlacementServer[];
  readonly files: readonly FileDemand[];
  readonly headroomPercent: number;
  readonly rule: OwnerRule;
  /** What becomes of a file whose owner has no room: nobody holds it, or the next owner with room does. */
  readonly whenFull: "hole" | "next";
  /** Ids of files that every box is given before all others, as the plan gives its head. */
  readonly head: readonly string[];
  /** Yesterday's boxes of each file, for the churn. */
  readonly previous?: ReadonlyMap<string, readonly string[]> | undefined;
  /** Places of each box on the ring; 1000 is Apache Traffic Router's default. */
  readonly tokens?: number | undefined;
}

export type Baseline =
  | {
      readonly kind: "placed";
      /** Boxes of each file; none for a hole. */
      readonly assignment: ReadonlyMap<string, readonly string[]>;
      /** Traffic divided over holders as the plan's is. */
      readonly predicted: PredictedLoad;
      /** Of each server, in the order of `predicted.servers`: traffic ÷ throughput, relative to all servers together. */
      readonly utilisation: readonly number[];
    }
  | { readonly kind: "refused"; readonly because: string };

/** Head files on every box, then the rest, densest first, one copy each. Refuses what the plan refuses. */
export function baseline(order: BaselineOrder): Baseline {
  const stock = takeStock({ ...order, minCopies: 1 });
  if (stock.kind === "refused") return stock;
  const { boxes, files } = stock;
  const head = new Set(order.head);
  const put = filling(boxes);
  const placed = new Map<string, readonly string[]>();
  const everywhere = boxes.map((_, box) => box);
  for (const file of files) if (head.has(file.id)) placed.set(file.id, put(file, everywhere, boxes.length));
  const owners = ownersBy(order, boxes);
  for (const file of files) {
    if (head.has(file.id)) continue;
    const onFirst = put(file, [owners.first(file.id)], 1);
    const spills = onFirst.length === 0 && order.whenFull === "next";
    placed.set(file.id, spills ? put(file, owners.all(file.id), 1) : onFirst);
  }
  const servers = order.servers.toSorted((a, b) => byText(a.id, b.id));
  const holdings = files.map((file) => ({ file, serverIds: placed.get(file.id) ?? [] }));
  const predicted = predict({ servers, holdings, previous: order.previous ?? new Map() });
  return { kind: "placed", assignment: placed, predicted, utilisation: utilisationOf(servers, predicted) };
}

/** Gives a file to the first of some boxes that have room, to so many at most, and says to which. */
function filling(
  boxes: readonly Box[],
): (file: StockFile, candidates: readonly number[], most: number) => readonly string[] {
  const free = boxes.map((box) => box.room);
  return (file, candidates, most) => {
    const takers: string[] = [];
    for (const box of candidates) {
      const left = (free[box] ?? 0) - file.sizeBytes;
      if (left < 0 || takers.length >= most) continue;
      free[box] = left;
      takers.push(boxes[box]?.id ?? "");
    }
    return takers;
  };
}

function ownersBy(order: BaselineOrder, boxes: readonly Box[]): Owners {
  switch (order.rule) {
    case "uniform ring":
      return ringOwners(boxes, order.tokens ?? 1000);
    case "storage-weighted":
      return weightedOwners(boxes, (box) => box.room);
    case "throughput-weighted":
      return weightedOwners(boxes, (box) => box.throughput);
  }
}

function utilisationOf(servers: readonly PlacementServer[], predicted: PredictedLoad): readonly number[] {
  const all = servers.reduce((sum, server) => sum + server.throughputBps, 0);
  return servers.map(({ throughputBps }, i) => {
    const share = predicted.servers[i]?.trafficShare ?? 0;
    return share > 0 ? (share * all) / throughputBps : 0;
  });
}

/** Uniform consistent hashing without a replicated head. */
export function uniformRing(
  order: { readonly servers: readonly PlacementServer[]; readonly files: readonly FileDemand[] },
  headroomPercent: number,
): PredictedLoad | { readonly kind: "refused"; readonly because: string } {
  const made = baseline({ ...order, headroomPercent, rule: "uniform ring", whenFull: "hole", head: [] });
  return made.kind === "refused" ? made : made.predicted;
}
