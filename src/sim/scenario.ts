// What a region is made of, and what befalls it: sites with their boxes, viewers, a catalogue, a calendar of events.

/** Who stores what: our plan, or a ring that it is compared with. */
export const placements = ["hca", "uniform", "storage", "throughput"] as const;
export type Placement = (typeof placements)[number];

export interface Scenario {
  readonly name: string;
  /** Midnight UTC of the first day, since 1970. */
  readonly startsAtMs: number;
  readonly days: number;
  readonly seed: number;
  readonly placement: Placement;
  readonly minCopies: number;
  readonly catalogue: CatalogueShape;
  readonly viewers: readonly ViewerRegion[];
  readonly sites: readonly SimSite[];
  readonly origin: { readonly throughputBps: number };
  readonly fill: FillShape;
  readonly events: readonly SimEvent[];
}

export interface CatalogueShape {
  /** On the first day: renditions of titles, five each. */
  readonly files: number;
  readonly bytes: number;
  readonly newTitlesPerDay: number;
  /** Zipf's exponent of titles by rank. */
  readonly exponent: number;
  /** AR(1) of a title's log popularity: part that is left after a day, and spread (standard deviation) in the long run. */
  readonly persistence: number;
  readonly spread: number;
  /** How unlike regions are: standard deviation of a title's log popularity between them. */
  readonly regionalSpread: number;
}

/** People who watch: where they are, how much, and what each site heard of the way to them. */
export interface ViewerRegion {
  readonly id: string;
  /** IANA name; their evening is the peak. */
  readonly zone: string;
  readonly location?: { readonly latitude: number; readonly longitude: number } | undefined;
  /** Demand in the busiest hour of a usual day. */
  readonly peakBps: number;
  readonly routes: readonly ViewerRoute[];
}

export interface ViewerRoute {
  readonly siteId: string;
  readonly prefixLength: number;
  readonly asPathLength: number;
  readonly med: number;
}

/** A place with boxes that share one catalogue: a cluster. */
export interface SimSite {
  readonly id: string;
  readonly name: string;
  readonly kind: "embedded" | "exchange";
  readonly zone: string;
  readonly location?: { readonly latitude: number; readonly longitude: number } | undefined;
  /** Whose plays its plan is made from, and which part of them it expects to be asked for. */
  readonly feeds: readonly { readonly regionId: string; readonly share: number }[];
  readonly servers: readonly SimServer[];
}

export interface SimServer {
  readonly id: string;
  readonly role: "storage" | "flash" | "global";
  readonly storageBytes: number;
  readonly throughputBps: number;
}

export interface FillShape {
  /** By role, all fill of a box together, bit/s. */
  readonly rateBps: { readonly storage: number; readonly flash: number; readonly global: number };
  readonly opensAtMinute: number;
  readonly hours: number;
  /** Outside the window, for what is urgent: part of the throughput that viewers leave free. */
  readonly urgentShare: number;
  /** How fast a box reads and hashes, bit/s, for each check at a time. */
  readonly verifyBps: number;
}

/** Days count from 0, hours from midnight UTC. */
export type SimEvent = { readonly day: number; readonly hour: number } & (
  | { readonly kind: "add"; readonly siteId: string; readonly server: SimServer }
  /** Its power is gone; its disks stay as they are. */
  | { readonly kind: "fail"; readonly serverId: string }
  /** The operator takes it out of the topology. */
  | { readonly kind: "remove"; readonly serverId: string }
  /** It is back, with its disks, and in the topology. */
  | { readonly kind: "repair"; readonly serverId: string }
  | { readonly kind: "drain"; readonly serverId: string }
  | { readonly kind: "undrain"; readonly serverId: string }
  /** For so many hours whoever fetches from it gets wrong bytes. */
  | { readonly kind: "lie"; readonly serverId: string; readonly hours: number }
  /** A title that `share` of all plays of its first day are for; it may be watched some hours after it is published. */
  | { readonly kind: "premiere"; readonly share: number; readonly startsAfterHours: number }
  /** No forecast, no plan, no word between control and boxes. */
  | { readonly kind: "dark"; readonly hours: number }
  /** What the sites hear of the way to these viewers is another thing from now on. */
  | { readonly kind: "reroute"; readonly regionId: string; readonly routes: readonly ViewerRoute[] }
);

