// What accounts need of the data tier besides the account itself: devices, profiles, slips that were mailed,
// invitations, and the register that admins work with. Promises as in ports.ts: each call is all or nothing.
import type { Standing } from "#model/entitlement.ts";
import type { Account, NewAccount, Role, Viewer } from "./ports.ts";
import type { CustomerEnding } from "./ports-billing.ts";

/** A sign-in: one browser, app or television, from its password until it is signed out. */
export interface Device {
  readonly id: string;
  readonly accountId: string;
  /** Readable, made from what the browser said. */
  readonly name: string;
  readonly profileId: string;
  readonly openedAtMs: number;
  /** When its tokens were last made anew. */
  readonly seenAtMs: number;
  /** Absolute: nothing moves it. */
  readonly endsAtMs: number;
}

/** What the refresh machine (#account/refresh.ts) remembers of a device. */
export interface RefreshFamily {
  readonly generation: number;
  readonly rotatedAtMs: number;
  readonly endsAtMs: number;
}

export type RefreshDecision =
  | { readonly kind: "rotated"; readonly family: RefreshFamily }
  | { readonly kind: "repeated" }
  | { readonly kind: "reused" }
  | { readonly kind: "over" };

export type RefreshOutcome =
  | { readonly kind: "rotated" | "repeated"; readonly viewer: Viewer; readonly family: RefreshFamily }
  /** The device is gone now. */
  | { readonly kind: "reused"; readonly device: Device; readonly email: string }
  | { readonly kind: "over" };

export interface DeviceStore {
  /**
   * Signs a device in with the account's main profile. Ended devices of the account go, and beyond `most` the one that
   * was seen longest ago; their ids are in the answer.
   *
   * "locked": an admin locked the account. "changed": its password is not `passwordHash` any more, or it is gone.
   */
  open(order: {
    readonly device: Omit<Device, "profileId" | "seenAtMs">;
    /** sha256 of what only the device knows. */
    readonly nonceHash: string;
    /** The hash that the password was checked against. Absent: the person was proved by something else. */
    readonly passwordHash?: string;
    readonly most: number;
  }): Promise<
    | { readonly kind: "opened"; readonly viewer: Viewer; readonly ended: readonly string[] }
    | { readonly kind: "locked" | "changed" }
  >;
  /** Who comes in by this device, unless it was signed out or ended. */
  viewer(deviceId: string, nowMs: number): Promise<Viewer | undefined>;
  /** One step of the machine under the device's row lock. A "reused" ends the device. `decide` may run several times. */
  refresh(order: {
    readonly deviceId: string;
    readonly nonceHash: string;
    readonly decide: (family: RefreshFamily) => RefreshDecision;
  }): Promise<RefreshOutcome>;
  /** Latest seen first. */
  list(accountId: string, nowMs: number, signal?: AbortSignal): Promise<readonly Device[]>;
  /** With its screens, or not at all. Nothing has ended: this account has no such device. */
  end(accountId: string, deviceId: string): Promise<SignedOut>;
  /** All but `keep`, with their screens. */
  endAll(accountId: string, keep: string | undefined): Promise<SignedOut>;
  /** False: this account has no such device or profile. */
  choose(order: {
    readonly accountId: string;
    readonly deviceId: string;
    readonly profileId: string;
  }): Promise<boolean>;
}

export interface Profile {
  readonly id: string;
  readonly name: string;
  /** The one that every account has from its beginning: a grown-up's. */
  readonly main: boolean;
  /** Years: what may be shown. 18: everything. */
  readonly maturity: number;
  /** BCP 47. */
  readonly language: string;
  /** PHC text of the PIN that must be said to leave this profile. */
  readonly pinHash: string | undefined;
}

export interface ProfileStore {
  /** The main one first, then by name. */
  list(accountId: string, signal?: AbortSignal): Promise<readonly Profile[]>;
  /** "full": the account has `most` profiles already. */
  create(accountId: string, profile: Omit<Profile, "id" | "main">, most: number): Promise<Profile | "full">;
  /** undefined: this account has no such profile. */
  change(
    accountId: string,
    profileId: string,
    change: Partial<Omit<Profile, "id" | "main">>,
  ): Promise<Profile | undefined>;
  /** With its bookmarks and history; devices that used it go on with the main one. False: none such, or the main one. */
  remove(accountId: string, profileId: string): Promise<boolean>;
}

