// What was answered: counted for each route, and told to the log where that is asked for.
import type { FastifyRequest, onResponseHookHandler } from "fastify";
import type { Desk } from "./desk.ts";
import type { Observe } from "./distribution.ts";
import { type Way, wayOf } from "./way.ts";

/** Who counts the answers of a route, by status. */
type Observers = Observe[];

export function countAnswers({ meters, logger }: Pick<Desk, "meters" | "logger">): onResponseHookHandler {
  const known = new WeakMap<Way, Observers>();
  const observerOf = (request: FastifyRequest, way: Way, status: number): Observe => {
    const labels = { method: request.method, route: way.url ?? "unmatched", status };
    // One that answers several methods is rare, and so is a path that is no route's.
    if (way.method !== labels.method) return meters.requests.of(labels);
    const observers = known.get(way) ?? [];
    known.set(way, observers);
    const observe = observers[status] ?? meters.requests.of(labels);
    observers[status] = observe;
    return observe;
  };
  return (request, reply, done) => {
    const way = wayOf(request);
    const { statusCode: status } = reply;
    const ms = reply.elapsedTime;
    observerOf(request, way, status)(ms / 1000);
    if (logger.isLevelEnabled("debug")) {
      request.log.debug({ method: request.method, route: way.url ?? "unmatched", status, ms }, "answered");
    }
    done();
  };
}
