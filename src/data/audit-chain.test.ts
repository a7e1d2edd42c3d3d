import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import {
  type AuditEntry,
  type AuditHead,
  type AuditRow,
  type AuditVerdict,
  auditText,
  beginCheck,
  checkRow,
  cleanEntry,
  emptyHead,
  endCheck,
  nextRow,
  pruneAction,
  pruneObject,
} from "./audit-chain.ts";

const seed = 39;
const digest = (text: string): string => createHash("sha256").update(text).digest("hex");

interface Chain {
  readonly head: AuditHead;
  readonly rows: readonly AuditRow[];
}

const entry = (more: Partial<AuditEntry> = {}): AuditEntry => ({
  actor: "account:ann",
  action: "POST /v1/ops/titles/:id/deny",
  object: "id=film",
  outcome: "done",
  address: "203.0.113.7",
  requestId: "req-1",
  atMs: 1_700_000_000_000,
  ...more,
});

function append(chain: Chain, more: AuditEntry): Chain {
  const row = nextRow(chain.head, more, digest);
  return { head: { ...chain.head, seq: row.seq, hash: row.hash }, rows: [...chain.rows, row] };
}

const chainOf = (entries: readonly AuditEntry[]): Chain =>
  entries.reduce(append, { head: emptyHead, rows: [] });

function verdict({ head, rows }: Chain, anchors: readonly AuditRow[] = []): AuditVerdict {
  return endCheck(rows.reduce((check, row) => checkRow(check, row, digest), beginCheck(head, anchors)));
}

const text = fc.string({ unit: "binary", maxLength: 20 });
const entries = fc.array(
  fc.record({
    ...{ actor: text, action: text, object: text, outcome: text, address: text, requestId: text },
    atMs: fc.nat(),
  }),
  { minLength: 3, maxLength: 12 },
);

test("[DA39] law: a chain is whole, and no single field of any row can be altered unseen", () => {
  fc.assert(
    fc.property(entries, fc.nat(), fc.nat(), (list, at, field) => {
      const chain = chainOf(list);
      assert.equal(verdict(chain).kind, "whole");
      const place = at % chain.rows.length;
      const row = chain.rows[place] ?? assert.fail();
      const [key = "actor", value] = Object.entries(row)[field % Object.keys(row).length] ?? [];
      const altered = { ...row, [key]: typeof value === "number" ? value + 1 : `${value}x` };
      const said = verdict({ ...chain, rows: chain.rows.with(place, altered) });
      assert.deepEqual([said.kind, said.kind === "broken" && said.seq], ["broken", place + 1]);
    }),
    { seed, numRuns: 200 },
  );
});

test("[DA39] law: a row that was altered and hashed again, taken out, doubled or swapped is found at its place", () => {
  fc.assert(
    fc.property(entries, fc.nat(), (list, at) => {
      const { head, rows } = chainOf(list);
      const place = at % (rows.length - 1);
      const [row, next] = [rows[place] ?? assert.fail(), rows[place + 1] ?? assert.fail()];
      const told = { ...row, outcome: `${row.outcome}!` };
      const again = { ...told, hash: digest(auditText(told)) };
      const planted: readonly (readonly [readonly AuditRow[], number])[] = [
        [rows.with(place, again), place + 2],
        [rows.toSpliced(place, 1), place + 1],
        [rows.toSpliced(place, 0, row), place + 2],
        [rows.with(place, next).with(place + 1, row), place + 1],
        [rows.slice(0, -1), rows.length],
      ];
      for (const [forged, seq] of planted) {
        const said = verdict({ head, rows: forged });
        assert.deepEqual([said.kind, said.kind === "broken" && said.seq], ["broken", seq]);
      }
    }),
    { seed, numRuns: 200 },
  );
});

test("[DA39] a log cut at its end with its head put right, or made anew as a whole, is found by an anchor alone", () => {
  const chain = chainOf([entry(), entry({ outcome: "begun" }), entry()]);
  const anchor = chain.rows.slice(1, 2);
  assert.equal(verdict(chain, anchor).kind, "whole");
  const cut = chainOf([entry()]);
  assert.equal(verdict(cut).kind, "whole");
  assert.deepEqual(verdict(cut, anchor), {
    kind: "broken",
    seq: 2,
    because: "it is missing; an anchor knows row 2",
  });
  const anew = chainOf([entry(), entry({ outcome: "refused: other" }), entry()]);
  assert.equal(verdict(anew).kind, "whole");
  const said = verdict(anew, anchor);
  assert.deepEqual([said.kind, said.kind === "broken" && said.seq], ["broken", 2]);
});

test("[DA39] a log that begins late is whole only when a retention of its own says so", () => {
  const chain = chainOf([entry(), entry(), entry()]);
  const [, , third = assert.fail()] = chain.rows;
  const head = { ...chain.head, firstSeq: 3, firstPrior: third.prior };
  const silent = verdict({ head, rows: [third] });
  assert.deepEqual([silent.kind, silent.kind === "broken" && silent.seq], ["broken", 3]);
  const object = pruneObject(3, third.prior);
  const told = append({ head, rows: [third] }, entry({ actor: "program", action: pruneAction, object }));
  assert.equal(verdict(told).kind, "whole");
});

test("[DA38] what is written holds no second line: control and direction characters go, and it is short", () => {
  const wild = entry({
    actor: "a\n2026 admin done\u2028\u202E\u0000\x1b[31m",
    object: `x=${"🎬".repeat(400)}`,
  });
  const clean = cleanEntry(wild);
  assert.doesNotMatch(clean.actor, /[\p{Cc}\p{Cf}\p{Zl}]/u);
  assert.equal([...clean.object].length, 300);
  assert.equal(cleanEntry(entry({ actor: "half \uD800" })).actor, "half \uFFFD");
  assert.deepEqual(cleanEntry(clean), clean);
});
