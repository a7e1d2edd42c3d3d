// What the stream job keeps, on every database there is: whole or not at all, and the same wherever its program was killed.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { defaultsOf } from "#config/setting.ts";
import { openMeters } from "#control/io/meters.ts";
import { QualityDesk } from "#control/io/quality-desk.ts";
import { tickRecord } from "#control/log-record.ts";
import { controlSettings } from "#control/settings.ts";
import { toRecord } from "#control/telemetry.ts";
import type { Stores } from "#data/ports.ts";
import type { KeptFigures, KeptRecord } from "#data/ports-qoe.ts";
import { openLog } from "#io/log.ts";
import { said } from "#qoe/sample-stream.ts";
import { memoryLog } from "#test/fixtures/memory-stores.ts";
import { milliseconds } from "#units/quantity.ts";
import { type Random, seededRandom } from "#units/random.ts";
import { account, fresh, onEach, temporaryFolder } from "./stores-builders.ts";

const none: KeptFigures = {
  ...{ events: 0, plays: 0, starts: 0, startupMs: 0, startFailures: 0, exits: 0, failures: 0, playMs: 0 },
  ...{ stallMs: 0, stalls: 0, switches: 0, playedBits: 0, heightMs: 0, responses: 0, badResponses: 0 },
};
const all = { appliance: "all", network: "all", title: "all", device: "all" };

function windowOf(startMs: number, more: Partial<Extract<KeptRecord, { kind: "window" }>>): KeptRecord {
  return {
    ...{ kind: "window", by: "title", sizeMs: 60_000, startMs, ...all, ...none, startupBuckets: {} },
    ...more,
  };
}

function sessionOf(sessionId: string, more: Partial<KeptFigures>): KeptRecord {
  const span = { startMs: 1000, endMs: 2000, site: "x", outcome: "played", source: "beacon" };
  return { kind: "session", sessionId, ...span, ...all, ...none, ...more };
}

onEach(
  "[DA180] state, position and records are saved at once; a record that comes again replaces itself",
  async ({ qoe }) => {
    const name = fresh();
    const title = fresh();
    assert.equal(await qoe.job(name), undefined);
    const base = 5_000_000_000_000 - (5_000_000_000_000 % 60_000);
    const records = [windowOf(base, { title, plays: 2 })];
    await qoe.save({ name, position: { "0": 7 }, state: { deep: [1, "ä"] }, records });
    assert.deepEqual(await qoe.job(name), { position: { "0": 7 }, state: { deep: [1, "ä"] }, parts: [] });
    await qoe.save({
      name,
      position: { "0": 9 },
      state: {},
      records: [windowOf(base, { title, plays: 3, estimates: 2 })],
    });
    const query = { by: "title", sizeMs: 60_000, fromMs: base, untilMs: base + 60_000 } as const;
    const { sums } = await qoe.sums(query);
    assert.deepEqual(
      sums
        .filter(({ key }) => key === title)
        .map(({ startMs, plays, estimates }) => [startMs - base, plays, estimates]),
      [[0, 3, 2]],
    );
    const bad = { ...windowOf(base, { title, plays: 4 }), title: "\0" };
    await assert.rejects(qoe.save({ name, position: { "0": 11 }, state: {}, records: [bad] }));
    assert.deepEqual((await qoe.job(name))?.position, { "0": 9 });
  },
);

onEach(
  "[DA270] misses are kept by minute and site, and what came late is added to its minute",
  async ({ qoe }) => {
    const [name, site] = [fresh(), fresh()];
    const startMs = 5_000_000_040_000;
    const served = {
      all: 9,
      offloaded: 8,
      best: 7,
      content: 1,
      health: 1,
      capacity: 0,
      other: 0,
      unjoined: 0,
    };
    const window = { kind: "misses", startMs, site, late: "", ...served } as const;
    const records = [
      window,
      { ...window, late: "a1 b 2/0", all: 90 },
      { ...window, startMs: startMs + 60_000 },
    ];
    for (let times = 0; times < 2; times++) await qoe.save({ name, position: {}, state: {}, records });
    const span = { fromMs: startMs, untilMs: startMs + 60_000 };
    const found = (await qoe.misses(span)).filter((row) => row.site === site);
    assert.deepEqual(found, [
      { site, startMs, ...served, all: 99, offloaded: 16, best: 14, content: 2, health: 2 },
    ]);
  },
);

