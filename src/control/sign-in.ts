// Signing in with a password, and proving it once more before something grave.
import type { Attempts } from "#account/attempts.ts";
import { normalEmail } from "#account/password.ts";
import type { Account } from "#data/ports.ts";
import type { Me, SignInBody } from "#wire/viewer.ts";
import { type DeviceDesk, openDevice, type SignedIn } from "./devices.ts";
import type { Moment } from "./fleet.ts";
import { guarded } from "./guesses.ts";
import type { ControlPorts } from "./ports.ts";

/** What changes here: failures seen by this process, and who is known to be in. */
export interface SignInDesk extends DeviceDesk {
  readonly ports: Pick<ControlPorts, "stores" | "passwords" | "chance" | "digest" | "settings" | "seal">;
  attempts: Attempts;
}

export type Guess =
  | { readonly kind: "right"; readonly account: Account }
  | { readonly kind: "wrong" }
  | { readonly kind: "locked"; readonly retryAfterMs: number };

export type SignInOutcome =
  | ({ readonly kind: "signed-in" } & SignedIn)
  | Exclude<Guess, { kind: "right" }>
  /** The password was right, and an admin locked the account. */
  | { readonly kind: "closed" };

export async function signIn(
  desk: SignInDesk,
  body: SignInBody,
  now: Moment,
  userAgent?: string,
): Promise<SignInOutcome> {
  const guess = await guessPassword(desk, body, now);
  if (guess.kind !== "right") return guess;
  const { id, passwordHash } = guess.account;
  const opened = await openDevice(desk, { accountId: id, passwordHash, userAgent, nowMs: now.wallMs });
  if (opened.kind === "signed-in") return opened;
  return { kind: opened.kind === "locked" ? "closed" : "wrong" };
}

export async function guessPassword(desk: SignInDesk, body: SignInBody, now: Moment): Promise<Guess> {
  const { stores, passwords } = desk.ports;
  const email = normalEmail(body.email);
  const guess = await guarded(desk, { key: email, monoMs: now.monoMs }, async () => {
    const account = await stores.accounts.byEmail(email);
    const check = await passwords.check(body.password, account?.passwordHash);
    return account === undefined || check === "wrong" ? undefined : { account, check };
  });
  if (guess.kind !== "right") return guess;
  const { account, check } = guess.value;
  if (check === "right") return { kind: "right", account };
  const passwordHash = await passwords.hash(body.password);
  await stores.accounts.setPassword(account.id, passwordHash, account.passwordHash);
  return { kind: "right", account: { ...account, passwordHash } };
}

export function meOf(account: Account): Me {
  return {
    accountId: account.id,
    email: account.email,
    role: account.role,
    profileId: account.profileId,
    profileName: account.profileName,
  };
}
