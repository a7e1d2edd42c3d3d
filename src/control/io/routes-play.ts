// A play from its start to its last word: opening a session with a screen, beats, release; and the look ahead without either.
import type { FastifyReply, FastifyRequest } from "fastify";
import { deviceName } from "#account/device-name.ts";
import type { PublishedTitle } from "#control/catalogue.ts";
import { enrolled } from "#control/experiments.ts";
import { controlFaults } from "#control/faults.ts";
import { demandMayPlay } from "#control/may-play.ts";
import { originId } from "#control/network.ts";
import { suspected } from "#control/other-players.ts";
import {
  playOf,
  type Resume,
  resumeFrom,
  resumeOf,
  sessionUnderWay,
  signedTitle,
  type ViewerPlace,
} from "#control/play.ts";
import {
  heldCards,
  lossOf,
  onceMore,
  refusalOf,
  type ScreenOrder,
  takeScreen,
  whyRefused,
} from "#control/screens.ts";
import { networkOfViewer } from "#control/steering.ts";
import type { Acquired, PlaySession, Viewer } from "#data/ports.ts";
import type { Lease } from "#model/lease.ts";
import type { Ranking } from "#model/steering.ts";
import { Fault } from "#units/fault.ts";
import { deadlineHeaders } from "#wire/deadline.ts";
import { conflictBody, prefetchAnswer, prefetchBody } from "#wire/screens.ts";
import { type PlayAnswer, type PlayBody, playAnswer, playBody } from "#wire/viewer.ts";
import { answers, asItIs } from "./answers.ts";
import { type App, accountOf } from "./app.ts";
import { demandAllowed, demandOldEnough, publishedOf, titleOf, viewerPlace } from "./asked.ts";
import { withinBudget } from "./budget.ts";
import { type Desk, reachOf, steer } from "./desk.ts";
import { tellDecision, writeDecisions } from "./ledger-desk.ts";
import { namesIn } from "./routes-screens.ts";
import { denyLongPaths } from "./screen-watch.ts";

export function playRoutes(app: App, desk: Desk): void {
  app.addHook("onClose", () => writeDecisions(desk));
  app.post(
    "/v1/play",
    {
      config: {
        audience: "viewer",
        load: "play",
        rateLimit: {
          max: desk.ports.settings.playsPerMinute,
          timeWindow: 60_000,
          hook: "preHandler",
          keyGenerator: (request) => accountOf(request).id,
        },
      },
      schema: {
        summary:
          "Open a session with a screen of its own, or go on with one: signed sources by rank, lease, token for beats, resume point. 402 not-subscribed; 403 account-suspended; 409 screens-full names who holds the screens, 409 screen-lost; 503 while the database is away",
        tags: ["viewer"],
        body: playBody,
        headers: deadlineHeaders,
        response: { ...answers(playAnswer), 409: conflictBody },
      },
      serializerCompiler: asItIs,
    },
    async (request, reply) => {
      const title = publishedOf(desk, request.body.titleId);
      const place = viewerPlace(desk, request.body.viewpoint, request.ip);
      const viewer = accountOf(request);
      const asked = { title, place, viewer, body: request.body, request, reply };
      return withinBudget({ request, reply }, desk.ports.settings.playBudgetMs, (signal) =>
        play(desk, { ...asked, signal }),
      );
    },
  );
  prefetchRoute(app, desk);
}

interface Asked {
  readonly title: PublishedTitle;
  readonly place: ViewerPlace;
  readonly viewer: Viewer;
  readonly body: PlayBody;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly signal: AbortSignal;
}

async function play(desk: Desk, asked: Asked): Promise<PlayAnswer | FastifyReply> {
  const { ports } = desk;
  const { viewer, title, place, body, signal } = asked;
  const planHeight = demandMayPlay(viewer, title);
  demandOldEnough(desk, asked.request, title.id);
  const nowMs = desk.clock.wallMs();
  const underWay = await onceMore(signal, () => sessionUnderWay({ ports, viewer, body, signal }));
  titleOf(desk, asked.request, title.id, underWay);
  const sessionId = underWay?.id ?? newSession(desk, title, place);
  const ranking = steer(desk, title, place, sessionId);
  const held =
    underWay === undefined
      ? await opened(desk, asked, { sessionId, region: regionOf(ranking) })
      : await goneOn(desk, underWay, signal);
  if (held.kind === "limit") return fullAnswer(desk, asked, held);
  tellDecision(desk, { sessionId, title, ranking });
  const { lease, resume } = held;
  if (underWay === undefined) desk.meters.plays.inc({ source: ranking.ranked[0]?.id ?? originId });
  const maxHeight = Math.min(planHeight, body.caps?.maxHeight ?? planHeight);
  const reach = reachOf(desk);
  return playOf({ ports, viewer, title, place, ranking, reach, lease, maxHeight, resume, nowMs });
}

/** The site that serves best, for what is popular there; "" where that is the origin. */
function regionOf({ ranked: [first] }: Ranking): string {
  return first === undefined || first.id === originId ? "" : first.siteId;
}

type Held =
  | { readonly kind: "held"; readonly lease: Lease; readonly resume: Resume }
  | Extract<Acquired, { kind: "limit" }>;