onEach(
  "[DA181] sums of a time have its corrections in, by either size; of each log its own rows",
  async ({ qoe }) => {
    const title = fresh();
    const base = 5_100_000_000_000 - (5_100_000_000_000 % 60_000);
    const late: KeptRecord = {
      ...{ kind: "correction", atMs: base + 15_000, sessionId: fresh(), source: "beacon", seq: 3 },
      ...{ ...all, ...none, title, plays: 1, starts: 1, sessionStartMs: base, startupBuckets: { 700: 1 } },
    };
    const own = windowOf(base, { title, plays: 5, startupBuckets: { 640: 5 } });
    const short = windowOf(base + 10_000, { title, plays: 5, sizeMs: 10_000 });
    await qoe.save({ name: `a ${fresh()}`, position: {}, state: {}, records: [own, short, late] });
    await qoe.save({ name: `b ${fresh()}`, position: {}, state: {}, records: [own] });
    for (const [sizeMs, startMs, plays] of [
      [60_000, base, 11],
      [10_000, base + 10_000, 6],
    ] as const) {
      const found = await qoe.sums({ by: "title", sizeMs, fromMs: base, untilMs: base + 60_000 });
      assert.deepEqual(
        found.sums.filter(({ key }) => key === title).map((row) => [row.startMs, row.plays]),
        [[startMs, plays]],
      );
      assert.ok(found.startups.some(({ buckets }) => buckets["700"] === 1));
    }
  },
);

onEach(
  "[DA182] a play without a picture is none; what the job has said nothing of counts",
  async (stores) => {
    const { playback, qoe } = stores;
    const ann = await account(stores);
    const titleId = fresh();
    const startedAtMs = 6_000_000_000_000;
    const begin = async (): Promise<string> => {
      const id = fresh();
      const place = { viewpoint: "", region: "isp", network: "AS1", device: "Roku" };
      await playback.open({
        id,
        accountId: ann.id,
        profileId: ann.profileId,
        titleId,
        startedAtMs,
        ...place,
      });
      return id;
    };
    const [failed, seen] = [await begin(), await begin()];
    await begin();
    const records = [sessionOf(failed, { startFailures: 1 }), sessionOf(seen, { starts: 1, playMs: 5 })];
    await qoe.save({ name: fresh(), position: {}, state: {}, records });
    const own = <T extends { titleId: string }>(rows: readonly T[]) =>
      rows.filter((row) => row.titleId === titleId);
    assert.deepEqual(own(await playback.playCounts(startedAtMs)), [{ titleId, plays: 2 }]);
    assert.deepEqual(own(await playback.playsByRegion(startedAtMs)), [{ titleId, region: "isp", plays: 2 }]);
    assert.deepEqual(await qoe.facts([seen, "none"]), [
      { sessionId: seen, titleId, network: "AS1", device: "Roku", site: "isp" },
    ]);
  },
);

