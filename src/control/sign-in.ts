// Signing in and out.
import { type Attempts, admit, failed, succeeded, withdrawn } from "#account/attempts.ts";
import { cookieEndMs } from "#account/cookie.ts";
import { normalEmail } from "#account/password.ts";
import type { Account, Viewer } from "#data/ports.ts";
import type { Me, SignInBody } from "#wire/viewer.ts";
import type { Moment } from "./fleet.ts";
import type { ControlPorts, PasswordCheck } from "./ports.ts";

/** The one thing here that changes: failures seen by this process. */
export interface SignInDesk {
  readonly ports: Pick<ControlPorts, "stores" | "passwords" | "chance" | "digest" | "settings">;
  attempts: Attempts;
}

export type SignInOutcome =
  | { readonly kind: "signed-in"; readonly token: string; readonly account: Account }
  | { readonly kind: "wrong" }
  | { readonly kind: "locked"; readonly retryAfterMs: number };

/**
 * A failure is noted before the password is checked and forgotten after a success, so that a burst of parallel guesses
 * meets the same lock as one after another. Locks are timed by the clock that never jumps.
 */
export async function signIn(desk: SignInDesk, body: SignInBody, now: Moment): Promise<SignInOutcome> {
  const email = normalEmail(body.email);
  const admission = admit(desk.attempts, email, now.monoMs);
  if (admission.kind === "locked") return admission;
  desk.attempts = failed(desk.attempts, email, now.monoMs);
  const { account, check } = await checked(desk, email, body.password).catch((error: unknown) => {
    desk.attempts = withdrawn(desk.attempts, email, now.monoMs);
    throw error;
  });
  if (account === undefined || check === "wrong") return { kind: "wrong" };
  desk.attempts = succeeded(desk.attempts, email);
  const { stores, passwords } = desk.ports;
  if (check === "right-but-outdated") {
    await stores.accounts.setPassword(account.id, await passwords.hash(body.password));
  }
  return { kind: "signed-in", token: await openSession(desk.ports, account.id, now.wallMs), account };
}

/** Somebody proved who they are: the token of a fresh cookie. */
export async function openSession(
  { stores, chance, digest, settings }: Pick<ControlPorts, "stores" | "chance" | "digest" | "settings">,
  accountId: string,
  nowMs: number,
): Promise<string> {
  const token = chance.newToken();
  const expiresAtMs = cookieEndMs(nowMs, settings.cookieDays);
  await stores.accounts.openCookie({ tokenHash: digest(token), accountId, nowMs, expiresAtMs });
  return token;
}

async function checked(
  { ports }: SignInDesk,
  email: string,
  password: string,
): Promise<{ readonly account: Account | undefined; readonly check: PasswordCheck }> {
  const account = await ports.stores.accounts.byEmail(email);
  return { account, check: await ports.passwords.check(password, account?.passwordHash) };
}

export async function signOut(
  ports: Pick<ControlPorts, "stores" | "digest">,
  token: string | undefined,
): Promise<void> {
  if (token !== undefined) await ports.stores.accounts.closeCookie(ports.digest(token));
}

/** The account behind a browser's cookie. */
export async function whoIs(
  ports: Pick<ControlPorts, "stores" | "digest">,
  token: string | undefined,
  nowMs: number,
): Promise<Viewer | undefined> {
  return token === undefined ? undefined : ports.stores.accounts.byCookie(ports.digest(token), nowMs);
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
