// Tables of sign-in by others and of the audit log.

export interface IdentitySchema {
  identity: { issuer: string; subject: string; account_id: string; linked_at_ms: number };
  audit_row: {
    seq: number;
    prior: string;
    hash: string;
    at_ms: number;
    actor: string;
    action: string;
    object: string;
    outcome: string;
    address: string;
    request_id: string;
  };
  /** One row: the lock that appends queue at. */
  audit_head: { name: string; seq: number; hash: string; first_seq: number; first_prior: string };
}
