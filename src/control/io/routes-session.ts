// Signing in and out.

import type { FastifyRequest } from "fastify";
import { cookieName, cookieRules } from "#account/cookie.ts";
import { normalEmail } from "#account/password.ts";
import { controlFaults } from "#control/faults.ts";
import { meOf, type SignInOutcome, signIn, signOut, whoIs } from "#control/sign-in.ts";
import { Fault } from "#units/fault.ts";
import { me, signInBody } from "#wire/viewer.ts";
import { answers, nothing } from "./answers.ts";
import { type App, accountOf } from "./app.ts";
import { entryOf, tellLater } from "./auditing.ts";
import { type Desk, momentOf } from "./desk.ts";

export function sessionRoutes(app: App, desk: Desk): void {
  const { settings } = desk.ports;

  app.post(
    "/v1/sign-in",
    {
      config: {
        audience: "anyone",
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
      await tellSignIn(desk, request, request.body.email, outcome);
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
      const cookie = request.cookies[cookieName];
      const account = await whoIs(desk.ports, cookie, desk.clock.wallMs());
      await signOut(desk.ports, cookie);
      if (account !== undefined) {
        const what = { action: "sign-out", object: "", outcome: "done", actor: `account:${account.id}` };
        await tellLater(desk, entryOf(desk, request, what));
      }
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

/** The email's digest, not the email: people type their passwords into the wrong field. */
async function tellSignIn(
  desk: Desk,
  request: FastifyRequest,
  email: string,
  outcome: SignInOutcome,
): Promise<void> {
  const object = `email=${desk.ports.digest(normalEmail(email)).slice(0, 16)}`;
  const what = { action: "sign-in", object, outcome: outcome.kind };
  const actor = outcome.kind === "signed-in" ? `account:${outcome.account.id}` : "anyone";
  await tellLater(desk, entryOf(desk, request, { ...what, actor }));
}
