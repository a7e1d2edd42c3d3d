import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { type FaultRow, faultRows } from "./edge-fault-list.ts";
import { faultsTable } from "./edge-faults.ts";

const { signal } = new AbortController();

test("[ED157] a fault that does not go as it should is a row that says so, and the others are looked at all the same", async () => {
  const ended: string[] = [];
  const row = (fault: string, look: FaultRow["look"]): FaultRow => ({ fault, expected: "served", look });
  const rows = await faultsTable(signal, [
    row("one", async (t) => {
      t.after(() => ended.push("first begun"));
      t.after(() => ended.push("last begun"));
      throw new Error("waited 60000 ms for: all");
    }),
    row("another", async () => ({ seen: "served", holds: true })),
    row("a third", async () => ({ seen: "not served", holds: false })),
  ]);
  assert.deepEqual(
    rows.map(({ fault, seen, holds }) => [fault, seen, holds]),
    [
      ["one", "waited 60000 ms for: all", "false"],
      ["another", "served", "true"],
      ["a third", "not served", "false"],
    ],
  );
  assert.deepEqual(ended, ["last begun", "first begun"]);
});

test("[ED157] the table in src/edge/README.md has each fault that is made, with what is expected of it and what was seen", () => {
  const lines = readFileSync("src/edge/README.md", "utf8").split("\n");
  const table = lines.map((line) => line.split("|").map((cell) => cell.trim()));
  for (const { fault, expected } of faultRows) {
    const [, , wanted, seen = ""] = table.find(([, name]) => name === fault) ?? [];
    assert.equal(wanted, expected, fault);
    assert.notEqual(seen, "", fault);
  }
});
