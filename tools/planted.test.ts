// A linter can rot silently: each file of test/planted/ breaks one rule, and each break has to be reported.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

const folder = "test/planted";
const header = /^\/\/ planted at (\S+): (\S+)/;

function lint(text: string, at: string): string {
  const argv = [
    "node_modules/@biomejs/biome/bin/biome",
    "lint",
    `--stdin-file-path=${at}`,
    "--max-diagnostics=50",
  ];
  const done = spawnSync(process.execPath, argv, { input: text, encoding: "utf8", timeout: 120_000 });
  return `${done.stdout}${done.stderr}`;
}

const planted = readdirSync(folder).filter((name) => name.endsWith(".ts"));

test("there are planted violations for every kind of rule", () => {
  assert.ok(planted.length >= 15);
});

for (const name of planted) {
  test(`the linter reports ${name}`, () => {
    const text = readFileSync(`${folder}/${name}`, "utf8");
    const [, at = "", rule = ""] = header.exec(text) ?? [];
    assert.notEqual(rule, "", "the first line has to say where it is planted and which rule it breaks");
    assert.match(lint(text, at), new RegExp(rule.replaceAll("/", "\\/")));
  });
}

test("a clean file in the same place is not reported", () => {
  const report = lint(
    'import { bytes } from "#units/quantity.ts";\n\nexport const size = bytes(1);\n',
    "src/place/planted.ts",
  );
  assert.doesNotMatch(report, /lint\/|plugin/);
});
