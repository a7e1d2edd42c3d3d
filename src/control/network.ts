// The installation's topology as the use-cases want it: sites, appliances, viewpoints, the origin.

import { readAddress } from "#bgp/address.ts";
import type { Appliance, GeoPoint, RouteEvent, Site } from "#model/network.ts";
import { isZone } from "#place/fill-night.ts";
import { type Ground, groundOf } from "#steer/ground.ts";
import { applianceId, siteId } from "#units/id.ts";
import { bitsPerSecond, bytes } from "#units/quantity.ts";
import type { RoutesFile, SitesFile } from "#wire/topology.ts";

export interface Viewpoint {
  readonly id: string;
  readonly name: string;
  readonly address: string;
  readonly location: GeoPoint | undefined;
}

/** An appliance with where viewers reach it unless its agent says otherwise. */
export interface PlacedAppliance extends Appliance {
  readonly site: Site;
  /** IANA name of its site's time zone; undefined where the sites file names none. */
  readonly zone: string | undefined;
  readonly baseUrl: string;
}

export interface Network {
  readonly sites: readonly Site[];
  readonly appliances: ReadonlyMap<string, PlacedAppliance>;
  readonly viewpoints: ReadonlyMap<string, Viewpoint>;
  readonly originBaseUrl: string;
  /** As steering's decisions want it. */
  readonly ground: Ground;
}

export type NetworkReading =
  | { readonly kind: "read"; readonly network: Network }
  | { readonly kind: "refused"; readonly complaints: readonly string[] };

/** Id that ranked lists give the origin; no appliance may take it. */
export const originId = "origin";

export function readNetwork(file: SitesFile, originBaseUrl: string): NetworkReading {
  const sites = file.sites.map(siteOf);
  const appliances = file.sites.flatMap((entry) => entry.appliances.map((box) => applianceOf(entry, box)));
  const complaints = [
    ...repeated("site", sites),
    ...repeated("appliance", appliances),
    ...repeated("viewpoint", file.viewpoints),
    ...repeated(
      "listening address",
      appliances.map((box) => ({ id: box.baseUrl })),
    ),
    ...(appliances.some((box) => box.id === originId) ? [`no appliance may be called ${originId}`] : []),
    ...file.viewpoints.flatMap((point) => misread(point)),
    ...file.sites.flatMap(({ id, zone }) =>
      zone === undefined || isZone(zone)
        ? []
        : [`site ${id}: wanted a time zone like Europe/London, found "${zone}"`],
    ),
    ...(originOf(originBaseUrl) === undefined ? [`the origin's address ${originBaseUrl} is no URL`] : []),
  ];
  if (complaints.length > 0) return { kind: "refused", complaints };
  const network = {
    sites,
    appliances: new Map(appliances.map((box) => [box.id, box])),
    viewpoints: new Map(file.viewpoints.map((point) => [point.id, { ...point, location: point.location }])),
    originBaseUrl: originOf(originBaseUrl) ?? originBaseUrl,
    ground: groundOf(sites, appliances),
  };
  return { kind: "read", network };
}

export function routeEvents(file: RoutesFile): readonly RouteEvent[] {
  return file.routes.map((route) => ({
    kind: "announce",
    route: { siteId: siteId(route.siteId), prefix: route.prefix, asPath: route.asPath, med: route.med },
  }));
}

/** "http://host:port" of a web address, or undefined: what may stand in a header and before a path. */
export function originOf(address: string): string | undefined {
  if (!URL.canParse(address)) return undefined;
  const url = new URL(address);
  const plain = url.pathname === "/" && url.search === "" && url.hash === "" && url.username === "";
  return plain && (url.protocol === "http:" || url.protocol === "https:") ? url.origin : undefined;
}

function siteOf(entry: SitesFile["sites"][number]): Site {
  return { id: siteId(entry.id), name: entry.name, kind: entry.kind, location: entry.location };
}

function applianceOf(
  entry: SitesFile["sites"][number],
  box: SitesFile["sites"][number]["appliances"][number],
): PlacedAppliance {
  return {
    id: applianceId(box.id),
    siteId: siteId(entry.id),
    role: box.role,
    storage: bytes(box.storageBytes),
    throughput: bitsPerSecond(box.throughputBps),
    site: siteOf(entry),
    zone: entry.zone,
    baseUrl: `http://${box.listen}`,
  };
}

function misread(point: { readonly id: string; readonly address: string }): readonly string[] {
  const reading = readAddress(point.address);
  return reading.kind === "address" ? [] : [`viewpoint ${point.id}: ${reading.because}`];
}

function repeated(what: string, things: readonly { readonly id: string }[]): readonly string[] {
  const ids = things.map((thing) => thing.id);
  const twice = new Set(ids.filter((id, index) => ids.indexOf(id) !== index));
  return [...twice].map((id) => `${what} ${id} is named twice`);
}
