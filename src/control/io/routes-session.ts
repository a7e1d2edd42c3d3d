// Signing in, going on, and out.
import { controlFaults } from "#control/faults.ts";
import { accountFaults } from "#control/faults-account.ts";
import { meOf, signIn } from "#control/sign-in.ts";
import { Fault } from "#units/fault.ts";
import { refreshBody, signedIn } from "#wire/account.ts";
import { me, signInBody } from "#wire/viewer.ts";
import { answers, nothing } from "./answers.ts";
import { type App, accountOf } from "./app.ts";
import { type Desk, momentOf } from "./desk.ts";
import { clearCookies, leaveBefore, presentToken, refreshCookies, signedInAnswer } from "./device-cookies.ts";

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
      await leaveBefore(desk, request);
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
