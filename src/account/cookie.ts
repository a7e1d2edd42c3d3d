// The browser's proofs that someone signed in: a short one that every request carries, and the one that makes it anew.

export const cookieName = "millrace";

/** Sent to the API alone. */
export const refreshCookieName = "millrace-refresh";
const refreshPath = "/v1";

/** What the cookie carries besides its token. Names are those of RFC 6265. */
export interface CookieRules {
  readonly path: "/";
  readonly httpOnly: true;
  readonly sameSite: "lax";
  readonly secure: boolean;
  readonly maxAge: number;
}

/** The refresh cookie opens more than the other one: no link from outside needs to bring it. */
export interface RefreshCookieRules extends Omit<CookieRules, "path" | "sameSite"> {
  readonly path: typeof refreshPath;
  readonly sameSite: "strict";
}

const dayMs = 86_400_000;

/** Lax, not Strict: a link from outside to a title should arrive signed in, and no GET changes anything. */
export function cookieRules(order: { readonly overTls: boolean; readonly lastsMs: number }): CookieRules {
  return {
    path: "/",
    httpOnly: true,
    sameSite: "lax",
    secure: order.overTls,
    maxAge: seconds(order.lastsMs),
  };
}

export function refreshCookieRules(order: {
  readonly overTls: boolean;
  readonly lastsMs: number;
}): RefreshCookieRules {
  return { ...cookieRules(order), path: refreshPath, sameSite: "strict" };
}

/** When a sign-in stops counting, whatever is done with it: the browser's clock is not trusted with that. */
export function signInEndMs(nowMs: number, days: number): number {
  return nowMs + days * dayMs;
}

function seconds(lastsMs: number): number {
  return Math.max(0, Math.floor(lastsMs / 1000));
}
