// What viewers ask of the catalogue: its list, a search, and pictures.
import { z } from "zod";
import { controlFaults } from "#control/faults.ts";
import { searchWorks } from "#control/search-works.ts";
import { isShown, titleOfWork, undescribedWorks, type WorkOrder, workCardOf } from "#control/work-page.ts";
import type { Work } from "#model/work.ts";
import { Fault } from "#units/fault.ts";
import { catalogPage, searchAnswer } from "#wire/catalog.ts";
import { answers } from "./answers.ts";
import { type App, accountOf } from "./app.ts";
import type { Desk } from "./desk.ts";
import { workOrderOf } from "./watcher.ts";

const mostHits = 20;
const mostInPage = 200;

export function catalogRoutes(app: App, desk: Desk): void {
  listRoute(app, desk);
  searchRoute(app, desk);
  pictureRoute(app, desk);
}

function listRoute(app: App, desk: Desk): void {
  app.get(
    "/v1/catalog",
    {
      config: { audience: "viewer" },
      schema: {
        summary: "Films and series that this profile may watch, by id, page by page of one version",
        tags: ["viewer"],
        querystring: z.object({
          /** Of an earlier answer: this one is not older, and of the same version while that is held. */
          version: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional(),
          after: z.string().max(64).optional(),
          limit: z.coerce.number().int().min(1).max(mostInPage).default(50),
        }),
        response: answers(catalogPage),
      },
    },
    async (request) => {
      const { version, after = "", limit } = request.query;
      const view = await desk.works.atLeast(version);
      const order = workOrderOf(desk, request, view);
      const works = firstShown(order, [desk.works.listed(view), undescribedWorks(order)], after, limit + 1);
      const page = works.slice(0, limit);
      const next = works.length > limit ? (page.at(-1)?.id ?? null) : null;
      return { version: view.version, works: page.map((work) => workCardOf(order, work)), next };
    },
  );
}

/** By id. Each list is looked through only as far as it must be. */
function firstShown(
  order: WorkOrder,
  lists: readonly (readonly Work[])[],
  after: string,
  count: number,
): readonly Work[] {
  const firsts = lists.map((works) => {
    const found: Work[] = [];
    for (const work of works) {
      if (found.length >= count) break;
      if (work.id > after && isShown(order, work)) found.push(work);
    }
    return found;
  });
  return firsts
    .flat()
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    .slice(0, count);
}

function searchRoute(app: App, desk: Desk): void {
  app.get(
    "/v1/search",
    {
      config: {
        audience: "viewer",
        load: "search",
        rateLimit: {
          max: desk.ports.settings.searchesPerMinute,
          timeWindow: 60_000,
          hook: "preHandler",
          keyGenerator: (request) => accountOf(request).id,
        },
      },
      schema: {
        summary:
          "Films and series by name, people and genre, at every letter typed; at most twenty, the best first",
        tags: ["viewer"],
        querystring: z.object({ q: z.string().max(200) }),
        response: answers(searchAnswer),
      },
    },
    async (request) => {
      const { q } = request.query;
      const order = workOrderOf(desk, request);
      const found = await searchWorks({
        text: q,
        limit: mostHits,
        view: order.view,
        undescribed: undescribedWorks(order),
        fields: (work) => desk.works.fields(order.view, work),
        index: desk.works.index(),
        maturity: order.account.maturity,
        mayShow: (work) => isShown(order, work),
        popularityOf: (work) => popularityOf(desk, order, work),
      });
      if (found.kind === "too-short") throw new Fault(controlFaults.searchTooShort);
      if (found.trouble !== undefined) {
        desk.works.pause();
        desk.logger.warn({ err: found.trouble }, "search answered without its index");
      }
      const hits = found.hits.map(({ work, ranked: { match } }) => {
        const { field, text, tier, mistakes } = match;
        return { ...workCardOf(order, work), match: { field, text, tier, mistakes } };
      });
      return { query: q, hits, degraded: found.degraded };
    },
  );
}

function popularityOf(desk: Desk, order: WorkOrder, work: Work): number {
  const titleId = titleOfWork(order, work);
  return titleId === null ? 0 : desk.works.playsOf(titleId);
}

/** Outside /v1: it never changes, so that whoever fetched it once keeps it. A name is the hash of a picture: nobody can guess one. */
function pictureRoute(app: App, desk: Desk): void {
  app.get(
    "/artwork/:sha256",
    {
      config: { audience: "anyone", load: "artwork" },
      schema: {
        summary: "A picture of a work",
        tags: ["viewer"],
        params: z.object({ sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
      },
    },
    async (request, reply) => {
      const { sha256 } = request.params;
      const picture = await desk.ports.stores.pictures.get(sha256);
      if (picture === undefined) throw new Fault(controlFaults.unknownPicture, { sha256 });
      return reply
        .header("cache-control", "public, max-age=31536000, immutable")
        .header("content-disposition", "inline")
        .type(picture.type)
        .send(Buffer.from(picture.bytes));
    },
  );
}
