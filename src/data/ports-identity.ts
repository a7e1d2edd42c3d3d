// Who signs in through others, and the audit log.
import type { AuditEntry, AuditHead, AuditRow } from "./audit-chain.ts";
import type { Account, NewAccount, Role } from "./ports.ts";

/** An account as another's sign-in knows it. Source: OpenID Connect Core 1.0 §2: only issuer and subject together name someone. */
export interface Subject {
  readonly issuer: string;
  readonly subject: string;
}

/** Sign-in by others: which account an issuer's subject opens. */
export interface IdentityStore {
  bySubject(who: Subject): Promise<Account | undefined>;
  /** Ties it to an account that is there. A subject that is tied already stays where it is. */
  link(who: Subject, accountId: string, nowMs: number): Promise<Account>;
  /** A new account that this subject opens, in one transaction; the one it has, when another call was first. */
  create(who: Subject, order: NewAccount, nowMs: number): Promise<Account | "email-taken">;
  /** The role and its audit row, both or neither. */
  setRole(accountId: string, role: Role, told: AuditEntry): Promise<"set" | "last-admin">;
}

/** The audit log: one chain, appended under the lock of its head. */
export interface AuditStore {
  /** On disk when it returns. */
  append(entry: AuditEntry): Promise<AuditRow>;
  head(): Promise<AuditHead>;
  /** From this row on, oldest first. */
  from(seq: number, limit: number): Promise<readonly AuditRow[]>;
  /** Before this row, newest first. */
  before(seq: number, limit: number): Promise<readonly AuditRow[]>;
  /** Rows older than `beforeMs` go, at most `most`; a row says so. Returns how many went. */
  prune(beforeMs: number, most: number, entry: AuditEntry): Promise<number>;
}
