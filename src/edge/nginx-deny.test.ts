import assert from "node:assert/strict";
import { test } from "node:test";
import { type Denial, inForce, mostDenials } from "#model/denial.ts";
import { complaintAboutDenials } from "./desired.ts";
import { denyCheck, denyMaps, denySizes } from "./nginx-deny.ts";

const session = (id: string, untilMs = 1000): Denial => ({ kind: "session", id, untilMs });
const title = (id: string, untilMs = 1000): Denial => ({ kind: "title", id, untilMs });

test("[ED73] nothing denied leaves no trace in the configuration", () => {
  assert.deepEqual([...denySizes([]), ...denyMaps([]), ...denyCheck([])], []);
});

test("[ED73] a session's row comes before its title's, and fills go on; equal but for case is one row", () => {
  const text = denyMaps([session("S1"), session("s1"), title("t1")]).join("\n");
  assert.match(text, /map \$mr_title \$mr_title_denied \{\n {2}default 0;\n {2}"\\\\t1" 1;\n\}/);
  assert.match(text, /default \$mr_title_denied;\n.*\n {2}"~\^fill-" 0;\n {2}"\\\\s1" 1;\n\}$/);
  assert.deepEqual(denyCheck([title("t1")]), ["if ($mr_denied) { return 403; }"]);
});

test("[ED74] an entry ends at its moment, and too many are refused with the number", () => {
  assert.deepEqual(inForce([session("a", 10), session("b", 11)], 10), [session("b", 11)]);
  const many = Array.from({ length: mostDenials + 1 }, (_, i) => session(`s${i}`));
  assert.match(complaintAboutDenials(many) ?? "", /denies 4097 sessions and titles, at most 4096/);
  assert.equal(complaintAboutDenials(many.slice(1)), undefined);
});
