// Licences: ClearKey by ourselves, other key systems through their provider. Proved by the session's token, so that no cookie is
// asked for, and pages of any origin may come.
import type { FastifyRequest } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import { controlFaults } from "#control/faults.ts";
import {
  type Bearer,
  bearerOf,
  grantLicence,
  type LicenceGrant,
  licenceFault,
  openedKeys,
} from "#control/licences.ts";
import { askedKids, clearKeyLicence as clearKeyLicenceOf } from "#licence/clear-key.ts";
import { openProvider } from "#licence/io/provider.ts";
import { Fault } from "#units/fault.ts";
import { deadlineHeaders } from "#wire/deadline.ts";
import { clearKeyLicence, clearKeyRequest, licenceQuery, otherSystem } from "#wire/licence.ts";
import { errorBody } from "#wire/viewer.ts";
import { answers } from "./answers.ts";
import type { App } from "./app.ts";
import { publishedOf } from "./asked.ts";
import { type Caller, withinBudget } from "./budget.ts";
import type { Desk } from "./desk.ts";

const tags = ["viewer"];
const requestBytes = 16 * 1024;
const proved = { audience: "anyone", proofInBody: true, load: "licence" } as const;

export function licenceRoutes(app: App, desk: Desk): void {
  const { settings } = desk.ports;
  const counted = app.createRateLimit({
    max: settings.licencesPerMinute,
    timeWindow: 60_000,
    keyGenerator: (request: FastifyRequest) => bearerIn(desk, request).sessionId,
  });
  const admitted: Admitted = async ({ request, reply }, asked) => {
    const bearer = bearerIn(desk, request);
    const count = await counted(request);
    if (!count.isAllowed && count.isExceeded) {
      throw new Fault(controlFaults.tooMany, { seconds: count.ttlInSeconds });
    }
    return { bearer, grant: await grantFor(desk, { request, reply }, { bearer, asked }) };
  };
  clearKeyRoute(app, desk, admitted);
  providerRoute(app, desk, admitted);
  for (const path of ["/v1/licence/clearkey", "/v1/licence/:system"]) preflight(app, path);
}

type Admitted = (
  caller: Caller & { readonly request: FastifyRequest },
  asked: readonly string[] | undefined,
) => Promise<{ readonly bearer: Bearer; readonly grant: Extract<LicenceGrant, { kind: "granted" }> }>;

/** In a scope of its own: players send this body under any type, or under none. */
function clearKeyRoute(app: App, desk: Desk, admitted: Admitted): void {
  app.register(async (scope) => {
    const parse = scope.getDefaultJsonParser("error", "error");
    scope.addContentTypeParser("*", { parseAs: "string" }, (request, body, done) => {
      parse(request, typeof body === "string" ? body : body.toString("utf8"), done);
    });
    scope.withTypeProvider<ZodTypeProvider>().post(
      "/v1/licence/clearkey",
      {
        bodyLimit: requestBytes,
        config: proved,
        schema: {
          summary:
            "ClearKey licence (W3C EME §9.1) for a session with a live screen: those of the asked keys that its title has and its plan covers. Token as bearer or in the query. 403 keys-not-granted, 409 screen-lost, 503 while the database is away",
          tags,
          querystring: licenceQuery,
          body: clearKeyRequest,
          headers: deadlineHeaders,
          response: answers(clearKeyLicence),
        },
      },
      async (request, reply) => {
        if (desk.ports.settings.clearKey !== "on") throw new Fault(controlFaults.clearKeyOff);
        const { grant } = await admitted({ request, reply }, askedKids(request.body.kids));
        const { keys, type } = clearKeyLicenceOf(openedKeys(desk.ports, grant.keys));
        return { keys: [...keys], type };
      },
    );
  });
}

/** The challenge is not ours to read: the provider is told which keys it may open, and until when. */
function providerRoute(app: App, desk: Desk, admitted: Admitted): void {
  const { settings } = desk.ports;
  const provider = openProvider(settings);
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
    scope.withTypeProvider<ZodTypeProvider>().post(
      "/v1/licence/:system",
      {
        bodyLimit: settings.licenceKib * 1024,
        config: proved,
        schema: {
          summary:
            "Widevine, PlayReady or FairPlay licence: the challenge goes on to the provider when screen and rights are as for ClearKey",
          tags,
          params: z.object({ system: otherSystem }),
          querystring: licenceQuery,
          headers: deadlineHeaders,
          response: { 200: z.unknown(), "4xx": errorBody, "5xx": errorBody },
        },
      },
      async (request, reply) => {
        const { system } = request.params;
        const challenge = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
        const { bearer, grant } = await admitted({ request, reply }, undefined);
        const { titleId, sessionId } = bearer;
        const kids = grant.keys.map(({ kid }) => kid);
        const rights = { titleId, sessionId, kids, endsAtMs: Math.floor(grant.endsAtMs) };
        const licence = await provider.licence({ system, challenge, rights });
        return reply.type("application/octet-stream").send(licence);
      },
    );
  });
}

async function grantFor(
  desk: Desk,
  caller: Caller,
  { bearer, asked }: { readonly bearer: Bearer; readonly asked: readonly string[] | undefined },
): Promise<Extract<LicenceGrant, { kind: "granted" }>> {
  const { ports, clock } = desk;
  const title = publishedOf(desk, bearer.titleId);
  const { denials } = desk.state;
  const nowMs = clock.wallMs();
  const grant = await withinBudget(caller, ports.settings.playBudgetMs, (signal) =>
    grantLicence({ ports, bearer, title, asked, denials, nowMs, signal }),
  );
  desk.meters.licences.inc({ result: grant.kind === "granted" ? "granted" : grant.because });
  if (grant.kind === "refused") throw licenceFault(grant, bearer);
  return grant;
}

/** @throws Fault foreign-session, session-over, other-players-off */
function bearerIn(desk: Desk, request: FastifyRequest): Bearer {
  const { token: inQuery } = licenceQuery.parse(request.query);
  const token = /^Bearer (\S{1,2048})$/i.exec(request.headers.authorization ?? "")?.[1] ?? inQuery ?? "";
  const check = bearerOf(desk.ports.seal, token, desk.clock.wallMs());
  if (check.kind === "over") throw new Fault(controlFaults.sessionOver);
  if (check.kind === "foreign") throw new Fault(controlFaults.foreignSession);
  if (check.bearer.accountId === undefined && desk.ports.settings.otherPlayers === "none") {
    throw new Fault(controlFaults.otherPlayersOff);
  }
  return check.bearer;
}

/** A browser asks first whether a page of another origin may send the token in a header. */
function preflight(app: App, path: string): void {
  app.options(path, { config: { audience: "anyone" }, schema: { hide: true } }, async (_request, reply) =>
    reply
      .header("access-control-allow-methods", "POST")
      .header("access-control-allow-headers", "authorization, content-type")
      .header("access-control-max-age", "86400")
      .code(204)
      .send(),
  );
}
