// From an operator's file to what each session wants, with every complaint at once.
import { type SiteId, siteId } from "#units/id.ts";
import { readAddress, writeAddress } from "./address.ts";
import type { Family } from "./family.ts";
import { acceptedLengths, type LengthLimits, type RouteFilter } from "./filter.ts";
import type { SessionTerms } from "./session-state.ts";
import type { BgpSettings } from "./settings.ts";

type FamilyName = "ipv4" | "ipv6";
type PerFamily<T> = { readonly [K in FamilyName]?: T | undefined };

/** A neighbour as configured: the shape of src/wire/bgp.ts. */
export interface PeerConfig {
  readonly address: string;
  readonly port: number;
  readonly source?: string | undefined;
  readonly as: number;
  readonly site: string;
  readonly passive: boolean;
  readonly families: readonly FamilyName[];
  readonly addPath: readonly FamilyName[];
  readonly maxPrefix: PerFamily<number>;
  readonly firstAs: boolean;
  readonly defaultRoute: boolean;
  readonly lengths: PerFamily<LengthLimits>;
}

export interface BgpConfig {
  readonly localAs: number;
  readonly routerId: string;
  readonly allowPrivate: boolean;
  readonly peers: readonly PeerConfig[];
}

export interface PeerPlan {
  readonly address: string;
  readonly port: number;
  readonly source: string | undefined;
  readonly site: SiteId;
  readonly terms: SessionTerms;
  readonly filter: RouteFilter;
}

export type PlanReading =
  | { readonly kind: "planned"; readonly peers: readonly PeerPlan[] }
  | { readonly kind: "refused"; readonly complaints: readonly string[] };

const numbers: Readonly<Record<FamilyName, Family>> = { ipv4: 4, ipv6: 6 };
/** Somewhat more than a full table of 2026. */
const defaultMaxPrefixes = { ipv4: 1_500_000, ipv6: 500_000 };

/** `jitter`: one number of 0.75…1 per session, by chance (RFC 4271 §10). */
export function planPeers(config: BgpConfig, settings: BgpSettings, jitter: () => number): PlanReading {
  const complaints: string[] = [];
  const routerId = readRouterId(config.routerId);
  if (routerId === undefined) {
    complaints.push(`routerId: wanted an IPv4 address other than 0.0.0.0, found "${config.routerId}"`);
  }
  const seen = new Set<string>();
  const peers = config.peers.map((peer): PeerPlan => {
    const address = canonical(peer.address, `peer "${peer.address}"`, complaints);
    if (seen.has(address)) complaints.push(`peer "${peer.address}" is named twice: one session per address`);
    seen.add(address);
    const source =
      peer.source === undefined ? undefined : canonical(peer.source, `source of ${address}`, complaints);
    complaints.push(...lengthComplaints(peer.lengths, `peer "${peer.address}"`));
    const terms = termsOf(peer, config.localAs, routerId ?? 0, settings, jitter());
    return {
      address,
      port: peer.port,
      source,
      site: siteId(peer.site),
      terms,
      filter: filterOf(peer, config),
    };
  });
  return complaints.length > 0 ? { kind: "refused", complaints } : { kind: "planned", peers };
}

function readRouterId(text: string): number | undefined {
  const reading = readAddress(text);
  if (reading.kind === "refused" || reading.address.family !== 4) return undefined;
  return reading.address.value === 0n ? undefined : Number(reading.address.value);
}

/** The address in its one form; a complaint and the text itself where it is none. */
export function canonical(text: string, what: string, complaints: string[]): string {
  const reading = readAddress(text);
  if (reading.kind === "address") return writeAddress(reading.address);
  complaints.push(`${what}: ${reading.because}`);
  return text;
}

export function lengthComplaints(found: PeerConfig["lengths"], whose: string): readonly string[] {
  return (["ipv4", "ipv6"] as const).flatMap((name) => {
    const given = found[name];
    const most = name === "ipv4" ? 32 : 128;
    if (given === undefined || (given.shortest <= given.longest && given.longest <= most)) return [];
    return [`lengths.${name} of ${whose}: wanted shortest ≤ longest ≤ ${most}`];
  });
}

function termsOf(
  peer: PeerConfig,
  localAs: number,
  routerId: number,
  settings: BgpSettings,
  jitter: number,
): SessionTerms {
  const families = peer.families.map((name) => numbers[name]);
  return {
    ...settings,
    localAs,
    peerAs: peer.as,
    routerId,
    families: [...new Set(families)].sort(),
    addPath: [...new Set(peer.addPath.map((name) => numbers[name]))].filter((family) =>
      families.includes(family),
    ),
    isPassive: peer.passive,
    maxPrefixes: {
      4: peer.maxPrefix.ipv4 ?? defaultMaxPrefixes.ipv4,
      6: peer.maxPrefix.ipv6 ?? defaultMaxPrefixes.ipv6,
    },
    jitter,
  };
}

function filterOf(peer: PeerConfig, config: BgpConfig): RouteFilter {
  return {
    localAs: config.localAs,
    peerAs: peer.as,
    isFirstAsChecked: peer.firstAs,
    allowsPrivate: config.allowPrivate,
    allowsDefaultRoute: peer.defaultRoute,
    lengths: {
      4: peer.lengths.ipv4 ?? acceptedLengths[4],
      6: peer.lengths.ipv6 ?? acceptedLengths[6],
    },
  };
}

/** The one way to write an address a socket names: an IPv4 one that came over an IPv6 socket is IPv4. */
export function peerKey(address: string | undefined): string {
  const reading = readAddress((address ?? "").split("%")[0] ?? "");
  return reading.kind === "address" ? writeAddress(reading.address) : "";
}
