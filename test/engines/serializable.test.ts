// The suites of the stores where every transaction is serializable, as on CockroachDB: the database undoes work all the time, and
// nobody notices. Its documentation: transactions are SERIALIZABLE by default, and 40001 is the client's to try again.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { test } from "node:test";
import { engine } from "#test/fixtures/engine.ts";

const suites = [
  ...[
    "account",
    "backup",
    "billing",
    "catalog",
    "database",
    "history",
    "identity",
    "job",
    "lease",
    "lease-history",
    "lease-race",
  ],
  ...["lease-standing", "licence", "qoe", "register", "stores", "taste", "upload"],
];

/** Suites that race for the same rows: without a single 40001 they would not show anything. */
const racing = ["account", "billing", "stores", "upload"];

for (const suite of suites) {
  test(`[DA282] ${suite}: every promise holds where all transactions are serializable`, async (t) => {
    const postgres = await engine("postgres");
    if ("missing" in postgres) return t.skip(postgres.missing);
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    // Those of other engines have another isolation, or none.
    const chosen = "--test-name-pattern=PostgreSQL|DA19|DA20";
    const child = spawn(process.execPath, ["--test", chosen, `test/contract/${suite}.test.ts`], {
      env: { ...env, MILLRACE_TEST_ISOLATION: "serializable" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    t.after(() => child.kill());
    let said = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        said += text;
      });
    }
    const status = await new Promise((resolve) => child.once("close", resolve));
    assert.equal(status, 0, said.slice(said.indexOf("failing tests")).slice(0, 6000));
    const [, undone] = /^PostgreSQL: (\d+) undone$/m.exec(said) ?? [];
    const passed = Number(/^(?:ℹ|#) pass (\d+)$/m.exec(said)?.[1] ?? 0);
    const told = undone === undefined ? "retries are not counted" : `undone and tried again ${undone} times`;
    console.log(`           ${suite}: ${passed} tests, ${told}`);
    assert.ok(passed > 0, "no test ran");
    if (racing.includes(suite)) assert.ok(Number(undone) > 0, "nothing was undone: the race was none");
  });
}
