// What the viewer page asks: the home page, a title, a play, where its viewer would be sent, and its beacons.
import type { FastifyRequest } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import type { PublishedTitle } from "#control/catalogue.ts";
import { isDenied } from "#control/denials.ts";
import { enrolled } from "#control/experiments.ts";
import { controlFaults } from "#control/faults.ts";
import { type HomeOrder, homeOf } from "#control/home.ts";
import { originId } from "#control/network.ts";
import { resumeOf, sessionUnderWay, startPlay, steeringCardOf, type ViewerPlace } from "#control/play.ts";
import { placeOf } from "#control/steering.ts";
import { acceptBeacons } from "#control/telemetry.ts";
import { titlePageOf } from "#control/title-page.ts";
import { watchableIn, watchingOf } from "#control/watchable.ts";
import type { WorkOrder } from "#control/work-page.ts";
import type { Denial } from "#model/denial.ts";
import type { PlaySession } from "#model/playback.ts";
import { Fault } from "#units/fault.ts";
import { titlePage } from "#wire/catalog.ts";
import {
  home,
  idText,
  playAnswer,
  playBody,
  resumePoint,
  steeringCard,
  telemetryBody,
} from "#wire/viewer.ts";
import { answers, nothing } from "./answers.ts";
import { type App, accountOf } from "./app.ts";
import { type Desk, reachOf, steer } from "./desk.ts";
import { watcherOf, workOrderOf } from "./watcher.ts";

const hourSeconds = 3600;
const telemetryBytes = 256 * 1024;

export function viewerRoutes(app: App, desk: Desk): void {
  const audience = { config: { audience: "viewer" } } as const;
  const tags = ["viewer"];

  app.get(
    "/v1/home",
    { ...audience, schema: { summary: "Rows of the home page", tags, response: answers(home) } },
    async (request) => homeOf(homeOrder(desk, request, workOrderOf(desk, request))),
  );

  app.get(
    "/v1/titles/:id",
    {
      ...audience,
      schema: {
        summary: "One title; a series by its own id is the page of the episode to watch next",
        tags,
        params: z.object({ id: idText }),
        response: answers(titlePage),
      },
    },
    async (request) => {
      const titleId = request.params.id;
      const works = workOrderOf(desk, request);
      const page = await titlePageOf(homeOrder(desk, request, works), works, titleId);
      if (page === undefined) throw new Fault(controlFaults.unknownTitle, { titleId });
      return page;
    },
  );

  app.get(
    "/v1/resume/:titleId",
    {
      ...audience,
      schema: {
        summary: "Where this profile left the title; null when there is nothing to resume",
        tags,
        params: z.object({ titleId: idText }),
        response: answers(resumePoint.nullable()),
      },
    },
    async (request, reply) => {
      const resume = await resumeOf(desk.ports, accountOf(request).profileId, request.params.titleId);
      return reply.type("application/json; charset=utf-8").send(resume);
    },
  );

  app.get(
    "/v1/steering",
    {
      ...audience,
      schema: {
        summary: "Where a viewer at a viewpoint would be sent for a title, and why",
        tags,
        querystring: z.object({ titleId: idText, viewpoint: z.string().max(64).optional() }),
        response: answers(steeringCard),
      },
    },
    async (request) => {
      const title = titleOf(desk, request, request.query.titleId);
      const place = viewerPlace(desk, request.query.viewpoint, request.ip);
      return steeringCardOf(place.address, steer(desk, title, place, accountOf(request).profileId));
    },
  );

  playRoute(app, desk);
  telemetryRoute(app, desk);
}

function playRoute(app: App, desk: Desk): void {
  app.post(
    "/v1/play",
    {
      config: {
        audience: "viewer",
        rateLimit: {
          max: desk.ports.settings.playsPerMinute,
          timeWindow: 60_000,
          hook: "preHandler",
          keyGenerator: (request) => accountOf(request).id,
        },
      },
      schema: {
        summary: "Open a session, or go on with one: signed sources by rank, token for beacons, resume point",
        tags: ["viewer"],
        body: playBody,
        response: answers(playAnswer),
      },
    },
    async (request) => {
      const account = accountOf(request);
      const underWay = await sessionUnderWay(desk.ports, account.id, request.body);
      const title = titleOf(desk, request, request.body.titleId, underWay);
      const place = viewerPlace(desk, request.body.viewpoint, request.ip);
      if (underWay !== undefined) demandAllowed(desk, "session", underWay.id);
      const sessionId = underWay?.id ?? newSession(desk, title);
      const ranking = steer(desk, title, place, sessionId);
      if (underWay === undefined) desk.meters.plays.inc({ source: ranking.ranked[0]?.id ?? originId });
      return startPlay({
        ports: desk.ports,
        account,
        title,
        place,
        ranking,
        reach: reachOf(desk),
        sessionId,
        underWay,
        nowMs: desk.clock.wallMs(),
      });
    },
  );
}

