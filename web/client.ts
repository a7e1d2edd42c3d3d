// Written by `npm run generate` from the control plane's routes: change those, not this.
import type { z } from "zod";
import { postJson, type Question } from "#web/api.ts";
import { type pinBody, profiles, signedIn } from "#wire/account.ts";
import { searchAnswer, titlePage } from "#wire/catalog.ts";
import { signInMethods } from "#wire/identity.ts";
import { prefetchAnswer, type prefetchBody } from "#wire/screens.ts";
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

/** Films and series by name, people and genre, at every letter typed; at most twenty, the best first. */
export function getSearch(query: { readonly q: string }): Question<z.infer<typeof searchAnswer>> {
  return { path: `/v1/search?${new URLSearchParams(query)}`, schema: searchAnswer };
}

/** Look ahead, as far as there is time: a play's sources without a session or a screen, signed for a few seconds. */
export function postPrefetch(
  body: z.input<typeof prefetchBody>,
  signal?: AbortSignal,
): Promise<z.infer<typeof prefetchAnswer>> {
  return postJson("/v1/prefetch", body, prefetchAnswer, signal);
}

/** Profiles of this account. */
export function getProfiles(): Question<z.infer<typeof profiles>> {
  return { path: "/v1/profiles", schema: profiles };
}

/** Use a profile on this device from now on. */
export function postProfilesByIdUse(
  id: string,
  body: z.input<typeof pinBody>,
  signal?: AbortSignal,
): Promise<undefined> {
  return postJson(`/v1/profiles/${encodeURIComponent(id)}/use`, body, undefined, signal);
}
