// Uploads by tus 1.0.0, which tus-js-client and others speak, and the list of what is on its way.
import type { IncomingMessage } from "node:http";
import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import type { Viewer } from "#data/ports.ts";
import { publishFaults } from "#publish/faults.ts";
import { Fault } from "#units/fault.ts";
import { arrivalBody, arrivalList } from "#wire/upload.ts";
import { idText } from "#wire/viewer.ts";
import { answers, empty, nothing } from "./answers.ts";
import { type App, accountOf } from "./app.ts";
import type { Desk } from "./desk.ts";
import type { FilmDesk } from "./film-desk.ts";
import { arrivalFor, arrivalsFor, filmsOf, onWire } from "./seen-films.ts";

const path = "/v1/uploads";
const protocol = { "tus-resumable": "1.0.0" };
const params = z.object({ id: idText });
const tags = ["operator"];

/** The body is the film's bytes, and `Tus-Resumable` is a header that no form can send. */
const config = { audience: "operator", proofInBody: true, longBody: true } as const;

/** One request at a time writes an upload. */
type Writing = Map<string, { readonly raw: IncomingMessage; readonly ended: Promise<void> }>;

export async function uploadRoutes(app: App, desk: Desk, films: FilmDesk | undefined): Promise<void> {
  const writing: Writing = new Map();
  await app.register(async (scope: App) => {
    scope.removeAllContentTypeParsers();
    // The stream is left as it is: bytes go to the disk as they come.
    scope.addContentTypeParser("*", (_request, _body, done) => done(null));
    tusRoutes(scope, desk, films, writing);
  });
  app.delete(
    `${path}/:id`,
    {
      config,
      schema: {
        summary: "Give up an upload, or forget what became of it; the master stays",
        tags,
        params,
        response: nothing("Gone"),
      },
    },
    async (request, reply) => {
      const here = filmsOf(films);
      const arrival = await arrivalFor(desk, "upload", request.params.id, accountOf(request));
      await endWriting(writing, arrival.id);
      await here.forget(arrival);
      return reply.code(204).headers(protocol).send(undefined);
    },
  );
  app.get(
    path,
    {
      config: { audience: "operator" },
      schema: { summary: "Uploads, newest first", tags, response: answers(arrivalList) },
    },
    async (request) => ({ arrivals: await arrivalsFor(desk, filmsOf(films), "upload", accountOf(request)) }),
  );
  app.get(
    `${path}/:id`,
    {
      config: { audience: "operator" },
      schema: {
        summary: "How an upload stands, and why it was refused",
        tags,
        params,
        response: answers(arrivalBody),
      },
    },
    async (request) => {
      const here = filmsOf(films);
      return onWire(here, await arrivalFor(desk, "upload", request.params.id, accountOf(request)));
    },
  );
}

function tusRoutes(scope: App, desk: Desk, films: FilmDesk | undefined, writing: Writing): void {
  scope.options(
    path,
    {
      config,
      schema: { summary: "What this server can do of tus", tags, response: nothing("Its headers say it") },
    },
    async (request, reply) => answer(request, reply, filmsOf(films)),
  );
  scope.post(
    path,
    {
      config: { ...config, rateLimit: { max: 60, timeWindow: 60_000 } },
      schema: {
        summary:
          "Begin an upload (tus creation). Metadata: filename; name, of the title; sha256, compared at the end",
        tags,
        response: empty(201, "Begun; Location says where"),
      },
    },
    async (request, reply) => {
      const here = filmsOf(films);
      await here.demandInspector();
      return answer(request, reply, here);
    },
  );
  headRoute(scope, desk, films, writing);
  scope.patch(
    `${path}/:id`,
    {
      config,
      schema: {
        summary: "Send bytes of an upload",
        tags,
        params,
        response: nothing("Upload-Offset says where it is now"),
      },
    },
    async (request, reply) => {
      const here = filmsOf(films);
      const { id, state } = await arrivalFor(desk, "upload", request.params.id, accountOf(request));
      if (state !== "receiving") throw refusing(reply, new Fault(publishFaults.over, { state }));
      if (writing.has(id)) throw refusing(reply, new Fault(publishFaults.busy));
      const ended = Promise.withResolvers<void>();
      writing.set(id, { raw: request.raw, ended: ended.promise });
      try {
        await here.demandRoom().catch((error: unknown) => {
          throw refusing(reply, error);
        });
        await desk.ports.stores.uploads.touch(id, desk.clock.wallMs());
        return await answer(request, reply, here);
      } finally {
        writing.delete(id);
        ended.resolve();
      }
    },
  );
}

