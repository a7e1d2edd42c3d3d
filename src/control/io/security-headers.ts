// Headers that every answer carries.
import type { FastifyReply, FastifyRequest } from "fastify";
import { answerPolicy, contentPolicy } from "#control/content-policy.ts";
import type { Desk } from "./desk.ts";
import { boxOrigins } from "./desk.ts";
import { wayOf } from "./way.ts";

/** By fleet, which is another object after each report, and by network: to write it for each answer takes too long. */
const policies = new WeakMap<object, { readonly network: object; readonly text: string }>();

function policyOf(desk: Desk): string {
  const { fleet, network } = desk.state;
  const known = policies.get(fleet);
  if (known?.network === network) return known.text;
  const text = contentPolicy(boxOrigins(desk));
  policies.set(fleet, { network, text });
  return text;
}

export function putHeaders(desk: Desk, request: FastifyRequest, reply: FastifyReply): void {
  reply.header("x-content-type-options", "nosniff");
  reply.header("referrer-policy", "no-referrer");
  reply.header("cross-origin-opener-policy", "same-origin");
  reply.header("permissions-policy", "camera=(), microphone=(), geolocation=()");
  if (request.protocol === "https") reply.header("strict-transport-security", "max-age=31536000");
  // Refusals too: a page that may not read them cannot say what is wrong.
  const { url } = request;
  const isSteering = url.startsWith("/steer/");
  const isAnswer = isSteering || url.startsWith("/v1/");
  // A page's names every box: too long to come with each beat.
  reply.header("content-security-policy", isAnswer ? answerPolicy : policyOf(desk));
  if (isSteering || url.startsWith("/v1/licence/")) reply.header("access-control-allow-origin", "*");
  const { cached } = wayOf(request);
  const stored = cached !== undefined && reply.statusCode === 200 ? cached : "no-store";
  if (isAnswer) reply.header("cache-control", stored);
}
