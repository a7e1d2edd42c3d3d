// Profiles of the account that is signed in.
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { accountFaults } from "#control/faults-account.ts";
import {
  changeProfile,
  chooseProfile,
  createProfile,
  type HouseholdRefusal,
  removeProfile,
} from "#control/household.ts";
import type { Profile } from "#data/ports-account.ts";
import { Fault } from "#units/fault.ts";
import {
  changeProfileBody,
  createProfileBody,
  type ProfileAnswer,
  pinBody,
  profile,
  profiles,
} from "#wire/account.ts";
import { idText } from "#wire/viewer.ts";
import { answers, nothing } from "./answers.ts";
import { type App, accountOf } from "./app.ts";
import { type Desk, momentOf } from "./desk.ts";
import { forOne } from "./own-limit.ts";

const tags = ["account"];
const params = z.object({ id: idText });

export function profileRoutes(app: App, desk: Desk): void {
  const { stores, settings } = desk.ports;
  const most = settings.profilesPerAccount;

  app.get(
    "/v1/profiles",
    {
      config: { audience: "viewer" },
      schema: { summary: "Profiles of this account", tags, response: answers(profiles) },
    },
    async (request) => {
      const viewer = accountOf(request);
      const all = await stores.profiles.list(viewer.id);
      return { profiles: all.map((one) => shown(one, viewer.profileId)), most };
    },
  );

  app.post(
    "/v1/profiles",
    {
      config: forOne(desk),
      schema: { summary: "Make a profile", tags, body: createProfileBody, response: answers(profile) },
    },
    async (request) => {
      const asked = askedBy(desk, request, request.body.pin);
      const outcome = await createProfile(desk.signIn, request.body, asked);
      if (outcome.kind === "done") return shown(outcome.profile, asked.viewer.profileId);
      throw refusedProfile(outcome, { profileId: "", most });
    },
  );

  oneProfile(app, desk);
}

function oneProfile(app: App, desk: Desk): void {
  const most = desk.ports.settings.profilesPerAccount;

  app.patch(
    "/v1/profiles/:id",
    {
      config: forOne(desk),
      schema: {
        summary: "Change a profile",
        tags,
        params,
        body: changeProfileBody,
        response: answers(profile),
      },
    },
    async (request) => {
      const profileId = request.params.id;
      const asked = askedBy(desk, request, request.body.pin);
      const outcome = await changeProfile(desk.signIn, profileId, request.body, asked);
      if (outcome.kind === "done") return shown(outcome.profile, asked.viewer.profileId);
      throw refusedProfile(outcome, { profileId, most });
    },
  );

  app.delete(
    "/v1/profiles/:id",
    {
      config: forOne(desk),
      schema: {
        summary: "Remove a profile with its bookmarks and history",
        tags,
        params,
        body: pinBody,
        response: nothing("Removed"),
      },
    },
    async (request, reply) => {
      const profileId = request.params.id;
      const outcome = await removeProfile(desk.signIn, profileId, askedBy(desk, request, request.body?.pin));
      if (outcome.kind !== "done") throw refusedProfile(outcome, { profileId, most });
      return reply.code(204).send();
    },
  );

  app.post(
    "/v1/profiles/:id/use",
    {
      config: forOne(desk),
      schema: {
        summary: "Use a profile on this device from now on",
        tags,
        params,
        body: pinBody,
        response: nothing("In use"),
      },
    },
    async (request, reply) => {
      const profileId = request.params.id;
      const outcome = await chooseProfile(desk.signIn, profileId, askedBy(desk, request, request.body?.pin));
      if (outcome.kind !== "done") throw refusedProfile(outcome, { profileId, most });
      return reply.code(204).send();
    },
  );
}

function askedBy(desk: Desk, request: FastifyRequest, pin: string | undefined) {
  return { viewer: accountOf(request), pin, now: momentOf(desk) };
}

function shown({ id, name, main, maturity, language, pinHash }: Profile, inUse: string): ProfileAnswer {
  return { id, name, main, maturity, language, hasPin: pinHash !== undefined, inUse: id === inUse };
}

function refusedProfile(
  refusal: HouseholdRefusal,
  facts: { readonly profileId: string; readonly most: number },
): Fault {
  switch (refusal.kind) {
    case "unknown":
      return new Fault(accountFaults.unknownProfile, facts);
    case "full":
      return new Fault(accountFaults.profilesFull, facts);
    case "pin-wanted":
      return new Fault(accountFaults.pinWanted);
    case "pin-wrong":
      return new Fault(accountFaults.pinWrong);
    case "refused":
      return new Fault(accountFaults.profileRefused, { because: refusal.because });
    case "locked":
      return new Fault(accountFaults.pinLocked, { seconds: Math.ceil(refusal.retryAfterMs / 1000) });
  }
}
