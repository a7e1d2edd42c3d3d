// Signing in, going on, and out.
import type { FastifyRequest } from "fastify";
import { normalEmail } from "#account/password.ts";
import { whoIs } from "#control/devices.ts";
import { controlFaults } from "#control/faults.ts";
import { accountFaults } from "#control/faults-account.ts";
import { meOf, type SignInOutcome, signIn } from "#control/sign-in.ts";
import { Fault } from "#units/fault.ts";
import { refreshBody, signedIn } from "#wire/account.ts";
import { me, signInBody } from "#wire/viewer.ts";
import { answers, nothing } from "./answers.ts";
import { type App, accountOf } from "./app.ts";
import { entryOf, tellLater } from "./auditing.ts";
import { type Desk, momentOf } from "./desk.ts";
import {
  accessOf,
  clearCookies,
  leaveBefore,
  presentToken,
  refreshCookies,
  signedInAnswer,
} from "./device-cookies.ts";

export function sessionRoutes(app: App, desk: Desk): void {
  signInRoute(app, desk);
  refreshRoute(app, desk);
  const tags = ["viewer"];

  app.post(
    "/v1/sign-out",
    {
      config: { audience: "anyone" },
      schema: {
        summary: "Sign out: this device's cookies and tokens stop working at once",
        tags,
        response: nothing("Signed out, or was not signed in"),
      },
    },
    async (request, reply) => {
      const account = await whoIs(desk.signIn, accessOf(request), desk.clock.wallMs());
      await leaveBefore(desk, request);
      if (account !== undefined) {
        const what = { action: "sign-out", object: "", outcome: "done", actor: `account:${account.id}` };
        await tellLater(desk, entryOf(desk, request, what));
      }
      clearCookies(reply);
      return reply.code(204).send();
    },
  );

  app.get(
    "/v1/me",
    {
      config: { audience: "viewer" },
      schema: { summary: "Who is signed in", tags, response: answers(me) },
    },
    async (request) => meOf(accountOf(request)),
  );
}

function signInRoute(app: App, desk: Desk): void {
  app.post(
    "/v1/sign-in",
    {
      config: {
        audience: "anyone",
        load: "signIn",
        rateLimit: { max: desk.ports.settings.signInsPerMinute, timeWindow: 60_000 },
      },
      schema: {
        summary: "Sign in: sets the cookies that every other path wants, or hands out an app's tokens",
        tags: ["viewer"],
        body: signInBody,
        response: answers(signedIn),
      },
    },
    async (request, reply) => {
      const outcome = await signIn(desk.signIn, request.body, momentOf(desk), request.headers["user-agent"]);
      desk.meters.signIns.inc({ result: outcome.kind });
      await tellSignIn(desk, request, request.body.email, outcome);
      if (outcome.kind === "wrong") throw new Fault(controlFaults.wrongPassword);
      if (outcome.kind === "closed") throw new Fault(accountFaults.accountClosed);
      if (outcome.kind === "locked") {
        throw new Fault(controlFaults.accountLocked, { seconds: Math.ceil(outcome.retryAfterMs / 1000) });
      }
      const where = request.body.tokens ?? "cookie";
      if (where === "cookie") await leaveBefore(desk, request);
      return signedInAnswer(desk, request, reply, { ...outcome, where });
    },
  );
}

function refreshRoute(app: App, desk: Desk): void {
  app.post(
    "/v1/refresh",
    {
      config: {
        audience: "anyone",
        load: "signIn",
        rateLimit: { max: desk.ports.settings.refreshesPerMinute, timeWindow: 60_000 },
      },
      schema: {
        summary:
          "The next pair of tokens for a refresh token, which is good once. Browsers need not ask: their cookies are made anew with any answer",
        tags: ["viewer"],
        body: refreshBody,
        response: answers(signedIn),
      },
    },
    async (request, reply) => {
      const token = request.body?.refreshToken;
      if (token === undefined) {
        const outcome = await refreshCookies(desk, request, reply);
        if (outcome === undefined) throw new Fault(controlFaults.signedOut);
        return meOf(outcome.viewer);
      }
      const outcome = await presentToken(desk, token);
      if (!("tokens" in outcome)) throw new Fault(controlFaults.signedOut);
      return signedInAnswer(desk, request, reply, { ...outcome, where: "body" });
    },
  );
}

/** The email's digest, not the email: people type their passwords into the wrong field. */
async function tellSignIn(
  desk: Desk,
  request: FastifyRequest,
  email: string,
  outcome: SignInOutcome,
): Promise<void> {
  const object = `email=${desk.ports.digest(normalEmail(email)).slice(0, 16)}`;
  const what = { action: "sign-in", object, outcome: outcome.kind };
  const actor = outcome.kind === "signed-in" ? `account:${outcome.viewer.id}` : "anyone";
  await tellLater(desk, entryOf(desk, request, { ...what, actor }));
}
