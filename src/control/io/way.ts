// What a route says of itself. Fastify describes the route anew at each look, so a request keeps the first.
import type { FastifyRequest } from "fastify";

export type Way = FastifyRequest["routeOptions"]["config"];

declare module "fastify" {
  interface FastifyRequest {
    /** As wayOf found it. */
    way: Way | undefined;
  }
}

export function wayOf(request: FastifyRequest): Way {
  const known = request.way;
  if (known !== undefined) return known;
  const way = request.routeOptions.config;
  request.way = way;
  return way;
}