onEach(
  "[DA181] sessions are broken down by up to three labels, with how they are spread",
  async ({ qoe }) => {
    const title = fresh();
    const startMs = 5_200_000_000_000;
    const session = (
      n: number,
      network: string,
      more: Partial<Extract<KeptRecord, { kind: "session" }>>,
    ): KeptRecord => ({
      ...{ kind: "session", sessionId: `${title}-${n}`, source: "beacon", site: "x", outcome: "played" },
      ...{ startMs, endMs: startMs + 1, ...all, ...none, title, network, plays: 1, ...more },
    });
    const records = [100, 200, 400].map((startupMs, n) =>
      session(n, "AS1", {
        codec: n < 2 ? "av1" : "h264",
        rule: "default",
        starts: 1,
        startupMs,
        playMs: 1000,
        playedBits: 5000,
        stalls: n,
        stallMs: 250 * n,
      }),
    );
    records.push(session(9, "AS2", { startFailures: 1 }));
    await qoe.save({ name: title, position: {}, state: {}, records });
    const time = { fromMs: startMs, untilMs: startMs + 1, limit: 1000 };
    const asked = { by: "title", and: "network", also: undefined, ...time } as const;
    const { groups, leftOut } = await qoe.breakdown(asked);
    const [one, two] = groups.filter(({ key }) => key === title);
    assert.deepEqual(
      [one?.other, one?.sessions, one?.plays, one?.stalled, one?.startupMs, one?.startup, one?.bitrate],
      ["AS1", 3, 3, 2, 700, { median: 200, slow: 400 }, { median: 5000, slow: 5000 }],
    );
    assert.deepEqual(one?.stallRatio, { median: 0.2, slow: 500 / 1500 });
    assert.deepEqual(
      [two?.other, two?.startFailures, two?.startup],
      ["AS2", 1, { median: null, slow: null }],
    );
    assert.equal(leftOut, 0);
    const byCodec = await qoe.breakdown({ ...asked, also: "codec" });
    assert.deepEqual(
      byCodec.groups
        .filter(({ key }) => key === title)
        .map((one) => [one.other, one.third, one.startup.slow]),
      [
        ["AS1", "av1", 200],
        ["AS1", "h264", 400],
        ["AS2", "", null],
      ],
    );
    const byRule = await qoe.breakdown({ ...asked, and: "rule" });
    assert.deepEqual(
      byRule.groups.filter(({ key }) => key === title).map((one) => [one.other, one.plays]),
      [
        ["default", 3],
        ["", 1],
      ],
    );
    const first = await qoe.breakdown({ ...asked, and: undefined, limit: 1 });
    assert.deepEqual([first.groups.length, first.groups[0]?.other], [1, ""]);
  },
);

onEach("[DA183] what is old is forgotten, short windows sooner", async ({ qoe }) => {
  const title = fresh();
  const rows = [
    windowOf(0, { title }),
    windowOf(60_000, { title }),
    windowOf(60_000, { title, sizeMs: 10_000 }),
    windowOf(120_000, { title, sizeMs: 10_000 }),
  ];
  await qoe.save({ name: fresh(), position: {}, state: {}, records: rows });
  await qoe.forget({ shortMs: 10_000, shortBeforeMs: 120_000, beforeMs: 60_000 });
  const left = async (sizeMs: number) => {
    const { sums } = await qoe.sums({ by: "title", sizeMs, fromMs: 0, untilMs: 180_000 });
    return sums.filter(({ key }) => key === title).map(({ startMs }) => startMs);
  };
  assert.deepEqual([await left(60_000), await left(10_000)], [[60_000], [120_000]]);
});

/** Sessions that play, stall and fail over some minutes; repeated, out of order, with ticks and poison between. */
function logOf(random: Random, sessions: readonly string[]): readonly Uint8Array[] {
  const records: { readonly atMs: number; readonly value: Uint8Array }[] = [];
  const base = 7_000_000_000_000;
  for (const sessionId of sessions) {
    const beganMs = base + random.integer(0, 300_000);
    let stalls = 0;
    for (let seq = 1; seq <= 12; seq++) {
      if (random.next() < 0.2) stalls += 1;
      const state = seq === 1 ? "start" : random.next() < 0.1 ? "failed" : "playing";
      const told = { sessionId, seq, state, stallCount: stalls, stallMs: 500 * stalls } as const;
      const atMs = beganMs + 10_000 * seq;
      const applianceId = random.next() < 0.5 ? "a1" : "a2";
      const value = toRecord(said({ ...told, atMs, applianceId, startupMs: seq === 1 ? 0 : 700 }).logged);
      for (let times = random.next() < 0.1 ? 2 : 1; times > 0; times--) {
        // Now and then later than a window waits.
        const delayMs = random.integer(0, 12_000) + (random.next() < 0.05 ? 200_000 : 0);
        records.push({ atMs: atMs + delayMs, value });
      }
    }
  }
  for (let atMs = base; atMs < base + 900_000; atMs += 30_000)
    records.push({ atMs, value: tickRecord(atMs) });
  records.push({ atMs: base, value: new TextEncoder().encode("poison") });
  const end = base + 2_000_000;
  for (const atMs of [end, end + 3_600_000]) records.push({ atMs, value: tickRecord(atMs) });
  return records.toSorted((a, b) => a.atMs - b.atMs).map(({ value }) => value);
}