/** Bits of a holder set are kept twice in one exact number. */
const mostServers = 26;
/** So that sums of a run stay exact: 2^53 bytes. */
const mostBytes = Number.MAX_SAFE_INTEGER;

/** What is wrong with a scenario, every row of it that is; empty when it can be run. */
export function complaintsAbout(scenario: Scenario): readonly string[] {
  return [
    ...rangeComplaints(scenario),
    ...siteComplaints(scenario),
    ...viewerComplaints(scenario),
    ...eventComplaints(scenario),
    ...sizeComplaints(scenario),
  ];
}

function rangeComplaints({ days, seed, startsAtMs, catalogue, minCopies, fill, origin }: Scenario): string[] {
  const rows: readonly (readonly [string, number, number, number])[] = [
    ["days", days, 1, 366],
    ["seed", seed, 0, 2 ** 32 - 1],
    ["minCopies", minCopies, 1, 16],
    ["catalogue.files", catalogue.files, 5, 5e6],
    ["catalogue.bytes", catalogue.bytes, 1e6, 1e18],
    ["catalogue.newTitlesPerDay", catalogue.newTitlesPerDay, 0, 1e5],
    ["catalogue.exponent", catalogue.exponent, 0, 3],
    ["catalogue.persistence", catalogue.persistence, 0, 1],
    ["catalogue.spread", catalogue.spread, 0, 3],
    ["catalogue.regionalSpread", catalogue.regionalSpread, 0, 3],
    ["origin.throughputBps", origin.throughputBps, 0, 1e15],
    ["fill.opensAtMinute", fill.opensAtMinute, 0, 1439],
    ["fill.hours", fill.hours, 0.01, 24],
    ["fill.urgentShare", fill.urgentShare, 0, 1],
    ["fill.verifyBps", fill.verifyBps, 1, 1e15],
    ["fill.rateBps.storage", fill.rateBps.storage, 1, 1e15],
    ["fill.rateBps.flash", fill.rateBps.flash, 1, 1e15],
    ["fill.rateBps.global", fill.rateBps.global, 1, 1e15],
  ];
  const wrong = rows.flatMap(([name, value, least, most]) =>
    value >= least && value <= most ? [] : [`${name}: wanted ${least}…${most}, found ${value}`],
  );
  const whole = { days, seed, minCopies, "catalogue.newTitlesPerDay": catalogue.newTitlesPerDay };
  const broken = Object.entries(whole).filter(([, value]) => !Number.isInteger(value));
  return [
    ...wrong,
    ...broken.map(([name, value]) => `${name}: wanted a whole number, found ${value}`),
    ...(startsAtMs % 86_400_000 === 0 ? [] : [`startsAtMs: wanted a midnight UTC, found ${startsAtMs}`]),
  ];
}

function siteComplaints({ sites, viewers, events }: Scenario): string[] {
  const added = events.flatMap((event) => (event.kind === "add" ? [event.server] : []));
  const servers = [...sites.flatMap((site) => site.servers), ...added];
  const regions = new Set(viewers.map(({ id }) => id));
  return [
    ...twice(
      "site",
      sites.map(({ id }) => id),
    ),
    ...twice(
      "server",
      servers.map(({ id }) => id),
    ),
    ...(servers.length <= mostServers
      ? []
      : [`${servers.length} servers: at most ${mostServers} can be told apart`]),
    ...sites.flatMap((site) =>
      site.servers.length > 0 ? [] : [`site ${site.id}: has no server on the first day`],
    ),
    ...sites.flatMap((site) => zoneComplaint(`site ${site.id}`, site.zone)),
    ...sites.flatMap(({ id, feeds }) =>
      feeds.flatMap(({ regionId, share }) => [
        ...(regions.has(regionId) ? [] : [`site ${id}: feeds name no region ${regionId}`]),
        ...(share >= 0 && share <= 1 ? [] : [`site ${id}: a feed's share is ${share}, wanted 0…1`]),
      ]),
    ),
    ...servers.flatMap(({ id, storageBytes, throughputBps }) => [
      ...(storageBytes > 0 ? [] : [`server ${id}: storageBytes is ${storageBytes}`]),
      ...(throughputBps > 0 ? [] : [`server ${id}: throughputBps is ${throughputBps}`]),
    ]),
  ];
}

