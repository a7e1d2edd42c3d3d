// What the use-cases need from outside, as narrow functions. `control/io/server.ts` provides the real ones.
import type { Values } from "#config/setting.ts";
import type { EventLog, Stores } from "#data/ports.ts";
import type { KeyName, WrappedKey } from "#model/content-key.ts";
import type { Intake } from "./intake.ts";
import type { controlSettings } from "./settings.ts";

export interface Seal {
  /** A MAC over the text, path safe. */
  sign(text: string): string;
  /** Compared in constant time. */
  equal(a: string, b: string): boolean;
}

export type PasswordCheck = "right" | "right-but-outdated" | "wrong";

/** Who waits for a hash: people who sign in go before those who make or change something. */
export type HashClass = "sign-in" | "account";

export interface Passwords {
  /** A PHC text. Rejects with `busy` when too many of its class wait. */
  hash(password: string, forWhom?: HashClass): Promise<string>;
  /** With no stored hash, as much work is done as with one, and the answer is "wrong". */
  check(password: string, stored: string | undefined, forWhom?: HashClass): Promise<PasswordCheck>;
}

export interface Mail {
  /** Resolves once the mail was handed over. */
  send(order: { readonly to: string; readonly subject: string; readonly text: string }): Promise<void>;
}

export interface Chance {
  newId(): string;
  /** 256 random bits, path safe. */
  newToken(): string;
}

/** Opens and closes content keys; #licence/io/key-vault.ts. What it throws names no key. */
export interface Vault {
  /** Of the key encryption key that wraps. */
  kekId(): string;
  wrap(name: KeyName, key: string): WrappedKey;
  unwrap(wrapped: KeyName & WrappedKey): string;
}

/** Signs a title's folder for a session: "/t/…/v/<title>/". */
export type SignPath = (grant: {
  readonly titleId: string;
  readonly sessionId: string;
  readonly expiresAtSeconds: number;
}) => string;

export interface ControlPorts {
  readonly stores: Stores;
  readonly log: EventLog;
  /** The way into the log for what players say. */
  readonly intake: Intake;
  /** Where control planes of several machines have read into one database: whose log this is. */
  readonly logName?: string | undefined;
  readonly settings: Values<typeof controlSettings>;
  readonly seal: Seal;
  readonly passwords: Passwords;
  readonly chance: Chance;
  /** sha256, lowercase hex. */
  readonly digest: (text: string) => string;
  readonly signPath: SignPath;
  readonly vault: Vault;
}
