// The repository's own promises: rules and tests answer to each other, nothing is too long, links lead somewhere.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { openSecrets } from "#control/io/secrets.ts";

const tracked = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
  encoding: "utf8",
})
  .split("\n")
  .filter((path) => path !== "" && existsSync(path));

function read(path: string): string {
  return readFileSync(path, "utf8");
}

function ruleIds(texts: readonly string[], pattern: RegExp): Set<string> {
  return new Set(texts.flatMap((text) => [...text.matchAll(pattern)].map((match) => match[1] ?? "")));
}

const specifications = tracked.filter((path) => /^(src\/[a-z]+|web)\/README\.md$/.test(path));
const tests = tracked.filter((path) => path.endsWith(".test.ts") && path !== "tools/repository.test.ts");

test("[RE1] every rule of a specification is quoted by a test, and every quoted rule exists", () => {
  const rules = ruleIds(specifications.map(read), /^\s*[-*] \*{0,2}\[([A-Z]{2}\d+)\]/gm);
  const quoted = ruleIds(tests.map(read), /\[([A-Z]{2}\d+)\]/g);
  for (const id of ["RE1", "RE2", "RE3", "RE4", "RE5", "RE6", "RE7", "RE8", "RE9", "RE10"]) quoted.delete(id);
  assert.ok(rules.size > 20, `only ${rules.size} rules found: the pattern is wrong`);
  assert.deepEqual([...rules].filter((id) => !quoted.has(id)).sort(), [], "rules that no test quotes");
  assert.deepEqual(
    [...quoted].filter((id) => !rules.has(id)).sort(),
    [],
    "rules that tests quote but no README states",
  );
});

test("[RE2] no source file is longer than 400 lines", () => {
  const sources = tracked.filter((path) => /\.(ts|tsx|mjs|css)$/.test(path));
  assert.ok(sources.length > 50);
  const long = sources.filter((path) => read(path).split("\n").length - 1 > 400);
  assert.deepEqual(long, []);
});

test("[RE3] no folder or file is named after nothing", () => {
  const vague = tracked.filter((path) => /(^|\/)(utils?|common|helpers?|misc)(\/|\.)/.test(path));
  assert.deepEqual(vague, []);
});

test("[RE4] every relative link in a document leads to a file", () => {
  const broken: string[] = [];
  for (const path of tracked.filter((file) => file.endsWith(".md"))) {
    for (const [, target = ""] of read(path).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^(https?:|#|mailto:)/.test(target)) continue;
      const file = join(dirname(path), target.split("#")[0] ?? "");
      if (!existsSync(file)) broken.push(`${path} → ${target}`);
    }
  }
  assert.deepEqual(broken, []);
});

test("[RE5] the lock file names no registry and pins what package.json asks for", () => {
  const lock = read("package-lock.json");
  assert.ok(
    !lock.includes('"resolved"'),
    "the lock file holds download addresses: npm config omit-lockfile-registry-resolved",
  );
  const dependencies: Record<string, string> = JSON.parse(read("package.json")).dependencies;
  const loose = Object.entries(dependencies).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version));
  assert.deepEqual(loose, [], "runtime dependencies that are not pinned exactly");
});

test("[RE6] every runtime dependency has a decision record that names it", () => {
  const records = tracked
    .filter((path) => path.startsWith("docs/decisions/"))
    .map(read)
    .join("\n");
  const dependencies = Object.keys(JSON.parse(read("package.json")).dependencies);
  assert.deepEqual(
    dependencies.filter((name) => !records.includes(`\`${name}\``)),
    [],
  );
});

test("[RE7] every law draws from a seed that stands in its test, so that a run here is the run elsewhere", () => {
  const laws = tests.flatMap((path) => {
    const [before = "", ...calls] = read(path).split("fc.assert(");
    const shared = /const runs = .*\bseed\b/.test(before) ? /\b(seed|runs)\b/ : /\bseed\b/;
    return calls.map((call) => ({
      path,
      seeded: shared.test(call.split(/\n(?:test|function|const)\b/)[0] ?? ""),
    }));
  });
  assert.ok(laws.length > 50, `only ${laws.length} laws found: the pattern is wrong`);
  assert.deepEqual([...new Set(laws.filter((law) => !law.seeded).map((law) => law.path))], []);
});

test("[RE8] the README is at most 150 lines, and the Node that it promises is the one that is installed", () => {
  assert.ok(read("README.md").split("\n").length <= 150);
  assert.equal(read(".nvmrc").trim(), JSON.parse(read("package.json")).dependencies.node);
});

test("[RE9] a run of the tests ends with a line that counts, and a word that names no file is no success", () => {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const run = (word: string): { readonly status: number | null; readonly last: string } => {
    const argv = ["tools/test.ts", word];
    const done = spawnSync(process.execPath, argv, { env, encoding: "utf8", timeout: 120_000 });
    return { status: done.status, last: done.stdout.trimEnd().split("\n").at(-1) ?? "" };
  };
  const { status, last } = run("src/units/hash.test.ts");
  assert.match(last, /^[1-9]\d* passed, 0 failed, 0 skipped$/);
  assert.equal(status, 0);
  assert.deepEqual(run("no-such-test"), { status: 1, last: "0 passed, 0 failed, 0 skipped" });
});

/** As JSON has them; code says the names as well. */
function holdsSecrets(path: string): boolean {
  const text = readFileSync(path, "latin1");
  return /"sessionSecret"\s*:/.test(text) && /"applianceToken"\s*:/.test(text);
}

test("[RE10] no file is an installation's secrets", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "millrace-planted-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const planted = join(folder, "planted.json");
  await openSecrets(planted);
  assert.deepEqual([...tracked, planted].filter(holdsSecrets), [planted]);
});
