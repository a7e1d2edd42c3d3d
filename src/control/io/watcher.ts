// The viewer of a request, as the catalogue asks about them.
import type { FastifyRequest } from "fastify";
import { allowedIn } from "#control/denials.ts";
import type { Watcher } from "#control/watchable.ts";
import type { WorkOrder } from "#control/work-page.ts";
import { accountOf } from "./app.ts";
import { announced, type Desk } from "./desk.ts";

export function watcherOf(desk: Desk, request: FastifyRequest, view = desk.works.view()): Watcher {
  return {
    account: accountOf(request),
    view,
    settings: desk.ports.settings,
    nowMs: desk.clock.wallMs(),
  };
}

/** With what is published and not denied. */
export function workOrderOf(desk: Desk, request: FastifyRequest, view = desk.works.view()): WorkOrder {
  const catalogue = allowedIn(announced(desk), desk.state.denials);
  return { ...watcherOf(desk, request, view), catalogue };
}
