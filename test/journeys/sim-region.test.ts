// `millrace sim region` as a person calls it: exit status, standard output, the files it writes, words for what is wrong.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

const folder = mkdtempSync(join(tmpdir(), "millrace-sim-"));
after(() => rmSync(folder, { recursive: true, force: true }));

function sim(...words: string[]): {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
} {
  const done = spawnSync(process.execPath, ["src/bin/millrace.ts", "sim", "region", ...words], {
    encoding: "utf8",
    timeout: 120_000,
    env: { PATH: process.env.PATH, MILLRACE_HOME: folder },
  });
  return { status: done.status, out: done.stdout, err: done.stderr };
}

test("[SI32] it runs without a file, prints one JSON document and writes tables and page", () => {
  const out = join(folder, "out");
  const run = sim("--days", "2", "--files", "500", "--beside", "uniform", "--out", out, "--json");
  assert.equal(run.status, 0, run.err);
  const document = JSON.parse(run.out);
  assert.equal(document.days, 2);
  assert.ok(document.offloadPercent > 50 && document.offloadPercent <= 100);
  assert.equal(document.beside[0].placement, "uniform");
  assert.match(run.err, /hca, day 2 of 2/);
  assert.deepEqual(JSON.parse(readFileSync(join(out, "summary.json"), "utf8")), document);
  for (const name of ["daily.csv", "servers.csv", "plans.csv"])
    assert.match(readFileSync(join(out, name), "utf8"), /^day,date,.*\n0,2026-10-12,/);
  assert.match(readFileSync(join(out, "report.html"), "utf8"), /^<!doctype html>[\s\S]*<\/html>\n$/);
});

test("[SI32] wrong usage ends with 2, a scenario that cannot be run with 1, and both say why", () => {
  const wrong = sim("--days", "none", "--placement", "magic");
  assert.equal(wrong.status, 2);
  assert.match(wrong.err, /--days: wanted 1…366, found "none"[\s\S]*no placement "magic"/);
  const unknown = sim("--dayz", "3");
  assert.equal(unknown.status, 2);
  assert.match(unknown.err, /--dayz is not an option/);
  const file = join(folder, "bad.json");
  writeFileSync(file, JSON.stringify({ events: [{ kind: "fail", day: 1, hour: 1, serverId: "nobody" }] }));
  const refused = sim(file);
  assert.equal(refused.status, 1);
  assert.match(refused.err, /event 0 \(fail\): there is no server nobody.*sim-bad-scenario/);
  assert.equal(refused.out, "");
});
