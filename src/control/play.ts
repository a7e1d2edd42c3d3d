// A play starts: a session holds a screen, and the player gets everything it needs to go on by beats alone.
import type { Viewer } from "#data/ports.ts";
import type { Lease } from "#model/lease.ts";
import type { Rendition } from "#model/package.ts";
import { fileId, isTopIndex } from "#model/package.ts";
import type { Bookmark, PlaySession } from "#model/playback.ts";
import type { Ranking } from "#model/steering.ts";
import { Fault } from "#units/fault.ts";
import type { PlayAnswer, PlayBody, ResumePoint, SteeringCard } from "#wire/viewer.ts";
import type { PublishedTitle } from "./catalogue.ts";
import { controlFaults } from "./faults.ts";
import { licenceOf } from "./licences.ts";
import { listedRenditions } from "./listed.ts";
import { originId } from "./network.ts";
import type { ControlPorts } from "./ports.ts";
import { pathsEndMs, termsOf } from "./screens.ts";
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
  readonly ports: Pick<ControlPorts, "stores" | "seal" | "digest" | "signPath" | "settings">;
  readonly viewer: Pick<Viewer, "id" | "profileId">;
  readonly title: PublishedTitle;
  readonly place: ViewerPlace;
  readonly ranking: Ranking;
  readonly reach: Reach;
  readonly lease: Lease;
  /** Pixels: no rendition above it is listed. */
  readonly maxHeight: number;
  readonly resume: Resume;
  /** Before the lease was asked for. */
  readonly nowMs: number;
}

const hourMs = 3_600_000;
const minuteMs = 60_000;

export function playOf(order: PlayOrder): PlayAnswer {
  const { ports, title, lease, nowMs } = order;
  const { settings, seal } = ports;
  const { sessionId } = lease;
  const sessionEndsAtMs = Math.round(nowMs + settings.playHours * hourMs);
  const tokenEndsAtMs = sessionEndsAtMs + settings.beaconLateMinutes * minuteMs;
  const grant = { sessionId, accountId: order.viewer.id, titleId: title.id, endsAtMs: tokenEndsAtMs };
  const expiresAtMs = pathsEndMs(lease, nowMs, settings.leaseGraceMs);
  const steered = steeredPaths(order, sessionEndsAtMs);
  const sessionToken = mintToken(seal, grant);
  const licence = licenceOf(ports, title, sessionToken);
  return {
    sessionId,
    sessionToken,
    ...(licence === undefined ? {} : { licence }),
    heartbeatIntervalMs: settings.heartbeatMs,
    lease: termsOf(ports, lease, nowMs),
    beatUrl: `/v1/play/${sessionId}/beat`,
    releaseUrl: `/v1/play/${sessionId}/release`,
    sessionEndsAtMs,
    ...(steered === undefined ? {} : { steered }),
    ...signedTitle({ ...order, sessionId, expiresAtMs }),
  };
}

export type SignedTitle = Omit<
  PlayAnswer,
  | "sessionId"
  | "sessionToken"
  | "heartbeatIntervalMs"
  | "lease"
  | "beatUrl"
  | "releaseUrl"
  | "licence"
  | "sessionEndsAtMs"
  | "steered"
>;

export interface SignOrder extends Pick<PlayOrder, "title" | "place" | "ranking" | "reach" | "resume"> {
  readonly ports: Pick<ControlPorts, "signPath">;
  readonly maxHeight: number;
  readonly sessionId: string;
  readonly expiresAtMs: number;
}

