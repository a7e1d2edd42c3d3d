// What a stranger may ask: an account, a new password, and what mailed links do. Answers are alike for every email.
import { askReset, confirmEmail, reset } from "#control/account-changes.ts";
import { controlFaults } from "#control/faults.ts";
import { accountFaults } from "#control/faults-account.ts";
import { confirmSignUp, signUp } from "#control/sign-up.ts";
import { Fault } from "#units/fault.ts";
import {
  confirmEmailBody,
  confirmSignUpBody,
  resetAskBody,
  resetBody,
  signedIn,
  signUpBody,
} from "#wire/account.ts";
import { accepted, answers, nothing } from "./answers.ts";
import type { App } from "./app.ts";
import { type Desk, momentOf } from "./desk.ts";
import { leaveBefore, signedInAnswer } from "./device-cookies.ts";
import { mail, tell } from "./post.ts";
import { denySession } from "./screen-watch.ts";

const tags = ["account"];

export function signUpRoutes(app: App, desk: Desk): void {
  signUpRoute(app, desk);
  confirmRoute(app, desk);
  resetRoutes(app, desk);

  app.post(
    "/v1/email/confirm",
    {
      config: forStrangers(desk),
      schema: {
        summary: "Open a mailed link: the account has this email from now on",
        tags,
        body: confirmEmailBody,
        response: nothing("Changed; the email before is told"),
      },
    },
    async (request, reply) => {
      const outcome = await confirmEmail(desk.signIn, request.body.token, momentOf(desk));
      if (outcome.kind !== "done") throw refused(outcome);
      tell(desk, outcome.job);
      return reply.code(204).send();
    },
  );
}

/** By address: what one asks too often is refused before anything is looked up. */
function forStrangers({ ports }: Desk) {
  const max = ports.settings.signUpsPerMinute;
  return { audience: "anyone", rateLimit: { max, timeWindow: 60_000 } } as const;
}

function signUpRoute(app: App, desk: Desk): void {
  app.post(
    "/v1/sign-up",
    {
      config: forStrangers(desk),
      schema: {
        summary: "Ask for an account: the email gets a link that makes it, or the word that it has one",
        tags,
        body: signUpBody,
        response: accepted("A mail is on its way, whether or not the email was known"),
      },
    },
    async (request, reply) => {
      const { email, password, profileName = "Home", language = "en", invitation } = request.body;
      const wish = { email, password, profileName, language, invitation };
      const outcome = await signUp(desk.signIn, wish, momentOf(desk));
      if (outcome.kind !== "taken") throw refused(outcome);
      mail(desk, outcome.job);
      return reply.code(202).send();
    },
  );
}

function confirmRoute(app: App, desk: Desk): void {
  app.post(
    "/v1/sign-up/confirm",
    {
      config: forStrangers(desk),
      schema: {
        summary: "Open a mailed link and say the password once more: makes the account and signs in",
        tags,
        body: confirmSignUpBody,
        response: answers(signedIn),
      },
    },
    async (request, reply) => {
      const { token, password, tokens = "cookie" } = request.body;
      const order = { token, password, userAgent: request.headers["user-agent"] };
      const outcome = await confirmSignUp(desk.signIn, order, momentOf(desk));
      if (outcome.kind !== "signed-in") throw refused(outcome);
      if (tokens === "cookie") await leaveBefore(desk, request);
      return signedInAnswer(desk, request, reply, { ...outcome, where: tokens });
    },
  );
}

function resetRoutes(app: App, desk: Desk): void {
  app.post(
    "/v1/password-reset",
    {
      config: forStrangers(desk),
      schema: {
        summary: "Forgot the password: the email gets a link, if it has an account",
        tags,
        body: resetAskBody,
        response: accepted("A mail is on its way, if there is an account"),
      },
    },
    async (request, reply) => {
      mail(desk, askReset(desk.signIn, request.body.email, momentOf(desk)));
      return reply.code(202).send();
    },
  );

  app.post(
    "/v1/password-reset/confirm",
    {
      config: forStrangers(desk),
      schema: {
        summary: "Open a mailed link: sets the password and signs every device out; what plays there ends",
        tags,
        body: resetBody,
        response: nothing("Set; sign in with it"),
      },
    },
    async (request, reply) => {
      const outcome = await reset(desk.signIn, request.body, momentOf(desk));
      if (outcome.kind !== "done") throw refused(outcome);
      tell(desk, outcome.job);
      for (const sessionId of outcome.screens) await denySession(desk, sessionId);
      return reply.code(204).send();
    },
  );
}

interface Refused {
  readonly kind:
    | "closed"
    | "wrong"
    | "not-proved"
    | "link-over"
    | "last-admin"
    | "email-taken"
    | "not-invited"
    | "locked"
    | "password-refused"
    | "profile-refused";
  readonly retryAfterMs?: number;
  readonly because?: string;
}

/** The fault that says so. */
export function refused({ kind, retryAfterMs = 0, because = "" }: Refused): Fault {
  switch (kind) {
    case "closed":
      return new Fault(accountFaults.signUpClosed);
    case "wrong":
    case "not-proved":
      return new Fault(accountFaults.notProved);
    case "link-over":
      return new Fault(accountFaults.linkOver);
    case "last-admin":
      return new Fault(accountFaults.lastAdmin);
    case "email-taken":
      return new Fault(accountFaults.emailTaken);
    case "not-invited":
      return new Fault(accountFaults.notInvited);
    case "locked":
      return new Fault(controlFaults.accountLocked, { seconds: Math.ceil(retryAfterMs / 1000) });
    case "password-refused":
      return new Fault(accountFaults.passwordRefused, { because });
    case "profile-refused":
      return new Fault(accountFaults.profileRefused, { because });
  }
}
