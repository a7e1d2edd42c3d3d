// What a player says while it plays, and when it goes: beats, release, and beacons alone. Proved by the session token in the body,
// because televisions and pages that go away send no cookie.
import type { FastifyRequest } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import { acceptBeacons, type TelemetryOutcome } from "#control/accept-beacons.ts";
import { eventTexts } from "#control/as-it-came.ts";
import { beat, proofOf, releaseScreen } from "#control/beat.ts";
import { isDenied } from "#control/denials.ts";
import { controlFaults } from "#control/faults.ts";
import { heard } from "#control/other-players.ts";
import { lossOf } from "#control/screens.ts";
import type { SessionGrant } from "#control/session-token.ts";
import type { LoadClassName } from "#control/shedding.ts";
import { Fault } from "#units/fault.ts";
import { deadlineHeaders } from "#wire/deadline.ts";
import { type BeatBody, beatAnswer, beatBody, type ReleaseBody, releaseBody } from "#wire/screens.ts";
import { idText, type TelemetryBody, telemetryBody } from "#wire/viewer.ts";
import { answers, asItIs, nothing } from "./answers.ts";
import type { App } from "./app.ts";
import { publishedOf } from "./asked.ts";
import { withinBudget, withSignal } from "./budget.ts";
import { crowded, crowdedFor } from "./crowded.ts";
import type { Desk } from "./desk.ts";
import { quickValidator } from "./quick-validator.ts";
import { keepTexts, saidText } from "./said-text.ts";
import { denyLongPaths } from "./screen-watch.ts";
import { limitByToken } from "./token-limit.ts";

const bodyBytes = 256 * 1024;
const params = z.object({ id: idText });
const tags = ["viewer"];

/** In a scope of its own: `navigator.sendBeacon` sends text without asking first, and here that is fine. */
export function beatRoutes(app: App, desk: Desk): void {
  app.register(async (scope) => {
    keepTexts(scope, ["application/json", "text/plain"]);
    scope.setValidatorCompiler(quickValidator);
    const within = scope.withTypeProvider<ZodTypeProvider>();
    beatRoute(within, desk);
    releaseRoute(within, desk);
    telemetryRoute(within, desk);
  });
}

function provedByToken(load: LoadClassName) {
  return {
    audience: "anyone",
    load,
    proofInBody: true,
    isCounted: true,
  } as const;
}

function limited(desk: Desk) {
  return limitByToken(desk, desk.ports.settings.beaconPostsPerMinute);
}

function beatRoute(app: App, desk: Desk): void {
  app.post(
    "/v1/play/:id/beat",
    {
      bodyLimit: bodyBytes,
      config: provedByToken("renew"),
      preHandler: limited(desk),
      schema: {
        summary:
          "A player plays on: its beacons go to disk, its screen is held on, and its paths are signed anew. 402 not-subscribed; 403 account-suspended; 409 screen-lost",
        tags,
        params,
        body: beatBody,
        headers: deadlineHeaders,
        response: answers(beatAnswer),
      },
      serializerCompiler: asItIs,
    },
    async (request, reply) => {
      const { body } = request;
      const grant = demandProof(desk, request.params.id, body);
      const { ports } = desk;
      const { playBudgetMs } = ports.settings;
      const caller = { request, reply };
      const nowMs = desk.clock.wallMs();
      publishedOf(desk, grant.titleId);
      if (isDenied(desk.state.denials, "session", grant.sessionId, nowMs)) {
        await withinBudget(caller, playBudgetMs, (signal) => refuseDenied(desk, grant, signal));
      }
      // The time is the lease's alone: beacons are kept, however long their disk takes, and whoever waits.
      const outcome = await withSignal(caller, playBudgetMs, (signal) =>
        beat({ ports, grant, body, nowMs, signal }),
      );
      const isKept =
        outcome.kind === "answered" ? outcome.answer.durable : outcome.kind === "lost" && outcome.durable;
      countKept(desk, body, isKept);
      if (outcome.kind === "failed") throw outcome.cause;
      if (outcome.kind === "lost") {
        const { why } = outcome;
        desk.meters.leaseRefusals.inc({ because: why.kind === "lost" ? "lost" : why.standing });
        await denyLongPaths(desk, grant.sessionId);
        throw lossOf(why);
      }
      if (outcome.renewed !== undefined) {
        const checkAtMs = nowMs + outcome.renewed.leftMs + ports.settings.leaseGraceMs;
        desk.state.otherPlayers = heard(desk.state.otherPlayers, grant.sessionId, checkAtMs);
      }
      return outcome.answer;
    },
  );
}

