// Written by `npm run generate` from the control plane's routes: change those, not this.
import type { z } from "zod";
import { postJson, type Question } from "#web/api.ts";
import { signedIn } from "#wire/account.ts";
import { titlePage } from "#wire/catalog.ts";
import { signInMethods } from "#wire/identity.ts";
import { home, me, type signInBody } from "#wire/viewer.ts";

/** Who is signed in. */
export function getMe(): Question<z.infer<typeof me>> {
  return { path: "/v1/me", schema: me };
}

export const postSignInPath = "/v1/sign-in";

/** Sign in: sets the cookies that every other path wants, or hands out an app's tokens. */
export function postSignIn(
  body: z.input<typeof signInBody>,
  signal?: AbortSignal,
): Promise<z.infer<typeof signedIn>> {
  return postJson("/v1/sign-in", body, signedIn, signal);
}

/** Sign out: this device's cookies and tokens stop working at once. */
export function postSignOut(signal?: AbortSignal): Promise<undefined> {
  return postJson("/v1/sign-out", {}, undefined, signal);
}

/** How one may sign in here. */
export function getSignInMethods(): Question<z.infer<typeof signInMethods>> {
  return { path: "/v1/sign-in/methods", schema: signInMethods };
}

/** Rows of the home page. */
export function getHome(): Question<z.infer<typeof home>> {
  return { path: "/v1/home", schema: home };
}

/** One title; a series by its own id is the page of the episode to watch next. */
export function getTitlesById(id: string): Question<z.infer<typeof titlePage>> {
  return { path: `/v1/titles/${encodeURIComponent(id)}`, schema: titlePage };
}
