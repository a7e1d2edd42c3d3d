// What admins do with accounts: find them, set roles, lock them, invite people.
import { z } from "zod";
import { accountFaults } from "#control/faults-account.ts";
import { Fault } from "#units/fault.ts";
import {
  accountsPage,
  accountsQuery,
  invitations,
  inviteBody,
  madeInvitation,
  roleBody,
} from "#wire/account.ts";
import { idText } from "#wire/viewer.ts";
import { answers, nothing } from "./answers.ts";
import type { App } from "./app.ts";
import type { Desk } from "./desk.ts";
import { perMinute } from "./own-limit.ts";
import { denySession } from "./screen-watch.ts";

const tags = ["admin"];
const config = { audience: "admin" } as const;
const params = z.object({ id: idText });

const invitationsPerMinute = 60;

export function registerRoutes(app: App, desk: Desk): void {
  const { stores, settings } = desk.ports;

  app.get(
    "/v1/admin/accounts",
    {
      config,
      schema: {
        summary: "Accounts by email, a page at a time; search finds a part of the email",
        tags,
        querystring: accountsQuery,
        response: answers(accountsPage),
      },
    },
    async (request) => {
      const { search, after } = request.query;
      const limit = settings.accountsPerPage;
      const found = await stores.register.page({ search, after, limit: limit + 1 });
      const accounts = found.slice(0, limit);
      return {
        accounts: [...accounts],
        next: found.length > limit ? (accounts.at(-1)?.email ?? null) : null,
      };
    },
  );

  app.post(
    "/v1/admin/accounts/:id/role",
    {
      config,
      schema: {
        summary: "Set an account's role; the last admin stays one",
        tags,
        params,
        body: roleBody,
        response: nothing("Set, and in force at once"),
      },
    },
    async (request, reply) => {
      const accountId = request.params.id;
      const outcome = await stores.register.setRole(accountId, request.body.role);
      if (outcome === "unknown") throw new Fault(accountFaults.unknownAccount, { accountId });
      if (outcome === "last-admin") throw new Fault(accountFaults.lastAdmin);
      desk.signIn.viewers.changed(accountId);
      return reply.code(204).send();
    },
  );

  lockRoute(app, desk, "lock");
  lockRoute(app, desk, "unlock");
  invitationRoutes(app, desk);
}

function lockRoute(app: App, desk: Desk, wish: "lock" | "unlock"): void {
  const summaries = {
    lock: "Lock an account: its devices are signed out and its screens end at once, and nobody signs in to it",
    unlock: "Let an account in again",
  };
  app.post(
    `/v1/admin/accounts/:id/${wish}`,
    {
      config,
      schema: { summary: summaries[wish], tags, params, response: nothing("Done") },
    },
    async (request, reply) => {
      const accountId = request.params.id;
      const outcome = await desk.ports.stores.register.setLocked(accountId, wish === "lock");
      if (outcome === "unknown") throw new Fault(accountFaults.unknownAccount, { accountId });
      if (outcome === "last-admin") throw new Fault(accountFaults.lastAdmin);
      desk.signIn.viewers.ended(outcome.ended, desk.clock.wallMs());
      desk.signIn.viewers.changed(accountId);
      for (const sessionId of outcome.screens) await denySession(desk, sessionId);
      return reply.code(204).send();
    },
  );
}

function invitationRoutes(app: App, desk: Desk): void {
  const { stores, settings, chance, digest } = desk.ports;

  app.get(
    "/v1/admin/invitations",
    {
      config,
      schema: { summary: "Invitations that nobody used yet", tags, response: answers(invitations) },
    },
    async () => ({ invitations: [...(await stores.invitations.all(desk.clock.wallMs()))] }),
  );

  app.post(
    "/v1/admin/invitations",
    {
      config: { ...config, rateLimit: perMinute(invitationsPerMinute) },
      schema: {
        summary: "Make a code that lets one person sign up; it is told this once",
        tags,
        body: inviteBody,
        response: answers(madeInvitation),
      },
    },
    async (request) => {
      const code = chance.newToken();
      const nowMs = desk.clock.wallMs();
      const endsAtMs = Math.round(nowMs + settings.invitationDays * 86_400_000);
      const made = { id: chance.newId(), note: request.body.note, endsAtMs };
      await stores.invitations.add(made, digest(code), nowMs);
      return { ...made, code };
    },
  );

  app.delete(
    "/v1/admin/invitations/:id",
    {
      config,
      schema: { summary: "Take an invitation back", tags, params, response: nothing("Taken back") },
    },
    async (request, reply) => {
      const invitationId = request.params.id;
      if (!(await stores.invitations.remove(invitationId)))
        throw new Fault(accountFaults.unknownInvitation, { invitationId });
      return reply.code(204).send();
    },
  );
}
