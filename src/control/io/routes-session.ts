// Signing in and out.
import { cookieName, cookieRules } from "#account/cookie.ts";
import { controlFaults } from "#control/faults.ts";
import { meOf, signIn, signOut } from "#control/sign-in.ts";
import { Fault } from "#units/fault.ts";
import { me, signInBody } from "#wire/viewer.ts";
import { answers, nothing } from "./answers.ts";
import { type App, accountOf } from "./app.ts";
import { type Desk, momentOf } from "./desk.ts";

export function sessionRoutes(app: App, desk: Desk): void {
  const { settings } = desk.ports;

  app.post(
    "/v1/sign-in",
    {
      config: {
        audience: "anyone",
        load: "signIn",
        rateLimit: { max: settings.signInsPerMinute, timeWindow: 60_000 },
      },
      schema: {
        summary: "Sign in: sets the cookie that every other path wants",
        tags: ["viewer"],
        body: signInBody,
        response: answers(me),
      },
    },
    async (request, reply) => {
      const outcome = await signIn(desk.signIn, request.body, momentOf(desk));
      desk.meters.signIns.inc({ result: outcome.kind });
      if (outcome.kind === "wrong") throw new Fault(controlFaults.wrongPassword);
      if (outcome.kind === "locked") {
        throw new Fault(controlFaults.accountLocked, { seconds: Math.ceil(outcome.retryAfterMs / 1000) });
      }
      const overTls = request.protocol === "https";
      reply.setCookie(cookieName, outcome.token, cookieRules({ overTls, days: settings.cookieDays }));
      return meOf(outcome.account);
    },
  );

  app.post(
    "/v1/sign-out",
    {
      config: { audience: "anyone" },
      schema: {
        summary: "Sign out: the cookie stops working at once",
        tags: ["viewer"],
        response: nothing("Signed out, or was not signed in"),
      },
    },
    async (request, reply) => {
      await signOut(desk.ports, request.cookies[cookieName]);
      reply.clearCookie(cookieName, { path: "/" });
      return reply.code(204).send();
    },
  );

  app.get(
    "/v1/me",
    {
      config: { audience: "viewer" },
      schema: { summary: "Who is signed in", tags: ["viewer"], response: answers(me) },
    },
    async (request) => meOf(accountOf(request)),
  );
}
