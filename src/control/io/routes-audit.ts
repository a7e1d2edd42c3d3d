// The audit log, as admins read it and as `millrace audit verify` checks it.
import { auditPage, auditQuery } from "#wire/identity.ts";
import { answers } from "./answers.ts";
import type { App } from "./app.ts";
import type { Desk } from "./desk.ts";

export function auditRoutes(app: App, desk: Desk): void {
  const { audit } = desk.ports.stores;
  app.get(
    "/v1/ops/audit",
    {
      config: { audience: "admin" },
      schema: {
        summary: "Who did what, newest first; with from, oldest first from that row on",
        tags: ["admin"],
        querystring: auditQuery,
        response: answers(auditPage),
      },
    },
    async (request) => {
      const { before = Number.MAX_SAFE_INTEGER, from, limit } = request.query;
      const head = await audit.head();
      const rows = from === undefined ? await audit.before(before, limit) : await audit.from(from, limit);
      return { head, rows: [...rows] };
    },
  );
}
