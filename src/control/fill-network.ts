// The fleet as the fill plan sees it: every appliance of the sites file, and what the way between two sites costs.
import { readAddress } from "#bgp/address.ts";
import { type CompiledTable, lookup } from "#bgp/route-table.ts";
import { fileId } from "#model/package.ts";
import type { FillBox, FillWorld, Way } from "#place/fill-facts.ts";
import { isLive } from "#place/fill-live.ts";
import { type BoxMemory, nothingKnown, seenBox } from "#place/fill-memory.ts";
import type { PlaceSettings } from "#place/settings.ts";
import { distance } from "#steer/distance.ts";
import type { Health } from "#steer/health.ts";
import type { Catalogue } from "./catalogue.ts";
import type { Shelf } from "./fill-shelf.ts";
import { type Box, baseUrlOf, type Fleet, healthIn, type Moment } from "./fleet.ts";
import type { Network, PlacedAppliance } from "./network.ts";

export interface FillGround {
  readonly fleet: Fleet;
  readonly network: Network;
  readonly table: CompiledTable;
  readonly shelf: Shelf;
  readonly memoryOf: (applianceId: string) => BoxMemory | undefined;
  readonly settings: PlaceSettings;
  readonly now: Moment;
}

const nobodyVerified: ReadonlySet<string> = new Set();

export function fillWorldOf(ground: FillGround): FillWorld {
  const { network, shelf } = ground;
  const boxes = [...network.appliances.values()].map((box): [string, FillBox] => [
    box.id,
    fillBoxOf(ground, box),
  ]);
  return { files: shelf.files, planned: shelf.planned, boxes: new Map(boxes) };
}

function fillBoxOf(ground: FillGround, appliance: PlacedAppliance): FillBox {
  const { fleet, shelf, settings, now } = ground;
  const box = fleet.boxes.get(appliance.id);
  const facts = {
    id: appliance.id,
    siteId: appliance.siteId,
    clusterId: settings.fillCluster === "plan" ? "plan" : `site ${appliance.siteId}`,
    storageBytes: box?.report.disk.budgetBytes ?? appliance.storage,
    throughputBps: appliance.throughput,
    isHealthy: isWellToFill(healthIn(fleet, appliance, now).health),
    load: appliance.throughput > 0 ? (box?.report.load.bitsPerSecond ?? 0) / appliance.throughput : 0,
  };
  const memory = ground.memoryOf(appliance.id) ?? nothingKnown;
  const versionOf = (id: string): number | undefined => shelf.files.get(id)?.publishedAtMs;
  const seen = seenBox(facts, box?.verified ?? nobodyVerified, memory, versionOf);
  return isGone(box, now) ? { ...seen, progress: "gone" } : seen;
}

/** An agent that is started anew, or a night without the control plane, is over by then. Chosen by us. */
const goneAfterMs = 6 * 3_600_000;

/** One that was never heard of since the control plane began may yet come. */
function isGone(box: Box | undefined, now: Moment): boolean {
  return box?.gate.lastReport !== undefined && now.monoMs - box.gate.lastReport > goneAfterMs;
}

/** How bytes of each site come to this appliance: by the routes that the site heard for its address, and as the crow flies. */
export function waysTo(ground: FillGround, appliance: PlacedAppliance): (siteId: string) => Way {
  const { network, fleet, table } = ground;
  const paths = pathsTo(table, baseUrlOf(fleet, network, appliance.id));
  const sites = new Map(network.sites.map((site) => [`${site.id}`, site]));
  return (siteId) => {
    const site = sites.get(siteId);
    return {
      asPathLength: paths.get(siteId),
      kind: site?.kind ?? "embedded",
      km: distance(site?.location, appliance.site.location),
    };
  };
}

function pathsTo(table: CompiledTable, baseUrl: string): ReadonlyMap<string, number> {
  const host = URL.canParse(baseUrl) ? new URL(baseUrl).hostname.replace(/^\[|\]$/g, "") : "";
  const reading = readAddress(host);
  const matches = reading.kind === "address" ? lookup(table, reading.address) : [];
  return new Map(matches.map((match) => [`${match.siteId}`, match.asPathLength]));
}

/** Titles that are live now and were not known to be. */
export function liveTitles(
  catalogue: Pick<Catalogue, "titles">,
  known: ReadonlySet<string>,
  ground: FillGround,
): readonly string[] {
  const others = [...catalogue.titles.values()].filter(({ id }) => !known.has(id));
  if (others.length === 0) return [];
  const world = fillWorldOf(ground);
  return others
    .filter((title) => {
      const ids = title.package.renditions.map((rendition) => fileId(title.id, rendition.id));
      const files = ids.flatMap((id) => world.files.get(id) ?? []);
      return files.length > 0 && isLive(files, world, ground.now.wallMs, ground.settings);
    })
    .map(({ id }) => id);
}

/** Whom players complain of still holds what it verified: to count its copies as lost would move files for nothing. */
function isWellToFill(health: Health): boolean {
  return health === "healthy" || health === "degraded";
}
