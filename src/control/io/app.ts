// The HTTP server before it has any route of its own: parsing, limits, who may ask, errors, headers, counting.
import cookie from "@fastify/cookie";
import rateLimit from "@fastify/rate-limit";
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyRequest,
  LogController,
  type RawReplyDefaultExpression,
  type RawRequestDefaultExpression,
  type RawServerDefault,
} from "fastify";
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from "fastify-type-provider-zod";
import { controlFaults } from "#control/faults.ts";
import type { LoadClassName } from "#control/shedding.ts";
import type { ApiToken, Viewer } from "#data/ports.ts";
import type { PlaneHold } from "#data/ports-plane.ts";
import { assert } from "#units/assert.ts";
import { Fault } from "#units/fault.ts";
import { answerError } from "./answer-error.ts";
import { countAnswers } from "./answered.ts";
import { auditActions } from "./auditing.ts";
import type { Desk } from "./desk.ts";
import { guard } from "./guard.ts";
import { holdGate } from "./hold-gate.ts";
import { openLoadGate } from "./overload.ts";
import { putHeaders } from "./security-headers.ts";
import { slowBodyEnd } from "./slow-body.ts";
import { wayOf } from "./way.ts";

export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>;

/** Who may ask: everyone, whoever signed in, operators, admins, an appliance or a worker with its token. */
export type Audience = "anyone" | "viewer" | "operator" | "admin" | "appliance" | "worker";

declare module "fastify" {
  interface FastifyContextConfig {
    /** A route without one is refused at start-up. */
    audience?: Audience;
    /** Its body, or a header that no form can send, carries its own proof, so that a body that is not JSON is taken. */
    proofInBody?: boolean;
    /** How often it may be asked is counted by itself, and not as `rateLimit` says. */
    isCounted?: boolean;
    /** How much it matters under overload; absent, its audience and method say it. */
    load?: LoadClassName;
    /** For whoever answers everybody alike: what its Cache-Control says when it is no refusal. */
    cached?: string;
    /** Its body may take as long as it likes; the route itself cuts one that says nothing. */
    longBody?: boolean;
    /** It mostly waits, for news or for a film's bytes: it is not in work, and takes no room from those who are. */
    waits?: boolean;
  }
  interface FastifyRequest {
    account: Viewer | undefined;
    /** The worker's token, where a route asked for one. */
    token: ApiToken | undefined;
  }
}

const bodyBytes = 64 * 1024;
const requestMs = 30_000;

export async function openApp(desk: Desk, hold: Pick<PlaneHold, "isSure"> | undefined): Promise<App> {
  const { settings } = desk.ports;
  const app: App = Fastify({
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: bodyBytes,
    // Node's own limit knows no routes, and a film takes hours: slowBodyEnd holds it for all the others.
    requestTimeout: 0,
    trustProxy: settings.trustProxy === "" ? false : settings.trustProxy,
    routerOptions: { maxParamLength: 128 },
  }).withTypeProvider<ZodTypeProvider>();
  logTo(app, desk.logger);
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler((error, request, reply) => answerError(error, request, reply));
  takeJsonOnly(app);
  app.decorateRequest("account", undefined);
  app.decorateRequest("token", undefined);
  app.addHook("onRoute", ({ url, config }) => {
    assert(!url.startsWith("/v1/") || config?.audience !== undefined, `${url} says who may ask`);
  });
  if (hold !== undefined) holdGate(app, hold);
  const gate = openLoadGate({ settings, clock: desk.clock, meters: desk.meters, chance: Math.random });
  app.addHook("onClose", async () => gate.close());
  app.addHook("onRequest", gate.hook);
  await app.register(cookie, { hook: false });
  const endSlowBody = slowBodyEnd(requestMs);
  app.addHook("onRequest", (request, _reply, done) => {
    if (wayOf(request).longBody !== true) endSlowBody(request.raw);
    done();
  });
  app.addHook("onRequest", guard(desk));
  auditActions(app, desk);
  app.addHook("onSend", (request, reply, _payload, done) => {
    putHeaders(desk, request, reply);
    done();
  });
  app.addHook("onResponse", countAnswers(desk));
  await app.register(rateLimit, {
    global: false,
    cache: 10_000,
    errorResponseBuilder: (_request, context) =>
      new Fault(controlFaults.tooMany, { seconds: Math.ceil(context.ttl / 1000) }),
  });
  return app;
}

/**
 * Given to Fastify, a logger has a child made for each request, which costs as much as a signature. So each takes ours as it is; its id
 * stands where an error is logged.
 */
function logTo(app: App, logger: FastifyBaseLogger): void {
  app.log = logger;
  app.addHook("onRequest", (request, reply, done) => {
    request.log = logger;
    reply.log = logger;
    done();
  });
}

/** The account of a request whose route asked for one. */
export function accountOf(request: FastifyRequest): Viewer {
  assert(request.account !== undefined, "the guard let nobody else in");
  return request.account;
}

/** The token of a request whose route asked for a worker's. */
export function tokenOf(request: FastifyRequest): ApiToken {
  assert(request.token !== undefined, "the guard let nobody else in");
  return request.token;
}

/** An empty body is no body: a browser's POST without one may still carry the header. */
function takeJsonOnly(app: App): void {
  app.removeAllContentTypeParsers();
  const parse = app.getDefaultJsonParser("error", "error");
  app.addContentTypeParser("application/json", { parseAs: "string" }, (request, body, done) => {
    const text = typeof body === "string" ? body : body.toString("utf8");
    if (text === "") done(null, undefined);
    else parse(request, text, done);
  });
}
