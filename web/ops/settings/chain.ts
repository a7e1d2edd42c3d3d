// The audit log's chain, checked in the browser: each row's hash is computed anew from what it says and from the row before it.
// The text that is hashed is that of src/data/audit-chain.ts.
import { askFor } from "#web/api.ts";
import { getOpsAudit } from "#web/ops/settings-client.ts";
import type { AuditPage } from "#wire/identity.ts";

type AuditRow = AuditPage["rows"][number];

export type Checked =
  | { readonly kind: "whole"; readonly rows: number; readonly seq: number }
  | { readonly kind: "broken"; readonly seq: number };

const pageRows = 500;

/** Rows that come meanwhile are left for the next time. */
export async function checkChain(onRows: (count: number) => void, signal: AbortSignal): Promise<Checked> {
  const ask = (from: number): Promise<AuditPage> =>
    askFor(getOpsAudit({ from: String(from), limit: String(pageRows) }), signal);
  let page = await ask(1);
  const { head } = page;
  let [seq, prior, count] = [head.firstSeq, head.firstPrior, 0];
  while (seq <= head.seq) {
    const rows = page.rows.filter((row) => row.seq >= seq && row.seq <= head.seq);
    if (rows.length === 0) return { kind: "broken", seq };
    for (const row of rows) {
      if (!(await follows(row, seq, prior))) return { kind: "broken", seq };
      [seq, prior, count] = [row.seq + 1, row.hash, count + 1];
    }
    onRows(count);
    if (seq <= head.seq) page = await ask(seq);
  }
  return prior === head.hash || count === 0
    ? { kind: "whole", rows: count, seq: head.seq }
    : { kind: "broken", seq: head.seq };
}

export async function follows(row: AuditRow, seq: number, prior: string): Promise<boolean> {
  return row.seq === seq && row.prior === prior && row.hash === (await sha256(auditText(row)));
}

function auditText({
  seq,
  prior,
  atMs,
  actor,
  action,
  object,
  outcome,
  address,
  requestId,
}: AuditRow): string {
  const said = [actor, action, object, outcome, address, requestId];
  return JSON.stringify(["millrace audit 1", seq, prior, atMs, ...said]);
}

async function sha256(text: string): Promise<string> {
  const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
