// Tables of files on their way in.
import type { ColumnType } from "kysely";
import type { ArrivalKind, ArrivalState, MasterFacts } from "#model/arrival.ts";

export interface UploadSchema {
  arrival: {
    id: string;
    kind: ArrivalKind;
    account_id: string;
    file_name: string;
    title_name: string;
    bytes: number;
    sha256: string | null;
    url: string | null;
    validator: string | null;
    state: ArrivalState;
    refusal_code: string | null;
    refusal: string | null;
    master_id: string | null;
    created_at_ms: number;
    touched_at_ms: number;
  };
  master: {
    id: string;
    sha256: string;
    bytes: number;
    account_id: string;
    file_name: string;
    title_name: string;
    facts: ColumnType<MasterFacts, string, string>;
    created_at_ms: number;
  };
  publication: {
    master_id: string;
    title_name: string;
    account_id: string;
    encrypt: boolean;
    asked_at_ms: number;
  };
}
