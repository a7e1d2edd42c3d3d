// Making an account. A stranger gets the same answer whether the email is known or not (ASVS 5.0, 6.3.8): what differs is
// the mail. The account is made when the mailed link is opened and the password is said once more, so that nobody makes
// one in another person's name by having them click.
import { type Attempts, admit, failed } from "#account/attempts.ts";
import { judgePassword, normalEmail } from "#account/password.ts";
import { profileLanguage, profileName } from "#account/profile.ts";
import { openDevice, type SignedIn } from "./devices.ts";
import { entitlementAtFirst } from "./entitlement-at-first.ts";
import type { Moment } from "./fleet.ts";
import { guarded, type Tally } from "./guesses.ts";
import type { Addressed } from "./mailroom.ts";
import type { SignInDesk } from "./sign-in.ts";

export interface AccountDesk extends SignInDesk {
  /** Wrong PINs, by profile. */
  readonly pins: Tally;
  /** Mails that strangers asked for, by email. */
  mailed: Attempts;
}

export interface SignUpWish {
  readonly email: string;
  readonly password: string;
  readonly profileName: string;
  readonly language: string;
  readonly invitation: string | undefined;
}

/** What is to be done behind the answer. */
export type MailJob = () => Promise<Addressed | undefined>;

export type SignUpOutcome =
  | { readonly kind: "taken"; readonly job: MailJob }
  | { readonly kind: "closed" | "not-invited" }
  | { readonly kind: "password-refused" | "profile-refused"; readonly because: string };

export async function signUp(desk: AccountDesk, wish: SignUpWish, now: Moment): Promise<SignUpOutcome> {
  const { stores, passwords, digest, settings } = desk.ports;
  if (settings.signUp === "closed") return { kind: "closed" };
  const invitationHash = settings.signUp === "invitation" ? digest(wish.invitation ?? "") : undefined;
  if (invitationHash !== undefined) {
    const invitation = await stores.invitations.byCode(invitationHash, now.wallMs);
    if (invitation === undefined) return { kind: "not-invited" };
  }
  const email = normalEmail(wish.email);
  const verdict = judgePassword(wish.password, email);
  if (verdict.kind === "refused") return { kind: "password-refused", because: verdict.because };
  const [name, language] = [profileName(wish.profileName), profileLanguage(wish.language)];
  if (name.kind === "refused") return { kind: "profile-refused", because: name.because };
  if (language.kind === "refused") return { kind: "profile-refused", because: language.because };
  const facts = {
    passwordHash: await passwords.hash(wish.password, "account"),
    ...{ profileName: name.value, language: language.value },
    ...(invitationHash === undefined ? {} : { invitationHash }),
  };
  return { kind: "taken", job: () => welcome(desk, email, facts, now) };
}

async function welcome(
  desk: AccountDesk,
  email: string,
  facts: Readonly<Record<string, string>>,
  now: Moment,
): Promise<Addressed | undefined> {
  if (!mayMail(desk, email, now)) return undefined;
  const { stores, chance, digest, settings } = desk.ports;
  const known = await stores.accounts.byEmail(email);
  if (known !== undefined) return { to: known.email, letter: { kind: "account-there" } };
  const token = chance.newToken();
  const hours = settings.signUpHours;
  const endsAtMs = Math.round(now.wallMs + hours * 3_600_000);
  const slip = { kind: "sign-up", accountId: undefined, email, facts, endsAtMs } as const;
  await stores.slips.add(slip, digest(token), now.wallMs);
  return { to: email, letter: { kind: "confirm-sign-up", token, hours } };
}

/** Counts a mail to this email that a stranger may have asked for. */
export function mayMail(desk: AccountDesk, email: string, now: Moment): boolean {
  if (admit(desk.mailed, email, now.monoMs).kind === "locked") return false;
  desk.mailed = failed(desk.mailed, email, now.monoMs);
  return true;
}

export type ConfirmOutcome =
  | ({ readonly kind: "signed-in" } & SignedIn)
  | { readonly kind: "link-over" | "wrong" | "email-taken" | "not-invited" }
  | { readonly kind: "locked"; readonly retryAfterMs: number };

/** Makes the account and signs in. */
export async function confirmSignUp(
  desk: AccountDesk,
  order: { readonly token: string; readonly password: string; readonly userAgent: string | undefined },
  now: Moment,
): Promise<ConfirmOutcome> {
  const { stores, passwords, digest, settings } = desk.ports;
  const slipHash = digest(order.token);
  const slip = await stores.slips.read(slipHash, "sign-up", now.wallMs);
  // Links of a time when people could sign up end with it.
  if (slip === undefined || settings.signUp === "closed") return { kind: "link-over" };
  const { passwordHash = "", profileName: name = "", language = "en", invitationHash } = slip.facts;
  const guess = await guarded(desk, { key: slip.email, monoMs: now.monoMs }, async () => {
    const check = await passwords.check(order.password, passwordHash, "account");
    return check === "wrong" ? undefined : check;
  });
  if (guess.kind !== "right") return guess;
  const entitlement = entitlementAtFirst(settings);
  const account = { email: slip.email, passwordHash, role: "viewer", profileName: name } as const;
  const made = await stores.register.signUp({
    ...{ slipHash, invitationHash, nowMs: now.wallMs },
    account: { ...account, language, entitlement },
  });
  if (made === "slip-over") return { kind: "link-over" };
  if (made === "invitation-over") return { kind: "not-invited" };
  if (made === "email-taken") return { kind: "email-taken" };
  const { userAgent } = order;
  const opened = await openDevice(desk, { accountId: made.id, userAgent, nowMs: now.wallMs });
  return opened.kind === "signed-in" ? opened : { kind: "link-over" };
}
