import assert from "node:assert/strict";
import { test } from "node:test";
import {
  allowedCpus,
  barRow,
  costRow,
  cpuOfSchedstat,
  cpuOfStat,
  extraMicroseconds,
  roundsRow,
  type Sample,
  settledAt,
  shareOfMemory,
  turned,
  worthsOf,
} from "./edge-figures.ts";

function sample(cpuSeconds: number, bytes = 1e9, requests = 1000): Sample {
  return { cpuSeconds, bytes, requests, clientCpuSeconds: 0.5 };
}

test("[ED110] CPU time is read from the kernel's tables, whatever a process is called, and a strange table is an error", () => {
  assert.equal(cpuOfSchedstat("1500000000 3349336 2\n"), 1.5);
  assert.throws(() => cpuOfSchedstat("1500000000"), /three numbers/);
  const rest = "S 1 2 3 0 -1 4194560 900 0 1 0 120 30 0 0 20 0 1 0 100 0 0";
  assert.equal(cpuOfStat(`77 (nginx: a) b) ${rest}`), 1.5);
  assert.throws(() => cpuOfStat("77 (nginx) S 1"), /no CPU time/);
  assert.equal(shareOfMemory("Rss:  900 kB\nPss:   12 kB\nPss_Dirty: 4 kB\n"), 12 * 1024);
  assert.throws(() => shareOfMemory(""), /Pss/);
  assert.deepEqual(allowedCpus("Name:\tnode\nCpus_allowed_list:\t0-2,5\n"), [0, 1, 2, 5]);
  assert.deepEqual(allowedCpus("Cpus_allowed_list:\t1\n"), [1]);
  assert.deepEqual(allowedCpus(""), []);
});

test("[ED111] a ratio is the median of the rounds' own ratios: a machine that slows down for all changes nothing", () => {
  const reference = [sample(1), sample(10), sample(2)];
  assert.deepEqual(worthsOf([sample(2), sample(20), sample(4)], reference), [0.5, 0.5, 0.5]);
  assert.throws(() => worthsOf([sample(1)], reference), /1 rounds beside 3/);
  assert.ok(Math.abs(extraMicroseconds([sample(0.004)], [sample(0.001)]) - 3) < 1e-9);
});

test("[ED111] rows say rounds, spread and verdict, and the verdict is the figure's, not that of its print", () => {
  const row = costRow("plain", "ours", [sample(0.2), sample(0.1), sample(0.4)]);
  assert.equal(row.cpuSecondsPerGb, 0.2);
  assert.equal(row.lowestToHighest, "0.1 to 0.4");
  assert.equal(row.gbitPerCore, 40);
  assert.equal(row.rounds, 3);
  assert.equal(barRow("plain", "ratio", 0.9699, ["≥", 0.97]).holds, "false");
  assert.equal(barRow("plain", "ratio", 0.97, ["≥", 0.97]).holds, "true");
  assert.equal(barRow("reload", "failed", 1, ["≤", 0]).holds, "false");
  assert.equal(barRow("token", "percent", Number.NaN, ["≤", 3]).holds, "false");
});

test("[ED111] where the middle half of the rounds lies on both sides of the bar, nothing is decided", () => {
  const bar = ["≥", 0.97] as const;
  assert.equal(roundsRow("plain", "r", [1, 1.1, 1.2, 1, 0.3], bar).holds, "true");
  assert.equal(roundsRow("plain", "r", [0.8, 0.9, 0.9, 0.8, 2], bar).holds, "false");
  const wide = roundsRow("plain", "r", [0.5, 0.6, 1, 1.5, 2], bar);
  assert.deepEqual([wide.holds, wide.figure, wide.middleHalf], ["undecided", 1, "0.6 to 1.5"]);
});

test("[ED111] each round begins with another server", () => {
  const firsts = [0, 1, 2, 3].map((round) => turned(["a", "b", "c"], round).join(""));
  assert.deepEqual(firsts, ["abc", "bca", "cab", "abc"]);
  assert.deepEqual(turned([], 3), []);
});

test("[ED151] a denial holds from the first of an unbroken row of refusals on, not from a lucky one", () => {
  const answers = (text: string): { atMs: number; isRight: boolean }[] =>
    [...text].map((sign, i) => ({ atMs: i * 10, isRight: sign === "+" }));
  assert.equal(settledAt(answers("--+++"), 3), 20);
  assert.equal(settledAt(answers("+++"), 3), 0);
  assert.equal(settledAt(answers("-+-+++"), 3), 30);
  for (const not of ["", "++", "++-", "-++"]) assert.equal(settledAt(answers(not), 3), undefined, not);
});
