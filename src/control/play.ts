// A play starts: a session is opened, and the player gets everything it needs for hours without asking again.
import type { Account } from "#data/ports.ts";
import type { Rendition } from "#model/package.ts";
import { fileId } from "#model/package.ts";
import type { PlaySession } from "#model/playback.ts";
import type { Ranking } from "#model/steering.ts";
import { Fault } from "#units/fault.ts";
import type { PlayAnswer, PlayBody, ResumePoint, SteeringCard } from "#wire/viewer.ts";
import type { PublishedTitle } from "./catalogue.ts";
import { controlFaults } from "./faults.ts";
import { originId } from "./network.ts";
import type { ControlPorts } from "./ports.ts";
import { mintToken } from "./session-token.ts";
import { mintSteeringToken } from "./steering-token.ts";

/** Where a viewer is, as far as steering is concerned. */
export interface ViewerPlace {
  readonly address: string;
  /** Empty when the request's own address is used. */
  readonly viewpoint: string;
}

/** A source as the player will reach it. */
export interface Reach {
  /** "http://host:port" of a source, an appliance's or the origin's. */
  baseUrl(sourceId: string): string;
  /** Whether a source may be named for a file: the origin always, an appliance when it verified it. */
  holds(sourceId: string, fileId: string): boolean;
}

export interface PlayOrder {
  readonly ports: Pick<ControlPorts, "stores" | "seal" | "chance" | "signPath" | "settings">;
  readonly account: Account;
  readonly title: PublishedTitle;
  readonly place: ViewerPlace;
  readonly ranking: Ranking;
  readonly reach: Reach;
  /** Chosen before the ranking, which it takes part in. */
  readonly sessionId: string;
  /** The session that this play goes on with; undefined: it is a new one. */
  readonly underWay: PlaySession | undefined;
  readonly nowMs: number;
}

const hourMs = 3_600_000;
const minuteMs = 60_000;

export async function startPlay(order: PlayOrder): Promise<PlayAnswer> {
  const { ports, account, title, place, nowMs } = order;
  const { stores, settings, seal } = ports;
  const session =
    order.underWay ??
    (await stores.playback.open({
      id: order.sessionId,
      accountId: account.id,
      profileId: account.profileId,
      titleId: title.id,
      viewpoint: place.viewpoint,
      startedAtMs: nowMs,
    }));
  const expiresAtMs = nowMs + settings.playHours * hourMs;
  const endsAtMs = expiresAtMs + settings.beaconLateMinutes * minuteMs;
  const sources = signedSources(order, expiresAtMs);
  const index = sources.index ?? [];
  const { dash, hls, sidecar, storyboard } = title.package;
  return {
    sessionId: session.id,
    sessionToken: mintToken(seal, { sessionId: session.id, accountId: account.id, endsAtMs }),
    titleId: title.id,
    durationMs: Math.round(title.package.duration * 1000),
    heartbeatIntervalMs: settings.heartbeatMs,
    expiresAtMs,
    manifests: index.map(({ sourceId, baseUrl }) => ({
      sourceId,
      dash: `${baseUrl}${dash}`,
      hls: `${baseUrl}${hls}`,
    })),
    steered: steeredPaths(order, expiresAtMs),
    sources,
    sidecarUrls: index.map(({ baseUrl }) => `${baseUrl}${sidecar}`),
    storyboardUrl: `${index[0]?.baseUrl ?? ""}${storyboard}`,
    steering: steeringCardOf(place.address, order.ranking),
    resume: await resumeOf(ports, account.profileId, title.id),
  };
}

/** A token per session opens both manifests: their players have no cookie. */
function steeredPaths(
  { ports, title, place, sessionId }: PlayOrder,
  endsAtMs: number,
): PlayAnswer["steered"] {
  const { viewpoint } = place;
  const grant = { sessionId, titleId: title.id, viewpoint, endsAtMs: Math.round(endsAtMs), pathways: [] };
  const token = mintSteeringToken(ports.seal, grant);
  const at = (file: string): string => `/steer/${sessionId}/${file}?token=${token}`;
  return { dash: at("manifest.mpd"), hls: at("manifest.m3u8") };
}

/** The session that a player wants to go on with, if it is this account's and this title's. */
export async function sessionUnderWay(
  ports: Pick<ControlPorts, "stores">,
  accountId: string,
  body: Pick<PlayBody, "sessionId" | "titleId">,
): Promise<PlaySession | undefined> {
  if (body.sessionId === undefined) return undefined;
  const session = await ports.stores.playback.session(body.sessionId);
  const own = session?.accountId === accountId && session.titleId === body.titleId;
  if (!own) throw new Fault(controlFaults.foreignSession);
  return session;
}

/** Per rendition, the ranked sources that hold it, as signed folders. The index lies at the title's top. */
function signedSources(order: PlayOrder, expiresAtMs: number): PlayAnswer["sources"] {
  const { title, reach, ports } = order;
  const expiresAtSeconds = Math.floor(expiresAtMs / 1000);
  const prefix = ports.signPath({ titleId: title.id, sessionId: order.sessionId, expiresAtSeconds });
  const ranked = order.ranking.ranked.map((source) => source.id);
  return Object.fromEntries(
    title.package.renditions.map((rendition) => {
      const id = fileId(title.id, rendition.id);
      const holders = ranked.filter((sourceId) => reach.holds(sourceId, id));
      const withOrigin = holders.includes(originId) ? holders : [...holders, originId];
      const folder = `${prefix}${folderOf(rendition)}`;
      const list = withOrigin.map((sourceId) => ({
        sourceId,
        baseUrl: `${reach.baseUrl(sourceId)}${folder}`,
      }));
      return [rendition.id, list];
    }),
  );
}

/** "v360-1/" when all of a rendition's files lie there, or "" for the title's top. */
export function folderOf(rendition: Rendition): string {
  const folder = `${rendition.id}/`;
  return rendition.files.every((file) => file.path.startsWith(folder)) ? folder : "";
}

export function steeringCardOf(address: string, ranking: Ranking): SteeringCard {
  const ranked = ranking.ranked.map(({ prefix, asPathLength, med, distanceKm, steps, ...source }) => ({
    ...source,
    steps: [...steps],
    ...(prefix === undefined ? {} : { prefix }),
    ...(asPathLength === undefined ? {} : { asPathLength }),
    ...(med === undefined ? {} : { med }),
    ...(distanceKm === undefined ? {} : { distanceKm }),
  }));
  return { address, ranked, eliminated: [...ranking.eliminated] };
}

/** Where this profile left the title; null when it never began or reached the end. */
export async function resumeOf(
  ports: Pick<ControlPorts, "stores">,
  profileId: string,
  titleId: string,
): Promise<ResumePoint | null> {
  const mark = await ports.stores.playback.bookmark(profileId, titleId);
  if (mark === undefined || mark.finished || mark.positionMs === 0) return null;
  return { titleId, positionMs: mark.positionMs, durationMs: mark.durationMs };
}
