// `millrace steer`: the steering decision alone. Sites and routes from files, a viewer's address, the ranked list.
import { defineCommand } from "citty";
import { type IpAddress, readAddress, writeAddress } from "#bgp/address.ts";
import { emptyTable, fold, lookup, type RouteTable } from "#bgp/route-table.ts";
import { defaultsOf } from "#config/setting.ts";
import type { GeoPoint, RouteMatch } from "#model/network.ts";
import type { Ranking } from "#model/steering.ts";
import { steerFaults } from "#steer/faults.ts";
import { type ApplianceNow, rankOnce } from "#steer/rank.ts";
import { steerSettings } from "#steer/settings.ts";
import { Fault } from "#units/fault.ts";
import { applianceId, siteId } from "#units/id.ts";
import { bitsPerSecond, bytes } from "#units/quantity.ts";
import { routesFile, type SitesFile, sitesFile } from "#wire/topology.ts";
import { readJsonFile } from "./json-file.ts";
import { runProgram } from "./program.ts";
import { textTable } from "./table.ts";
import { refusedUsage, usageComplaints } from "./usage.ts";

interface Question {
  readonly routes: string;
  readonly sites: string;
  readonly address: IpAddress;
  /** Where the viewer is; without it, where a viewpoint of that address is. */
  readonly at: GeoPoint | undefined;
  readonly session: string;
}

interface Explained {
  readonly address: string;
  readonly location: GeoPoint | undefined;
  readonly matches: readonly RouteMatch[];
  readonly ranking: Ranking;
}

const assumed = "every appliance is healthy, idle and holds the file";
const example =
  "millrace steer explain --routes routes.json --sites sites.json --ip ADDRESS [--at LATITUDE,LONGITUDE] [--session KEY] [--json]";

const explainCommand = defineCommand({
  meta: { name: "explain", description: `Rank the appliances for an address, as if ${assumed}` },
  args: {
    routes: { type: "string", description: "JSON: {routes[{siteId, prefix, asPath[], med}]}" },
    sites: {
      type: "string",
      description: "JSON: {sites[{id, name, kind, location?, appliances[]}], viewpoints?}",
    },
    ip: { type: "string", description: "The viewer's IPv4 or IPv6 address" },
    at: { type: "string", description: "Where the viewer is: LATITUDE,LONGITUDE in degrees" },
    session: { type: "string", default: "session", description: "Key that divides equal appliances" },
    json: { type: "boolean", default: false, description: "One JSON document on standard output" },
  },
  run: async ({ args }) => {
    const reading = readAddress(args.ip ?? "");
    const at = args.at === undefined ? undefined : readPoint(args.at);
    const complaints = [
      ...usageComplaints(args, {
        options: ["at", "session", "json"],
        needed: ["routes", "sites", "ip"],
        words: 0,
      }),
      ...(reading.kind === "refused" && args.ip ? [`--ip: ${reading.because}`] : []),
      ...(args.at !== undefined && at === undefined
        ? [`--at: wanted LATITUDE,LONGITUDE, found "${args.at}"`]
        : []),
    ];
    if (refusedUsage(complaints, example) || reading.kind === "refused") return;
    const { routes = "", sites = "", session } = args;
    await runProgram(async () => {
      const explained = await explain({ routes, sites, address: reading.address, at, session });
      process.stdout.write(args.json ? asJson(explained) : asText(explained));
    });
  },
});

export const steerCommand = defineCommand({
  meta: { name: "steer", description: "Which box serves a viewer: the ranked list and why" },
  subCommands: { explain: explainCommand },
});

async function explain({ routes, sites, address, at, session }: Question): Promise<Explained> {
  const topology = await readJsonFile(sites, sitesFile);
  const matches = lookup(await routeTable(routes), address);
  const text = writeAddress(address);
  const location = at ?? viewpointLocation(topology, text);
  const appliances = appliancesOf(topology);
  const ranking = rankOnce({
    matches,
    sites: topology.sites.map(({ id, name, kind, location: here }) => ({
      id: siteId(id),
      name,
      kind,
      location: here,
    })),
    appliances,
    holders: new Set(appliances.map(({ appliance }) => appliance.id)),
    viewer: location,
    sessionKey: session,
    settings: defaultsOf(steerSettings),
  });
  return { address: text, location, matches, ranking };
}

async function routeTable(path: string): Promise<RouteTable> {
  const { routes } = await readJsonFile(path, routesFile);
  const { table, refused } = fold(
    emptyTable,
    routes.map((route) => ({ kind: "announce", route: { ...route, siteId: siteId(route.siteId) } })),
  );
  if (refused.length === 0) return table;
  const complaints = refused.slice(0, 10).map(({ index, because }) => `routes.${index}.prefix: ${because}`);
  throw new Fault(steerFaults.routeRefused, { path, complaints: complaints.join("; ") });
}

function appliancesOf(topology: SitesFile): ApplianceNow[] {
  return topology.sites.flatMap((site) =>
    site.appliances.map((box) => ({
      appliance: {
        id: applianceId(box.id),
        siteId: siteId(site.id),
        role: box.role,
        storage: bytes(box.storageBytes),
        throughput: bitsPerSecond(box.throughputBps),
      },
      health: "healthy",
      because: "Assumed.",
      load: bitsPerSecond(0),
    })),
  );
}

function viewpointLocation(topology: SitesFile, address: string): GeoPoint | undefined {
  return topology.viewpoints.find((viewpoint) => {
    const reading = readAddress(viewpoint.address);
    return reading.kind === "address" && writeAddress(reading.address) === address;
  })?.location;
}

function readPoint(text: string): GeoPoint | undefined {
  const [, latitude = "", longitude = ""] = /^(-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?)$/.exec(text) ?? [];
  const point = { latitude: Number(latitude), longitude: Number(longitude) };
  const fits = latitude !== "" && Math.abs(point.latitude) <= 90 && Math.abs(point.longitude) <= 180;
  return fits ? point : undefined;
}

function asJson({ address, location, matches, ranking }: Explained): string {
  const answer = { address, location: location ?? null, assumed, matches, ...ranking };
  return `${JSON.stringify(answer, null, 2)}\n`;
}

function asText({ address, ranking }: Explained): string {
  const rows = ranking.ranked.map((entry, i) => [
    `${i + 1}`,
    entry.id,
    entry.siteName,
    entry.prefix ?? "–",
    entry.asPathLength === undefined ? "–" : `${entry.asPathLength}`,
    entry.med === undefined ? "–" : `${entry.med}`,
    entry.distanceKm === undefined ? "–" : `${Math.round(entry.distanceKm)} km`,
    entry.rule,
  ]);
  const table = textTable([["", "source", "site", "prefix", "AS path", "MED", "distance", "rule"], ...rows]);
  const reasons = ranking.ranked.map((entry, i) => `${i + 1}. ${entry.id}: ${entry.because}`);
  const out = ranking.eliminated.map((entry) => `–  ${entry.id} (${entry.by}): ${entry.because}`);
  return `viewer ${address}, as if ${assumed}\n\n${[table, [...reasons, ...out].join("\n")].join("\n\n")}\n`;
}
