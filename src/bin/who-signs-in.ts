// Who a command signs in as at a control plane: whom the environment names, or whose password this installation made up.
// Never on the command line: that is read by everyone on the machine.
import { join } from "node:path";
import { openSecrets } from "#control/io/secrets.ts";
import { readIfThere } from "#io/files.ts";
import { senderSettings } from "#publish/sender-settings.ts";
import { homeFolder, settingsOf } from "./program.ts";

export interface SignIn {
  readonly email: string;
  /** Undefined: neither told nor made up. */
  readonly password: string | undefined;
}

/**
 * Undefined: nobody is named, and this installation made up no account, or several.
 *
 * Whoever may read an installation's secrets file may be its admin anyway. `ours`: only where the control plane is this
 * installation's does its password go there.
 */
export async function whoSignsIn(
  given: string | undefined,
  { ours }: { readonly ours: boolean },
): Promise<SignIn | undefined> {
  const { email, password } = settingsOf(senderSettings);
  const made = ours ? await madePasswords() : {};
  const [only, ...others] = Object.keys(made);
  const named = given ?? (email === "" ? undefined : email);
  const who = named ?? (others.length === 0 ? only : undefined);
  if (who === undefined) return undefined;
  return { email: who, password: password === "" ? made[who] : password };
}

async function madePasswords(): Promise<Readonly<Record<string, string>>> {
  const path = secretsPath();
  return (await readIfThere(path)) === undefined ? {} : (await openSecrets(path)).madePasswords;
}

export function secretsPath(): string {
  return join(homeFolder(), "secrets.json");
}
