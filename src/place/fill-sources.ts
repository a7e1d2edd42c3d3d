// Whom a box asks for a file it lacks: peers of its cluster, then the tier of other clusters by the cost of the way, then
// the origin. One box of a cluster, its fill master, asks outside at once; the others wait for it, one longer than the other.
import { unitInterval } from "#units/hash.ts";
import type { FillBox, FillFile, Way } from "./fill-facts.ts";
import type { PlaceSettings } from "./settings.ts";
import { byText } from "./stock.ts";

export interface RankedSource {
  /** Undefined: the origin. */
  readonly boxId: string | undefined;
  readonly kind: "peer" | "tier" | "origin";
  /** Not before the file could have been fetched for so long. */
  readonly afterMs: number;
}

/** Boxes that may be asked, in groups of equals, best first. */
export interface Rings {
  readonly peers: readonly (readonly FillBox[])[];
  readonly others: readonly (readonly FillBox[])[];
}

type WaitSettings = Pick<
  PlaceSettings,
  "fillSources" | "fillTierWaitMs" | "fillNetworkWaitMs" | "fillOriginWaitMs"
>;

/**
 * How long to wait for a fill master that is well. One that has a night's work takes most of the night to come to its last
 * file, and is not late for that; one that is not well is replaced without any wait.
 */
export function patientWaits(
  settings: WaitSettings & Pick<PlaceSettings, "fillHours" | "fillMasterPercent">,
): WaitSettings {
  const least = (settings.fillHours * 3_600_000 * settings.fillMasterPercent) / 100;
  return {
    fillSources: settings.fillSources,
    fillTierWaitMs: Math.max(settings.fillTierWaitMs, least),
    fillNetworkWaitMs: Math.max(settings.fillNetworkWaitMs, least),
    fillOriginWaitMs: Math.max(settings.fillOriginWaitMs, least),
  };
}

/** The longest wait that can be told: a day. */
const longestWaitMs = 86_400_000;

/** Everybody whom this box may ask, once for all its files. Boxes that are not well are left out, busy ones come last. */
export function ringsOf(
  me: Pick<FillBox, "id" | "siteId" | "clusterId">,
  boxes: Iterable<FillBox>,
  wayFrom: (siteId: string) => Way,
  busy: number,
): Rings {
  const peers = new Map<string, Candidate>();
  const others = new Map<string, Candidate>();
  for (const box of boxes) {
    if (box.id === me.id || !box.isHealthy) continue;
    const cost = costOf(me, box, wayFrom(box.siteId), busy);
    const ring = box.clusterId === me.clusterId || box.siteId === me.siteId ? peers : others;
    const key = cost.join(" ");
    const known = ring.get(key);
    if (known === undefined) ring.set(key, { cost, boxes: [box] });
    else known.boxes.push(box);
  }
  return { peers: byCost(peers), others: byCost(others) };
}

interface Candidate {
  readonly cost: readonly number[];
  readonly boxes: FillBox[];
}

/** Compared number by number; what is unknown is last. */
function costOf(
  me: Pick<FillBox, "siteId">,
  box: FillBox,
  { asPathLength, kind, km }: Way,
  busy: number,
): readonly number[] {
  const isBusy = box.load > busy ? 1 : 0;
  if (box.siteId === me.siteId) return [isBusy, 0, 0, 0, 0];
  const unknown = Number.POSITIVE_INFINITY;
  return [isBusy, 1, asPathLength ?? unknown, kind === "exchange" ? 0 : 1, km ?? unknown];
}

function byCost(ring: ReadonlyMap<string, Candidate>): FillBox[][] {
  const difference = (a: Candidate, b: Candidate): number => {
    const at = a.cost.findIndex((part, i) => part !== b.cost[i]);
    return at < 0 || (a.cost[at] ?? 0) < (b.cost[at] ?? 0) ? -1 : 1;
  };
  return [...ring.values()].sort(difference).map(({ boxes }) => boxes);
}

/**
 * Sources of one file, best first. `turn` 0 is a fill master; the box whose turn is k waits k times as long, so that a
 * master that is late is followed by one box, not by all.
 */