async function opened(
  desk: Desk,
  { title, place, viewer, request, signal }: Asked,
  { sessionId: id, region }: { readonly sessionId: string; readonly region: string },
): Promise<Held> {
  const { ports } = desk;
  const session = {
    ...{ id, region },
    network: networkOfViewer(desk.routes.table, place, region),
    device: deviceName(request.headers["user-agent"]),
    accountId: viewer.id,
    profileId: viewer.profileId,
    titleId: title.id,
    viewpoint: place.viewpoint,
    startedAtMs: desk.clock.wallMs(),
  };
  const ends = endsOfOthers(desk, viewer.id);
  const acquired = await takeScreen({ ports, viewer, session, signal, ...ends });
  if (acquired.kind !== "granted") desk.meters.leaseRefusals.inc({ because: whyRefused(acquired) });
  if (acquired.kind === "limit") return acquired;
  if (acquired.kind !== "granted") throw refusalOf(acquired);
  const resume = { point: resumeFrom(acquired.bookmark), stale: acquired.bookmarkStale === true };
  return { kind: "held", lease: acquired.lease, resume };
}

/** What gave way lost its screen for good, whether or not anybody hears of the new one. */
function endsOfOthers(desk: Desk, accountId: string): Pick<ScreenOrder, "onReplaced" | "onUnsure"> {
  return {
    onReplaced: (sessionIds) => {
      for (const sessionId of sessionIds) void denyLongPaths(desk, sessionId);
    },
    onUnsure: () => {
      desk.state.otherPlayers = suspected(desk.state.otherPlayers, accountId, desk.clock.wallMs());
    },
  };
}

/** Its screen is held on. A session that lost it stays lost: another viewer may have it. */
async function goneOn(desk: Desk, session: PlaySession, signal: AbortSignal): Promise<Held> {
  const { stores, settings } = desk.ports;
  const { id: sessionId, accountId, generation } = session;
  demandAllowed(desk, "session", sessionId);
  const { leaseTtlMs: ttlMs, leaseGraceMs: graceMs } = settings;
  const renewed = await onceMore(signal, () =>
    stores.leases.renew({ accountId, sessionId, generation, ttlMs, graceMs, signal }),
  );
  if (renewed.kind !== "renewed") {
    desk.meters.leaseRefusals.inc({ because: renewed.kind === "lost" ? "lost" : renewed.standing });
    await denyLongPaths(desk, sessionId);
    throw lossOf(renewed);
  }
  const { lease } = renewed;
  return { kind: "held", lease, resume: await resumeOf(desk.ports, session, signal) };
}

async function fullAnswer(
  desk: Desk,
  { request, viewer, reply, signal }: Asked,
  { screens, held }: Extract<Acquired, { kind: "limit" }>,
): Promise<FastifyReply> {
  const { code, message } = new Fault(controlFaults.screensFull, { screens });
  const cards = heldCards(held, viewer, await namesIn(desk, request, signal));
  return reply.code(409).send({ error: { code, message }, screens, held: cards });
}

/** A fresh id; a few sessions take part in an experiment, if one runs. */
function newSession(desk: Desk, title: PublishedTitle, place: ViewerPlace): string {
  const name = desk.ports.chance.newId();
  const { sessionId, laboratory } = enrolled(
    desk.state.laboratory,
    name,
    title,
    desk.clock.wallMs(),
    (id) => steer(desk, title, place, id).ranked[0]?.id,
  );
  desk.state.laboratory = laboratory;
  return sessionId;
}

/**
 * A signed folder is a title's whole folder, so that what a look ahead may open is bounded by time alone: seconds, and seldom for
 * the same title.
 */
function prefetchRoute(app: App, desk: Desk): void {
  const { settings } = desk.ports;
  app.post(
    "/v1/prefetch",
    {
      config: {
        audience: "viewer",
        load: "prefetch",
        rateLimit: {
          max: settings.prefetchesPerMinute,
          timeWindow: 60_000,
          hook: "preHandler",
          keyGenerator: (request) => `${accountOf(request).id} ${Object(request.body).titleId}`,
        },
      },
      schema: {
        summary:
          "Look ahead, as far as there is time: a play's sources without a session or a screen, signed for a few seconds",
        tags: ["viewer"],
        body: prefetchBody,
        headers: deadlineHeaders,
        response: answers(prefetchAnswer),
      },
    },
    async (request, reply) => {
      const title = titleOf(desk, request, request.body.titleId);
      const place = viewerPlace(desk, request.body.viewpoint, request.ip);
      const viewer = accountOf(request);
      const maxHeight = demandMayPlay(viewer, title);
      const sessionId = `ahead-${desk.ports.chance.newId()}`;
      const ranking = steer(desk, title, place, sessionId);
      const expiresAtMs = desk.clock.wallMs() + settings.prefetchSeconds * 1000;
      const { profileId } = viewer;
      const resume = await withinBudget({ request, reply }, settings.playBudgetMs, (signal) =>
        resumeOf(desk.ports, { profileId, titleId: title.id }, signal),
      );
      const reach = reachOf(desk);
      tellDecision(desk, { sessionId, title, ranking });
      return signedTitle({
        ...{ ports: desk.ports, title, place, ranking, reach, resume },
        maxHeight,
        sessionId,
        expiresAtMs,
      });
    },
  );
}
