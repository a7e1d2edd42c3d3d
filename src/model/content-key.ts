// The keys of an encrypted title: made for packaging, kept wrapped, issued by a licence, and named in the package by kid alone.
import type { Signalling } from "./key-system.ts";

export const keyLabels = ["SD", "HD", "UHD1", "AUDIO"] as const;
export type KeyLabel = (typeof keyLabels)[number];

export interface ContentKey {
  readonly label: KeyLabel;
  /** 16 bytes as lowercase hex. Published. */
  readonly kid: string;
  /** 16 bytes as lowercase hex. Never published, printed or put into a fault. */
  readonly key: string;
  /** What a provider's systems want to stand in the package. Absent: ClearKey alone. */
  readonly signalling?: readonly Signalling[] | undefined;
}

/** A key by its names. */
export type KeyRef = Pick<ContentKey, "label" | "kid">;

/** Which key a wrapping is for: bound to it, so that no row opens in another's place. */
export type KeyName = Pick<ContentKey, "label" | "kid" | "signalling"> & { readonly titleId: string };

/** A key as it is kept. */
export interface WrappedKey {
  /** Which key encryption key wrapped it. */
  readonly kekId: string;
  /** base64url, 12 bytes. Never twice under one key encryption key. */
  readonly nonce: string;
  /** base64url: ciphertext and tag. */
  readonly sealed: string;
}

/** What is published of an encrypted rendition. */
export interface ProtectedTrack {
  readonly rendition: string;
  readonly label: KeyLabel;
  readonly kid: string;
}

/** What a package says of its encryption. Absent: the title is clear. */
export interface TitleProtection {
  readonly scheme: "cbcs";
  readonly tracks: readonly ProtectedTrack[];
}
