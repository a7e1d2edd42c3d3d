// The browser's proof that someone signed in.

export const cookieName = "millrace";

/** What the cookie carries besides its token. Names are those of RFC 6265. */
export interface CookieRules {
  readonly path: "/";
  readonly httpOnly: true;
  readonly sameSite: "lax";
  readonly secure: boolean;
  readonly maxAge: number;
}

const dayMs = 86_400_000;

/** Lax, not Strict: a link from outside to a title should arrive signed in, and no GET changes anything. */
export function cookieRules(order: { readonly overTls: boolean; readonly days: number }): CookieRules {
  const maxAge = Math.floor((order.days * dayMs) / 1000);
  return { path: "/", httpOnly: true, sameSite: "lax", secure: order.overTls, maxAge };
}

/** When the stored half of the cookie stops counting: the browser's clock is not trusted with that. */
export function cookieEndMs(nowMs: number, days: number): number {
  return nowMs + days * dayMs;
}
