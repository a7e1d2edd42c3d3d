// The audit log as a chain: each row carries the hash of the one before it, so that no row can be altered, taken out or
// moved without every later hash being wrong. Whoever may write to the database can make the whole chain anew: that is
// what anchors are for, which keep a head's hash outside of it. Source: OWASP ASVS 5.0, 16.4.

/** What was done, without anything that was secret in it. */
export interface AuditEntry {
  /** Who: "account:ID", "token:ID", "program" or "anyone". */
  readonly actor: string;
  /** What, in the words of its route or a verb: "POST /v1/ops/sessions/:id/deny", "sign-in". */
  readonly action: string;
  /** To what: "id=s-1". */
  readonly object: string;
  /** "begun", "done", "refused: CODE", "wrong", … */
  readonly outcome: string;
  /** As the control plane saw it; "" when there was none. */
  readonly address: string;
  readonly requestId: string;
  readonly atMs: number;
}

export interface AuditRow extends AuditEntry {
  /** 1, 2, … without a gap. */
  readonly seq: number;
  /** Hash of the row before; of row 1: `noHash`. */
  readonly prior: string;
  /** sha256 over `auditText`, hex. */
  readonly hash: string;
}

/** What the chain says of itself. */
export interface AuditHead {
  readonly seq: number;
  readonly hash: string;
  /** The oldest row that is kept, and the hash of the one before it. */
  readonly firstSeq: number;
  readonly firstPrior: string;
}

export type Digest = (text: string) => string;

export const noHash = "0".repeat(64);
export const emptyHead: AuditHead = { seq: 0, hash: noHash, firstSeq: 1, firstPrior: noHash };

/** What a retention's own row says that it did. */
export const pruneAction = "audit.prune";
const longest = 300;

/**
 * An entry as it can be stored and shown: no line breaks, control or direction characters, no half characters, and
 * nothing longer than 300 characters, so that nobody writes a second line into a log through a name.
 */
export function cleanEntry(entry: AuditEntry): AuditEntry {
  return {
    actor: cleanText(entry.actor),
    action: cleanText(entry.action),
    object: cleanText(entry.object),
    outcome: cleanText(entry.outcome),
    address: cleanText(entry.address),
    requestId: cleanText(entry.requestId),
    atMs: Math.trunc(entry.atMs),
  };
}

function cleanText(text: string): string {
  const plain = text.toWellFormed().replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "\uFFFD");
  const characters = [...plain];
  return characters.length <= longest ? plain : `${characters.slice(0, longest - 1).join("")}…`;
}

/** The canonical text that is hashed: a JSON list in a fixed order, the place and the hash before included. */
export function auditText(row: Omit<AuditRow, "hash">): string {
  const { seq, prior, atMs, actor, action, object, outcome, address, requestId } = row;
  return JSON.stringify([
    "millrace audit 1",
    seq,
    prior,
    atMs,
    actor,
    action,
    object,
    outcome,
    address,
    requestId,
  ]);
}

/** The row that follows this head. */
export function nextRow(head: AuditHead, entry: AuditEntry, digest: Digest): AuditRow {
  const row = { ...cleanEntry(entry), seq: head.seq + 1, prior: head.hash };
  return { ...row, hash: digest(auditText(row)) };
}

/** What a retention writes, so that a chain which begins late says why. */
export function pruneObject(firstSeq: number, firstPrior: string): string {
  return `first=${firstSeq} prior=${firstPrior}`;
}

/** A head's hash that was kept elsewhere. */
export interface AuditAnchor {
  readonly seq: number;
  readonly hash: string;
}

export interface AuditCheck {
  readonly head: AuditHead;
  readonly anchors: ReadonlyMap<number, string>;
  readonly expected: { readonly seq: number; readonly prior: string };
  /** What the latest retention said. */
  readonly pruned: string | undefined;
  readonly broken: { readonly seq: number; readonly because: string } | undefined;
}

export type AuditVerdict =
  | { readonly kind: "whole"; readonly rows: number; readonly head: AuditHead }
  | { readonly kind: "broken"; readonly seq: number; readonly because: string };

export function beginCheck(head: AuditHead, anchors: readonly AuditAnchor[] = []): AuditCheck {
  return {
    head,
    anchors: new Map(anchors.map(({ seq, hash }) => [seq, hash])),
    expected: { seq: head.firstSeq, prior: head.firstPrior },
    pruned: undefined,
    broken: undefined,
  };
}

/** The next row, oldest first. After the first broken one nothing is looked at any more. */
export function checkRow(check: AuditCheck, row: AuditRow, digest: Digest): AuditCheck {
  if (check.broken !== undefined) return check;
  const because = complaintAbout(check, row, digest);
  if (because !== undefined) return { ...check, broken: { seq: check.expected.seq, because } };
  const pruned = row.action === pruneAction ? row.object : check.pruned;
  return { ...check, expected: { seq: row.seq + 1, prior: row.hash }, pruned };
}

function complaintAbout(
  { expected, anchors }: AuditCheck,
  row: AuditRow,
  digest: Digest,
): string | undefined {
  if (row.seq !== expected.seq) return `row ${expected.seq} is missing; row ${row.seq} stands in its place`;
  if (row.prior !== expected.prior) return "it does not carry the hash of the row before it";
  if (row.hash !== digest(auditText(row))) return "what it says is not what was hashed";
  const anchor = anchors.get(row.seq);
  if (anchor !== undefined && anchor !== row.hash)
    return "an anchor that was kept elsewhere has another hash";
  return undefined;
}

export function endCheck({ head, anchors, expected, pruned, broken }: AuditCheck): AuditVerdict {
  if (broken !== undefined) return { kind: "broken", ...broken };
  const bad = (seq: number, because: string): AuditVerdict => ({ kind: "broken", seq, because });
  if (expected.seq <= head.seq) return bad(expected.seq, `it is missing; the log once had ${head.seq} rows`);
  if (expected.seq > head.seq + 1)
    return bad(head.seq + 1, `it stands behind the log's end, row ${head.seq}`);
  if (expected.prior !== head.hash) return bad(head.seq, "the log's head has another hash");
  if (head.firstSeq > 1 && pruned !== pruneObject(head.firstSeq, head.firstPrior)) {
    return bad(head.firstSeq, "the log begins here, and no retention says that it should");
  }
  const beyond = [...anchors.keys()].filter((seq) => seq > head.seq).sort((a, b) => a - b)[0];
  if (beyond !== undefined) return bad(head.seq + 1, `it is missing; an anchor knows row ${beyond}`);
  return { kind: "whole", rows: head.seq - head.firstSeq + 1, head };
}
