// `millrace steer`: the steering decision alone. Sites and routes from files, or a running control plane; a viewer's
// address; the ranked list and what led to it.
import { defineCommand } from "citty";
import { type IpAddress, readAddress, writeAddress } from "#bgp/address.ts";
import { placeOfAddress } from "#bgp/geo-table.ts";
import { readGeoFile } from "#bgp/io/geo-file.ts";
import { emptyTable, fold, lookup, type RouteTable } from "#bgp/route-table.ts";
import type { GeoPoint } from "#model/network.ts";
import { type Explanation, explainText, type ViewerLocation } from "#steer/explain.ts";
import { steerFaults } from "#steer/faults.ts";
import { type ApplianceNow, rankOnce } from "#steer/rank.ts";
import { steerSettings } from "#steer/settings.ts";
import { Fault } from "#units/fault.ts";
import { applianceId, siteId } from "#units/id.ts";
import { bitsPerSecond, bytes } from "#units/quantity.ts";
import { routesFile, type SitesFile, sitesFile } from "#wire/topology.ts";
import { passwordLine } from "./control-session.ts";
import { readJsonFile } from "./json-file.ts";
import { runProgram, settingsOf } from "./program.ts";
import { explainByControl } from "./steer-control.ts";
import { geoCommand } from "./steer-geo.ts";
import { lintCommand } from "./steer-lint.ts";
import { routesCommand } from "./steer-routes.ts";
import { refusedUsage, usageComplaints } from "./usage.ts";

interface Question {
  readonly routes: string;
  readonly sites: string;
  readonly address: IpAddress;
  /** Where the viewer is; without it, where a viewpoint of that address is, or the table of places has it. */
  readonly at: GeoPoint | undefined;
  readonly geo: string | undefined;
  readonly session: string;
}

const assumed = "every appliance is healthy, idle and holds the file";
const example =
  "millrace steer explain --client ADDRESS --routes routes.json --sites sites.json [--geo FILE] [--at LATITUDE,LONGITUDE] [--session KEY] [--json]" +
  "\n       millrace steer explain --client ADDRESS --control URL --email OPERATOR [--title ID] [--session KEY] [--json] < PASSWORD";

const explainCommand = defineCommand({
  meta: {
    name: "explain",
    description: `Rank the appliances for an address: as a control plane does now, or from files, as if ${assumed}`,
  },
  args: {
    client: { type: "string", description: "The viewer's IPv4 or IPv6 address" },
    ip: { type: "string", description: "The same as --client" },
    routes: { type: "string", description: "JSON: {routes[{siteId, prefix, asPath[], med}]}" },
    sites: {
      type: "string",
      description: "JSON: {sites[{id, name, kind, location?, appliances[]}], viewpoints?}",
    },
    geo: { type: "string", description: "Table of places, as steer geo import makes it" },
    at: { type: "string", description: "Where the viewer is: LATITUDE,LONGITUDE in degrees" },
    control: { type: "string", description: "Address of a running control plane to ask instead" },
    email: { type: "string", description: "Its operator; the password is read from standard input" },
    title: { type: "string", description: "Only who holds this title may serve" },
    session: { type: "string", default: "session", description: "Key that divides equal appliances" },
    json: { type: "boolean", default: false, description: "One JSON document on standard output" },
  },
  run: async ({ args }) => {
    const client = args.client ?? args.ip ?? "";
    const reading = readAddress(client);
    const at = args.at === undefined ? undefined : readPoint(args.at);
    const asked = args.control !== undefined;
    const complaints = [
      ...usageComplaints(args, {
        options: ["session", "json", "client", "ip", ...(asked ? ["title"] : ["at", "geo"])],
        needed: asked ? ["control", "email"] : ["routes", "sites"],
        words: 0,
      }),
      ...(client === "" ? ["client is missing"] : []),
      ...(reading.kind === "refused" && client !== "" ? [`--client: ${reading.because}`] : []),
      ...(args.control !== undefined && !URL.canParse(args.control)
        ? [`--control: "${args.control}" is no URL`]
        : []),
      ...(args.at !== undefined && at === undefined
        ? [`--at: wanted LATITUDE,LONGITUDE, found "${args.at}"`]
        : []),
    ];
    if (refusedUsage(complaints, example) || reading.kind === "refused") return;
    const { routes = "", sites = "", session, control, email = "", title, geo } = args;
    await runProgram(async () => {
      if (control !== undefined) {
        const password = await passwordLine();
        const answer = await explainByControl({ control, email, password, client, title, session });
        process.stdout.write(args.json ? `${JSON.stringify(answer, null, 2)}\n` : answer.text);
        return;
      }
      const explained = await explain({ routes, sites, address: reading.address, at, geo, session });
      process.stdout.write(args.json ? asJson(explained) : explainText(explained));
    });
  },
});

export const steerCommand = defineCommand({
  meta: { name: "steer", description: "Which box serves a viewer: the ranked list and why" },
  subCommands: { explain: explainCommand, lint: lintCommand, geo: geoCommand, routes: routesCommand },
});

async function explain({ routes, sites, address, at, geo, session }: Question): Promise<Explanation> {
  const topology = await readJsonFile(sites, sitesFile);
  const matches = lookup(await routeTable(routes), address);
  const text = writeAddress(address);
  const location =
    at === undefined
      ? (viewpointLocation(topology, text) ?? (await geographyOf(geo, address)))
      : ({ ...at, radiusKm: undefined, from: "given" } as const);
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
    settings: settingsOf(steerSettings),
  });
  return { address: text, session, assumed, titleId: undefined, location, matches, ranking };
}

async function geographyOf(
  path: string | undefined,
  address: IpAddress,
): Promise<ViewerLocation | undefined> {
  if (path === undefined) return undefined;
  const place = placeOfAddress(await readGeoFile(path), address);
  return place && { ...place, from: "geography" };
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

function viewpointLocation(topology: SitesFile, address: string): ViewerLocation | undefined {
  const found = topology.viewpoints.find((viewpoint) => {
    const reading = readAddress(viewpoint.address);
    return reading.kind === "address" && writeAddress(reading.address) === address;
  })?.location;
  return found && { ...found, radiusKm: undefined, from: "viewpoint" };
}

function readPoint(text: string): GeoPoint | undefined {
  const [, latitude = "", longitude = ""] = /^(-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?)$/.exec(text) ?? [];
  const point = { latitude: Number(latitude), longitude: Number(longitude) };
  const fits = latitude !== "" && Math.abs(point.latitude) <= 90 && Math.abs(point.longitude) <= 180;
  return fits ? point : undefined;
}

function asJson({ address, location, matches, ranking }: Explanation): string {
  const answer = { address, location: location ?? null, assumed, matches, ...ranking };
  return `${JSON.stringify(answer, null, 2)}\n`;
}
