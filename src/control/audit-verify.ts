// Reads the whole audit log, oldest first, and says where it was altered first.
import {
  type AuditAnchor,
  type AuditHead,
  type AuditRow,
  type AuditVerdict,
  beginCheck,
  checkRow,
  type Digest,
  endCheck,
} from "#data/audit-chain.ts";

/** The store itself, or the control plane that has it. */
export interface AuditReader {
  head(): Promise<AuditHead>;
  from(seq: number, limit: number): Promise<readonly AuditRow[]>;
}

export interface VerifyOrder {
  readonly reader: AuditReader;
  readonly anchors: readonly AuditAnchor[];
  readonly digest: Digest;
}

const page = 1000;
const mostReadings = 5;

/** Rows that come meanwhile are left for the next time; when a retention takes rows meanwhile, it begins again. */
export async function verifyAudit(order: VerifyOrder): Promise<AuditVerdict> {
  for (let readings = 1; ; readings++) {
    const head = await order.reader.head();
    const verdict = await readingOf(order, head);
    const { firstSeq } = await order.reader.head();
    if (firstSeq === head.firstSeq || readings === mostReadings) return verdict;
  }
}

async function readingOf({ reader, anchors, digest }: VerifyOrder, head: AuditHead): Promise<AuditVerdict> {
  let check = beginCheck(
    head,
    anchors.filter(({ seq }) => seq >= head.firstSeq),
  );
  for (let seq = head.firstSeq; seq <= head.seq && check.broken === undefined; ) {
    const rows = (await reader.from(seq, page)).filter((row) => row.seq <= head.seq);
    for (const row of rows) check = checkRow(check, row, digest);
    if (rows.length < page) break;
    seq = (rows.at(-1)?.seq ?? seq) + 1;
  }
  return endCheck(check);
}
