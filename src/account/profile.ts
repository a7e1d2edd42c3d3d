// What a profile may be called and shown, and who may change it. A child's profile (under 18 years) is left with its PIN.

export const grownUp = 18;
const longestName = 40;

export type ProfileVerdict<T> =
  | { readonly kind: "accepted"; readonly value: T }
  | { readonly kind: "refused"; readonly because: string };

/** A name as it is kept: composed, without control characters or space around it. */
export function profileName(text: string): ProfileVerdict<string> {
  const name = text.normalize("NFC").trim();
  const length = [...name].length;
  if (length < 1 || length > longestName)
    return refused(`a name has 1 to ${longestName} characters, found ${length}`);
  // Bidirectional marks would turn round what stands beside the name.
  if (/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u.test(name))
    return refused("a name has no control characters");
  return { kind: "accepted", value: name };
}

/** A language in its canonical writing ("pt-br" is "pt-BR"). Source: BCP 47, as ECMA-402 §6.2 checks it. */
export function profileLanguage(text: string): ProfileVerdict<string> {
  try {
    const [language] = Intl.getCanonicalLocales(text);
    if (language !== undefined && language.length <= 35) return { kind: "accepted", value: language };
  } catch {
    return refused(`wanted a BCP 47 language tag such as "en" or "pt-BR", found "${text.slice(0, 40)}"`);
  }
  return refused("wanted one BCP 47 language tag of at most 35 characters");
}

/** The profile in use on a device that asks for a change. */
export interface Holder {
  readonly id: string;
  readonly maturity: number;
  /** It has a PIN, and that PIN was not said with this request. */
  readonly isHeld: boolean;
}

export type ProfileWish =
  | { readonly kind: "use" | "remove"; readonly profileId: string }
  | { readonly kind: "create" }
  | {
      readonly kind: "change";
      readonly profileId: string;
      /** Years, where it is to change. */
      readonly maturity: number | undefined;
      readonly changesPin: boolean;
    };

export type Permission =
  | { readonly kind: "granted" }
  | { readonly kind: "pin-wanted" }
  | { readonly kind: "refused"; readonly because: string };

/**
 * Whether the one who holds this profile may do that. A grown-up's profile may do everything; a child's may use itself
 * and name itself, and with its PIN, or where it has none, everything but raise itself.
 */
export function mayProfile(
  holder: Holder,
  wish: ProfileWish,
  target: { readonly main: boolean } | undefined,
): Permission {
  if (target?.main === true && wish.kind === "remove")
    return refused("the main profile stays as long as its account");
  if (target?.main === true && wish.kind === "change" && (wish.maturity ?? grownUp) !== grownUp) {
    return refused("the main profile is a grown-up's; make another one for a child");
  }
  if (holder.maturity >= grownUp) return { kind: "granted" };
  const isItself = "profileId" in wish && wish.profileId === holder.id;
  if (isItself && wish.kind === "use") return { kind: "granted" };
  const raises = wish.kind === "change" && (wish.maturity ?? 0) > holder.maturity;
  if (isItself && raises) return refused("a child's profile does not raise its own maturity");
  const onlyNames = wish.kind === "change" && wish.maturity === undefined && !wish.changesPin;
  if (isItself && onlyNames) return { kind: "granted" };
  return holder.isHeld ? { kind: "pin-wanted" } : { kind: "granted" };
}

function refused(because: string): { readonly kind: "refused"; readonly because: string } {
  return { kind: "refused", because };
}
