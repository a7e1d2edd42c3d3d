// Content keys as they are kept: wrapped, so that the database, its backups and its logs hold nothing that opens a film.
import type { KeyName, WrappedKey } from "#model/content-key.ts";

export interface StoredKey extends WrappedKey, KeyName {
  readonly createdAtMs: number;
  /** Undefined: while the title is published with it. Otherwise it is issued until then, and kept. */
  readonly endsAtMs: number | undefined;
}

export type KeyAdded =
  | "added"
  /** A key of one's title and kid is there, and stays as it is. */
  | "known"
  /** One's nonce was used before: wrap it anew. */
  | "nonce-taken";

export type NewKey = Omit<StoredKey, "endsAtMs">;

export interface ContentKeyStore {
  /** All of them or, unless it answers "added", none. */
  add(keys: readonly NewKey[]): Promise<KeyAdded>;
  /** By label and kid. */
  ofTitle(titleId: string, signal?: AbortSignal): Promise<readonly StoredKey[]>;
  /** The title is published with these kids, which have no end now; others that had none end at `endsAtMs`. */
  inUse(titleId: string, kids: readonly string[], endsAtMs: number): Promise<void>;
  /** Up to `limit` keys that another key encryption key than `kekId` wrapped, from behind `after` on. */
  wrappedByOthers(
    kekId: string,
    limit: number,
    after?: Pick<StoredKey, "titleId" | "kid">,
  ): Promise<readonly StoredKey[]>;
  /** Only if it is still as it was read; answers whether it was. */
  rewrap(before: StoredKey, wrapped: WrappedKey): Promise<boolean | "nonce-taken">;
  /** How many keys each key encryption key wraps, by its id. */
  wrappers(): Promise<readonly { readonly kekId: string; readonly keys: number }[]>;
}
