// What an account may do with itself: another password, another email, its end. Each wants the password once more, or a
// mailed link; devices that it signs out are out at once.
import { succeeded } from "#account/attempts.ts";
import { judgePassword, normalEmail } from "#account/password.ts";
import type { Viewer } from "#data/ports.ts";
import type { CustomerEnding } from "#data/ports-billing.ts";
import type { Moment } from "./fleet.ts";
import type { Addressed } from "./mailroom.ts";
import { guessPassword } from "./sign-in.ts";
import { type AccountDesk, type MailJob, mayMail } from "./sign-up.ts";

export type Refusal =
  | { readonly kind: "not-proved" | "link-over" | "last-admin" | "email-taken" }
  | { readonly kind: "locked"; readonly retryAfterMs: number }
  | { readonly kind: "password-refused"; readonly because: string };

export interface Done {
  readonly kind: "done";
  /** What is told by mail. */
  readonly job: MailJob;
}

export interface NewPassword extends Done {
  /** Sessions that lost their screens by it: what was signed for them is still to be denied. */
  readonly screens: readonly string[];
}

const told =
  (to: string, letter: Addressed["letter"]): MailJob =>
  async () => ({ to, letter });

/** Every other device is signed out, and what it plays has ended. */
export async function changePassword(
  desk: AccountDesk,
  viewer: Viewer,
  body: { readonly password: string; readonly newPassword: string },
  now: Moment,
): Promise<NewPassword | Refusal> {
  const verdict = judgePassword(body.newPassword, viewer.email);
  if (verdict.kind === "refused") return { kind: "password-refused", because: verdict.because };
  const proof = await prove(desk, viewer, body.password, now);
  if (proof.kind !== "proved") return proof;
  const { stores, passwords } = desk.ports;
  const to = await passwords.hash(body.newPassword, "account");
  const order = { accountId: viewer.id, from: proof.passwordHash, to, keepDevice: viewer.deviceId };
  const outcome = await stores.register.changePassword(order);
  if (outcome === "changed") return { kind: "not-proved" };
  desk.viewers.ended(outcome.ended, now.wallMs);
  desk.viewers.changed(viewer.id);
  const { screens } = outcome;
  return { kind: "done", screens, job: told(viewer.email, { kind: "password-changed" }) };
}

/** Behind the answer, which is the same for every email. */
export function askReset(desk: AccountDesk, given: string, now: Moment): MailJob {
  const email = normalEmail(given);
  return async () => {
    if (!mayMail(desk, email, now)) return undefined;
    const { stores, chance, digest, settings } = desk.ports;
    const account = await stores.accounts.byEmail(email);
    if (account === undefined) return undefined;
    const token = chance.newToken();
    const minutes = settings.resetMinutes;
    const endsAtMs = Math.round(now.wallMs + minutes * 60_000);
    const slip = { kind: "reset", accountId: account.id, email: account.email, facts: {}, endsAtMs } as const;
    await stores.slips.add(slip, digest(token), now.wallMs);
    return { to: account.email, letter: { kind: "reset", token, minutes } };
  };
}

/** Every device is signed out, and what it plays has ended; whoever holds the link signs in with the new password. */
export async function reset(
  desk: AccountDesk,
  body: { readonly token: string; readonly password: string },
  now: Moment,
): Promise<NewPassword | Refusal> {
  const { stores, passwords, digest } = desk.ports;
  const slipHash = digest(body.token);
  const slip = await stores.slips.read(slipHash, "reset", now.wallMs);
  if (slip === undefined) return { kind: "link-over" };
  const verdict = judgePassword(body.password, slip.email);
  if (verdict.kind === "refused") return { kind: "password-refused", because: verdict.because };
  const passwordHash = await passwords.hash(body.password, "account");
  const outcome = await stores.register.resetPassword({ slipHash, passwordHash, nowMs: now.wallMs });
  if (outcome === "slip-over") return { kind: "link-over" };
  desk.viewers.ended(outcome.ended, now.wallMs);
  desk.viewers.changed(outcome.accountId);
  desk.attempts = succeeded(desk.attempts, normalEmail(slip.email));
  const { screens } = outcome;
  return { kind: "done", screens, job: told(slip.email, { kind: "password-changed" }) };
}

/** The new email is asked by mail; one that has an account already is told so, and nobody else is. */
export async function askEmail(
  desk: AccountDesk,
  viewer: Viewer,
  body: { readonly password: string; readonly email: string },
  now: Moment,
): Promise<Done | Refusal> {
  const proof = await prove(desk, viewer, body.password, now);
  if (proof.kind !== "proved") return proof;
  const email = normalEmail(body.email);
  return {
    kind: "done",
    job: async () => {
      if (!mayMail(desk, email, now)) return undefined;
      const { stores, chance, digest, settings } = desk.ports;
      const holder = await stores.accounts.byEmail(email);
      if (holder !== undefined) return { to: holder.email, letter: { kind: "account-there" } };
      const token = chance.newToken();
      const hours = settings.signUpHours;
      const endsAtMs = Math.round(now.wallMs + hours * 3_600_000);
      const slip = { kind: "new-email", accountId: viewer.id, email, facts: {}, endsAtMs } as const;
      await stores.slips.add(slip, digest(token), now.wallMs);
      return { to: email, letter: { kind: "confirm-email", token, hours } };
    },
  };
}

export async function confirmEmail(desk: AccountDesk, token: string, now: Moment): Promise<Done | Refusal> {
  const { stores, digest } = desk.ports;
  const outcome = await stores.register.changeEmail({ slipHash: digest(token), nowMs: now.wallMs });
  if (outcome === "slip-over") return { kind: "link-over" };
  if (outcome === "email-taken") return { kind: "email-taken" };
  desk.viewers.changed(outcome.accountId);
  return { kind: "done", job: told(outcome.before, { kind: "email-changed" }) };
}

/** Everything personal goes, at once. `ending`: what becomes of the customer; asked once the owner is proved. */
export async function eraseAccount(
  desk: AccountDesk,
  viewer: Viewer,
  password: string,
  { now, ending }: { readonly now: Moment; readonly ending: () => Promise<CustomerEnding | undefined> },
): Promise<Done | Refusal> {
  const proof = await prove(desk, viewer, password, now);
  if (proof.kind !== "proved") return proof;
  const outcome = await desk.ports.stores.register.erase(viewer.id, await ending());
  if (outcome === "last-admin") return { kind: "last-admin" };
  if (outcome !== "unknown") desk.viewers.ended(outcome.ended, now.wallMs);
  desk.viewers.changed(viewer.id);
  return { kind: "done", job: told(viewer.email, { kind: "erased" }) };
}

/** Guesses count as those of sign-ins do: a stolen device is no way around the lock. */
async function prove(
  desk: AccountDesk,
  viewer: Viewer,
  password: string,
  now: Moment,
): Promise<
  | { readonly kind: "proved"; readonly passwordHash: string }
  | { readonly kind: "not-proved" }
  | { readonly kind: "locked"; readonly retryAfterMs: number }
> {
  const guess = await guessPassword(desk, { email: viewer.email, password }, now);
  if (guess.kind === "locked") return guess;
  // The email may be another account's by now: it was freed and taken in this moment.
  if (guess.kind === "wrong" || guess.account.id !== viewer.id) return { kind: "not-proved" };
  return { kind: "proved", passwordHash: guess.account.passwordHash };
}