export function sourcesFor(
  fileId: string,
  meId: string,
  rings: Rings,
  turn: number,
  settings: WaitSettings,
): readonly RankedSource[] {
  const wait = (ms: number): number => Math.min(longestWaitMs, Math.round(turn * ms));
  const { fillSources } = settings;
  const peers = holdersIn(rings.peers, fileId, meId, fillSources);
  const others = holdersIn(rings.others, fileId, meId, 2 * fillSources);
  return [
    ...peers.map((boxId) => ({ boxId, kind: "peer" as const, afterMs: 0 })),
    ...others.map((boxId, place) => ({
      boxId,
      kind: "tier" as const,
      afterMs: wait(place < fillSources ? settings.fillTierWaitMs : settings.fillNetworkWaitMs),
    })),
    { boxId: undefined, kind: "origin", afterMs: wait(settings.fillOriginWaitMs) },
  ];
}

/** Among equals each box begins with another one. */
function holdersIn(
  groups: readonly (readonly FillBox[])[],
  fileId: string,
  meId: string,
  most: number,
): string[] {
  const found: string[] = [];
  const turnOf = (id: string): number => unitInterval(`${fileId} ${meId} ${id}`);
  for (const group of groups) {
    if (found.length >= most) break;
    const holders = group.filter((box) => box.holds(fileId)).map(({ id }) => id);
    if (holders.length > 1) holders.sort((a, b) => turnOf(a) - turnOf(b));
    found.push(...holders);
  }
  return found.slice(0, most);
}

/** Every box that may be asked, by id, best first. */
export type Nearest = ReadonlyMap<
  string,
  { readonly box: FillBox; readonly kind: "peer" | "tier"; readonly place: number }
>;

export function nearestOf(rings: Rings): Nearest {
  const peers = rings.peers.flat().map((box) => ({ box, kind: "peer" as const }));
  const others = rings.others.flat().map((box) => ({ box, kind: "tier" as const }));
  return new Map([...peers, ...others].map(({ box, kind }, place) => [box.id, { box, kind, place }]));
}

/** Of the places of a file that everybody holds, so many are looked at. */
const placesLookedAt = 32;

/** Of a held file, for when it rots: the nearest of its planned places, and the origin. Nobody is looked for far and wide. */
export function sourcesOfHeld(
  file: FillFile,
  me: FillBox,
  nearest: Nearest,
  most: number,
): readonly RankedSource[] {
  const places = file.serverIds.slice(0, placesLookedAt).flatMap((id) => nearest.get(id) ?? []);
  places.sort((a, b) => a.place - b.place);
  const sources: RankedSource[] = [];
  for (const { box, kind } of places) {
    if (sources.length === most) break;
    if (box.id !== me.id && box.holds(file.id)) sources.push({ boxId: box.id, kind, afterMs: 0 });
  }
  return [...sources, { boxId: undefined, kind: "origin", afterMs: 0 }];
}

/**
 * 0 for the first `masters` boxes of the cluster that lack the file, in the file's weighted rendezvous order; 1 for the
 * next, and so on. Who already was told to lead stays: it may be in the middle of the download. One that is not well leads
 * nothing, and one that puts the file off is not waited for.
 */
export function turnOf(
  file: FillFile,
  me: FillBox,
  cluster: ReadonlyMap<string, FillBox>,
  masters: number,
): number {
  const others = file.serverIds.flatMap((id) => {
    const box = id === me.id ? undefined : cluster.get(id);
    return box?.isHealthy === true && !box.holds(file.id) && !box.defers(file.id) ? [box] : [];
  });
  if (others.length < masters) return 0;
  const needing = me.isHealthy ? [...others, me] : others;
  const order = byDraw(file.id, needing);
  const leading = order.filter((box) => box.leads(file.id));
  const place = [...leading, ...order.filter((box) => !box.leads(file.id))].indexOf(me);
  return Math.max(0, (place < 0 ? needing.length : place) - masters + 1);
}

/** Weighted rendezvous: the same order wherever it is asked, the quicker boxes more often first. */
export function byDraw(fileId: string, boxes: readonly FillBox[]): readonly FillBox[] {
  const keys = new Map(
    boxes.map((box) => [box, -Math.log(unitInterval(`${fileId}\n${box.id}`)) / box.throughputBps]),
  );
  return boxes.toSorted((a, b) => (keys.get(a) ?? 0) - (keys.get(b) ?? 0) || byText(a.id, b.id));
}
