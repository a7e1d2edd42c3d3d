// Stands before every route: who asks, and does the request come from our own pages?
import { createHash, timingSafeEqual } from "node:crypto";
import type { FastifyReply, FastifyRequest, onRequestHookHandler } from "fastify";
import { looksLikeToken } from "#account/api-token.ts";
import { controlFaults } from "#control/faults.ts";
import type { ApiToken } from "#data/ports.ts";
import { Fault } from "#units/fault.ts";
import type { Audience } from "./app.ts";
import type { Desk } from "./desk.ts";
import { bearerOf, viewerOf } from "./device-cookies.ts";
import { wayOf } from "./way.ts";

const changing: ReadonlySet<string> = new Set(["POST", "PUT", "PATCH", "DELETE"]);

/** Most requests are for anyone and wait for nobody, so this is no promise. */
export function guard(desk: Desk): onRequestHookHandler {
  return (request, reply, done) => {
    const { audience = "anyone", proofInBody = false } = wayOf(request);
    if (!proofInBody && changing.has(request.method) && !request.is404) demandJson(request);
    if (audience === "anyone") done();
    else letIn(desk, audience, request, reply).then(() => done(), done);
  };
}

async function letIn(
  desk: Desk,
  audience: Exclude<Audience, "anyone">,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  switch (audience) {
    case "appliance":
      await demandToken(desk, request);
      return;
    case "worker":
      request.token = await workerToken(desk, request);
      return;
    case "viewer":
    case "operator":
    case "admin": {
      if (changing.has(request.method)) demandOwnPages(request);
      request.account = await viewerOf(desk, request, reply);
      if (request.account === undefined) throw new Fault(controlFaults.signedOut);
      const { role } = request.account;
      if (audience === "operator" && role === "viewer") throw new Fault(controlFaults.notOperator);
      if (audience === "admin" && role !== "admin") throw new Fault(controlFaults.notAdmin);
    }
  }
}

/** A form on a foreign page can post text, but not JSON, without asking first. */
function demandJson(request: FastifyRequest): void {
  const type = request.headers["content-type"]?.split(";")[0]?.trim().toLowerCase();
  if (type !== "application/json") throw new Fault(controlFaults.notJson);
}

/** Source: W3C Fetch Metadata. Browsers always send it to trustworthy origins; its absence proves nothing. */
function demandOwnPages(request: FastifyRequest): void {
  const from = request.headers["sec-fetch-site"];
  if (from !== undefined && from !== "same-origin" && from !== "none") {
    throw new Fault(controlFaults.crossSite);
  }
}

async function workerToken({ tokens }: Desk, request: FastifyRequest): Promise<ApiToken> {
  const token = await tokens.find(bearerOf(request));
  if (token?.kind !== "worker") throw new Fault(controlFaults.wrongWorkerToken);
  return token;
}

/** The installation's token opens for every appliance; one that an admin made, for its own alone. */
async function demandToken({ applianceToken, tokens }: Desk, request: FastifyRequest): Promise<void> {
  const given = bearerOf(request);
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  if (timingSafeEqual(digest(given), digest(applianceToken))) return;
  const token = looksLikeToken(given) ? await tokens.find(given) : undefined;
  const own = token?.kind === "appliance" && token.applianceId !== undefined;
  if (!own || token.applianceId !== idIn(request)) throw new Fault(controlFaults.wrongToken);
  request.token = token;
}

/** The appliance that the path speaks of. */
function idIn({ params }: FastifyRequest): unknown {
  return typeof params === "object" && params !== null && "id" in params ? params.id : undefined;
}
