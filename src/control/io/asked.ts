// What several routes of viewers ask for: a title that may be signed, where the viewer sits, and the token in a body.
import type { FastifyRequest } from "fastify";
import type { PublishedTitle } from "#control/catalogue.ts";
import { isDenied } from "#control/denials.ts";
import { controlFaults } from "#control/faults.ts";
import type { ViewerPlace } from "#control/play.ts";
import { placeOf } from "#control/steering.ts";
import { tooYoungFor, watchingOf } from "#control/watchable.ts";
import type { Denial } from "#model/denial.ts";
import type { PlaySession } from "#model/playback.ts";
import { Fault } from "#units/fault.ts";
import type { Desk } from "./desk.ts";
import { watcherOf } from "./watcher.ts";

export function tokenIn(body: unknown): string | undefined {
  const token = typeof body === "object" && body !== null && "sessionToken" in body ? body.sessionToken : "";
  return typeof token === "string" && token !== "" ? token : undefined;
}

/** What this viewer may not watch is answered like what does not exist. */
export function titleOf(
  desk: Desk,
  request: FastifyRequest,
  titleId: string,
  underWay?: PlaySession,
): PublishedTitle {
  const title = publishedOf(desk, titleId);
  if (watchingOf(watcherOf(desk, request), titleId, underWay).kind === "may-not") {
    throw new Fault(controlFaults.unknownTitle, { titleId });
  }
  return title;
}

/** Of a title above its age a profile is told that there is none, before anything else is looked up. */
export function demandOldEnough(desk: Desk, request: FastifyRequest, titleId: string): void {
  if (tooYoungFor(watcherOf(desk, request), titleId))
    throw new Fault(controlFaults.unknownTitle, { titleId });
}

/** Whoever asks: the title is there, and nobody denied it. */
export function publishedOf(desk: Desk, titleId: string): PublishedTitle {
  const title = desk.state.catalogue.titles.get(titleId);
  if (title === undefined) throw new Fault(controlFaults.unknownTitle, { titleId });
  demandAllowed(desk, "title", titleId);
  return title;
}

/** Nothing is signed for what an operator denied. */
export function demandAllowed(desk: Desk, kind: Denial["kind"], id: string): void {
  if (isDenied(desk.state.denials, kind, id, desk.clock.wallMs())) {
    throw new Fault(controlFaults.denied, { kind, id });
  }
}

export function viewerPlace(desk: Desk, viewpoint: string | undefined, address: string): ViewerPlace {
  const reading = placeOf(desk.state.network, viewpoint, address);
  if (reading.kind === "known") return reading.place;
  throw new Fault(controlFaults.unknownViewpoint, { viewpoint: viewpoint ?? "" });
}
