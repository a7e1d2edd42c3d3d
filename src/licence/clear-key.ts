// ClearKey: the licence request and the licence as W3C Encrypted Media Extensions §9.1.3 and §9.1.4 have them. It is no protection:
// whoever may play holds the key in a page's memory, and keeps it if the page is not honest. It has no expiry either, so that our
// player stops by its lease (play/screen.ts) and asks anew once per lease; a licence outside of a lease is not issued.
import type { ContentKey } from "#model/content-key.ts";
import { base64UrlOf, hexOf } from "./kid.ts";

export interface ClearKeyLicence {
  readonly keys: readonly { readonly kty: "oct"; readonly kid: string; readonly k: string }[];
  readonly type: "temporary";
}

/** Kids as hex, each once; what is no kid is left out. */
export function askedKids(kids: readonly string[]): readonly string[] {
  return [...new Set(kids.flatMap((kid) => hexOf(kid) ?? []))];
}

export function clearKeyLicence(keys: readonly Pick<ContentKey, "kid" | "key">[]): ClearKeyLicence {
  return {
    keys: keys.map(({ kid, key }) => ({ kty: "oct", kid: base64UrlOf(kid), k: base64UrlOf(key) })),
    type: "temporary",
  };
}
