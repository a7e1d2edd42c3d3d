// What a player says while it plays, and when it goes: beats, release, and beacons alone. Proved by the session token in the body,
// because televisions and pages that go away send no cookie.
import type { FastifyRequest } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import { acceptBeacons } from "#control/accept-beacons.ts";
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
import { idText, telemetryBody } from "#wire/viewer.ts";
import { answers, asItIs, nothing } from "./answers.ts";
import type { App } from "./app.ts";
import { publishedOf, tokenIn } from "./asked.ts";
import { withinBudget, withSignal } from "./budget.ts";
import { crowded, crowdedFor } from "./crowded.ts";
import type { Desk } from "./desk.ts";
import { quickValidator } from "./quick-validator.ts";
import { denyLongPaths } from "./screen-watch.ts";

const bodyBytes = 256 * 1024;
const params = z.object({ id: idText });
const tags = ["viewer"];

/** In a scope of its own: `navigator.sendBeacon` sends text without asking first, and here that is fine. */
export function beatRoutes(app: App, desk: Desk): void {
  app.register(async (scope) => {
    const parse = scope.getDefaultJsonParser("error", "error");
    scope.addContentTypeParser("text/plain", { parseAs: "string" }, (request, body, done) => {
      parse(request, typeof body === "string" ? body : body.toString("utf8"), done);
    });
    scope.setValidatorCompiler(quickValidator);
    const within = scope.withTypeProvider<ZodTypeProvider>();
    beatRoute(within, desk);
    releaseRoute(within, desk);
    telemetryRoute(within, desk);
  });
}

function provedByToken(desk: Desk, load: LoadClassName) {
  return {
    audience: "anyone",
    load,
    proofInBody: true,
    rateLimit: {
      max: desk.ports.settings.beaconPostsPerMinute,
      timeWindow: 60_000,
      hook: "preHandler",
      keyGenerator: (request: FastifyRequest) => tokenIn(request.body) ?? request.ip,
    },
  } as const;
}

function beatRoute(app: App, desk: Desk): void {
  app.post(
    "/v1/play/:id/beat",
    {
      bodyLimit: bodyBytes,
      config: provedByToken(desk, "renew"),
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
      config: provedByToken(desk, "release"),
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
  if (events.length > 0) desk.meters.beacons.inc({ result }, events.length);
}

function telemetryRoute(app: App, desk: Desk): void {
  app.post(
    "/v1/telemetry",
    {
      bodyLimit: bodyBytes,
      config: provedByToken(desk, "telemetry"),
      schema: {
        summary: "Beacons of one session, proved by its token; on disk before the answer",
        tags,
        body: telemetryBody,
        response: nothing("Every beacon is on disk"),
      },
    },
    async (request, reply) => {
      const { body } = request;
      const outcome = await acceptBeacons(desk.ports, body, desk.clock.wallMs()).catch((error: unknown) => {
        countKept(desk, body, false);
        throw crowded(error);
      });
      count(desk, body, outcome.kind === "durable" ? "accepted" : "refused");
      switch (outcome.kind) {
        case "durable":
          return reply.code(204).send();
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
    },
  );
}
