import assert from "node:assert/strict";
import { test } from "node:test";
import { complaintAboutPlan } from "./desired.ts";
import type { WantedBundle } from "./fill-state.ts";

const sha256 = "0".repeat(64);

function wanting(path: string, more: Partial<WantedBundle> = {}): WantedBundle {
  return { id: "t1/v", titleId: "t1", files: [{ path, bytes: 1, sha256 }], sources: [], ...more };
}

test("[ED29] a plan whose paths leave the title's folder, or contradict each other, is refused as a whole", () => {
  assert.equal(complaintAboutPlan([wanting("v/1.m4s")]), undefined);
  assert.match(complaintAboutPlan([wanting("../../etc/passwd")]) ?? "", /could never be served/);
  assert.match(complaintAboutPlan([wanting("v/1.m4s", { titleId: "../t" })]) ?? "", /cannot stand in a path/);
  assert.match(complaintAboutPlan([wanting("v/1.m4s"), wanting("v/2.m4s")]) ?? "", /names "t1\/v" twice/);
  const other = wanting("v/1.m4s", {
    id: "t1/w",
    files: [{ path: "v/1.m4s", bytes: 1, sha256: "1".repeat(64) }],
  });
  assert.match(complaintAboutPlan([wanting("v/1.m4s"), other]) ?? "", /two different files/);
});
