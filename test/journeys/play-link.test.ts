// The shaped link of `npm run bench -- play`: that it is there, and that nothing of it stays.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { missingForLink, namespaces, openLink, removeStale } from "#bench/play-link.ts";
import { run } from "#io/process.ts";
import { milliseconds } from "#units/quantity.ts";

const { signal } = new AbortController();
const missing = await missingForLink();
const skip = missing.length > 0 && `needs ${missing.join(", ")}`;

test("[PY178] a link is there until it is closed, and then nothing of it is", { skip }, async () => {
  const link = await openLink(signal);
  const mine = (await namespaces(signal)).filter((name) => name.includes(`${process.pid}`));
  try {
    assert.equal(mine.length, 2);
    const argv = [...link.atServer, "ip", "-d", "link", "show", link.device] as const;
    const { stdout } = await run({ argv, signal, deadline: milliseconds(20_000) });
    assert.match(stdout, /gso_max_segs 1\b/, "the shaper sees frames");
  } finally {
    await link.close();
  }
  const left = await namespaces(signal);
  assert.deepEqual(
    left.filter((name) => mine.includes(name)),
    [],
  );
  await link.close();
});

test("[PY178] what a killed run left is removed, what another run has is not", { skip }, async () => {
  const ended = spawnSync("true").pid;
  const [stale, alive] = [`millrace-play-${ended}-s`, `millrace-play-${process.ppid}-v`];
  for (const name of [stale, alive]) spawnSync("ip", ["netns", "add", name]);
  try {
    await removeStale(signal);
    const left = await namespaces(signal);
    assert.ok(!left.includes(stale) && left.includes(alive), left.join());
  } finally {
    spawnSync("ip", ["netns", "del", alive]);
  }
});
