// What the viewer page asks: the home page, a title, and where its viewer would be sent.
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { seriesOf } from "#catalog/view.ts";
import type { PublishedTitle } from "#control/catalogue.ts";
import { controlFaults } from "#control/faults.ts";
import { type HomeOrder, homeOf } from "#control/home.ts";
import { originId } from "#control/network.ts";
import { resumeOf, steeringCardOf } from "#control/play.ts";
import { titlePageOf } from "#control/title-page.ts";
import { watchableIn } from "#control/watchable.ts";
import { artworkOf, genresOf, type WorkOrder } from "#control/work-page.ts";
import { Fault } from "#units/fault.ts";
import { titlePage } from "#wire/catalog.ts";
import { home, idText, resumePoint, steeringCard } from "#wire/viewer.ts";
import { answers } from "./answers.ts";
import { type App, accountOf } from "./app.ts";
import { titleOf, viewerPlace } from "./asked.ts";
import { type Desk, steer } from "./desk.ts";
import { pictureUrl } from "./picture-urls.ts";
import { workOrderOf } from "./watcher.ts";

export function viewerRoutes(app: App, desk: Desk): void {
  const audience = { config: { audience: "viewer" } } as const;
  const tags = ["viewer"];

  app.get(
    "/v1/home",
    { ...audience, schema: { summary: "Rows of the home page", tags, response: answers(home) } },
    async (request) => homeOf(await homeOrder(desk, request, workOrderOf(desk, request))),
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
      const page = await titlePageOf(await homeOrder(desk, request, works), works, titleId);
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
      const { profileId } = accountOf(request);
      const resume = await resumeOf(desk.ports, { profileId, titleId: request.params.titleId });
      return reply.type("application/json; charset=utf-8").send(resume.point);
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
}

async function homeOrder(desk: Desk, request: FastifyRequest, works: WorkOrder): Promise<HomeOrder> {
  const account = accountOf(request);
  const { nowMs, view } = works;
  const catalogue = watchableIn(works, works.catalogue);
  return {
    ports: desk.ports,
    catalogue,
    account,
    viewpoints: [...desk.state.network.viewpoints.values()],
    posterUrl: (title) =>
      pictureUrl(desk, { title, address: request.ip, profileId: account.profileId, nowMs }, "poster"),
    taste: desk.taste.taste(),
    popular: await desk.taste.popular(),
    nearby: regionOf(desk, catalogue.titles.values().next().value, request.ip),
    genres: new Map([...view.byTitle].map(([id, work]) => [id, genresOf(work, seriesOf(view, work))])),
    pictures: (titleId) => artworkOf(view, titleId),
  };
}

/** The site that would serve this address; undefined where that is the origin. */
function regionOf(desk: Desk, title: PublishedTitle | undefined, address: string): HomeOrder["nearby"] {
  if (title === undefined) return undefined;
  const [first] = steer(desk, title, { address, viewpoint: "" }, "").ranked;
  return first === undefined || first.id === originId
    ? undefined
    : { id: first.siteId, name: first.siteName };
}