function viewerComplaints({ viewers, sites }: Scenario): string[] {
  const known = new Set(sites.map(({ id }) => id));
  return [
    ...(viewers.length > 0 ? [] : ["viewers: nobody watches"]),
    ...twice(
      "viewers",
      viewers.map(({ id }) => id),
    ),
    ...viewers.flatMap(({ id, zone, peakBps, routes }) => [
      ...zoneComplaint(`viewers ${id}`, zone),
      ...(peakBps >= 0 ? [] : [`viewers ${id}: peakBps is ${peakBps}`]),
      ...routeComplaints(`viewers ${id}`, routes, known),
    ]),
  ];
}

function routeComplaints(who: string, routes: readonly ViewerRoute[], known: ReadonlySet<string>): string[] {
  return [
    ...(routes.length > 0 ? [] : [`${who}: no site heard a route to them`]),
    ...twice(
      `${who}: route of`,
      routes.map(({ siteId }) => siteId),
    ),
    ...routes.flatMap(({ siteId }) => (known.has(siteId) ? [] : [`${who}: there is no site ${siteId}`])),
  ];
}

function eventComplaints(scenario: Scenario): string[] {
  const { sites, viewers, events, days } = scenario;
  const siteIds = new Set(sites.map(({ id }) => id));
  const servers = new Set([
    ...sites.flatMap((site) => site.servers.map(({ id }) => id)),
    ...events.flatMap((event) => (event.kind === "add" ? [event.server.id] : [])),
  ]);
  return events.flatMap((event, i) => {
    const name = `event ${i} (${event.kind})`;
    const inTime = event.day >= 0 && event.day < days && event.hour >= 0 && event.hour < 24;
    const late = inTime ? [] : [`${name}: day ${event.day} hour ${event.hour} is not in the run`];
    if ("serverId" in event && !servers.has(event.serverId))
      return [...late, `${name}: there is no server ${event.serverId}`];
    if (event.kind === "add" && !siteIds.has(event.siteId))
      return [...late, `${name}: there is no site ${event.siteId}`];
    if (event.kind === "premiere" && !(event.share > 0 && event.share < 1))
      return [...late, `${name}: share is ${event.share}, wanted between 0 and 1`];
    if (event.kind === "reroute") {
      const known = viewers.some(({ id }) => id === event.regionId);
      const stranger = known ? [] : [`${name}: there is no region ${event.regionId}`];
      return [...late, ...stranger, ...routeComplaints(name, event.routes, siteIds)];
    }
    return late;
  });
}

function sizeComplaints({ viewers, days }: Scenario): string[] {
  const asked = viewers.reduce((sum, { peakBps }) => sum + peakBps, 0) * 10_800 * days;
  if (asked <= mostBytes) return [];
  return [
    `viewers ask for up to ${asked.toExponential(1)} bytes in ${days} days: counts are exact up to ${mostBytes.toExponential(1)}; scale rates and sizes down together`,
  ];
}

function zoneComplaint(who: string, zone: string): string[] {
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return [];
  } catch {
    return [`${who}: there is no time zone "${zone}"`];
  }
}

function twice(what: string, ids: readonly string[]): string[] {
  const repeated = ids.filter((id, i) => ids.indexOf(id) !== i);
  return [...new Set(repeated)].map((id) => `${what} ${id} is listed twice`);
}