const world = { appliances: () => ["a1", "a2"], onGate: () => undefined };

/** Reads the log to its end. `dies` is asked before and after each save whether the program is killed there. */
async function consumed(order: {
  readonly stores: Stores;
  readonly log: ReturnType<typeof memoryLog>;
  readonly logName: string;
  readonly batch: () => number;
  readonly dies: () => boolean;
}): Promise<number> {
  const { stores, log, logName, dies } = order;
  let deaths = 0;
  for (;;) {
    let monoMs = 0;
    const clock = {
      wallMs: () => milliseconds(0),
      monoMs: () => {
        monoMs += 1000;
        return milliseconds(monoMs);
      },
    };
    const settings = {
      ...defaultsOf(controlSettings),
      ...{ qoeSaveSeconds: 10, qoeTickSeconds: 60, qoeSaveRecords: 50, consumerBatch: order.batch() },
    };
    const save: Stores["qoe"]["save"] = async (what) => {
      if (dies()) throw new Error("killed before the commit");
      await stores.qoe.save(what);
      if (dies()) throw new Error("killed after the commit");
    };
    const ports = { stores: { ...stores, qoe: { ...stores.qoe, save } }, log, logName, settings };
    const [meters, logger] = [openMeters(), openLog("control", "silent")];
    const desk = new QualityDesk({ ports, meters, logger, clock });
    try {
      const length = log.end();
      // What is left waits for its save.
      while ((await desk.once(world)) || desk.savedUpTo < length) if (dies()) throw new Error("killed");
      return deaths;
    } catch (error) {
      assert.match(String(error), /killed/);
      deaths += 1;
    }
  }
}

/** Every row of the log's records, as the database writes it. */
async function rowsOf(stores: Stores, logName: string): Promise<readonly string[]> {
  const file = join(await temporaryFolder(), "backup");
  await stores.backUp({ file, nowMs: 0 });
  const lines = gunzipSync(readFileSync(file)).toString().split("\n");
  return lines
    .filter((line) => /^\{"table":"qoe_(window|watching|session|correction)"/.test(line))
    .flatMap((line) => {
      const { table, rows } = JSON.parse(line);
      return Array.from<object, string>(rows, (row) => `${table} ${JSON.stringify(row)}`);
    })
    .filter((row) => row.includes(logName))
    .map((row) => row.replaceAll(logName, "log"))
    .sort();
}

onEach(
  "[CO340] killed anywhere, again and again, the job leaves the rows that it leaves unharmed",
  async (stores) => {
    const ann = await account(stores);
    let deaths = 0;
    for (const seed of [1, 2, 3, 4, 5, 6]) {
      const random = seededRandom(seed);
      const sessions = Array.from({ length: 12 }, () => fresh());
      for (const id of sessions) {
        const order = { id, accountId: ann.id, profileId: ann.profileId, titleId: "film", viewpoint: "" };
        await stores.playback.open({
          ...order,
          startedAtMs: 0,
          network: "AS7",
          device: "Roku",
          region: "isp",
        });
      }
      const log = memoryLog();
      await log.append(logOf(random, sessions));
      const [whole, killed] = [`whole-${fresh()}`, `killed-${fresh()}`];
      const common = { stores, log };
      await consumed({ ...common, logName: whole, batch: () => 1000, dies: () => false });
      const batch = () => random.integer(1, 12);
      deaths += await consumed({ ...common, logName: killed, batch, dies: () => random.next() < 0.12 });
      const wanted = await rowsOf(stores, whole);
      assert.ok(wanted.length > 100, `seed ${seed}: ${wanted.length} rows`);
      assert.deepEqual(await rowsOf(stores, killed), wanted, `seed ${seed}`);
    }
    assert.ok(deaths > 20, `${deaths} deaths`);
  },
);
