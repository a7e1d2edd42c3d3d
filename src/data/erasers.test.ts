import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { migrations } from "./io/migration-list.ts";

/** Tables whose rows belong to a person. */
const personal = migrations
  .flatMap(({ statements }) => statements)
  .flatMap((statement) => {
    const [, table = "", columns = ""] = /^create table (\w+) \(([\s\S]*)\)$/.exec(statement.trim()) ?? [];
    return /\b(account_id|profile_id|session_id)\b/.test(columns) ? [table] : [];
  });
const dropped = migrations
  .flatMap(({ statements }) => statements)
  .flatMap((statement) => /^drop table (\w+)$/.exec(statement.trim())?.[1] ?? []);
const texts = globSync("src/data/io/eraser*.ts").map((path) => readFileSync(path, "utf8"));

test("[DA36] every table of a person's rows stands in an eraser", () => {
  assert.ok(personal.includes("bookmark") && personal.includes("device"), personal.join(" "));
  const missing = personal
    .filter((table) => !dropped.includes(table))
    .filter((table) => !texts.some((text) => text.includes(`"${table}"`)));
  assert.deepEqual(missing, [], "add them to src/data/io/erasers.ts, or to an eraser-….ts that it lists");
});
