import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { cql, schema } from "./cassandra-cql.ts";

/** Statements that change something without saying when. */
function untimed(statements: readonly string[]): readonly string[] {
  return statements.filter(
    (text) =>
      /^\s*(insert|update|delete|begin|truncate)\b/i.test(text) && !/\busing timestamp \?/i.test(text),
  );
}

test("[DA170] every write and every delete carries its ord as timestamp", () => {
  const all: readonly string[] = [...Object.values(cql), ...schema];
  assert.ok(all.filter((text) => /^\s*(insert|delete)/.test(text)).length >= 11);
  assert.deepEqual(untimed(all), []);
  const planted = [
    "insert into ks.bookmark (profile) values (?)",
    "DELETE from ks.bookmark where profile = ?",
  ];
  assert.deepEqual(untimed([...all, ...planted]), planted);
});

test("[DA170] there is no lightweight transaction, and no statement outside of the table", () => {
  assert.deepEqual(
    Object.values(cql).filter((text) => /\bif\b/i.test(text)),
    [],
  );
  const others = globSync("src/**/*.ts").filter(
    (path) => !path.endsWith(".test.ts") && readFileSync(path, "utf8").includes("cassandra-driver"),
  );
  assert.deepEqual(others, ["src/data/io/cassandra-link.ts"]);
  const text = readFileSync("src/data/io/cassandra-link.ts", "utf8");
  assert.doesNotMatch(text, /\b(insert into|delete from|update \w+ set)\b/i);
});
