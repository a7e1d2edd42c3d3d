// The shaped link of `npm run bench -- play`: that it is there, and that nothing of it stays.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { missingForLink, namespaces, openLink, removeStale } from "#bench/play-link.ts";
import { shaping } from "#bench/play-plan.ts";
import { openServer, serverUrl } from "#bench/play-theatre.ts";
import { run } from "#io/process.ts";
import { traceOf } from "#play/sim-network.ts";
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

test("[PY171] the class at the server's end has the trace's rate once the film begins, and the server says who asked for what", {
  skip,
}, async () => {
  const deadline = milliseconds(60_000);
  const made = traceOf("steady", [{ durationMs: 1000, kbps: 1448, latencyMs: 0 }]);
  assert.ok(made.kind === "made");
  const link = await openLink(signal);
  try {
    const close = await openServer(link, { film: "test/golden" }, shaping(made.trace, 60_000), deadline);
    const viewer = async (program: string): Promise<string> => {
      const argv = [...link.atViewer, process.execPath, "-e", program] as const;
      return (await run({ argv, signal, deadline })).stdout;
    };
    try {
      const get = (path: string): string => `await (await fetch("${serverUrl}${path}")).text()`;
      await viewer(`${get("/begin")}; ${get("/film/pack-audio.m3u8")}`);
      const argv = [...link.atServer, "tc", "class", "show", "dev", link.device] as const;
      assert.match((await run({ argv, signal, deadline })).stdout, /rate 1514Kbit ceil 1514Kbit/);
      const log = JSON.parse(await viewer(`console.log(${get("/log")})`));
      assert.deepEqual([log.changes, log.served.length, log.served[0].path], [1, 1, "pack-audio.m3u8"]);
    } finally {
      await close();
    }
  } finally {
    await link.close();
  }
});
