// A device's tokens on their way in and out: cookies of a browser, or a header and a body of an app.
import type { FastifyReply, FastifyRequest } from "fastify";
import { cookieName, cookieRules, refreshCookieName, refreshCookieRules } from "#account/cookie.ts";
import { accessMark } from "#control/device-tokens.ts";
import {
  type Refreshed,
  refreshDevice,
  type SignedIn,
  signOut,
  type Tokens,
  whoIs,
} from "#control/devices.ts";
import { meOf } from "#control/sign-in.ts";
import type { Viewer } from "#data/ports.ts";
import type { SignedInAnswer } from "#wire/account.ts";
import type { Desk } from "./desk.ts";
import { tell } from "./post.ts";
import { denySession } from "./screen-watch.ts";

/** What stands behind "Bearer", or "". */
export function bearerOf(request: FastifyRequest): string {
  return /^Bearer (\S+)$/i.exec(request.headers.authorization ?? "")?.[1] ?? "";
}

/** Read when it is asked for: most requests bring none, and most that do are not asked. */
export function cookieOf({ headers, server }: FastifyRequest, name: string): string | undefined {
  return headers.cookie === undefined ? undefined : server.parseCookie(headers.cookie)[name];
}

/** An app's header, or a browser's cookie. */
export function accessOf(request: FastifyRequest): string | undefined {
  const bearer = bearerOf(request);
  return bearer.startsWith(accessMark) ? bearer : cookieOf(request, cookieName);
}

/**
 * Who asks. A browser whose access is over, but whose sign-in is not, gets fresh cookies with this very answer: its pages
 * see nothing of it.
 */
export async function viewerOf(
  desk: Desk,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Viewer | undefined> {
  const viewer = await whoIs(desk.signIn, accessOf(request), desk.clock.wallMs());
  if (viewer !== undefined || bearerOf(request).startsWith(accessMark)) return viewer;
  return (await refreshCookies(desk, request, reply))?.viewer;
}

/** A sign-in that is over, or that a used token ended, takes its cookies along. */
export async function refreshCookies(
  desk: Desk,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<SignedIn | undefined> {
  const token = cookieOf(request, refreshCookieName);
  if (token === undefined) return undefined;
  const outcome = await presentToken(desk, token);
  if ("tokens" in outcome) {
    putCookies(desk, request, reply, outcome.tokens);
    return outcome;
  }
  clearCookies(reply);
  return undefined;
}

/** Counted, and told where a used one signed its device out. */
export async function presentToken(desk: Desk, token: string): Promise<Refreshed> {
  const outcome = await refreshDevice(desk.signIn, token, desk.clock.wallMs());
  desk.meters.refreshes.inc({ result: outcome.kind });
  if (outcome.kind !== "reused") return outcome;
  const { device, email } = outcome;
  const facts = { device: device.id, account: device.accountId };
  desk.logger.warn(facts, "a refresh token that was used came back: its device is signed out");
  tell(desk, async () => ({ to: email, letter: { kind: "device-ended", device: device.name } }));
  return outcome;
}

export function putCookies(desk: Desk, request: FastifyRequest, reply: FastifyReply, tokens: Tokens): void {
  const overTls = request.protocol === "https";
  const nowMs = desk.clock.wallMs();
  const [short, long] = [tokens.accessEndsAtMs - nowMs, tokens.endsAtMs - nowMs];
  reply.setCookie(cookieName, tokens.access, cookieRules({ overTls, lastsMs: short }));
  reply.setCookie(refreshCookieName, tokens.refresh, refreshCookieRules({ overTls, lastsMs: long }));
}

export function clearCookies(reply: FastifyReply): void {
  reply.clearCookie(cookieName, { path: cookieRules({ overTls: false, lastsMs: 0 }).path });
  reply.clearCookie(refreshCookieName, { path: refreshCookieRules({ overTls: false, lastsMs: 0 }).path });
}

/** The device that came with this request ends: who signs in again in one browser leaves none behind. */
export async function leaveBefore(desk: Desk, request: FastifyRequest): Promise<void> {
  const tokens = { access: accessOf(request), refresh: cookieOf(request, refreshCookieName) };
  for (const sessionId of await signOut(desk.signIn, tokens, desk.clock.wallMs()))
    await denySession(desk, sessionId);
}

/** Tokens are in the body for whoever asked so, and then in no cookie. */
export function signedInAnswer(
  desk: Desk,
  request: FastifyRequest,
  reply: FastifyReply,
  order: SignedIn & { readonly where: "cookie" | "body" },
): SignedInAnswer {
  const { tokens, viewer, where } = order;
  if (where === "cookie") {
    putCookies(desk, request, reply, tokens);
    return meOf(viewer);
  }
  const { access, refresh, accessEndsAtMs, endsAtMs } = tokens;
  return {
    ...meOf(viewer),
    tokens: { accessToken: access, refreshToken: refresh, accessEndsAtMs, endsAtMs },
  };
}
