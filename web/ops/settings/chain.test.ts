import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { follows } from "./chain.ts";

const noHash = "0".repeat(64);
const said = { actor: "account:1", action: "sign-in", object: "id=ü", outcome: "done" };
const open = { seq: 1, prior: noHash, atMs: 5, ...said, address: "192.0.2.1", requestId: "r" };
/** As src/data/audit-chain.ts has it; a journey holds the page against a log that was really written. */
const text = `["millrace audit 1",1,"${noHash}",5,"account:1","sign-in","id=ü","done","192.0.2.1","r"]`;
const row = { ...open, hash: createHash("sha256").update(text).digest("hex") };

test("[WE152] the browser's check of the audit chain is the control plane's own: a row follows, an altered one does not", async () => {
  assert.ok(await follows(row, 1, noHash));
  for (const change of [
    { actor: "account:2" },
    { atMs: 6 },
    { outcome: "refused" },
    { prior: "1".repeat(64) },
    { seq: 2 },
  ])
    assert.ok(!(await follows({ ...row, ...change }, 1, noHash)), JSON.stringify(change));
});
