// Which screens an account uses, and stopping one of them from another.
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { controlFaults } from "#control/faults.ts";
import { heldCards, type Names } from "#control/screens.ts";
import { tooYoungFor } from "#control/watchable.ts";
import { Fault } from "#units/fault.ts";
import { deadlineHeaders } from "#wire/deadline.ts";
import { screensAnswer } from "#wire/screens.ts";
import { idText } from "#wire/viewer.ts";
import { answers, nothing } from "./answers.ts";
import { type App, accountOf } from "./app.ts";
import { withinBudget } from "./budget.ts";
import type { Desk } from "./desk.ts";
import { denySession } from "./screen-watch.ts";
import { watcherOf } from "./watcher.ts";

export function screenRoutes(app: App, desk: Desk): void {
  const { settings, stores } = desk.ports;
  const tags = ["viewer"];
  app.get(
    "/v1/screens",
    {
      config: { audience: "viewer" },
      schema: {
        summary: "The screens of this account that are in use: device, profile, title, since when",
        tags,
        headers: deadlineHeaders,
        response: answers(screensAnswer),
      },
    },
    async (request, reply) => {
      const viewer = accountOf(request);
      return withinBudget({ request, reply }, settings.playBudgetMs, async (signal) => {
        const held = await stores.leases.list(viewer.id, settings.leaseGraceMs, signal);
        const names = await namesIn(desk, request, signal);
        return { screens: viewer.entitlement.screens, held: heldCards(held, viewer, names) };
      });
    },
  );
  app.delete(
    "/v1/screens/:sessionId",
    {
      config: {
        audience: "viewer",
        rateLimit: {
          max: settings.evictionsPerMinute,
          timeWindow: 60_000,
          hook: "preHandler",
          keyGenerator: (request) => accountOf(request).id,
        },
      },
      schema: {
        summary:
          "Stop a screen of this account: its next beat is told so, and appliances refuse what it has signed",
        tags,
        params: z.object({ sessionId: idText }),
        headers: deadlineHeaders,
        response: nothing("The screen is free"),
      },
    },
    async (request, reply) => {
      const { sessionId } = request.params;
      const viewer = accountOf(request);
      // Carried out whoever waits: half of it would leave paths that work.
      await withinBudget({ request, reply }, settings.playBudgetMs, async () => {
        const gone = await stores.leases.evict(viewer.id, sessionId);
        if (!gone) throw new Fault(controlFaults.unknownScreen, { sessionId });
        await denySession(desk, sessionId);
      });
      return reply.code(204).send();
    },
  );
}

/** How the account's own devices and profiles are called, and what the profile that asks may be told of. */
export async function namesIn(desk: Desk, request: FastifyRequest, signal: AbortSignal): Promise<Names> {
  const { devices, profiles } = desk.ports.stores;
  const { id: accountId } = accountOf(request);
  const watcher = watcherOf(desk, request);
  const [known, own] = await Promise.all([
    devices.list(accountId, desk.clock.wallMs(), signal),
    profiles.list(accountId, signal),
  ]);
  return {
    device: (id) => known.find((device) => device.id === id)?.name,
    profile: (id) => own.find((profile) => profile.id === id)?.name,
    title: (titleId) => desk.state.catalogue.titles.get(titleId)?.name,
    tooYoungFor: (titleId) => tooYoungFor(watcher, titleId),
  };
}
