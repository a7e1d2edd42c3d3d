// What players that are not ours ask: a manifest whose sources can be steered, and, again and again, where to fetch from. Proved
// by a token in the address, because such players send nothing else; open to pages of any origin.
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import type { PublishedTitle } from "#control/catalogue.ts";
import {
  type Asking,
  listedPathways,
  manifestFor,
  pathwaysFor,
  sparingAnswer,
  steeringAnswer,
} from "#control/content-steering.ts";
import { isDenied } from "#control/denials.ts";
import { controlFaults } from "#control/faults.ts";
import { holds } from "#control/fleet.ts";
import { originId, originOf } from "#control/network.ts";
import { placeOf } from "#control/steering.ts";
import { checkSteeringToken, mintSteeringToken, type SteeringGrant } from "#control/steering-token.ts";
import { withLicenceAddress } from "#licence/dash-licence.ts";
import { indexFileId } from "#model/package.ts";
import { readPathwayQuery } from "#steer/pathway-query.ts";
import type { ManifestKind } from "#steer/steering-manifest.ts";
import { Fault } from "#units/fault.ts";
import { steeringManifest } from "#wire/content-steering.ts";
import { errorBody, idText } from "#wire/viewer.ts";
import { answers } from "./answers.ts";
import type { App } from "./app.ts";
import { type Desk, momentOf, reachOf } from "./desk.ts";
import { openShelf } from "./manifest-shelf.ts";
import { holdForOtherPlayer } from "./screen-watch.ts";

const tags = ["steering"];
const params = z.object({ session: idText });
const querystring = z.object({ token: z.string().max(2048) });
/** Read by hand: whatever stands there, the query is answered. */
const steeringQuery = querystring.extend({
  _HLS_pathway: z.unknown().optional(),
  _HLS_throughput: z.unknown().optional(),
  _DASH_pathway: z.unknown().optional(),
  _DASH_throughput: z.unknown().optional(),
});

const kinds = {
  hls: { file: "manifest.m3u8", type: "application/vnd.apple.mpegurl" },
  dash: { file: "manifest.mpd", type: "application/dash+xml" },
} as const;

export function contentSteeringRoutes(app: App, desk: Desk): void {
  for (const kind of ["hls", "dash"] as const) {
    manifestRoute(app, desk, kind);
    steeringRoute(app, desk, kind);
  }
}

function manifestRoute(app: App, desk: Desk, kind: ManifestKind): void {
  const { ports } = desk;
  const counted = countedPerSession(app, kinds[kind].file, ports.settings.playsPerMinute);
  const shelf = openShelf({
    folders: (title) => manifestFolders(desk, title),
    most: ports.settings.keptManifests,
  });
  app.get(
    `/steer/:session/${kinds[kind].file}`,
    {
      config: { audience: "anyone", load: "manifest" },
      schema: {
        summary: `The ${kind === "hls" ? "HLS playlist" : "DASH manifest"} of a play for any player, steerable; the play's answer names it`,
        tags,
        params,
        querystring,
        response: { 200: z.string(), "4xx": errorBody, "5xx": errorBody },
      },
    },
    async (request, reply) => {
      const { grant, ended } = grantOf(desk, request.params.session, request.query.token);
      if (ended !== undefined) throw ended;
      const count = await counted(request);
      if (!count.isAllowed && count.isExceeded) {
        throw new Fault(controlFaults.tooMany, { seconds: count.ttlInSeconds });
      }
      await holdForOtherPlayer(desk, grant);
      const { asking, title } = askingFor(desk, grant, request, []);
      const text = await shelf.textOf(title, title.package[kind]);
      const pathways = listedPathways(pathwaysFor(asking), asking.fleet.settings);
      const token = mintSteeringToken(ports.seal, { ...grant, pathways });
      const steeringUrl = `${selfOf(request)}/steer/${grant.sessionId}/${kind}?token=${token}`;
      const { signPath } = ports;
      const steered = manifestFor(asking, { kind, text, pathways, steeringUrl, signPath });
      if (steered.kind === "unfit") {
        const { because } = steered;
        throw new Fault(controlFaults.manifestUnfit, {
          titleId: title.id,
          path: title.package[kind],
          because,
        });
      }
      const licenceUrl = `${selfOf(request)}/v1/licence/clearkey?token=${token}`;
      const licensed =
        kind === "dash" && title.package.protection !== undefined && ports.settings.clearKey === "on";
      const manifest = licensed ? withLicenceAddress(steered.text, licenceUrl) : steered.text;
      return reply.type(kinds[kind].type).send(manifest);
    },
  );
}

function steeringRoute(app: App, desk: Desk, kind: ManifestKind): void {
  const { ports, meters } = desk;
  const counted = countedPerSession(app, kind, ports.settings.steersPerMinute);
  app.get(
    `/steer/:session/${kind}`,
    {
      config: { audience: "anyone", load: "manifest" },
      schema: {
        summary: `Content steering for ${kind.toUpperCase()}: where this session should fetch from now, and when to ask again`,
        tags,
        params,
        querystring: steeringQuery,
        response: answers(steeringManifest),
      },
    },
    async (request) => {
      const { grant, ended } = grantOf(desk, request.params.session, request.query.token);
      if (ended !== undefined) {
        meters.steers.inc({ state: "ended" });
        throw new Fault(controlFaults.steeringOver);
      }
      // The manifest's own token: nothing says what the player has.
      if (grant.pathways.length === 0) throw new Fault(controlFaults.foreignSession);
      const reloadUri = `${selfOf(request)}/steer/${grant.sessionId}/${kind}?token=${request.query.token}`;
      const count = await counted(request);
      if (!count.isAllowed && count.isExceeded) {
        meters.steers.inc({ state: "spared" });
        return sparingAnswer(grant, desk.state.fleet.settings, reloadUri);
      }
      await holdOn(desk, grant);
      const { asking } = askingFor(desk, grant, request, usedIn(desk, request));
      const { manifest, uncloned, ordered } = steeringAnswer(asking, kind, reloadUri);
      meters.steers.inc({ state: ordered.state });
      const { state, because } = ordered;
      desk.logger.debug({ session: grant.sessionId, state, because, uncloned }, "steered");
      return manifest;
    },
  );
}

