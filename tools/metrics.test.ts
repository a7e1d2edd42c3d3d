// What is written about metrics, and drawn from them, is what the tables say.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { controlMetrics } from "#control/metrics.ts";
import { parse } from "#series/parse.ts";
import { dashboardFiles } from "./dashboards.ts";
import { withMetrics } from "./metrics-page.ts";

const rows = new Map(Object.values(controlMetrics).map((row) => [row.name as string, row]));

test("docs/metrics.md lists exactly the metrics that are measured", () => {
  const text = readFileSync("docs/metrics.md", "utf8");
  assert.equal(withMetrics(text), text, "run: npm run generate");
});

test("every query of docs/metrics.md can be read, and names metrics that exist", () => {
  const rowsOf = readFileSync("docs/metrics.md", "utf8").matchAll(/^\| [^`|]+ \| `(name,[^`]+)` \|$/gm);
  const queries = [...rowsOf].map(([, query = ""]) => query);
  assert.ok(queries.length > 7, `${queries.length}`);
  for (const query of queries) {
    const parsed = parse(query);
    assert.equal(parsed.kind, "parsed", `${query}: ${JSON.stringify(parsed)}`);
    for (const [name] of query.matchAll(/\bmillrace_\w+/g)) assert.ok(rows.has(name), name);
  }
});

test("docs/grafana holds the dashboards of the table, and no other", () => {
  const files = dashboardFiles();
  for (const [path, text] of files) assert.equal(readFileSync(path, "utf8"), text, "run: npm run generate");
  const there = readdirSync("docs/grafana").map((name) => `docs/grafana/${name}`);
  assert.deepEqual(there.toSorted(), [...files.keys()].toSorted());
});

test("every metric that a dashboard draws exists, with its labels, and counters are drawn as rates", () => {
  const drawn = new Set<string>();
  for (const path of dashboardFiles().keys()) {
    const { panels } = JSON.parse(readFileSync(path, "utf8"));
    assert.ok(panels.length > 8, path);
    for (const { title, type, targets = [], description } of panels) {
      if (type === "row") continue;
      assert.match(description, /^[A-Za-z].*\.$/, `${path} ${title} has a sentence`);
      assert.ok(targets.length > 0);
      for (const { expr, legendFormat } of targets) {
        assert.deepEqual(complaints(expr, legendFormat), [], `${path}, ${title}: ${expr}`);
        for (const [name] of expr.matchAll(/\bmillrace_\w+/g)) drawn.add(metricOf(name)?.name ?? "");
      }
    }
  }
  const undrawn = [...rows.keys()].filter((name) => !drawn.has(name));
  assert.deepEqual(undrawn, [], "metrics that no dashboard draws");
});

test("an expression with a metric, a label or a part that is not there is complained of", () => {
  for (const wrong of [
    "millrace_no_such_total",
    'rate(millrace_play_starts_total{sauce="origin"}[5m])',
    "sum by (result) (rate(millrace_play_starts_total[5m]))",
    "millrace_play_starts_total",
    "rate(millrace_overload_ratio[5m])",
    "rate(millrace_log_bytes_bucket[5m])",
    "millrace_startup_seconds",
  ]) {
    assert.equal(complaints(wrong, "").length, 1, wrong);
  }
  assert.equal(complaints("rate(millrace_play_starts_total[5m])", "{{kind}}").length, 1);
});

/** Every table of instruments there is: one that is added elsewhere has to be known here. */
test("no instrument is made outside of the tables", () => {
  const listed = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "src"], { encoding: "utf8" });
  const sources = listed.split("\n").filter((path) => path.endsWith(".ts") && !path.endsWith(".test.ts"));
  assert.ok(sources.length > 500);
  const made = /new (?:Counter|Gauge|Histogram|Summary)\(|"millrace_[a-z_]+_(?:total|seconds|bytes|ratio)"/;
  const makers = sources.filter((path) => made.test(readFileSync(path, "utf8")));
  assert.deepEqual(makers, [
    "src/control/io/meters.ts",
    "src/control/kept-elsewhere.ts",
    "src/control/metrics.ts",
  ]);
});

/** The row of a name as PromQL says it: a histogram's has a part at its end. */
function metricOf(
  name: string,
): { readonly name: string; readonly labels: readonly string[]; readonly kind: string } | undefined {
  const row = rows.get(name) ?? rows.get(name.replace(/_(bucket|sum|count)$/, ""));
  if (row === undefined) return undefined;
  return (row.kind === "histogram") === (row.name !== name) ? row : undefined;
}

function complaints(expr: string, legend: string): readonly string[] {
  const found = [...expr.matchAll(/(rate\()?\b(millrace_\w+)(\{[^}]*\})?/g)];
  const known = found.map(([, , name = ""]) => metricOf(name));
  const unknown = found
    .filter((_one, at) => known[at] === undefined)
    .map(([, , name]) => `${name} does not exist`);
  if (found.length === 0 || unknown.length > 0) return found.length === 0 ? ["no metric"] : unknown;
  const misused = found.flatMap(([, isRate, name = ""], at) => {
    const grows = known[at]?.kind !== "gauge";
    return grows === (isRate !== undefined) ? [] : [`${name} is ${grows ? "a rate's" : "no rate's"} part`];
  });
  const chosen = found.flatMap(([, , , braces = ""], at) =>
    [...braces.matchAll(/(\w+)\s*[=!]/g)]
      .map(([, label = ""]) => label)
      .filter((label) => known[at]?.labels.includes(label) !== true),
  );
  const grouping = [...expr.matchAll(/\b(?:by|on) \(([^)]*)\)/g)].flatMap(([, labels = ""]) =>
    labels.split(/,\s*/),
  );
  const shown = [...legend.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = ""]) => label);
  const everywhere = [...grouping, ...shown].filter(
    (label) => label !== "le" && !known.every((row) => row?.labels.includes(label) === true),
  );
  return [...misused, ...[...chosen, ...new Set(everywhere)].map((label) => `no label ${label}`)];
}
