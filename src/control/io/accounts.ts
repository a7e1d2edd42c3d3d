// An account that must be there: the operator's of `millrace start`, or one that a test signs in with.
import { randomInt } from "node:crypto";
import { judgePassword, normalEmail } from "#account/password.ts";
import { defaultsOf } from "#config/setting.ts";
import { controlFaults } from "#control/faults.ts";
import type { Passwords } from "#control/ports.ts";
import { controlSettings } from "#control/settings.ts";
import type { Role, Stores } from "#data/ports.ts";
import { Fault } from "#units/fault.ts";
import { openPasswords } from "./passwords.ts";
import { keepMadePassword, openSecrets } from "./secrets.ts";

export interface AccountOrder {
  readonly stores: Stores;
  /** Absent: hashes are made with the default costs. */
  readonly passwords?: Passwords;
  readonly secretsPath: string;
  readonly email: string;
  /** Absent: one is made up, kept in the secrets file, and shown again at each start. */
  readonly password?: string | undefined;
  readonly role: Role;
  readonly profileName?: string;
}

/**
 * Creates the account unless it is there. A given password replaces another one that is stored, and signs its devices out.
 *
 * @throws Fault account-refused when the password may not be used
 */
export async function ensureAccount(
  order: AccountOrder,
): Promise<{ email: string; password: string; created: boolean }> {
  const email = normalEmail(order.email);
  const passwords = order.passwords ?? openPasswords(defaultsOf(controlSettings));
  const made = (await openSecrets(order.secretsPath)).madePasswords[email];
  const password = order.password ?? made ?? makePassword();
  const verdict = judgePassword(password, email);
  if (verdict.kind === "refused") {
    throw new Fault(controlFaults.accountRefused, {
      email,
      because: `the password is refused: ${verdict.because}`,
    });
  }
  if (order.password === undefined && made === undefined) {
    await keepMadePassword(order.secretsPath, email, password);
  }
  const known = await order.stores.accounts.byEmail(email);
  if (known === undefined) {
    const passwordHash = await passwords.hash(password);
    const profileName = order.profileName ?? "Home";
    await order.stores.accounts.create({ email, passwordHash, role: order.role, profileName });
    return { email, password, created: true };
  }
  if ((await passwords.check(password, known.passwordHash)) === "wrong") {
    await order.stores.accounts.setPassword(known.id, await passwords.hash(password));
    await order.stores.devices.endAll(known.id, undefined);
  }
  return { email, password, created: false };
}

/** 16 characters that are not mistaken for each other, in groups: 79 bits of chance. */
function makePassword(): string {
  const alphabet = "abcdefghijkmnpqrstuvwxyz23456789";
  const group = (): string => Array.from({ length: 4 }, () => alphabet[randomInt(alphabet.length)]).join("");
  return [group(), group(), group(), group()].join("-");
}
