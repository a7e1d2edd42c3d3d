import assert from "node:assert/strict";
import { test } from "node:test";
import { openMeters } from "./meters.ts";

test("[DA122] what became of reads through the cache, and how often it failed, is among the figures", async () => {
  const counts = { hits: 5, misses: 2, stale: 1, failures: 3 };
  const meters = openMeters({ cache: counts });
  await meters.text();
  counts.hits = 7;
  const text = await meters.text();
  const shown = [...text.matchAll(/^millrace_cache_reads_total\{result="(\w+)"\} (\d+)$/gm)];
  assert.deepEqual(
    shown.map(([, result, count]) => `${result} ${count}`),
    ["hit 7", "miss 2", "stale 1", "failed 3"],
  );
  assert.doesNotMatch(await openMeters().text(), /millrace_cache/);
});

test("[DA286] what the second copy of films and the database count is shown, and nothing of it where there is none", async () => {
  const copies = { copies: 7, bytes: 2048, failures: 3, behind: 2, cleared: 5 };
  const text = await openMeters({ copies, databaseRetries: () => 11 }).text();
  for (const line of [
    'millrace_archive_blobs_total{what="copied"} 7',
    'millrace_archive_blobs_total{what="cleared"} 5',
    "millrace_archive_copied_bytes_total 2048",
    "millrace_archive_failures_total 3",
    "millrace_archive_behind_copies 2",
    "millrace_database_retries_total 11",
  ]) {
    assert.ok(text.split("\n").includes(line), line);
  }
  assert.doesNotMatch(await openMeters().text(), /millrace_archive|millrace_database/);
});

test("[CO364] what was counted by labels that were looked at once is told with the rest, and once", async () => {
  const { lost, beaconsBy, text, figures } = openMeters();
  const add = lost.of({ class: "heartbeat" });
  add(2);
  lost.inc({ class: "heartbeat" });
  beaconsBy.accepted(0);
  assert.match(await text(), /\{class="heartbeat"\} 3\n/);
  add(4);
  const total = (await figures()).find((figure) => figure.kind === "counter" && figure.total > 0);
  assert.ok(total?.kind === "counter" && total.total === 7);
  const told = await text();
  assert.match(told, /\{class="heartbeat"\} 7\n/);
  assert.doesNotMatch(told, /result="accepted"/);
});
