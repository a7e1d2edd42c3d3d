// The key systems of providers, and what each wants to stand in a package beside the kid: named and checked by licence, written by pack.

/** Source: DASH-IF, identifiers of content protection. */
export const systemIds = {
  widevine: "edef8ba9-79d6-4ace-a3c8-27dcd51d21ed",
  playready: "9a04f079-9840-4286-ab92-e65be0885f95",
  fairplay: "94ce86fb-07ff-4f43-adb8-93d2fa968ca2",
} as const;
export type SystemName = keyof typeof systemIds;

/** What a playlist says of one key to one system. */
export interface HlsSignal {
  /** `skd://…`, or a `data:` address that carries its content itself. Without quotes, blanks and controls. */
  readonly uri: string;
  readonly keyFormat: string;
  readonly keyFormatVersions: string;
}

/** One system, of one key. All of it is published. */
export interface Signalling {
  readonly system: SystemName;
  /** A whole `pssh` box, base64. */
  readonly pssh?: string | undefined;
  /** A PlayReady Object, base64: `mspr:pro`. */
  readonly playReadyObject?: string | undefined;
  /** EXT-X-KEY of the key's playlists, and EXT-X-SESSION-KEY of the multivariant playlist. */
  readonly hlsMedia?: HlsSignal | undefined;
  readonly hlsMaster?: HlsSignal | undefined;
}
