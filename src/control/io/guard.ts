// Stands before every route: who asks, and does the request come from our own pages?
import { createHash, timingSafeEqual } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";
import { controlFaults } from "#control/faults.ts";
import type { ApiToken } from "#data/ports.ts";
import { Fault } from "#units/fault.ts";
import type { Desk } from "./desk.ts";
import { bearerOf, viewerOf } from "./device-cookies.ts";

type Hook = (request: FastifyRequest, reply: FastifyReply) => Promise<void>;

const changing: ReadonlySet<string> = new Set(["POST", "PUT", "PATCH", "DELETE"]);

export function guard(desk: Desk): Hook {
  return async (request, reply) => {
    const { audience = "anyone", proofInBody = false } = request.routeOptions.config;
    if (changing.has(request.method) && !proofInBody && !request.is404) demandJson(request);
    switch (audience) {
      case "anyone":
        return;
      case "appliance":
        demandToken(request, desk.applianceToken);
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
  };
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

/** Asked of the database each time: a revoked token stops at once. */
async function workerToken({ ports, clock }: Desk, request: FastifyRequest): Promise<ApiToken> {
  const token = await ports.stores.tokens.byHash(ports.digest(bearerOf(request)), clock.wallMs());
  if (token?.kind !== "worker") throw new Fault(controlFaults.wrongWorkerToken);
  return token;
}

function demandToken(request: FastifyRequest, token: string): void {
  const given = bearerOf(request);
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  if (!timingSafeEqual(digest(given), digest(token))) throw new Fault(controlFaults.wrongToken);
}
