// Content keys, wrapped.
import type { KeyLabel } from "#model/content-key.ts";

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
  };
}
