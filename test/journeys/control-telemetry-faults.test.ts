// What was acknowledged over HTTP is in the log, whatever becomes of process, disk and clock.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { LoggedBeacon } from "#model/playback.ts";
import { foldBeacons, type KnownSession } from "#qoe/fold.ts";
import { takeBatch } from "#qoe/stream-job.ts";
import { recordText } from "#qoe/stream-record.ts";
import { newStream } from "#qoe/stream-state.ts";
import { open as openLog } from "#test/contract/event-log-builders.ts";
import { type Random, seededRandom } from "#units/random.ts";
import { eventually } from "./control-plane.ts";
import { openFaultShim, shimMissing } from "./fault-shim.ts";
import {
  assertKept,
  beacon,
  beaconsIn,
  crowd,
  folderOf,
  killedUnderLoad,
  nameOf,
  post,
  recordsOf,
  startPlane,
} from "./telemetry-rig.ts";

const kills = process.env.MILLRACE_TEST_LONG === "1" ? 50 : 5;

test(`[CO370] killed ${kills} times under load, the control plane has lost nothing that it acknowledged`, async (t) => {
  const folder = await folderOf(t);
  const wanted = (random: Random): number => random.integer(30, 600);
  const acknowledged = await killedUnderLoad(t, folder, kills, wanted);
  const records = await recordsOf(folder);
  assert.ok(acknowledged.length >= kills * 30);
  assertKept(acknowledged, records);
  t.diagnostic(`${acknowledged.length} acknowledged, ${records.length} in the log after ${kills} kills`);
});

test("[CO371] a sync that fails ends all acknowledging, also when later ones would succeed; a slow one is shared", {
  skip: shimMissing,
}, async (t) => {
  const folder = await folderOf(t);
  const shim = openFaultShim(t);
  const plane = await startPlane(t, folder, { environment: shim.environment });
  const before = await crowd(plane.url, "well", ({ acknowledged }) => acknowledged.length > 50);
  shim.slowSyncs(folder, 200);
  const begunMs = performance.now();
  const slow = await crowd(plane.url, "slow", ({ acknowledged }) => acknowledged.length > 100);
  const tookMs = performance.now() - begunMs;
  assert.ok(tookMs > 400 && tookMs < 20_000, `${tookMs} ms: five posts of each player, one sync for all`);
  shim.mend();
  shim.failSyncs(folder);
  const failing = await post(plane.url, [beacon("failing", 1)]);
  shim.mend();
  const after = await post(plane.url, [beacon("after", 1)]);
  assert.deepEqual([failing.status, after.status], [503, 503]);
  assert.equal((await fetch(`${plane.url}/healthz`)).status, 200);
  assert.equal((await fetch(`${plane.url}/readyz`)).status, 503);
  await plane.kill("SIGKILL");
  assertKept([...before.acknowledged, ...slow.acknowledged], await recordsOf(folder));
});

test("[CO365] [CO372] a full disk answers 429 and when to come again, serves everything else, and takes again when there is room", async (t) => {
  let mounted = "";
  t.after(() => mounted !== "" && spawnSync("umount", ["--lazy", mounted]));
  const folder = await folderOf(t);
  if (spawnSync("mount", ["-t", "tmpfs", "-o", "size=4m", "tmpfs", folder]).status !== 0) {
    return t.skip("a small file system cannot be mounted here");
  }
  mounted = folder;
  const ballast = join(folder, "ballast");
  await writeFile(ballast, new Uint8Array(2 << 20));
  const plane = await startPlane(t, join(folder, "log"));
  const full = await crowd(plane.url, "full", ({ refused }) => Object.keys(refused).length > 0, 100);
  assert.deepEqual(Object.keys(full.refused), ["429"]);
  const waits = new Set<string | null>();
  for (let seq = 1; seq <= 20; seq++) {
    const answer = await post(
      plane.url,
      Array.from({ length: 100 }, (_, nth) => beacon("more", nth + 1)),
    );
    if (answer.status === 429) waits.add(answer.headers.get("retry-after"));
  }
  assert.ok(
    waits.size > 1 && [...waits].every((wait) => Number(wait) >= 10 && Number(wait) <= 15),
    `${[...waits]}`,
  );
  assert.equal((await fetch(`${plane.url}/healthz`)).status, 200);
  assert.equal((await post(plane.url, [beacon("forged", 0)])).status, 400, "and is as strict as ever");
  await rm(ballast);
  const again = await crowd(plane.url, "again", ({ acknowledged }) => acknowledged.length > 200);
  await plane.kill("SIGKILL");
  assertKept([...full.acknowledged, ...again.acknowledged], await recordsOf(join(folder, "log")));
});

