// The manual and the program must not disagree.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { settingsByFolder } from "#bin/settings-tables.ts";
import { settingsPage, withTables } from "./settings-page.ts";

test("docs/running.md lists exactly the settings that the programs read", () => {
  const text = readFileSync("docs/running.md", "utf8");
  assert.equal(withTables(text, settingsPage()), text, "run: npm run generate");
});

test("no two settings share a name, and every default fits its own range", () => {
  const rows = Object.values(settingsByFolder).flatMap((table) => Object.values(table));
  assert.equal(new Set(rows.map((row) => row.name)).size, rows.length);
  for (const row of rows) {
    assert.ok(row.sentence.endsWith("."), `${row.name} has no sentence`);
    if (row.kind === "number") assert.ok(row.default >= row.min && row.default <= row.max, row.name);
    if (row.kind === "choice") assert.ok(row.choices.includes(row.default), row.name);
  }
});
