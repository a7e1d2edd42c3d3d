// A provider of key systems that protect: Widevine, PlayReady, FairPlay. Whoever issues their licences also says the keys.
import type { ContentKey } from "#model/content-key.ts";
import type { SystemName } from "#model/key-system.ts";

export interface LicenceProvider {
  /** A key for every label, each with what the systems want to be signalled of it. */
  keysFor(titleId: string, signal?: AbortSignal): Promise<readonly ContentKey[]>;
  /** The licence for a challenge that is not ours to read. */
  licence(order: ChallengeOrder): Promise<Uint8Array>;
}

export interface ChallengeOrder {
  readonly system: SystemName;
  readonly challenge: Uint8Array;
  readonly rights: LicenceRights;
}

/** What we have checked, and the provider has to keep to. */
export interface LicenceRights {
  readonly titleId: string;
  readonly sessionId: string;
  /** Lowercase hex: the keys that the licence may hold. */
  readonly kids: readonly string[];
  /** Milliseconds since 1970: the licence must not last longer. */
  readonly endsAtMs: number;
}
