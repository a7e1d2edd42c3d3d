import assert from "node:assert/strict";
import { test } from "node:test";
import { openMeters } from "./meters.ts";

test("[DA122] what became of reads through the cache, and how often it failed, is among the figures", async () => {
  const counts = { hits: 5, misses: 2, stale: 1, failures: 3 };
  const meters = openMeters(counts);
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
