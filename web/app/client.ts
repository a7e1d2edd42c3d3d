// Written by `npm run generate` from the control plane's routes: change those, not this.
import type { z } from "zod";
import { deleteAt, patchJson, postJson, postOnce, type Question } from "#web/api.ts";
import {
  type changeEmailBody,
  type changePasswordBody,
  type changeProfileBody,
  type confirmEmailBody,
  type confirmSignUpBody,
  type createProfileBody,
  devices,
  type endDevicesBody,
  type eraseBody,
  type pinBody,
  profile,
  type resetAskBody,
  type resetBody,
  signedIn,
  type signUpBody,
} from "#wire/account.ts";
import { invoices, method, type methodBody, plans, type subscribeBody, subscription } from "#wire/billing.ts";
import { screensAnswer } from "#wire/screens.ts";

/** Make a profile. */
export function postProfiles(
  body: z.input<typeof createProfileBody>,
  signal?: AbortSignal,
): Promise<z.infer<typeof profile>> {
  return postJson("/v1/profiles", body, profile, signal);
}

/** Change a profile. */
export function patchProfilesById(
  id: string,
  body: z.input<typeof changeProfileBody>,
  signal?: AbortSignal,
): Promise<z.infer<typeof profile>> {
  return patchJson(`/v1/profiles/${encodeURIComponent(id)}`, body, profile, signal);
}

/** Remove a profile with its bookmarks and history. */
export function deleteProfilesById(
  id: string,
  body: z.input<typeof pinBody>,
  signal?: AbortSignal,
): Promise<void> {
  return deleteAt(`/v1/profiles/${encodeURIComponent(id)}`, body, signal);
}

/** Where this account is signed in. */
export function getDevices(): Question<z.infer<typeof devices>> {
  return { path: "/v1/devices", schema: devices };
}

/** Sign a device out, at once, and end what it plays. */
export function deleteDevicesById(id: string, signal?: AbortSignal): Promise<void> {
  return deleteAt(`/v1/devices/${encodeURIComponent(id)}`, undefined, signal);
}

/** Sign out everywhere, with or without this device, at once; what plays there ends. */
export function postDevicesSignOut(
  body: z.input<typeof endDevicesBody>,
  signal?: AbortSignal,
): Promise<undefined> {
  return postJson("/v1/devices/sign-out", body, undefined, signal);
}

/** The screens of this account that are in use: device, profile, title, since when. */
export function getScreens(): Question<z.infer<typeof screensAnswer>> {
  return { path: "/v1/screens", schema: screensAnswer };
}

/** Stop a screen of this account: its next beat is told so, and appliances refuse what it has signed. */
export function deleteScreensBySessionId(sessionId: string, signal?: AbortSignal): Promise<void> {
  return deleteAt(`/v1/screens/${encodeURIComponent(sessionId)}`, undefined, signal);
}

/** Change the password: every other device is signed out, and what plays there ends. */
export function postMePassword(
  body: z.input<typeof changePasswordBody>,
  signal?: AbortSignal,
): Promise<undefined> {
  return postJson("/v1/me/password", body, undefined, signal);
}

/** Move the account to another email, which gets a link that does it. */
export function postMeEmail(body: z.input<typeof changeEmailBody>, signal?: AbortSignal): Promise<undefined> {
  return postJson("/v1/me/email", body, undefined, signal);
}

/** Erase the account with its profiles and everything that was watched. */
export function deleteMe(body: z.input<typeof eraseBody>, signal?: AbortSignal): Promise<void> {
  return deleteAt("/v1/me", body, signal);
}

/** Plans that are sold. 404 billing-off: none are. */
export function getPlans(): Question<z.infer<typeof plans>> {
  return { path: "/v1/plans", schema: plans };
}

/** The account's subscription. */
export function getSubscription(): Question<z.infer<typeof subscription>> {
  return { path: "/v1/subscription", schema: subscription };
}

/** Subscribe. Wants an Idempotency-Key. Errors: no-such-plan, change-refused, key-…. */
export function postSubscription(
  body: z.input<typeof subscribeBody>,
  key: string,
  signal?: AbortSignal,
): Promise<z.infer<typeof subscription>> {
  return postOnce("/v1/subscription", body, subscription, key, signal);
}

/** Change the plan: up at once, down at the period's end. Wants an Idempotency-Key. */
export function postSubscriptionChange(
  body: z.input<typeof subscribeBody>,
  key: string,
  signal?: AbortSignal,
): Promise<z.infer<typeof subscription>> {
  return postOnce("/v1/subscription/change", body, subscription, key, signal);
}

/** End the subscription with its period; what is not paid ends at once. Wants an Idempotency-Key. */
export function postSubscriptionCancel(
  key: string,
  signal?: AbortSignal,
): Promise<z.infer<typeof subscription>> {
  return postOnce("/v1/subscription/cancel", {}, subscription, key, signal);
}

/** Take a cancellation back, or pay now what is owed. Wants an Idempotency-Key. */
export function postSubscriptionResume(
  key: string,
  signal?: AbortSignal,
): Promise<z.infer<typeof subscription>> {
  return postOnce("/v1/subscription/resume", {}, subscription, key, signal);
}

/** Set up a way to pay. Wants an Idempotency-Key. Errors: method-refused, key-…. */
export function postPaymentMethod(
  body: z.input<typeof methodBody>,
  key: string,
  signal?: AbortSignal,
): Promise<z.infer<typeof method>> {
  return postOnce("/v1/payment-method", body, method, key, signal);
}

/** The account's invoices, newest first. */
export function getInvoices(): Question<z.infer<typeof invoices>> {
  return { path: "/v1/invoices", schema: invoices };
}

/** Ask for an account: the email gets a link that makes it, or the word that it has one. */
export function postSignUp(body: z.input<typeof signUpBody>, signal?: AbortSignal): Promise<undefined> {
  return postJson("/v1/sign-up", body, undefined, signal);
}

/** Open a mailed link and say the password once more: makes the account and signs in. */
export function postSignUpConfirm(
  body: z.input<typeof confirmSignUpBody>,
  signal?: AbortSignal,
): Promise<z.infer<typeof signedIn>> {
  return postJson("/v1/sign-up/confirm", body, signedIn, signal);
}

/** Forgot the password: the email gets a link, if it has an account. */
export function postPasswordReset(
  body: z.input<typeof resetAskBody>,
  signal?: AbortSignal,
): Promise<undefined> {
  return postJson("/v1/password-reset", body, undefined, signal);
}

/** Open a mailed link: sets the password and signs every device out; what plays there ends. */
export function postPasswordResetConfirm(
  body: z.input<typeof resetBody>,
  signal?: AbortSignal,
): Promise<undefined> {
  return postJson("/v1/password-reset/confirm", body, undefined, signal);
}

/** Open a mailed link: the account has this email from now on. */
export function postEmailConfirm(
  body: z.input<typeof confirmEmailBody>,
  signal?: AbortSignal,
): Promise<undefined> {
  return postJson("/v1/email/confirm", body, undefined, signal);
}