/** Everything that is fetched from sources, in one signed folder. */
export function signedTitle(order: SignOrder): SignedTitle {
  const { ports, title, place, resume } = order;
  const expiresAtSeconds = Math.floor(order.expiresAtMs / 1000);
  const prefix = ports.signPath({ titleId: title.id, sessionId: order.sessionId, expiresAtSeconds });
  const sources = signedSources(order, prefix);
  const index = sources.index ?? [];
  const { dash, hls, sidecar, storyboard } = title.package;
  return {
    titleId: title.id,
    durationMs: Math.round(title.package.duration * 1000),
    prefix,
    expiresAtMs: expiresAtSeconds * 1000,
    manifests: index.map(({ sourceId, baseUrl }) => ({
      sourceId,
      dash: `${baseUrl}${dash}`,
      hls: `${baseUrl}${hls}`,
    })),
    sources,
    sidecarUrls: index.map(({ baseUrl }) => `${baseUrl}${sidecar}`),
    storyboardUrl: `${index[0]?.baseUrl ?? ""}${storyboard}`,
    steering: steeringCardOf(place.address, order.ranking),
    resume: resume.point,
    ...(resume.stale ? { resumeStale: true as const } : {}),
  };
}

/**
 * A token per session opens both manifests: their players have no cookie. Those manifests name every rung, so that a plan
 * which ends below the title's top gets none.
 */
function steeredPaths(
  { ports, title, place, lease, maxHeight }: PlayOrder,
  endsAtMs: number,
): PlayAnswer["steered"] {
  const whole = title.package.renditions.every(({ height }) => height <= maxHeight);
  if (ports.settings.otherPlayers === "none" || !whole) return undefined;
  const { viewpoint } = place;
  const { sessionId } = lease;
  const grant = { sessionId, titleId: title.id, viewpoint, endsAtMs, pathways: [] };
  const token = mintSteeringToken(ports.seal, grant);
  const at = (file: string): string => `/steer/${sessionId}/${file}?token=${token}`;
  return { dash: at("manifest.mpd"), hls: at("manifest.m3u8") };
}

/** The session that a player wants to go on with, if it is this account's and this title's. */
export async function sessionUnderWay({
  ports,
  viewer,
  body,
  signal,
}: {
  readonly ports: Pick<ControlPorts, "stores">;
  readonly viewer: Pick<Viewer, "id">;
  readonly body: Pick<PlayBody, "sessionId" | "titleId">;
  readonly signal: AbortSignal;
}): Promise<PlaySession | undefined> {
  if (body.sessionId === undefined) return undefined;
  const session = await ports.stores.playback.session(body.sessionId, signal);
  const own = session?.accountId === viewer.id && session.titleId === body.titleId;
  if (!own) throw new Fault(controlFaults.foreignSession);
  return session;
}

/** Per rendition, the ranked sources that hold it, as signed folders. The index lies at the title's top. */
function signedSources(order: SignOrder, prefix: string): PlayAnswer["sources"] {
  const { title, reach, maxHeight } = order;
  const ranked = order.ranking.ranked.map((source) => source.id);
  return Object.fromEntries(
    listedRenditions(title.package.renditions, maxHeight).map((rendition) => {
      const id = fileId(title.id, rendition.id);
      const holders = ranked.filter((sourceId) => reach.holds(sourceId, id));
      const withOrigin = holders.includes(originId) ? holders : [...holders, originId];
      const folder = `${prefix}${folderOf(rendition)}`;
      const list = withOrigin.map((sourceId) => ({
        sourceId,
        baseUrl: `${reach.baseUrl(sourceId)}${folder}`,
      }));
      // Players know the index by one name, whatever version of it that is.
      return [isTopIndex(rendition) ? "index" : rendition.id, list];
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

/** Where a viewer goes on, as far as it is known. */
export interface Resume {
  /** null: at the beginning, since the title was never begun, or to its end. */
  readonly point: ResumePoint | null;
  /** History could not be asked. */
  readonly stale: boolean;
}

export async function resumeOf(
  ports: Pick<ControlPorts, "stores">,
  { profileId, titleId }: Pick<Bookmark, "profileId" | "titleId">,
  signal?: AbortSignal,
): Promise<Resume> {
  const { bookmark, stale } = await ports.stores.history.get({ profileId, titleId }, signal);
  return { point: resumeFrom(bookmark), stale };
}

export function resumeFrom(mark: Bookmark | undefined): ResumePoint | null {
  if (mark === undefined || mark.finished || mark.positionMs === 0) return null;
  const { titleId, positionMs, durationMs } = mark;
  return { titleId, positionMs, durationMs };
}