/** While the database is away steering goes on; the lease may end meanwhile. */
async function holdOn(desk: Desk, grant: SteeringGrant): Promise<void> {
  try {
    await holdForOtherPlayer(desk, grant);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    if (error.status === 503) return;
    desk.meters.steers.inc({ state: "ended" });
    throw new Fault(controlFaults.steeringOver, {}, error);
  }
}

/** Counts only sessions whose token was genuine: whoever asks it has checked that. */
function countedPerSession(app: App, what: string, max: number): ReturnType<App["createRateLimit"]> {
  return app.createRateLimit({
    max,
    timeWindow: 60_000,
    keyGenerator: (request: FastifyRequest) => `${what} ${Object(request.params).session}`,
  });
}

/** What the token opens. `ended` says why it opens nothing any more, although it is genuine. */
function grantOf(
  desk: Desk,
  sessionId: string,
  token: string,
): { readonly grant: SteeringGrant; readonly ended: Fault | undefined } {
  const nowMs = desk.clock.wallMs();
  const check = checkSteeringToken(desk.ports.seal, token, nowMs);
  if (check.kind === "over") return { grant: noGrant, ended: new Fault(controlFaults.sessionOver) };
  if (check.kind === "foreign" || check.grant.sessionId !== sessionId) {
    throw new Fault(controlFaults.foreignSession);
  }
  const { grant } = check;
  const { titleId } = grant;
  const denied = (kind: "session" | "title", id: string): Fault | undefined =>
    isDenied(desk.state.denials, kind, id, nowMs) ? new Fault(controlFaults.denied, { kind, id }) : undefined;
  const gone = desk.state.catalogue.titles.has(titleId)
    ? undefined
    : new Fault(controlFaults.unknownTitle, { titleId });
  return { grant, ended: gone ?? denied("session", sessionId) ?? denied("title", titleId) };
}

const noGrant: SteeringGrant = { sessionId: "", titleId: "", viewpoint: "", endsAtMs: 0, pathways: [] };

function askingFor(
  desk: Desk,
  grant: SteeringGrant,
  request: FastifyRequest,
  used: Asking["used"],
): { readonly asking: Asking; readonly title: PublishedTitle } {
  const { network, fleet, catalogue, inForce } = desk.state;
  const title = catalogue.titles.get(grant.titleId);
  if (title === undefined) throw new Fault(controlFaults.unknownTitle, { titleId: grant.titleId });
  const reading = placeOf(network, grant.viewpoint, request.ip);
  // A viewpoint that left the sites file since: where the request comes from.
  const place = reading.kind === "known" ? reading.place : { address: request.ip, viewpoint: "" };
  const { geography } = desk;
  const { table } = desk.routes;
  const known = { network, table, geography, fleet, title, place, now: momentOf(desk) };
  return { asking: { ...known, grant, used, epoch: inForce?.epoch ?? 0 }, title };
}

/** The pathways that the player says it uses; what it measured on known ones is counted. */
function usedIn({ meters, state }: Desk, request: FastifyRequest): Asking["used"] {
  const used = readPathwayQuery(request.url.slice(request.url.indexOf("?") + 1));
  for (const { id, throughput } of used) {
    const known = id === originId || state.network.appliances.has(id);
    if (known && throughput !== undefined) meters.steeredThroughput.observe({ source: id }, throughput);
  }
  return used.map(({ id }) => id);
}

/** The origin, then whoever verified the title's index. */
function manifestFolders(desk: Desk, title: PublishedTitle): readonly string[] {
  const { fleet, network } = desk.state;
  const index = indexFileId(title.package);
  const holders = [...network.appliances.keys()].filter((id) => holds(fleet, id, index));
  const expiresAtSeconds = Math.floor(desk.clock.wallMs() / 1000) + 60;
  const prefix = desk.ports.signPath({ titleId: title.id, sessionId: "control", expiresAtSeconds });
  const reach = reachOf(desk);
  return [originId, ...holders.slice(0, 2)].map((id) => `${reach.baseUrl(id)}${prefix}`);
}

/** Where this control plane was reached: Shaka Player and dash.js both fail at a relative address, each at another place. */
function selfOf(request: FastifyRequest): string {
  const origin = hostPattern.test(request.host)
    ? originOf(`${request.protocol}://${request.host}`)
    : undefined;
  if (origin !== undefined) return origin;
  throw new Fault(controlFaults.badRequest, { where: "headers.host", what: "it names no address" });
}

/** What comes from a header and goes into a playlist: a URL's host may hold quotes. */
const hostPattern = /^([A-Za-z0-9.-]+|\[[0-9a-fA-F:.]+\])(:\d{1,5})?$/;
