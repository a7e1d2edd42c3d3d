// docs/asvs.md against the READMEs and the tests that it names.
import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { test } from "node:test";

interface Row {
  readonly item: string;
  readonly held: string;
  readonly rules: readonly string[];
  readonly files: readonly string[];
}

function rowsOf(text: string): readonly Row[] {
  return [...text.matchAll(/^\| (\d+\.\d+\.\d+) \| [^|]+ \| ([^|]+) \| ([^|]+) \|$/gm)].map(
    ([, item = "", held = "", files = ""]) => ({
      ...{ item, held },
      rules: held.startsWith("not held: ") ? [] : held.split(", "),
      files: [...files.matchAll(/`([^`]+)`/g)].map(([, path = ""]) => path),
    }),
  );
}

function complaintsOf(rows: readonly Row[]): readonly string[] {
  const stated = globSync(["src/*/README.md", "web/README.md"]).map((path) => readFileSync(path, "utf8"));
  const known = new Set(
    stated.flatMap((text) => [...text.matchAll(/^\s*- \[([A-Z]{2}\d+)\]/gm)].map(([, id]) => id)),
  );
  return rows.flatMap(({ item, held, rules, files }) => {
    const missing = files.filter((path) => !existsSync(path));
    if (missing.length > 0) return [`${item}: no file ${missing.join(", ")}`];
    const quoted = files.map((path) => readFileSync(path, "utf8"));
    return [
      ...(rules.length === 0 && held.length < 30 ? [`${item}: held by nothing, and no reason`] : []),
      ...rules.filter((id) => !known.has(id)).map((id) => `${item}: no README states ${id}`),
      ...rules
        .filter((id) => !quoted.some((text) => text.includes(`[${id}]`)))
        .map((id) => `${item}: no file named quotes ${id}`),
      ...files
        .filter((_path, at) => !rules.some((id) => quoted[at]?.includes(`[${id}]`)))
        .map((path) => `${item}: ${path} quotes none of its rules`),
    ];
  });
}

test("[CO310] each item of docs/asvs.md names rules that exist and tests that quote them, or says why not", () => {
  const rows = rowsOf(readFileSync("docs/asvs.md", "utf8"));
  assert.ok(rows.length > 40, `${rows.length}`);
  assert.deepEqual(complaintsOf(rows), []);
});

test("[CO310] a row that names a rule or a test wrongly is told", () => {
  const wrong = rowsOf(
    "| 1.2.3 | x | QQ999 | `tools/asvs.test.ts` |\n| 1.2.4 | x | CO304 | `no.test.ts` |\n",
  );
  assert.deepEqual(complaintsOf(wrong), [
    "1.2.3: no README states QQ999",
    "1.2.3: no file named quotes QQ999",
    "1.2.3: tools/asvs.test.ts quotes none of its rules",
    "1.2.4: no file no.test.ts",
  ]);
});
