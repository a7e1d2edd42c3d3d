// The keys of an encrypted title: made for packaging, kept wrapped, issued by a licence, and named in the package by kid alone.

export const keyLabels = ["SD", "HD", "UHD1", "AUDIO"] as const;
export type KeyLabel = (typeof keyLabels)[number];

export interface ContentKey {
  readonly label: KeyLabel;
  /** 16 bytes as lowercase hex. Published. */
  readonly kid: string;
  /** 16 bytes as lowercase hex. Never published, printed or put into a fault. */
  readonly key: string;
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