test("[CO372] a limit on the size of files is met like a full disk", async (t) => {
  if (spawnSync("prlimit", ["--version"]).error !== undefined) return t.skip("prlimit is missing");
  const folder = await folderOf(t);
  const plane = await startPlane(t, folder, { before: ["prlimit", "--fsize=40000"] });
  const full = await crowd(plane.url, "full", ({ refused }) => Object.keys(refused).length > 0);
  assert.deepEqual(Object.keys(full.refused), ["429"]);
  assert.equal((await fetch(`${plane.url}/healthz`)).status, 200);
  await plane.kill("SIGKILL");
  assertKept(full.acknowledged, await recordsOf(folder));
});

const sessionsIn = (log: readonly LoggedBeacon[]): ReadonlyMap<string, KnownSession> =>
  new Map(
    log.map(({ beacon: { sessionId } }) => [
      sessionId,
      { profileId: sessionId, titleId: "film-1", generation: 1 },
    ]),
  );

const bookmarksOf = (log: readonly LoggedBeacon[]): string =>
  JSON.stringify(foldBeacons(new Map(), sessionsIn(log), log).bookmarks);

test("[CO373] the wall clock may jump: beacons are taken, and positions come out by their numbers", {
  skip: shimMissing,
}, async (t) => {
  const folder = await folderOf(t);
  const shim = openFaultShim(t);
  const plane = await startPlane(t, folder, { environment: shim.environment });
  const acknowledged: string[] = [];
  const jumps = [0, 600, -600, 86_400, 0];
  for (const [nth, seconds] of jumps.entries()) {
    shim.setClock(seconds);
    const said = beacon("jumping", nth + 1);
    assert.equal((await post(plane.url, [said])).status, 204, `${seconds} s`);
    acknowledged.push(nameOf(said));
  }
  await plane.kill("SIGKILL");
  const records = await recordsOf(folder);
  assertKept(acknowledged, records);
  const log = beaconsIn(records);
  const times = log.map(({ receivedMs }) => receivedMs);
  assert.ok(
    Math.max(...times) - Math.min(...times) > 80_000_000,
    "the clock did not jump: this would check nothing",
  );
  assert.match(bookmarksOf(log), new RegExp(`"positionMs":${1000 * jumps.length}`));
  const last = log.toSorted((a, b) => a.receivedMs - b.receivedMs).at(-1)?.beacon.positionMs;
  assert.notEqual(last, 1000 * jumps.length, "by the wall clock it would be another");
});

const qoeOf = (log: readonly LoggedBeacon[]): string => {
  const words = log.map(
    (logged) => ({ kind: "beacon", partition: 0, logged, facts: { titleId: "film-1" } }) as const,
  );
  const end = [2e12, 2e12 + 3_600_000].map((nowMs) => ({ kind: "tick", nowMs }) as const);
  return takeBatch(newStream(), [...words, ...end])
    .records.map(recordText)
    .join("\n");
};

const disordered = (log: readonly LoggedBeacon[], random: Random): readonly LoggedBeacon[] =>
  [...log, ...log.filter(() => random.integer(0, 2) === 0)]
    .map((logged) => ({ logged, at: logged.receivedMs + random.integer(0, 10_000) }))
    .sort((a, b) => a.at - b.at)
    .map(({ logged }) => logged);

