// Tables of devices, mailed slips and invitations.
import type { ColumnType } from "kysely";
import type { SlipKind } from "#data/ports-account.ts";

export interface AccountSchema {
  device: {
    id: string;
    account_id: string;
    profile_id: string;
    name: string;
    nonce_hash: string;
    /** Of its refresh tokens: the one that is good now. */
    generation: number;
    rotated_at_ms: number;
    opened_at_ms: number;
    ends_at_ms: number;
  };
  slip: {
    token_hash: string;
    kind: SlipKind;
    account_id: string | null;
    email: string;
    email_key: string;
    facts: ColumnType<Record<string, string>, string, string>;
    ends_at_ms: number;
  };
  invitation: { id: string; code_hash: string; note: string; ends_at_ms: number };
}