function headRoute(scope: App, desk: Desk, films: FilmDesk | undefined, writing: Writing): void {
  scope.head(
    `${path}/:id`,
    {
      config: { ...config, swagger: { exposeHeadRoute: true } },
      schema: {
        summary: "Where an upload is: ends what else writes it",
        tags,
        params,
        response: empty(200, "Upload-Offset says it"),
      },
    },
    async (request, reply) => {
      const here = filmsOf(films);
      const arrival = await arrivalFor(desk, "upload", request.params.id, accountOf(request));
      await endWriting(writing, arrival.id);
      const { receivedBytes } = await onWire(here, arrival);
      if (receivedBytes < arrival.bytes) return answer(request, reply, here);
      await here.finished(arrival.id);
      const where = { "upload-offset": `${arrival.bytes}`, "upload-length": `${arrival.bytes}` };
      return reply
        .code(200)
        .headers({ ...protocol, ...where })
        .send(undefined);
    },
  );
}

/** What hangs (its peer went away without a word) is cut, so that who comes back need not wait for it. */
async function endWriting(writing: Writing, id: string): Promise<void> {
  const found = writing.get(id);
  found?.raw.destroy();
  await found?.ended;
}

async function answer(request: FastifyRequest, reply: FastifyReply, films: FilmDesk): Promise<FastifyReply> {
  const account: Viewer = accountOf(request);
  const version = request.headers["tus-resumable"];
  if (version !== undefined && version !== protocol["tus-resumable"]) {
    throw refusing(reply.header("tus-version", "1.0.0"), new Fault(publishFaults.version));
  }
  request.raw.setTimeout(films.settings.idleSeconds * 1000, () => request.raw.destroy());
  try {
    const response = await films.tus.handle(asWebRequest(request), account.id);
    const told = [...response.headers].filter(([name]) => answered.test(name));
    return reply.code(response.status).headers(Object.fromEntries(told)).send();
  } catch (error) {
    throw refusing(reply, error);
  }
}

/** The rest of a body that nobody reads would keep the connection busy. */
function refusing(reply: FastifyReply, error: unknown): unknown {
  reply.headers({ ...protocol, connection: "close" });
  return error;
}

/** Other origins are let in nowhere, so the library's words to them are left out. */
const answered = /^(tus-.*|upload-.*|location|cache-control)$/;
const passed = /^(tus-resumable|upload-.*|content-type|content-length)$/;

function asWebRequest({ raw, method, url }: FastifyRequest): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(raw.headers)) {
    if (passed.test(name) && typeof value === "string") headers.set(name, value);
  }
  const hasBody = method === "POST" || method === "PATCH";
  const body = hasBody ? { body: bodyOf(raw), duplex: "half" as const } : {};
  return new Request(`http://localhost${url}`, { method, headers, ...body });
}

/** Whoever stops reading it leaves the connection alone, so that an answer can still be sent. */
function bodyOf(raw: IncomingMessage): ReadableStream<Uint8Array> {
  const chunks: AsyncIterator<Buffer> = raw.iterator({ destroyOnReturn: false });
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await chunks.next();
      if (done === true) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await chunks.return?.();
    },
  });
}
