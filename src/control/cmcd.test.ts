import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { eventLabel, sourceLabel, takeCmcd } from "./cmcd.ts";
import type { Seal } from "./ports.ts";
import { mintToken } from "./session-token.ts";

const seal: Seal = {
  sign: (text) => createHmac("sha256", "key").update(text).digest("base64url"),
  equal: (a, b) => a === b,
};
const token = mintToken(seal, { sessionId: "s-1", accountId: "acc-1", titleId: "film-1", endsAtMs: 5000 });
const line = (sid: string, more = ""): string => `e=rr,sid="${sid}",sn=1,ts=1,v=2${more}`;

test("[PY158] events are taken with their session's token only, all of a body or nothing", () => {
  const take = (body: string, proof = token, nowMs = 0) => takeCmcd(seal, { token: proof, body }, nowMs);
  const taken = take(`${line("s-1")}\n${line("s-1")}`);
  assert.equal(taken.kind === "taken" && taken.events.length, 2);
  assert.equal(take(line("s-1"), token, 5000).kind, "over");
  assert.equal(take(line("s-1"), "").kind, "foreign");
  assert.equal(take(line("s-1"), token.replace("s-1", "s-2")).kind, "foreign");
  assert.equal(
    take(`${line("s-1")}\n${line("s-2")}`).kind,
    "foreign",
    "another's session in the second line",
  );
  const said = take(`${line("s-1")}\n${line("s-1", ",rc=-4")}`);
  assert.deepEqual([said.kind, said.kind === "unreadable" && said.where], ["unreadable", "line 2, rc"]);
});

test("[PY158] what players call things makes no labels", () => {
  const event = { e: "x9", sid: "s-1", sn: 1, ts: 1, v: 2, cdn: "evil" } as const;
  const known = new Set(["north-a1"]);
  assert.deepEqual([eventLabel(event), sourceLabel(event, known)], ["other", "other"]);
  assert.equal(sourceLabel({ ...event, cdn: "north-a1" }, known), "north-a1");
  assert.equal(sourceLabel({ ...event, cdn: "origin" }, known), "origin");
});
