import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultsOf } from "#config/setting.ts";
import { openLog } from "#io/log.ts";
import type { PlaySession } from "#model/playback.ts";
import { sheetSessions } from "#qoe/miss-state.ts";
import { said } from "#qoe/sample-stream.ts";
import { streamDefaults } from "#qoe/stream-settings.ts";
import { consumerPorts } from "#test/fixtures/consumer-ports.ts";
import { memoryLog, memoryStores } from "#test/fixtures/memory-stores.ts";
import { milliseconds } from "#units/quantity.ts";
import { consumeBatch } from "./consume.ts";
import { openMeters } from "./io/meters.ts";
import { QualityDesk } from "./io/quality-desk.ts";
import { readEntry, tickRecord } from "./log-record.ts";
import { FactsCache } from "./quality.ts";
import { originSource, recordsOfServed } from "./served.ts";
import { controlSettings } from "./settings.ts";
import { toRecord } from "./telemetry.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const cmcd = (sessionId: string, at: number, sn: number, more: object = {}): Uint8Array =>
  bytes(
    JSON.stringify({
      v: 1,
      at,
      cmcd: { v: 2, sid: "other", sn, e: "ps", ts: at, sta: "p", ...more },
      sessionId,
    }),
  );
const beaconAt = (sessionId: string, atMs: number, seq: number, more: object = {}): Uint8Array =>
  toRecord(said({ sessionId, atMs, seq, ...more }).logged);

function rig() {
  const [stores, log] = [memoryStores(), memoryLog()];
  const time = { monoMs: 0, wallMs: 1_000_000 };
  const settings = {
    ...defaultsOf(controlSettings),
    qoeSaveSeconds: 0,
    qoeTickSeconds: 5,
    qoeLateSeconds: 0,
  };
  const ports = { stores, log, settings };
  const clock = { monoMs: () => milliseconds(time.monoMs), wallMs: () => milliseconds(time.wallMs) };
  const [meters, logger] = [openMeters(), openLog("control", "silent")];
  const world = { appliances: () => ["a1", "a2"], onGate: () => undefined };
  const started = () => new QualityDesk({ ports, meters, logger, clock });
  let desk = started();
  const open = async (id: string, more: Partial<PlaySession> = {}): Promise<void> => {
    const session = { id, accountId: "acc", profileId: "p", titleId: "film", viewpoint: "", startedAtMs: 0 };
    await stores.playback.open({ ...session, ...more });
  };
  const pass = async (ms: number): Promise<void> => {
    time.monoMs += ms;
    time.wallMs += ms;
    while (await desk.once(world));
  };
  const restart = (): void => {
    desk = started();
  };
  return { stores, log, time, settings, desk, meters, open, pass, restart };
}

test("[CO341] sessions carry what was known at their start; those that nobody opened, and poison, are counted", async () => {
  const { stores, log, open, pass, meters } = rig();
  await open("s", { region: "isp", network: "AS7", device: "Roku" });
  await log.append([beaconAt("s", 1_000_000, 1), beaconAt("strange", 1_000_000, 1), bytes("poison")]);
  await pass(0);
  for (let i = 0; i < 60; i++) await pass(5000);
  const sessions = [...stores.qoe.records.values()].filter((record) => record.kind === "session");
  assert.deepEqual(
    sessions.map(({ sessionId, title, network, device, site }) => [sessionId, title, network, device, site]),
    [["s", "film", "AS7", "Roku", "isp"]],
  );
  const text = await meters.text();
  assert.match(text, /qoe_read_records_total\{result="foreign"\} 1/);
  assert.match(text, /qoe_read_records_total\{result="unreadable"\} 1/);
});

test("[CO342] a session is counted by who spoke first; CMCD belongs to the token's session, whatever it says", async () => {
  const { stores, log, open, pass } = rig();
  for (const id of ["ours", "theirs"]) await open(id);
  await log.append([
    beaconAt("ours", 1_000_000, 1),
    cmcd("ours", 1_000_100, 0),
    cmcd("theirs", 1_000_200, 0),
    cmcd("theirs", 1_010_200, 1, { br: 800 }),
  ]);
  await pass(0);
  for (let i = 0; i < 60; i++) await pass(5000);
  const sessions = [...stores.qoe.records.values()].filter((record) => record.kind === "session");
  assert.deepEqual(sessions.map(({ sessionId, source, plays }) => [sessionId, source, plays]).sort(), [
    ["ours", "beacon", 1],
    ["theirs", "cmcd", 1],
  ]);
});

test("[CO343] time is put into the log while something waits for it, seldom, and only by who has read all", async () => {
  const { log, open, pass, settings } = rig();
  await open("s");
  await pass(60_000);
  assert.equal(log.end(), 0);
  await log.append([beaconAt("s", 1_000_000, 1)]);
  await pass(0);
  for (let i = 0; i < 4; i++) await pass(1000);
  assert.equal(log.end(), 1);
  await pass(1000);
  assert.equal(log.end(), 2);
  for (let i = 0; i < 4; i++) await pass(1000);
  assert.equal(log.end(), 2);
  for (let i = 0; i < 100; i++) await pass(5000);
  const end = log.end();
  await pass(600_000);
  assert.equal(log.end(), end, "everything is out, nothing waits");
  const kinds = log.records.map(({ value }) => readEntry(value).kind);
  assert.deepEqual([kinds[0], ...new Set(kinds.slice(1))], ["beacon", "tick"]);
  assert.ok(settings.qoeTickSeconds > 0);
});

