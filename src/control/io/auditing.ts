// Who did what: every route that changes something and is for operators or admins is audited without a line of its own.
// It is told before the action, which is refused when that cannot be written, and again with its outcome.
// Source: OWASP ASVS 5.0, 16.2 and 16.3.
import type { FastifyRequest } from "fastify";
import { controlFaults } from "#control/faults.ts";
import type { AuditEntry } from "#data/audit-chain.ts";
import { Fault } from "#units/fault.ts";
import type { App } from "./app.ts";
import type { Desk } from "./desk.ts";
import { wayOf } from "./way.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /**
     * Routes that change something for operators and admins are audited by themselves. "itself": this one writes its own row, in
     * its change's transaction. "tell": one that is for others is audited too, after the fact, and goes on without.
     */
    audit?: "itself" | "tell";
  }
  interface FastifyRequest {
    /** That this action began stands in the log. */
    auditBegun: boolean;
    /** The code of what it was refused with. */
    refusal: string | undefined;
  }
}

const changing: ReadonlySet<string> = new Set(["POST", "PUT", "PATCH", "DELETE"]);

export function auditActions(app: App, desk: Desk): void {
  app.decorateRequest("auditBegun", false);
  app.decorateRequest("refusal", undefined);
  app.addHook("preHandler", (request, _reply, done) => {
    if (mustBeAudited(request)) tellBegun(desk, request).then(() => done(), done);
    else done();
  });
  app.addHook("onSend", (request, reply, _payload, done) => {
    const { audience, audit } = wayOf(request);
    const refused = request.refusal === undefined ? undefined : `refused: ${request.refusal}`;
    if (request.auditBegun || audit === "tell") {
      const outcome = refused ?? (reply.statusCode < 400 ? "done" : `refused: ${reply.statusCode}`);
      tellLater(desk, routeEntry(desk, request, outcome)).then(() => done(), done);
      return;
    }
    const above = audience === "operator" || audience === "admin";
    if (above && refused !== undefined) {
      desk.logger.warn({ ...routeEntry(desk, request, refused) }, "not let in");
    }
    done();
  });
}

/** @throws Fault audit-away */
async function tellBegun(desk: Desk, request: FastifyRequest): Promise<void> {
  const begun = routeEntry(desk, request, "begun");
  await desk.ports.stores.audit.append(begun).catch((error: unknown) => {
    throw new Fault(controlFaults.auditAway, {}, error);
  });
  request.auditBegun = true;
}

function mustBeAudited(request: FastifyRequest): boolean {
  const { audience, audit } = wayOf(request);
  const above = audience === "operator" || audience === "admin";
  return above && audit !== "itself" && changing.has(request.method);
}

/** What a request does, by its route. Its body is never part of it: bodies hold passwords. */
function routeEntry(desk: Desk, request: FastifyRequest, outcome: string): AuditEntry {
  const { url = "" } = wayOf(request);
  return entryOf(desk, request, { action: `${request.method} ${url}`, object: objectOf(request), outcome });
}

/** The ids in the path: "id=a1". */
function objectOf({ params }: FastifyRequest): string {
  if (typeof params !== "object" || params === null) return "";
  return Object.entries(params)
    .map(([key, value]) => `${key}=${value}`)
    .join(" ");
}

/** A row of this request's. Whoever signs in is not yet the request's account: `actor` says who. */
export function entryOf(
  desk: Desk,
  request: FastifyRequest,
  what: Pick<AuditEntry, "action" | "object" | "outcome"> & { readonly actor?: string },
): AuditEntry {
  const { account, token, ip, id } = request;
  const known = account === undefined ? token && `token:${token.id}` : `account:${account.id}`;
  return { actor: known ?? "anyone", ...what, address: ip, requestId: id, atMs: desk.clock.wallMs() };
}

/** For what goes on without: a viewer's sign-in is not refused because the log of it cannot be written. */
export async function tellLater(desk: Desk, entry: AuditEntry): Promise<void> {
  await desk.ports.stores.audit.append(entry).catch((error: unknown) => {
    desk.logger.error({ err: error, ...entry }, "the audit log could not be written");
  });
}
