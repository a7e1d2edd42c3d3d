// Content keys, wrapped.
import type { ColumnType } from "kysely";
import type { KeyLabel } from "#model/content-key.ts";
import type { Signalling } from "#model/key-system.ts";

export interface LicenceSchema {
  content_key: {
    title_id: string;
    kid: string;
    label: KeyLabel;
    kek_id: string;
    nonce: string;
    sealed: string;
    created_at_ms: number;
    ends_at_ms: number | null;
    signalling: ColumnType<readonly Signalling[] | null, string | null, never>;
  };
}
