// Films that are fetched from addresses, and masters: what was checked, kept, and may become a title.
import { rm } from "node:fs/promises";
import { z } from "zod";
import type { Master } from "#model/arrival.ts";
import { publishFaults } from "#publish/faults.ts";
import { shownName } from "#publish/file-name.ts";
import { masterPath } from "#publish/io/film-folders.ts";
import { Fault } from "#units/fault.ts";
import {
  arrivalBody,
  arrivalList,
  importOrder,
  masterBody,
  masterList,
  publishAnswer,
  publishOrder,
} from "#wire/upload.ts";
import { errorBody, idText } from "#wire/viewer.ts";
import { answers, nothing } from "./answers.ts";
import { type App, accountOf } from "./app.ts";
import type { Desk } from "./desk.ts";
import type { FilmDesk } from "./film-desk.ts";
import { orderTitle } from "./film-works.ts";
import { arrivalFor, arrivalsFor, filmsOf, masterOnWire, mostListed, onWire, sees } from "./seen-films.ts";

const params = z.object({ id: idText });
const tags = ["operator"];
const audience = { config: { audience: "operator" } } as const;
const refusals = { "4xx": errorBody, "5xx": errorBody } as const;
/** The record is gone by then: what the second copy keeps beyond it costs room alone. */
const dropMs = 60_000;
const limited = { audience: "operator", rateLimit: { max: 30, timeWindow: 60_000 } } as const;

export function importRoutes(app: App, desk: Desk, films: FilmDesk | undefined): void {
  app.post(
    "/v1/imports",
    {
      config: limited,
      schema: {
        summary: "Fetch a film from an address, and check it",
        tags,
        body: importOrder,
        response: { 202: arrivalBody, ...refusals },
      },
    },
    async (request, reply) => {
      const here = filmsOf(films);
      await here.demandInspector();
      const { url, sha256, name } = request.body;
      const { id: accountId, email } = accountOf(request);
      const arrival = await here.import({ accountId, url, sha256, name });
      desk.logger.info({ arrival: arrival.id, by: email }, "an import was asked for");
      return reply.code(202).send(await onWire(here, arrival));
    },
  );
  app.get(
    "/v1/imports",
    { ...audience, schema: { summary: "Imports, newest first", tags, response: answers(arrivalList) } },
    async (request) => ({ arrivals: await arrivalsFor(desk, filmsOf(films), "import", accountOf(request)) }),
  );
  app.get(
    "/v1/imports/:id",
    {
      ...audience,
      schema: {
        summary: "How an import stands, and why it was refused",
        tags,
        params,
        response: answers(arrivalBody),
      },
    },
    async (request) => {
      const here = filmsOf(films);
      return onWire(here, await arrivalFor(desk, "import", request.params.id, accountOf(request)));
    },
  );
  app.delete(
    "/v1/imports/:id",
    {
      ...audience,
      schema: {
        summary: "Give up an import, or forget what became of it; the master stays",
        tags,
        params,
        response: nothing("Gone"),
      },
    },
    async (request, reply) => {
      const here = filmsOf(films);
      await here.forget(await arrivalFor(desk, "import", request.params.id, accountOf(request)));
      return reply.code(204).send();
    },
  );
}

export function masterRoutes(app: App, desk: Desk, films: FilmDesk | undefined): void {
  const { uploads } = desk.ports.stores;
  app.get(
    "/v1/masters",
    { ...audience, schema: { summary: "Masters, newest first", tags, response: answers(masterList) } },
    async () => {
      const found = await uploads.masters(mostListed);
      const orders = new Map((await uploads.publications(mostListed)).map((one) => [one.masterId, one]));
      return { masters: found.map((master) => masterOnWire(master, orders.get(master.id))) };
    },
  );
  app.get(
    "/v1/masters/:id",
    { ...audience, schema: { summary: "A master", tags, params, response: answers(masterBody) } },
    async (request) => {
      const master = await masterFor(desk, request.params.id);
      return masterOnWire(master, await uploads.publication(master.id));
    },
  );
  app.delete(
    "/v1/masters/:id",
    {
      ...audience,
      schema: {
        summary: "Delete a master that no title was ordered of: who brought it, or an admin",
        tags,
        params,
        response: nothing("Gone"),
      },
    },
    async (request, reply) => {
      const { folders } = filmsOf(films);
      const { id } = request.params;
      const master = await masterFor(desk, id);
      if (!sees(accountOf(request), master)) throw new Fault(publishFaults.unknownMaster, { id });
      if (!(await uploads.removeMaster(id))) throw new Fault(publishFaults.masterOrdered, { id });
      await rm(masterPath(folders, master.sha256), { force: true });
      await desk.archive?.dropMaster(master.sha256, AbortSignal.timeout(dropMs));
      desk.logger.info({ master: id, by: accountOf(request).email }, "a master was deleted");
      return reply.code(204).send();
    },
  );
  publishRoute(app, desk, films);
}

function publishRoute(app: App, desk: Desk, films: FilmDesk | undefined): void {
  app.post(
    "/v1/masters/:id/publish",
    {
      config: limited,
      schema: {
        summary: "Order a title to be made of a master",
        tags,
        params,
        body: publishOrder,
        response: { 202: publishAnswer, ...refusals },
      },
    },
    async (request, reply) => {
      filmsOf(films);
      const master = await masterFor(desk, request.params.id);
      const { id: accountId, email } = accountOf(request);
      const { name, encrypt, priority } = request.body;
      const titleName = name === undefined ? master.titleName : shownName(name.replaceAll(/[/\\]/g, "∕"));
      const askedAtMs = desk.clock.wallMs();
      const order = { masterId: master.id, titleName, accountId, encrypt, askedAtMs };
      const state = await orderTitle(desk, order, priority);
      desk.logger.info({ master: master.id, state, encrypt, by: email }, "a title was ordered");
      return reply.code(202).send({ masterId: master.id, titleName, encrypt, state });
    },
  );
}

async function masterFor(desk: Desk, id: string): Promise<Master> {
  const master = await desk.ports.stores.uploads.master(id);
  if (master === undefined) throw new Fault(publishFaults.unknownMaster, { id });
  return master;
}