/** A fresh id; a few sessions take part in an experiment, if one runs. */
function newSession(desk: Desk, title: PublishedTitle): string {
  const name = desk.ports.chance.newId();
  const { sessionId, laboratory } = enrolled(desk.state.laboratory, name, title, desk.clock.wallMs());
  desk.state.laboratory = laboratory;
  return sessionId;
}

/** In a scope of its own: `navigator.sendBeacon` sends text without asking first, and here that is fine. */
function telemetryRoute(app: App, desk: Desk): void {
  app.register(async (scope) => {
    const parse = scope.getDefaultJsonParser("error", "error");
    scope.addContentTypeParser("text/plain", { parseAs: "string" }, (request, body, done) => {
      parse(request, typeof body === "string" ? body : body.toString("utf8"), done);
    });
    scope.withTypeProvider<ZodTypeProvider>().post(
      "/v1/telemetry",
      {
        bodyLimit: telemetryBytes,
        config: {
          audience: "anyone",
          proofInBody: true,
          rateLimit: {
            max: desk.ports.settings.beaconPostsPerMinute,
            timeWindow: 60_000,
            hook: "preHandler",
            keyGenerator: (request) => tokenIn(request.body) ?? request.ip,
          },
        },
        schema: {
          summary: "Beacons of one session, proved by its token; on disk before the answer",
          tags: ["viewer"],
          body: telemetryBody,
          response: nothing("Every beacon is on disk"),
        },
      },
      async (request, reply) => {
        const count = request.body.events.length;
        const outcome = await acceptBeacons(desk.ports, request.body, desk.clock.wallMs()).catch(
          (error: unknown) => {
            desk.meters.beacons.inc({ result: "failed" }, count);
            throw error;
          },
        );
        desk.meters.beacons.inc({ result: outcome.kind === "durable" ? "accepted" : "refused" }, count);
        if (outcome.kind === "foreign") throw new Fault(controlFaults.foreignSession);
        if (outcome.kind === "over") throw new Fault(controlFaults.sessionOver);
        return reply.code(204).send();
      },
    );
  });
}

function tokenIn(body: unknown): string | undefined {
  const token = typeof body === "object" && body !== null && "sessionToken" in body ? body.sessionToken : "";
  return typeof token === "string" && token !== "" ? token : undefined;
}

/** What this viewer may not watch is answered like what does not exist. */
function titleOf(
  desk: Desk,
  request: FastifyRequest,
  titleId: string,
  underWay?: PlaySession,
): PublishedTitle {
  const title = desk.state.catalogue.titles.get(titleId);
  const watching = watchingOf(watcherOf(desk, request), titleId, underWay);
  if (title === undefined || watching.kind === "may-not")
    throw new Fault(controlFaults.unknownTitle, { titleId });
  demandAllowed(desk, "title", titleId);
  return title;
}

/** Nothing is signed for what an operator denied. */
function demandAllowed(desk: Desk, kind: Denial["kind"], id: string): void {
  if (isDenied(desk.state.denials, kind, id, desk.clock.wallMs())) {
    throw new Fault(controlFaults.denied, { kind, id });
  }
}

function viewerPlace(desk: Desk, viewpoint: string | undefined, address: string): ViewerPlace {
  const reading = placeOf(desk.state.network, viewpoint, address);
  if (reading.kind === "known") return reading.place;
  throw new Fault(controlFaults.unknownViewpoint, { viewpoint: viewpoint ?? "" });
}

function homeOrder(desk: Desk, request: FastifyRequest, works: WorkOrder): HomeOrder {
  const account = accountOf(request);
  const { nowMs } = works;
  return {
    ports: desk.ports,
    catalogue: watchableIn(works, works.catalogue),
    account,
    viewpoints: [...desk.state.network.viewpoints.values()],
    posterUrl: (title) =>
      posterUrl(desk, { title, address: request.ip, profileId: account.profileId, nowMs }),
    nowMs,
  };
}

/** The path changes once an hour only, so that browsers keep the picture; it works for one to two hours. */
function posterUrl(
  desk: Desk,
  order: {
    readonly title: PublishedTitle;
    readonly address: string;
    readonly profileId: string;
    readonly nowMs: number;
  },
): string {
  const { title, address, profileId, nowMs } = order;
  const expiresAtSeconds = (Math.floor(nowMs / 1000 / hourSeconds) + 2) * hourSeconds;
  const sessionId = `poster-${profileId}`;
  const reach = reachOf(desk);
  const ranking = steer(desk, title, { address, viewpoint: "" }, profileId);
  const holder = ranking.ranked.find((source) => reach.holds(source.id, `${title.id}/index`));
  const base = reach.baseUrl(holder?.id ?? originId);
  return `${base}${desk.ports.signPath({ titleId: title.id, sessionId, expiresAtSeconds })}${title.package.poster}`;
}
