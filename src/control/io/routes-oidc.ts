// Signing in with an OpenID provider: out to it, and back.

import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { safeNext } from "#account/federation.ts";
import { openDevice } from "#control/devices.ts";
import { controlFaults } from "#control/faults.ts";
import { accountFaults } from "#control/faults-account.ts";
import { callbackPath } from "#control/federation-settings.ts";
import { type ProviderOutcome, signInByProvider } from "#control/provider-sign-in.ts";
import { Fault } from "#units/fault.ts";
import { oidcAnswer, oidcQuery, type SignInMethods, signInMethods } from "#wire/identity.ts";
import { errorBody } from "#wire/viewer.ts";
import { answerError, refusalOf } from "./answer-error.ts";
import { answers } from "./answers.ts";
import type { App } from "./app.ts";
import { entryOf, tellLater } from "./auditing.ts";
import type { Desk } from "./desk.ts";
import { cookieOf, leaveBefore, putCookies } from "./device-cookies.ts";
import { type Oidc, signInSeconds } from "./oidc.ts";

const signInPath = "/v1/sign-in/oidc";
/** Between leaving for the provider and coming back; sent nowhere else. */
const waitingCookie = "millrace-oidc";

const elsewhere = {
  303: z.undefined().describe("Go on there"),
  "4xx": errorBody,
  "5xx": errorBody,
} as const;

export function oidcRoutes(app: App, desk: Desk): void {
  methodsRoute(app, desk);
  beginRoute(app, desk);
  callbackRoute(app, desk);
}

function methodsRoute(app: App, { oidc, ports }: Desk): void {
  app.get(
    "/v1/sign-in/methods",
    {
      config: { audience: "anyone", cached: "public, max-age=60" },
      schema: {
        summary: "How one may sign in here",
        tags: ["viewer"],
        response: answers(signInMethods),
      },
    },
    async () => ({
      password: true as const,
      ...(oidc === undefined ? {} : { oidc: { name: oidc.federation.name, path: signInPath } }),
      ...signUpIn(ports.settings),
    }),
  );
}

/** Pages offer it where it is open. */
function signUpIn({ signUp }: Desk["ports"]["settings"]): Pick<SignInMethods, "signUp"> {
  return signUp === "open" || signUp === "invitation" ? { signUp } : {};
}

function beginRoute(app: App, desk: Desk): void {
  const { settings } = desk.ports;
  app.get(
    signInPath,
    {
      config: {
        audience: "anyone",
        rateLimit: { max: settings.signInsPerMinute, timeWindow: 60_000 },
      },
      schema: {
        summary: "Sends the browser to the OpenID provider; next is a path of our own pages to come back to",
        tags: ["viewer"],
        querystring: oidcQuery,
        response: elsewhere,
      },
      errorHandler: answerBrowser,
    },
    async (request, reply) => {
      const { location, cookie } = await providerOf(desk).begin(safeNext(request.query.next));
      const rules = { path: signInPath, httpOnly: true, sameSite: "lax" } as const;
      const secure = request.protocol === "https";
      reply.setCookie(waitingCookie, cookie, { ...rules, secure, maxAge: signInSeconds });
      return reply.code(303).header("location", location).send(undefined);
    },
  );
}

function callbackRoute(app: App, desk: Desk): void {
  const { settings } = desk.ports;
  app.get(
    callbackPath,
    {
      config: {
        audience: "anyone",
        rateLimit: { max: settings.signInsPerMinute, timeWindow: 60_000 },
      },
      schema: {
        summary: "Where the OpenID provider sends the browser back to: signs in",
        tags: ["viewer"],
        querystring: oidcAnswer,
        response: elsewhere,
      },
      errorHandler: answerBrowser,
    },
    async (request, reply) => {
      const oidc = providerOf(desk);
      const tell = (outcome: string, actor = "anyone"): Promise<void> =>
        tellLater(desk, entryOf(desk, request, { action: "sign-in", object: "by=oidc", outcome, actor }));
      reply.clearCookie(waitingCookie, { path: signInPath });
      const query = request.url.slice(request.url.indexOf("?"));
      const finished = await oidc
        .finish(query, cookieOf(request, waitingCookie))
        .catch(async (error: unknown) => {
          await tell(error instanceof Fault ? `refused: ${error.code}` : "failed");
          desk.logger.info({ because: reasonsIn(error) }, "a sign-in by the OpenID provider was not taken");
          throw error;
        });
      const outcome = await open(desk, oidc, {
        ...{ issuer: finished.issuer, claims: finished.claims },
        request: { address: request.ip, requestId: request.id },
      });
      if (outcome.kind === "refused") {
        desk.meters.signIns.inc({ result: "wrong" });
        await tell("refused: oidc-no-account");
        const facts = { name: oidc.federation.name, because: outcome.because };
        throw new Fault(controlFaults.oidcNoAccount, facts);
      }
      const { account, how } = outcome;
      // Other devices of it may hold another role than the provider just gave.
      desk.signIn.viewers.changed(account.id);
      const who = { accountId: account.id, userAgent: request.headers["user-agent"] };
      const opened = await openDevice(desk.signIn, { ...who, nowMs: desk.clock.wallMs() });
      desk.meters.signIns.inc({ result: opened.kind === "signed-in" ? "signed-in" : "closed" });
      if (opened.kind !== "signed-in") {
        await tell("closed", `account:${account.id}`);
        throw new Fault(accountFaults.accountClosed);
      }
      await tell(`signed-in: ${how}`, `account:${account.id}`);
      await leaveBefore(desk, request);
      putCookies(desk, request, reply, opened.tokens);
      return reply.code(303).header("location", finished.next).send(undefined);
    },
  );
}

function open(
  desk: Desk,
  { federation }: Oidc,
  who: Pick<Parameters<typeof signInByProvider>[1], "issuer" | "claims" | "request">,
): Promise<ProviderOutcome> {
  return signInByProvider(desk.ports, { ...who, rules: federation.rules, nowMs: desk.clock.wallMs() });
}

/** Sentences alone: what hangs on such errors may hold tokens. */
function reasonsIn(error: unknown): readonly string[] {
  return error instanceof Error ? [error.message, ...reasonsIn(error.cause)] : [];
}

function providerOf({ oidc }: Desk): Oidc {
  if (oidc === undefined) throw new Fault(controlFaults.oidcOff);
  return oidc;
}

/** A browser that was sent here shows a page, not JSON: the sign-in page says what went wrong. */
function answerBrowser(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (request.headers.accept?.includes("text/html") !== true) return answerError(error, request, reply);
  const { code } = refusalOf(error, request);
  return reply
    .code(303)
    .header("location", `/?${new URLSearchParams({ refused: code })}`)
    .send();
}
