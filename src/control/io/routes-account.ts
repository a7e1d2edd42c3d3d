// What whoever is signed in may do with the account: password, email, end, and its devices.

import { z } from "zod";
import { askEmail, changePassword, eraseAccount } from "#control/account-changes.ts";
import { customerEnding } from "#control/billing.ts";
import { endDevice, endDevices } from "#control/devices.ts";
import { accountFaults } from "#control/faults-account.ts";
import { Fault } from "#units/fault.ts";
import { changeEmailBody, changePasswordBody, devices, endDevicesBody, eraseBody } from "#wire/account.ts";
import { idText } from "#wire/viewer.ts";
import { accepted, answers, nothing } from "./answers.ts";
import { type App, accountOf } from "./app.ts";
import { type Desk, momentOf } from "./desk.ts";
import { clearCookies } from "./device-cookies.ts";
import { forOne } from "./own-limit.ts";
import { mail, tell } from "./post.ts";
import { refused } from "./routes-sign-up.ts";
import { denySession } from "./screen-watch.ts";

const tags = ["account"];

export function accountRoutes(app: App, desk: Desk): void {
  changeRoutes(app, desk);
  deviceRoutes(app, desk);

  app.delete(
    "/v1/me",
    {
      config: forOne(desk),
      schema: {
        summary: "Erase the account with its profiles and everything that was watched",
        tags,
        body: eraseBody,
        response: nothing("Gone; this cannot be undone"),
      },
    },
    async (request, reply) => {
      const { password } = request.body;
      const account = accountOf(request);
      const billing = desk.billing?.ports;
      const outcome = await eraseAccount(desk.signIn, account, password, {
        now: momentOf(desk),
        ending: async () => (billing === undefined ? undefined : customerEnding(billing)),
      });
      if (outcome.kind !== "done") throw refused(outcome);
      tell(desk, outcome.job);
      clearCookies(reply);
      return reply.code(204).send();
    },
  );
}

function changeRoutes(app: App, desk: Desk): void {
  app.post(
    "/v1/me/password",
    {
      config: forOne(desk),
      schema: {
        summary: "Change the password: every other device is signed out, and what plays there ends",
        tags,
        body: changePasswordBody,
        response: nothing("Changed"),
      },
    },
    async (request, reply) => {
      const viewer = accountOf(request);
      const outcome = await changePassword(desk.signIn, viewer, request.body, momentOf(desk));
      if (outcome.kind !== "done") throw refused(outcome);
      tell(desk, outcome.job);
      for (const sessionId of outcome.screens) await denySession(desk, sessionId);
      return reply.code(204).send();
    },
  );

  app.post(
    "/v1/me/email",
    {
      config: forOne(desk),
      schema: {
        summary: "Move the account to another email, which gets a link that does it",
        tags,
        body: changeEmailBody,
        response: accepted("A mail is on its way to the new email, whether or not it was known"),
      },
    },
    async (request, reply) => {
      const outcome = await askEmail(desk.signIn, accountOf(request), request.body, momentOf(desk));
      if (outcome.kind !== "done") throw refused(outcome);
      mail(desk, outcome.job);
      return reply.code(202).send();
    },
  );
}

function deviceRoutes(app: App, desk: Desk): void {
  app.get(
    "/v1/devices",
    {
      config: { audience: "viewer" },
      schema: { summary: "Where this account is signed in", tags, response: answers(devices) },
    },
    async (request) => {
      const viewer = accountOf(request);
      const all = await desk.ports.stores.devices.list(viewer.id, desk.clock.wallMs());
      return {
        devices: all.map(({ id, name, openedAtMs, seenAtMs, endsAtMs }) => ({
          ...{ id, name, openedAtMs, seenAtMs, endsAtMs },
          current: id === viewer.deviceId,
        })),
      };
    },
  );

  app.delete(
    "/v1/devices/:id",
    {
      config: { audience: "viewer" },
      schema: {
        summary: "Sign a device out, at once, and end what it plays",
        tags,
        params: z.object({ id: idText }),
        response: nothing("Signed out"),
      },
    },
    async (request, reply) => {
      const deviceId = request.params.id;
      const { id } = accountOf(request);
      const { ended, screens } = await endDevice(desk.signIn, id, deviceId, desk.clock.wallMs());
      if (ended.length === 0) throw new Fault(accountFaults.unknownDevice, { deviceId });
      for (const sessionId of screens) await denySession(desk, sessionId);
      return reply.code(204).send();
    },
  );

  app.post(
    "/v1/devices/sign-out",
    {
      config: { audience: "viewer" },
      schema: {
        summary: "Sign out everywhere, with or without this device, at once; what plays there ends",
        tags,
        body: endDevicesBody,
        response: nothing("Signed out"),
      },
    },
    async (request, reply) => {
      const { id, deviceId } = accountOf(request);
      const { keepThis } = request.body;
      const keep = keepThis ? deviceId : undefined;
      const { screens } = await endDevices(desk.signIn, id, keep, desk.clock.wallMs());
      for (const sessionId of screens) await denySession(desk, sessionId);
      if (!keepThis) clearCookies(reply);
      return reply.code(204).send();
    },
  );
}
