// A work as the catalogue describes it: a film, a series, or an episode. What is played is a published title; a work refers
// to one by its id. Every field is plain JSON, and an absent fact is null, so that a work written and read again is equal.

/** BCP 47 tag → text. */
export type Localized = Readonly<Record<string, string>>;

export const jobs = ["cast", "director", "writer", "producer", "composer", "camera", "editor"] as const;
export type Job = (typeof jobs)[number];

export interface Credit {
  readonly name: string;
  readonly job: Job;
  /** Who is played; null for the crew, and where it is not known. */
  readonly role: string | null;
}

/** When and where a work may be watched. */
export interface RightsWindow {
  /** ISO 3166-1 alpha-2, upper case; none: everywhere. */
  readonly territories: readonly string[];
  /** Milliseconds since 1970, UTC; null: since ever. */
  readonly fromMs: number | null;
  /** The first moment outside; null: for ever. */
  readonly untilMs: number | null;
}

export const pictureKinds = ["poster", "backdrop", "logo", "still"] as const;
export type PictureKind = (typeof pictureKinds)[number];

export const pictureTypes = ["image/jpeg", "image/png", "image/webp"] as const;
export type PictureType = (typeof pictureTypes)[number];

export interface Artwork {
  readonly kind: PictureKind;
  /** Of the picture's bytes, lowercase hex. */
  readonly sha256: string;
  readonly type: PictureType;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  readonly bytes: number;
}

export interface WorkFacts {
  /** Path safe: see #units/id.ts. */
  readonly id: string;
  /** BCP 47, of the original. */
  readonly language: string;
  /** At least one. That of `language` is the original name. */
  readonly names: Localized;
  readonly synopses: Localized;
  readonly year: number | null;
  readonly genres: readonly string[];
  /** In the order of the titles. */
  readonly credits: readonly Credit[];
  /** Years, as the operator says; null: the strictest of `ratings` counts. */
  readonly age: number | null;
  /** "FSK 16", "MPA PG-13": see catalog/maturity.ts. */
  readonly ratings: readonly string[];
  /** None: everywhere, always. */
  readonly windows: readonly RightsWindow[];
  readonly artwork: readonly Artwork[];
}

export interface Film extends WorkFacts {
  readonly kind: "film";
  /** The published title that plays it; null: not published yet. */
  readonly titleId: string | null;
}

export interface Season {
  readonly number: number;
  readonly names: Localized;
}

export interface Series extends WorkFacts {
  readonly kind: "series";
  /** Those that have a name of their own. */
  readonly seasons: readonly Season[];
}

export interface Episode extends WorkFacts {
  readonly kind: "episode";
  readonly seriesId: string;
  readonly season: number;
  readonly number: number;
  readonly titleId: string | null;
}

export type Work = Film | Series | Episode;

/** A change of the catalogue: works that are new or said anew as a whole, and ids that go. */
export interface CatalogDelta {
  readonly put: readonly Work[];
  readonly remove: readonly string[];
}