test("[CO374] posted twice, out of order and all over again, positions are the same; the log in any order gives the same qualities", async (t) => {
  const random = seededRandom(77);
  const posts = [0, 1, 2].flatMap((session) =>
    Array.from({ length: 20 }, (_, nth) => beacon(`s-${session}`, nth + 1, nth === 0 ? "start" : "playing")),
  );
  const heard = async (order: readonly (typeof posts)[number][]): Promise<readonly LoggedBeacon[]> => {
    const folder = await folderOf(t);
    const plane = await startPlane(t, folder);
    for (const said of order) assert.equal((await post(plane.url, [said])).status, 204);
    await plane.kill("SIGTERM");
    return beaconsIn(await recordsOf(folder));
  };
  const shuffled = [...posts, ...posts]
    .map((said) => ({ said, at: random.integer(0, 1e6) }))
    .sort((a, b) => a.at - b.at);
  const plain = await heard(posts);
  const twice = await heard([...posts, ...shuffled.map(({ said }) => said)]);
  assert.deepEqual([plain.length, twice.length], [posts.length, 3 * posts.length]);
  assert.equal(bookmarksOf(twice), bookmarksOf(plain));
  assert.equal(qoeOf(disordered(plain, random)), qoeOf(plain));
  assert.equal(qoeOf(disordered(twice, random)), qoeOf(twice));
  // Planted: a reader that takes what came last for the newest, and logs that lost a record.
  const lastHeard = new Map(twice.map(({ beacon: one }) => [one.sessionId, one.seq]));
  assert.ok(
    [...lastHeard.values()].some((seq) => seq !== 20),
    "whoever came last was the newest: this would check nothing",
  );
  assert.notEqual(qoeOf(plain.slice(0, -1)), qoeOf(plain));
  assert.notEqual(bookmarksOf(plain.filter(({ beacon: { seq } }) => seq < 20)), bookmarksOf(plain));
});

test("[CO375] bits that flip in a file of the log take no other file's records, and stop no new ones", async (t) => {
  const folder = await folderOf(t);
  const first = await startPlane(t, folder, { segmentMib: 0.02 });
  const before = await crowd(first.url, "before", ({ acknowledged }) => acknowledged.length > 300);
  await first.kill("SIGTERM");
  const [damaged = "", next = ""] = (await readdir(folder))
    .filter((name) => name.endsWith(".log"))
    .toSorted();
  assert.ok(next !== "", "the log has one file only: this would check nothing");
  const bytes = await readFile(join(folder, damaged));
  const at = bytes.length >> 1;
  bytes[at] = (bytes[at] ?? 0) ^ 4;
  await writeFile(join(folder, damaged), bytes);
  await assert.rejects(recordsOf(folder), /damaged|byte/, "the flipped bit is seen");
  const second = await startPlane(t, folder, { segmentMib: 0.02 });
  const after = await crowd(second.url, "after", ({ acknowledged }) => acknowledged.length > 50);
  await second.kill("SIGTERM");
  await rename(join(folder, damaged), join(folder, `${damaged}.given-up`));
  const records = await recordsOf(folder);
  assertKept(after.acknowledged, records);
  const base = Number(/\d+/.exec(next)?.[0] ?? Number.NaN);
  const there = new Set(beaconsIn(records).map((logged) => nameOf(logged.beacon)));
  const missing = before.acknowledged.filter((name) => !there.has(name));
  assert.ok(
    missing.length > 0 && missing.length <= base,
    `${missing.length} of the ${base} records of that file`,
  );
});

test("[CO376] records that nobody understands are counted and stepped over, and those behind them are read", async (t) => {
  const folder = await folderOf(t);
  const log = await openLog(folder);
  const poison = [
    "",
    "not JSON",
    '{"v":2,"at":1,"beacon":{}}',
    '{"v":1,"at":1,"beacon":{"seq":-1}}',
    "[".repeat(5000),
  ];
  const report = '{"v":1,"at":1,"cmcd":{"v":2,"sid":"s","sn":0,"e":"ps","ts":1},"sessionId":"s"}';
  await log.append([...poison, report].map((text) => new TextEncoder().encode(text)));
  await log.close();
  const plane = await startPlane(t, folder);
  const heard = await crowd(plane.url, "behind", ({ acknowledged }) => acknowledged.length > 30);
  const shown = async (): Promise<string> => (await fetch(`${plane.url}/metrics`)).text();
  const value = (text: string, name: string): number =>
    Number(new RegExp(`^${name} (\\d+)$`, "m").exec(text)?.[1]);
  // The report is none of the reader of resume points.
  await eventually("the log was read to its end", async () => {
    const text = await shown();
    const read = ["stored", "foreign", "skipped"].map((result) =>
      value(text, `millrace_consumed_records_total\\{result="${result}"\\}`),
    );
    return read.reduce((sum, some) => sum + some, 0) === poison.length + heard.acknowledged.length;
  });
  const text = await shown();
  assert.equal(value(text, 'millrace_consumed_records_total\\{result="skipped"\\}'), poison.length);
  await eventually(
    "nothing is left",
    async () => value(await shown(), "millrace_consumer_lag_records") === 0,
  );
  await plane.kill("SIGKILL");
  assertKept(heard.acknowledged, await recordsOf(folder));
});
