// Tables of the catalogue of works and its search.
import type { ColumnType } from "kysely";
import type { PictureType, Work } from "#model/work.ts";

type Json<T> = ColumnType<T, string, string>;

export interface CatalogSchema {
  /** One row, "newest", and "indexed" for the version that the index speaks of. */
  work_pointer: { name: "newest" | "indexed"; version: number };
  /** `pages[i]` is the hash of the works whose ids fall into page i. */
  work_version: {
    version: number;
    created_at_ms: number;
    works: number;
    note: string;
    pages: Json<readonly string[]>;
  };
  /** Some of the works, by the sha256 of their text; versions share them. */
  work_page: { hash: string; works: Json<readonly Work[]>; written_at_ms: number };
  picture: { sha256: string; type: PictureType; bytes: Uint8Array; created_at_ms: number };
  search_work: { work_id: string; age: number; doc: ColumnType<string, string, string> };
  /** UTF-8, so that it is compared byte by byte, whatever the database's collation. */
  search_key: { key: Uint8Array; work_id: string; age: number };
  search_word: { word: string };
}