test("[CO343] ticks and CMCD are no poison to the reader of resume points, which skips them", async () => {
  const { stores, log, open, settings } = rig();
  await open("s");
  await log.append([
    tickRecord(5),
    beaconAt("s", 6, 1),
    cmcd("s", 7, 0),
    bytes('{"v":1,"at":8,"tick":false}'),
  ]);
  const done = await consumeBatch(consumerPorts({ stores, log, settings }), 0);
  assert.deepEqual(
    [done.records, done.offset, done.skipped.map(({ offset }) => offset), done.foreign, done.others],
    [4, 4, [3], 0, 2],
  );
});

test("[CO344] while the database is away nothing is lost, and what was not saved is read again", async () => {
  const { stores, log, open, pass, desk } = rig();
  await open("s");
  await log.append([beaconAt("s", 1_000_000, 1)]);
  stores.away = new Error("away");
  await assert.rejects(pass(0), /away/);
  assert.equal(desk.savedUpTo, 0);
  stores.away = undefined;
  await pass(0);
  for (let i = 0; i < 60; i++) await pass(5000);
  assert.ok([...stores.qoe.records.values()].some(({ kind }) => kind === "session"));
  assert.ok(desk.savedUpTo > 0);
});

test("[CO460] a save writes the decisions since the one before, however many are remembered, and a restart knows all of them", async (t) => {
  const { stores, log, time, pass, restart, settings } = rig();
  const save = t.mock.method(stores.qoe, "save");
  const written = () => save.mock.calls.map(({ arguments: [{ parts }] }) => parts?.put.map(({ id }) => id));
  const decide = (count: number, name: string) =>
    log.append(
      Array.from({ length: count }, (_, i) => {
        const steered = { sessionId: `${name}${i}`, titleId: "film", best: [], ranked: [], eliminated: {} };
        return bytes(JSON.stringify({ v: 1, at: time.wallMs, steered }));
      }),
    );
  await decide(2 * sheetSessions(settings.qoeSessions), "early");
  await pass(0);
  assert.deepEqual(written().flat(), [0, 1]);
  save.mock.resetCalls();
  await decide(1, "late");
  await pass(0);
  assert.deepEqual(written(), [[]], "what is full was written before");
  restart();
  const told = { batch: 1, sentMs: time.wallMs, rows: ["early0", "late0", "nobody"].map(rowOf(time.wallMs)) };
  await log.append(recordsOfServed({ atMs: time.wallMs, source: originSource, bootId: "b", told }));
  for (let i = 0; i < 60; i++) await pass(5000);
  const misses = [...stores.qoe.records.values()].filter((record) => record.kind === "misses");
  assert.deepEqual(
    misses.map(({ best, unjoined }) => [best, unjoined]),
    [[200, 100]],
  );
});

function rowOf(atMs: number) {
  return (sessionId: string) => ({ atMs, sessionId, folder: "v", bytes: 100, pulled: 0 });
}

test("[CO345] what is remembered of sessions is bounded, and asked for again", async () => {
  const { stores, open } = rig();
  let asked = 0;
  const facts = async (ids: readonly string[]) => {
    asked += ids.length;
    return stores.qoe.facts(ids);
  };
  const cache = new FactsCache({ facts }, 2);
  for (const id of ["a", "b", "c"]) await open(id);
  await cache.of(["a", "b"]);
  await cache.of(["a", "b"]);
  assert.equal(asked, 2);
  await cache.of(["c"]);
  assert.deepEqual([...(await cache.of(["a", "c", "none"])).keys()].sort(), ["a", "c"]);
  assert.equal(asked, 5);
});

test("[CO412] what is not whole or not saved yet is told as so far, once, and the answer says what it waits for", async () => {
  const { log, desk, open, pass, settings } = rig();
  Object.assign(settings, { qoeLateSeconds: 120, qoeSaveSeconds: 30 });
  const query = { by: "title", sizeMs: 10_000, fromMs: 0, untilMs: 4_000_000 } as const;
  const before = await desk.told(query);
  assert.deepEqual([before.groups, before.settledUntilMs, before.heardUntilMs], [[], null, null]);
  assert.match(before.waitingFor, /No player has said anything/);
  await open("s");
  await log.append([
    beaconAt("s", 1_001_000, 1),
    beaconAt("s", 1_012_000, 2, { stallCount: 1, stallMs: 400 }),
  ]);
  await pass(0);
  const early = await desk.told(query);
  const [film] = early.groups;
  assert.deepEqual(
    [film?.key, film?.whole.plays, film?.whole.stalls, film?.whole.startupMedian, film?.whole.atEnd],
    ["film", 1, 1, 699.5, 1],
  );
  assert.deepEqual(
    film?.windows.map(({ startMs, soFar, playMs }) => [startMs, soFar, playMs]),
    [
      [1_000_000, true, 0],
      [1_010_000, true, 10_600],
    ],
  );
  assert.equal(early.heardUntilMs, 1_012_000);
  assert.match(early.waitingFor, /Windows of 10 s .* 135 s after its end.*within 30 s/);
  await log.append([beaconAt("s", 1_147_000, 3, { state: "closed" })]);
  await pass(0);
  const later = await desk.told({ ...query, untilMs: 1_140_000 });
  assert.deepEqual(
    later.groups[0]?.windows.map(({ startMs, soFar }) => [startMs, soFar]).slice(0, 2),
    [
      [1_000_000, false],
      [1_010_000, true],
    ],
    "one is whole, and not saved yet",
  );
  assert.equal(later.groups[0]?.whole.plays, 1);
});

test("[CO412] a heartbeat, and a position that waits for room, come sooner than a session is over", () => {
  const { heartbeatMs, positionSeconds } = controlSettings;
  assert.ok(heartbeatMs.max + positionSeconds.max * 1000 <= streamDefaults.gapMs);
  assert.ok(2 * heartbeatMs.max <= streamDefaults.gapMs, "one heartbeat may be lost");
});
