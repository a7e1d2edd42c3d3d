// What profiles watched, and the model of taste made of it.

export interface WatchedRow {
  readonly profileId: string;
  readonly titleId: string;
  /** When it was last begun. */
  readonly atMs: number;
}

export interface StoredTaste {
  readonly madeAtMs: number;
  /** As JSON, for people: what it was made of and how it did. */
  readonly facts: unknown;
  /** Title to its weights on others. */
  readonly weights: ReadonlyMap<string, readonly { readonly titleId: string; readonly weight: number }[]>;
}

export interface TasteStore {
  /** Titles that profiles really watched (two minutes or a twentieth, or to the end), the newest first, at most so many. */
  watched(order: { readonly sinceMs: number; readonly most: number }): Promise<readonly WatchedRow[]>;
  /** What profiles began, whatever came of it, the newest first, at most so many. */
  begun(order: { readonly sinceMs: number; readonly most: number }): Promise<readonly WatchedRow[]>;
  /** What one profile began, the latest first. */
  seen(profileId: string, most: number): Promise<readonly string[]>;
  /** Replaces the one before, all or nothing. */
  save(taste: StoredTaste): Promise<void>;
  latest(): Promise<StoredTaste | undefined>;
}
