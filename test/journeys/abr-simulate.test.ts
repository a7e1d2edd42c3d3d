// `millrace abr simulate` as a person calls it: one document, the files it was asked for, and words for what is wrong.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

const folder = mkdtempSync(join(tmpdir(), "millrace-abr-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const path = (name: string): string => join(folder, name);

mkdirSync(path("traces"));
const periods = [{ duration_ms: 30_000, bandwidth_kbps: 2000, latency_ms: 100 }];
writeFileSync(path("traces/steady.json"), JSON.stringify(periods));
writeFileSync(
  path("traces/more.ndjson"),
  `${JSON.stringify({ name: "slow", trace: [{ ...periods[0], bandwidth_kbps: 400 }] })}\n`,
);
writeFileSync(
  path("movie.json"),
  JSON.stringify({
    segment_duration_ms: 2000,
    bitrates_kbps: [500, 1000],
    segment_sizes_bits: Array.from({ length: 6 }, () => [1e6, 2e6]),
  }),
);

function simulate(...words: string[]): { status: number | null; out: string; err: string } {
  const done = spawnSync(process.execPath, ["src/bin/millrace.ts", "abr", "simulate", ...words], {
    encoding: "utf8",
    timeout: 120_000,
    env: { PATH: process.env.PATH, MILLRACE_HOME: folder },
  });
  return { status: done.status, out: done.stdout, err: done.stderr };
}

const usual = ["--traces", path("traces"), "--movie", path("movie.json"), "--rules", "rmin,Throughput"];

test("[PY46] one JSON document on standard output, a row per session in CSV, and a page", () => {
  const files = ["--csv", path("out/rows.csv"), "--html", path("out/page.html")];
  const { status, out, err } = simulate(...usual, "--buffer", "6", "--json", ...files);
  assert.equal(status, 0, err);
  const { results, bufferSeconds } = JSON.parse(out);
  assert.equal(bufferSeconds, 6);
  assert.deepEqual(
    results.map(({ rule, trace }: { rule: string; trace: string }) => `${rule} ${trace}`),
    ["rmin slow", "throughput slow", "rmin steady", "throughput steady"],
  );
  const [, , , best] = results;
  // Worked out by hand in sim-golden.test.ts.
  assert.ok(Math.abs(best.meanBitrateBps - 11e9 / 12_600) < 1e-3);
  assert.deepEqual(
    [best.startupMs, best.rebufferSeconds, best.switches, best.meanQuality],
    [600, 0, 1, null],
  );
  assert.equal(readFileSync(path("out/rows.csv"), "utf8").trimEnd().split("\r\n").length, 5);
  assert.equal(readFileSync(path("out/page.html"), "utf8").match(/<svg /g)?.length, 4);
  assert.match(err, /traces {5}2 from /);
});

test("[PY46] a table for people, and the film as long as is wanted", () => {
  const { status, out, err } = simulate(...usual, "--max-length", "20");
  assert.equal(status, 0, err);
  assert.match(out, /^rule +sessions +kbit\/s/);
  assert.match(out, /^throughput +2 /m);
  assert.match(err, /movie: 10 segments, 2 rungs; buffer 10 s/);
});

test("[PY46] wrong usage has status 2 and says everything at once; work that failed has status 1", () => {
  const wrong = simulate("--traces", "t", "--rules", "bolla,rmin", "--buffer", "0");
  assert.deepEqual([wrong.status, wrong.out], [2, ""]);
  for (const part of [
    /movie is missing/,
    /there is no rule "bolla"; wanted one of .*rmin.*throughput/,
    /--buffer: wanted seconds above 0/,
    /usage: millrace abr simulate/,
  ])
    assert.match(wrong.err, part);
  assert.equal(simulate(...usual, "--jsno").status, 2);
  const small = simulate(...usual, "--buffer", "1.5");
  assert.deepEqual([small.status, small.out], [1, ""]);
  assert.match(small.err, /A buffer of 1\.5 s holds no segment of this film: the longest lasts 2 s\./);
  writeFileSync(path("broken.ndjson"), '{"name":"a"}\n');
  const broken = simulate("--traces", path("broken.ndjson"), ...usual.slice(2));
  assert.deepEqual([broken.status, broken.out], [1, ""]);
  assert.match(broken.err, /broken\.ndjson is not a trace: line 1, trace: /);
});
