// How often one account may ask what costs a password hash, or changes what it is.
import { accountOf } from "./app.ts";
import type { Desk } from "./desk.ts";

/** How often one account may do what costs this process or its neighbours much; counted before a body is read. */
export function perMinute(max: number) {
  return {
    max,
    timeWindow: 60_000,
    keyGenerator: (request: Parameters<typeof accountOf>[0]) => accountOf(request).id,
  } as const;
}

/** The configuration of such a route. */
export function forOne({ ports }: Desk) {
  return {
    audience: "viewer",
    rateLimit: {
      max: ports.settings.signUpsPerMinute,
      timeWindow: 60_000,
      hook: "preHandler",
      keyGenerator: (request: Parameters<typeof accountOf>[0]) => accountOf(request).id,
    },
  } as const;
}
