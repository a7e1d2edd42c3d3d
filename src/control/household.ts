// Profiles of an account: who may change what is #account/profile.ts's; here it is asked, and a PIN is checked.
import {
  grownUp,
  type Holder,
  mayProfile,
  type ProfileWish,
  profileLanguage,
  profileName,
} from "#account/profile.ts";
import type { Viewer } from "#data/ports.ts";
import type { Profile } from "#data/ports-account.ts";
import type { Moment } from "./fleet.ts";
import { guarded } from "./guesses.ts";
import type { AccountDesk } from "./sign-up.ts";

export type HouseholdRefusal =
  | { readonly kind: "unknown" | "full" | "pin-wanted" | "pin-wrong" }
  | { readonly kind: "refused"; readonly because: string }
  | { readonly kind: "locked"; readonly retryAfterMs: number };

/** As it came in. */
export interface ProfileDraft {
  readonly name?: string | undefined;
  readonly maturity?: number | undefined;
  readonly language?: string | undefined;
  /** null takes the PIN away. */
  readonly newPin?: string | null | undefined;
}

interface Asked {
  readonly viewer: Viewer;
  readonly pin: string | undefined;
  readonly now: Moment;
}

export async function createProfile(
  desk: AccountDesk,
  draft: ProfileDraft & { readonly name: string },
  asked: Asked,
): Promise<{ readonly kind: "done"; readonly profile: Profile } | HouseholdRefusal> {
  const refusal = await refusalOf(desk, { kind: "create" }, asked);
  if (refusal !== undefined) return refusal;
  const read = readDraft(draft);
  if (read.kind === "refused") return read;
  const { stores, settings } = desk.ports;
  const { id, language } = asked.viewer;
  const profile = {
    ...{ name: draft.name, maturity: grownUp, language, pinHash: undefined },
    ...read.change,
    ...(await pinOf(desk, draft.newPin)),
  };
  const made = await stores.profiles.create(id, profile, settings.profilesPerAccount);
  return made === "full" ? { kind: "full" } : { kind: "done", profile: made };
}

export async function changeProfile(
  desk: AccountDesk,
  profileId: string,
  draft: ProfileDraft,
  asked: Asked,
): Promise<{ readonly kind: "done"; readonly profile: Profile } | HouseholdRefusal> {
  const { maturity, newPin } = draft;
  const wish = { kind: "change", profileId, maturity, changesPin: newPin !== undefined } as const;
  const refusal = await refusalOf(desk, wish, asked);
  if (refusal !== undefined) return refusal;
  const read = readDraft(draft);
  if (read.kind === "refused") return read;
  const change = { ...read.change, ...(await pinOf(desk, newPin)) };
  const profile = await desk.ports.stores.profiles.change(asked.viewer.id, profileId, change);
  desk.viewers.changed(asked.viewer.id);
  return profile === undefined ? { kind: "unknown" } : { kind: "done", profile };
}

/** Its bookmarks and history go too. */
export async function removeProfile(
  desk: AccountDesk,
  profileId: string,
  asked: Asked,
): Promise<{ readonly kind: "done" } | HouseholdRefusal> {
  const refusal = await refusalOf(desk, { kind: "remove", profileId }, asked);
  if (refusal !== undefined) return refusal;
  const removed = await desk.ports.stores.profiles.remove(asked.viewer.id, profileId);
  desk.viewers.changed(asked.viewer.id);
  return { kind: removed ? "done" : "unknown" };
}

/** From now on, on this device. */
export async function chooseProfile(
  desk: AccountDesk,
  profileId: string,
  asked: Asked,
): Promise<{ readonly kind: "done" } | HouseholdRefusal> {
  const refusal = await refusalOf(desk, { kind: "use", profileId }, asked);
  if (refusal !== undefined) return refusal;
  const { id: accountId, deviceId } = asked.viewer;
  const chosen = await desk.ports.stores.devices.choose({ accountId, deviceId, profileId });
  desk.viewers.changed(accountId);
  return { kind: chosen ? "done" : "unknown" };
}

async function refusalOf(
  desk: AccountDesk,
  wish: ProfileWish,
  { viewer, pin, now }: Asked,
): Promise<HouseholdRefusal | undefined> {
  const profiles = await desk.ports.stores.profiles.list(viewer.id);
  const own = profiles.find((profile) => profile.id === viewer.profileId);
  const target = "profileId" in wish ? profiles.find((one) => one.id === wish.profileId) : undefined;
  if (own === undefined || ("profileId" in wish && target === undefined)) return { kind: "unknown" };
  const holder: Holder = { id: own.id, maturity: own.maturity, isHeld: own.pinHash !== undefined };
  const permission = mayProfile(holder, wish, target);
  if (permission.kind === "granted") return undefined;
  if (permission.kind === "refused") return permission;
  if (pin === undefined) return { kind: "pin-wanted" };
  return checkPin(desk, own, pin, now);
}

async function checkPin(
  desk: AccountDesk,
  { id, pinHash }: Profile,
  pin: string,
  now: Moment,
): Promise<HouseholdRefusal | undefined> {
  const guess = await guarded(desk.pins, { key: id, monoMs: now.monoMs }, async () => {
    const check = await desk.ports.passwords.check(pin, pinHash, "account");
    return check === "wrong" ? undefined : check;
  });
  if (guess.kind === "locked") return guess;
  return guess.kind === "wrong" ? { kind: "pin-wrong" } : undefined;
}

type Change = { name?: string; maturity?: number; language?: string };

function readDraft(
  draft: ProfileDraft,
):
  | { readonly kind: "read"; readonly change: Change }
  | { readonly kind: "refused"; readonly because: string } {
  const change: Change = {};
  if (draft.maturity !== undefined) change.maturity = draft.maturity;
  if (draft.name !== undefined) {
    const name = profileName(draft.name);
    if (name.kind === "refused") return name;
    change.name = name.value;
  }
  if (draft.language !== undefined) {
    const language = profileLanguage(draft.language);
    if (language.kind === "refused") return language;
    change.language = language.value;
  }
  return { kind: "read", change };
}

async function pinOf(
  { ports }: AccountDesk,
  newPin: string | null | undefined,
): Promise<{ readonly pinHash?: string | undefined }> {
  if (newPin === undefined) return {};
  return { pinHash: newPin === null ? undefined : await ports.passwords.hash(newPin, "account") };
}
