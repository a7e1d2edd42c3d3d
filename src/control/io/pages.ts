// The built pages, and index.html for every address that the page's own router knows.
import fastifyStatic from "@fastify/static";
import type { FastifyRequest } from "fastify";
import { controlFaults } from "#control/faults.ts";
import { Fault } from "#units/fault.ts";
import type { App } from "./app.ts";

/** Vite puts a hash of the content into these names. */
const hashed = /[/\\]assets[/\\]/;

export async function servePages(app: App, folder: string | undefined): Promise<void> {
  if (folder !== undefined) {
    await app.register(fastifyStatic, {
      root: folder,
      prefix: "/",
      cacheControl: false,
      setHeaders: (reply, path) => {
        reply.header("cache-control", hashed.test(path) ? "public, max-age=31536000, immutable" : "no-cache");
      },
    });
  }
  app.setNotFoundHandler((request, reply) => {
    // Nothing is returned: a reply that is waited for gets listeners of its own, more than Node thinks sane.
    if (folder !== undefined && isPage(request)) return void reply.code(200).sendFile("index.html");
    throw new Fault(controlFaults.noRoute, { method: request.method, path: pathOf(request) });
  });
}

/** An address of the page's own: not of the API, and not a file that is missing. */
export function isPage(request: Pick<FastifyRequest, "method" | "url">): boolean {
  const path = pathOf(request);
  const last = path.split("/").at(-1) ?? "";
  const page = path === "/" || /^\/(title|watch)\//.test(path) || !last.includes(".");
  return request.method === "GET" && page && !/^\/(v1|docs|steer)(\/|$)/.test(path);
}

function pathOf(request: Pick<FastifyRequest, "url">): string {
  return request.url.split("?")[0] ?? "/";
}