/** A session whose screen was taken is denied as well: its player should hear which of the two it is. */
async function refuseDenied(desk: Desk, grant: SessionGrant, signal: AbortSignal): Promise<never> {
  const { stores, settings } = desk.ports;
  const { sessionId } = grant;
  const lease = await stores.leases.live(grant, settings.leaseGraceMs, signal);
  if (lease === undefined) throw new Fault(controlFaults.screenLost);
  throw new Fault(controlFaults.denied, { kind: "session", id: sessionId });
}

function releaseRoute(app: App, desk: Desk): void {
  app.post(
    "/v1/play/:id/release",
    {
      bodyLimit: bodyBytes,
      config: provedByToken("release"),
      preHandler: limited(desk),
      schema: {
        summary:
          "The last word of a session: its beacons go to disk and its screen is free; said twice, it is the same",
        tags,
        params,
        body: releaseBody,
        headers: deadlineHeaders,
        response: nothing("The screen is free"),
      },
    },
    async (request, reply) => {
      const { body } = request;
      const grant = demandProof(desk, request.params.id, body);
      await withinBudget({ request, reply }, desk.ports.settings.playBudgetMs, () =>
        lastWord(desk, grant, body),
      );
      return reply.code(204).send();
    },
  );
}

/** Carried out whoever waits: a page that goes waits for nothing, and its screen should be free all the same. */
async function lastWord(desk: Desk, grant: SessionGrant, body: ReleaseBody): Promise<void> {
  const { isKept, isReleased, cause } = await releaseScreen(desk.ports, grant, body, desk.clock.wallMs());
  countKept(desk, body, isKept);
  if (isReleased) await denyLongPaths(desk, grant.sessionId);
  if (!isKept || !isReleased) throw cause;
}

function demandProof(
  desk: Desk,
  sessionId: string,
  body: Pick<BeatBody, "sessionToken" | "events">,
): SessionGrant {
  const proof = proofOf(desk.ports, sessionId, body, desk.clock.wallMs());
  if (proof.kind === "valid") return proof.grant;
  count(desk, body, "refused");
  throw new Fault(proof.kind === "over" ? controlFaults.sessionOver : controlFaults.foreignSession);
}

/** Whether the log took what was proved. */
function countKept(desk: Desk, body: Pick<BeatBody, "events">, isKept: boolean): void {
  count(desk, body, isKept ? "accepted" : "failed");
  if (!isKept) desk.meters.lost.inc({ class: "beacon" }, body.events?.length ?? 0);
}

function count(
  desk: Desk,
  { events = [] }: Pick<BeatBody, "events">,
  result: "accepted" | "refused" | "failed",
): void {
  desk.meters.beaconsBy[result](events.length);
}

function telemetryRoute(app: App, desk: Desk): void {
  app.post(
    "/v1/telemetry",
    {
      bodyLimit: bodyBytes,
      config: provedByToken("telemetry"),
      preHandler: limited(desk),
      schema: {
        summary: "Beacons of one session, proved by its token; on disk before the answer",
        tags,
        body: telemetryBody,
        response: nothing("Every beacon is on disk"),
      },
    },
    async (request, reply) => {
      await takeBeacons(desk, request);
      // Not returned: what is sent already would be waited for again.
      reply.code(204).send();
    },
  );
}

/** Resolves when every beacon is on disk. @throws Fault foreign-session, session-over, bad-request, log-crowded */
async function takeBeacons(
  desk: Desk,
  request: Pick<FastifyRequest, "said"> & { readonly body: TelemetryBody },
): Promise<void> {
  const { body } = request;
  const text = saidText(request);
  const texts = text === undefined ? undefined : eventTexts(text, body.events);
  let outcome: TelemetryOutcome;
  try {
    outcome = await acceptBeacons(desk.ports, body, desk.clock.wallMs(), texts);
  } catch (error) {
    countKept(desk, body, false);
    throw crowded(error);
  }
  count(desk, body, outcome.kind === "kept" ? "accepted" : "refused");
  switch (outcome.kind) {
    case "kept":
      return;
    case "foreign":
      throw new Fault(controlFaults.foreignSession);
    case "over":
      throw new Fault(controlFaults.sessionOver);
    case "beyond":
      throw new Fault(controlFaults.badRequest, {
        where: "body.events.seq",
        what: "a number far beyond those before",
      });
    case "later":
      throw crowdedFor(outcome.afterMs);
  }
}
