// Steering for players that are not ours: which appliances are pathways for a session now, the manifest that names them, and the
// answer to "where shall I fetch from". Everything is worked out from the token and from what is known at that moment.
import { fileId, type Rendition } from "#model/package.ts";
import { steeredManifest } from "#steer/dash-pathways.ts";
import { steeredPlaylist } from "#steer/hls-pathways.ts";
import { type OrderedPathways, orderPathways, timeToLive } from "#steer/pathway-order.ts";
import type { SteerSettings } from "#steer/settings.ts";
import type { Steered } from "#steer/steered.ts";
import {
  type ManifestKind,
  type SteeringManifest,
  steeringManifest,
  type Uncloned,
} from "#steer/steering-manifest.ts";
import { seconds } from "#units/quantity.ts";
import type { PublishedTitle } from "./catalogue.ts";
import { baseUrlOf, healthIn, holds } from "./fleet.ts";
import { originId } from "./network.ts";
import type { SignPath } from "./ports.ts";
import { rankFor, type SteeringOrder } from "./steering.ts";
import type { SteeringGrant } from "./steering-token.ts";

/** A session that asks, and all that is known of its appliances. */
export interface Asking extends Omit<SteeringOrder, "isHolder" | "pardoned" | "sessionKey" | "title"> {
  readonly title: PublishedTitle;
  readonly grant: SteeringGrant;
  /** What the player says that it uses; empty before it began. */
  readonly used: readonly string[];
  /** Of the placement plan in force. */
  readonly epoch: number;
}

/** The MPEG-TS set is no part of either manifest. */
const transportId = "ts";

/**
 * Pathways in the order that this session should take them. One that is draining stays for whoever uses it already.
 *
 * Every pathway has all variants, so that a switch never takes a rung away. Hence only an appliance that verified every
 * rendition is one: what it lacks it would have to fetch from elsewhere while the viewer waits.
 */
export function pathwaysFor(asking: Asking): OrderedPathways {
  const { fleet, title, used, grant } = asking;
  const needed = title.package.renditions.filter(isManifested).map(({ id }) => fileId(title.id, id));
  const isHolder = (id: string): boolean => needed.every((file) => holds(fleet, id, file));
  const order = { ...asking, sessionKey: grant.sessionId, isHolder };
  const staying = new Set(used.filter((id) => isDraining(asking, id)));
  const now = rankFor({ ...order, pardoned: staying });
  // Whom the decision came across, and no others: there may be ten thousand.
  const unwell = now.eliminated.filter(({ by }) => passing.has(by));
  const overloaded = unwell.filter(
    ({ id, by }) => by === "unhealthy" && fleet.boxes.get(id)?.gate.gate === "overload",
  );
  // Ranked a second time only when someone is not well.
  const ideal =
    unwell.length === 0 ? now : rankFor({ ...order, pardoned: new Set([...idsOf(unwell), ...staying]) });
  const facts = {
    overloaded: idsOf(overloaded),
    used,
    listed: grant.pathways,
    most: fleet.settings.pathways,
  };
  return orderPathways({ now, ideal, ...facts });
}

/** Troubles that pass. Who was never admitted is none of them: nobody need ask sooner because of it. */
const passing: ReadonlySet<string> = new Set(["unhealthy", "draining", "silent", "degraded"]);

function idsOf(appliances: readonly { readonly id: string }[]): ReadonlySet<string> {
  return new Set(appliances.map(({ id }) => id));
}

function isDraining({ fleet, network, now }: Asking, id: string): boolean {
  const appliance = network.appliances.get(id);
  return appliance !== undefined && healthIn(fleet, appliance, now).health === "draining";
}

function isManifested({ id }: Rendition): boolean {
  return id !== transportId;
}

/** The pathways that a manifest names: the best appliances, and the origin, which always has everything. */
export function listedPathways({ ids }: OrderedPathways, { pathways }: SteerSettings): readonly string[] {
  const origin = ids.indexOf(originId);
  return [...ids.slice(0, origin).slice(0, pathways), originId];
}

/** The packaged manifest with its pathways, for one session. `steeringUrl` is absolute. */
export function manifestFor(
  asking: Asking,
  order: {
    readonly kind: ManifestKind;
    readonly text: string;
    readonly pathways: readonly string[];
    readonly steeringUrl: string;
    readonly signPath: SignPath;
  },
): Steered {
  const { grant, fleet, network } = asking;
  const { sessionId, titleId, endsAtMs } = grant;
  // The same on every appliance, so that a clone need change nothing but the host.
  const prefix = order.signPath({ titleId, sessionId, expiresAtSeconds: Math.floor(endsAtMs / 1000) });
  const pathways = order.pathways.map((id) => ({ id, folder: `${baseUrlOf(fleet, network, id)}${prefix}` }));
  const steered = { text: order.text, pathways, steeringUrl: order.steeringUrl };
  return order.kind === "hls" ? steeredPlaylist(steered) : steeredManifest(steered);
}

export interface SteeringAnswer {
  readonly manifest: SteeringManifest;
  readonly uncloned: readonly Uncloned[];
  readonly ordered: OrderedPathways;
}

export function steeringAnswer(asking: Asking, kind: ManifestKind, reloadUri: string): SteeringAnswer {
  const { grant, fleet, network, epoch } = asking;
  const { settings } = fleet;
  const ordered = pathwaysFor(asking);
  const ttl = timeToLive(ordered.state, { sessionKey: grant.sessionId, epoch }, settings);
  const built = steeringManifest({
    kind,
    ids: ordered.ids,
    listed: grant.pathways,
    baseUrl: (id) => baseUrlOf(fleet, network, id),
    most: settings.pathways,
    ttl,
    reloadUri,
  });
  return { ...built, ordered };
}

/** For a player that asks far too often: what its manifest said, and a long rest. A 429 would end steering in hls.js for good. */
export function sparingAnswer(
  grant: SteeringGrant,
  settings: SteerSettings,
  reloadUri: string,
): SteeringManifest {
  return {
    VERSION: 1,
    TTL: seconds(Math.max(settings.ttlSeconds, settings.degradedTtlSeconds)),
    "RELOAD-URI": reloadUri,
    "PATHWAY-PRIORITY": grant.pathways,
  };
}