/** What a mailed link does. */
export type SlipKind = "sign-up" | "reset" | "new-email";

/** A one-time link that was mailed. */
export interface Slip {
  readonly kind: SlipKind;
  /** Absent: the account is still to be made. */
  readonly accountId: string | undefined;
  /** Where it was mailed to. */
  readonly email: string;
  /** What is to be done; never a secret but hashes. */
  readonly facts: Readonly<Record<string, string>>;
  readonly endsAtMs: number;
}

export interface SlipStore {
  /** Replaces an earlier one of the same kind and email; those that ended go. Only the sha256 of the token is kept. */
  add(slip: Slip, tokenHash: string, nowMs: number): Promise<void>;
  /** Without using it up. */
  read(tokenHash: string, kind: SlipKind, nowMs: number): Promise<Slip | undefined>;
}

export interface Invitation {
  readonly id: string;
  readonly note: string;
  readonly endsAtMs: number;
}

/** Codes that let one person sign up. Only their sha256 is kept. */
export interface InvitationStore {
  add(invitation: Invitation, codeHash: string, nowMs: number): Promise<void>;
  byCode(codeHash: string, nowMs: number): Promise<Invitation | undefined>;
  all(nowMs: number): Promise<readonly Invitation[]>;
  remove(id: string): Promise<boolean>;
}

/** A line of the register. */
export interface RegisterEntry {
  readonly id: string;
  readonly email: string;
  readonly role: Role;
  readonly standing: Standing;
  readonly locked: boolean;
}

/** "slip-over": the slip was used, or ended, or never was. */
export type SlipUse<T> = T | "slip-over";

/** Devices that are signed out, and the sessions whose screens end with them. */
export interface SignedOut {
  readonly ended: readonly string[];
  readonly screens: readonly string[];
}

/** Changes of accounts that must hold together. Each answer's `ended` are devices that are signed out by it. */
export interface RegisterStore {
  /** Uses up a sign-up's slip, and its invitation's code if it needed one. */
  signUp(order: {
    readonly slipHash: string;
    readonly invitationHash: string | undefined;
    readonly account: NewAccount & { readonly language: string };
    readonly nowMs: number;
  }): Promise<SlipUse<Account | "email-taken" | "invitation-over">>;
  /** Uses up a reset's slip; every device and every screen of the account ends. */
  resetPassword(order: {
    readonly slipHash: string;
    readonly passwordHash: string;
    readonly nowMs: number;
  }): Promise<SlipUse<SignedOut & { readonly accountId: string }>>;
  /** Every other device ends, and its screen. "changed": the password was another one already. */
  changePassword(order: {
    readonly accountId: string;
    readonly from: string;
    readonly to: string;
    readonly keepDevice: string;
  }): Promise<"changed" | SignedOut>;
  /** Uses up the slip. Links that were mailed to the account before are void. */
  changeEmail(order: {
    readonly slipHash: string;
    readonly nowMs: number;
  }): Promise<
    SlipUse<"email-taken" | { readonly accountId: string; readonly before: string; readonly now: string }>
  >;
  /** By email, those after `after`; `search` is a part of the email. */
  page(order: {
    readonly search: string;
    readonly after: string;
    readonly limit: number;
  }): Promise<readonly RegisterEntry[]>;
  /** "last-admin": nobody would be left who can let others in. */
  setRole(accountId: string, role: Role): Promise<"set" | "unknown" | "last-admin">;
  /** Every device of a locked account ends, and its screens. */
  setLocked(accountId: string, locked: boolean): Promise<"unknown" | "last-admin" | SignedOut>;
  /**
   * Everything personal goes; what the law on money wants kept stays without a name (data/io/erasers.ts). `ending` is
   * decided in the same transaction where the account has a customer, and not at all when the erasure is refused.
   */
  erase(
    accountId: string,
    ending?: CustomerEnding,
  ): Promise<"unknown" | "last-admin" | { readonly ended: readonly string[] }>;
}
