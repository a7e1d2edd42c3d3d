// What one server holds, and why so much of it.
import type { FileDemand, PlacedFile, PlacementPlan, PlacementServer } from "#model/placement.ts";
import type { ServerKind } from "#model/placement-picture.ts";
import { bandsOf, picturesOf } from "./pictures.ts";

export interface ServerExplanation {
  readonly serverId: string;
  readonly kind: ServerKind;
  readonly storageBytes: number;
  readonly throughputBps: number;
  readonly bytes: number;
  /** Shares in [0, 1] of the cluster's storage and throughput; of the bytes stored, and of the traffic predicted. */
  readonly ofStorage: number;
  readonly ofThroughput: number;
  readonly ofStored: number;
  readonly ofTraffic: number;
  /** ÷ the cluster's mean. */
  readonly utilisation: number;
  /** Its weight in each band, densest first. */
  readonly weights: readonly { readonly from: number; readonly to: number; readonly weight: number }[];
  readonly bands: readonly {
    readonly band: PlacedFile["band"];
    readonly files: number;
    readonly bytes: number;
  }[];
  /** Most and least played among what it holds; absent where it holds nothing. */
  readonly densest?: HeldFile | undefined;
  readonly leastDense?: HeldFile | undefined;
  readonly because: string;
}

export interface HeldFile {
  readonly fileId: string;
  readonly playsPerDay: number;
}

/** Undefined when the plan or the cluster does not have it. */
export function explainServer(
  order: {
    readonly plan: PlacementPlan;
    readonly servers: readonly PlacementServer[];
    readonly files: readonly FileDemand[];
  },
  serverId: string,
): ServerExplanation | undefined {
  const { plan, servers, files } = order;
  const server = servers.find((one) => one.id === serverId);
  const picture = picturesOf(plan, servers).servers.find((one) => one.serverId === serverId);
  if (server === undefined || picture === undefined) return undefined;
  const demand = new Map(files.map((file) => [file.id, file]));
  const held = plan.assignment.filter((file) => file.serverIds.some((id) => id === serverId));
  const number = plan.weights.findIndex((weight) => weight.serverId === serverId);
  const storage = servers.reduce((sum, one) => sum + one.storageBytes, 0);
  const facts = {
    serverId,
    kind: picture.kind,
    storageBytes: server.storageBytes,
    throughputBps: server.throughputBps,
    bytes: held.reduce((sum, file) => sum + (demand.get(file.fileId)?.sizeBytes ?? 0), 0),
    ofStorage: storage > 0 ? server.storageBytes / storage : 0,
    ofThroughput: picture.throughputShare,
    ofStored: picture.storageShare,
    ofTraffic: picture.trafficShare,
    utilisation: picture.utilisation,
    weights: bandsOf(plan).map(({ from, to, weights }) => ({ from, to, weight: weights[number] ?? 0 })),
    bands: bandsHeld(held, demand),
    ...ends(held, demand),
  };
  const because = server.state === "draining" ? becauseDraining : becauseServer(facts, plan);
  return { ...facts, because };
}

function bandsHeld(
  held: readonly PlacedFile[],
  demand: ReadonlyMap<string, FileDemand>,
): ServerExplanation["bands"] {
  return (["head", "popular", "tail"] as const).map((band) => {
    const members = held.filter((file) => file.band === band);
    const bytes = members.reduce((sum, file) => sum + (demand.get(file.fileId)?.sizeBytes ?? 0), 0);
    return { band, files: members.length, bytes };
  });
}

function ends(
  held: readonly PlacedFile[],
  demand: ReadonlyMap<string, FileDemand>,
): Pick<ServerExplanation, "densest" | "leastDense"> {
  let densest: HeldFile | undefined;
  let leastDense: HeldFile | undefined;
  for (const { fileId } of held) {
    const playsPerDay = demand.get(fileId)?.playsPerDay ?? 0;
    if (densest === undefined || playsPerDay > densest.playsPerDay) densest = { fileId, playsPerDay };
    if (leastDense === undefined || playsPerDay < leastDense.playsPerDay)
      leastDense = { fileId, playsPerDay };
  }
  return { densest, leastDense };
}

const becauseDraining =
  "It is draining: it gets no file, others are to fetch what it holds, and that is not counted here.";

function becauseServer(facts: Omit<ServerExplanation, "because">, { lambda }: PlacementPlan): string {
  const { ofStorage, ofThroughput, ofTraffic } = facts;
  if (facts.storageBytes <= 0 || facts.throughputBps <= 0) {
    return "It cannot both hold and send, so it gets no file.";
  }
  const has = `It has ${percent(ofStorage)} of the storage and ${percent(ofThroughput)} of the throughput`;
  const gets = `it is to carry ${percent(ofTraffic)} of the traffic`;
  const relaxed = lambda > 0 ? ` Targets were relaxed towards storage (λ ${lambda.toFixed(3)}).` : "";
  return `${has}, ${weighsMost(facts)}; ${gets}.${relaxed}`;
}

/** Where its weight is greatest, which says what kind of files it is for. */
function weighsMost({ weights, kind }: Omit<ServerExplanation, "because">): string {
  const [first] = weights;
  const most = weights.reduce((best, one) => (one.weight > best.weight ? one : best), {
    ...{ from: 0, to: 1, weight: 0 },
    ...first,
  });
  if (most.weight === 0) return "and the head leaves it no room for other files";
  if (weights.every(({ weight }) => weight === most.weight)) {
    return `and its weight is ${most.weight.toFixed(3)} at every depth: what several hold, steering evens out`;
  }
  const what = {
    fast: "few bytes that are played much",
    even: "some of both",
    large: "many bytes that are played little",
  };
  const where = `depths ${most.from.toFixed(3)}–${most.to.toFixed(3)}`;
  return `so it weighs most at ${where} (${most.weight.toFixed(3)}): ${what[kind]}`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
