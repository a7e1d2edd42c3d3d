// What the catalogue of works asks of the data tier: immutable versions, pictures, and an index to search in.
import type { CatalogDelta, PictureType, Work } from "#model/work.ts";

export interface WorkVersion {
  readonly version: number;
  readonly createdAtMs: number;
  /** How many works it holds. */
  readonly works: number;
  /** Who or what made it, for the operator. */
  readonly note: string;
}

export type WorksPublished =
  | { readonly kind: "published"; readonly version: number }
  /** Others changed the same works meanwhile: read again, and say the change anew. */
  | { readonly kind: "rebase"; readonly version: number; readonly workIds: readonly string[] };

/**
 * Versions 1, 2, … of the catalogue, each whole and never changed. What a version shares with the one before is kept once.
 *
 * A version is visible when the one row that names the newest says so, and not before.
 */
export interface WorkStore {
  /** The newest; 0 before the first. */
  newest(): Promise<number>;
  /** All of one version, the newest when none is named; undefined: it is not kept, or never was. Version 0 is empty. */
  read(version?: number): Promise<{ readonly version: number; readonly works: readonly Work[] } | undefined>;
  /** Made from the version `base`; changes by others since are kept, unless they are about the same works. */
  publish(order: {
    readonly delta: CatalogDelta;
    readonly base: number;
    readonly nowMs: number;
    readonly note: string;
  }): Promise<WorksPublished>;
  /** A new version with all that an earlier one had; undefined: that one is not kept. */
  rollBack(version: number, nowMs: number, note: string): Promise<{ readonly version: number } | undefined>;
  /** Newest first. */
  versions(): Promise<readonly WorkVersion[]>;
}

export interface Picture {
  /** Of the bytes, lowercase hex. */
  readonly sha256: string;
  readonly type: PictureType;
  readonly bytes: Uint8Array;
}

export interface PictureStore {
  /** The same again changes nothing. */
  put(picture: Picture, nowMs: number): Promise<void>;
  get(sha256: string): Promise<Picture | undefined>;
}

export interface IndexedWork {
  readonly workId: string;
  /** Years. */
  readonly age: number;
  /** What a name may be looked up by from its beginning. */
  readonly keys: readonly string[];
  /** Letters, digits and marks only. */
  readonly words: readonly string[];
}

export interface SearchStore {
  /** Which version of the catalogue the index speaks of; 0: of none, or it is being made anew. */
  indexed(): Promise<number>;
  /** Brings the index to `version`: whole from nothing, or by what changed since the version that it speaks of. */
  index(order: {
    readonly version: number;
    readonly how: "anew" | "changes";
    readonly put: readonly IndexedWork[];
    readonly remove: readonly string[];
  }): Promise<void>;
  /** Ids whose name begins with the key, or that have all the words, as one of each word's meanings; a bounded number. */
  candidates(order: {
    readonly key: string;
    readonly words: readonly { readonly meanings: readonly string[]; readonly isBegun: boolean }[];
    /** Years. */
    readonly maturity: number;
    readonly limit: number;
  }): Promise<readonly string[]>;
  /** Words of the index that look like each of these, the likest first; none where the database cannot tell. */
  similar(words: readonly string[], limit: number): Promise<ReadonlyMap<string, readonly string[]>>;
}
