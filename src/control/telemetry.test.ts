import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { defaultsOf } from "#config/setting.ts";
import type { DeadLetter } from "#data/ports-events.ts";
import type { Beacon } from "#model/beacon.ts";
import { type ConsumerParts, consumerPorts } from "#test/fixtures/consumer-ports.ts";
import { type MemoryStores, memoryLog, memoryStores } from "#test/fixtures/memory-stores.ts";
import { telemetryBody } from "#wire/viewer.ts";
import { acceptBeacons } from "./accept-beacons.ts";
import { beginAt, type ConsumerPorts, consumeBatch, consumerGroup } from "./consume.ts";
import { Intake } from "./intake.ts";
import type { Seal } from "./ports.ts";
import { checkToken, mintToken } from "./session-token.ts";
import { controlSettings } from "./settings.ts";
import { fromRecord, toRecord } from "./telemetry.ts";

const sealOf = (key: string): Seal => ({
  sign: (text) => createHmac("sha256", key).update(text).digest("base64url"),
  equal: (a, b) => a === b,
});
const seal = sealOf("key");
const grant = { sessionId: "s-1", accountId: "acc-1", titleId: "film-1", endsAtMs: 5000 };
const beacon = (sessionId: string, seq: number, more: Partial<Beacon> = {}): Beacon => ({
  sessionId,
  seq,
  state: "playing",
  positionMs: seq * 1000,
  durationMs: 60_000,
  bufferMs: 8000,
  bitrateBps: 1,
  height: 360,
  throughputBps: 1,
  stallCount: 0,
  stallMs: 0,
  switchCount: 0,
  startupMs: 300,
  applianceId: "a1",
  because: "",
  ...more,
});

test("[CO14] a token holds until its end and fits on the wire", () => {
  const token = mintToken(seal, grant);
  assert.deepEqual(checkToken(seal, token, 4999), { kind: "valid", grant });
  assert.deepEqual(checkToken(seal, token, 5000), { kind: "over" });
  const uuid = "0".repeat(36);
  const long = mintToken(seal, {
    sessionId: "s".repeat(64),
    accountId: uuid,
    titleId: "t".repeat(64),
    endsAtMs: 1e15,
  });
  assert.ok(long.length <= 256, `${long.length}`);
});

test("[CO14] a token changed in any character, cut, lengthened or sealed elsewhere is foreign", () => {
  const token = mintToken(seal, grant);
  for (let at = 0; at < token.length; at++) {
    const other = token[at] === "x" ? "y" : "x";
    const altered = token.slice(0, at) + other + token.slice(at + 1);
    assert.equal(checkToken(seal, altered, 0).kind, "foreign", altered);
  }
  const odd = [token.slice(0, -1), `${token}~`, `${token}x`, "", "~~~~", mintToken(sealOf("other"), grant)];
  for (const text of odd) assert.equal(checkToken(seal, text, 0).kind, "foreign", text);
});

test("[CO14] a token that was proved is not reckoned again; its end, its seal and its every character still count", () => {
  let signed = 0;
  const counting: Seal = {
    ...seal,
    sign(text) {
      signed += 1;
      return seal.sign(text);
    },
  };
  const token = mintToken(seal, grant);
  for (const nowMs of [0, 1, 4999]) assert.equal(checkToken(counting, token, nowMs).kind, "valid");
  assert.equal(signed, 1);
  assert.equal(checkToken(counting, token, 5000).kind, "over");
  assert.equal(
    checkToken(counting, `${token.slice(0, -1)}${token.endsWith("x") ? "y" : "x"}`, 0).kind,
    "foreign",
  );
  assert.equal(checkToken(sealOf("other"), token, 0).kind, "foreign");
});

test("[CO4] one foreign beacon refuses the whole batch", async () => {
  const log = memoryLog();
  const intake = new Intake({ log, positionEveryMs: 30_000, nowMs: () => 0, count: () => undefined });
  const sessionToken = mintToken(seal, grant);
  const events = [beacon("s-1", 1), beacon("s-2", 2)];
  assert.deepEqual(await acceptBeacons({ intake, seal }, { sessionToken, events }, 0), { kind: "foreign" });
  assert.equal(log.end(), 0);
  const own = { sessionToken, events: [beacon("s-1", 1), beacon("s-1", 2)] };
  assert.deepEqual(await acceptBeacons({ intake, seal }, own, 0), { kind: "kept" });
  assert.deepEqual(await acceptBeacons({ intake, seal }, own, 5000), { kind: "over" });
  assert.equal(log.end(), 2);
});

test("[CO5] a record is read back as it was written, and anything else is not a beacon", () => {
  const logged = { receivedMs: 12, beacon: beacon("s-1", 3) };
  assert.deepEqual(fromRecord(toRecord(logged)), logged);
  const timed = { receivedMs: 12, sentMs: 900.5, weight: 10, beacon: beacon("s-1", 4, { madeMs: 800 }) };
  assert.deepEqual(fromRecord(toRecord(timed)), timed);
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
  const odd = ["", "null", "{}", '{"v":1,"at":"x","beacon":{}}', '{"v":2,"at":1,"beacon":{}}', "[1]"];
  for (const text of odd) assert.equal(fromRecord(bytes(text)), undefined, text);
  assert.equal(fromRecord(Uint8Array.of(0xff, 0xfe)), undefined);
});

const settings = { ...defaultsOf(controlSettings), consumerBatch: 4, consumerTries: 2 };

async function opened(stores: MemoryStores, ...ids: string[]): Promise<void> {
  for (const id of ids) {
    const order = { id, accountId: id, profileId: `p-${id}`, titleId: "film", viewpoint: "", startedAtMs: 0 };
    await stores.playback.open(order);
  }
}

type Parts = Omit<ConsumerParts, "settings">;

function portsOf(parts: Parts): ConsumerPorts {
  return consumerPorts({ ...parts, settings });
}

/** Runs the consumer to the end of its log. */
async function drained(parts: Parts): Promise<{ skipped: number[]; batches: number[] }> {
  const ports = portsOf(parts);
  const skipped: number[] = [];
  const batches: number[] = [];
  for (let { offset } = await beginAt(ports); ; ) {
    const done = await consumeBatch(ports, offset);
    if (done.records === 0) return { skipped, batches };
    batches.push(done.records);
    skipped.push(...done.skipped.map((one) => one.offset));
    offset = done.offset;
  }
}

test("[CO15] batches keep their limit, poison is stepped over, and the offset is kept", async () => {
  const [stores, log] = [memoryStores(), memoryLog()];
  await opened(stores, "a", "b");
  const good = (id: string, seq: number): Uint8Array =>
    toRecord({ receivedMs: seq, beacon: beacon(id, seq) });
  await log.append([
    good("a", 1),
    new TextEncoder().encode("poison"),
    good("b", 7),
    good("a", 2),
    good("b", 8),
  ]);
  assert.deepEqual(await drained({ stores, log }), { skipped: [1], batches: [4, 1] });
  assert.equal((await stores.history.get({ profileId: "p-a", titleId: "film" })).bookmark?.positionMs, 2000);
  assert.equal((await stores.history.get({ profileId: "p-b", titleId: "film" })).bookmark?.positionMs, 8000);
  assert.equal(await stores.playback.offset(consumerGroup({})), 5);
  assert.deepEqual(await drained({ stores, log }), { skipped: [], batches: [] });
});

test("[CO461] a batch of many sessions asks for them at once", async (t) => {
  const [stores, log] = [memoryStores(), memoryLog()];
  const ids = ["a", "b", "c", "d"];
  await opened(stores, ...ids);
  await log.append(ids.map((id) => toRecord({ receivedMs: 1, beacon: beacon(id, 1) })));
  const [one, all] = [t.mock.method(stores.playback, "session"), t.mock.method(stores.playback, "sessions")];
  assert.deepEqual((await drained({ stores, log })).batches, [4]);
  assert.deepEqual([one.mock.callCount(), all.mock.callCount()], [0, 1]);
});

test("[CO15] a record that the database refuses does not stop the others", async () => {
  const [stores, log] = [memoryStores(), memoryLog()];
  await opened(stores, "a", "bad", "c");
  stores.playbackFails = ({ sessionIds }) => (sessionIds.includes("bad") ? new Error("refused") : undefined);
  await log.append(["a", "bad", "c"].map((id) => toRecord({ receivedMs: 1, beacon: beacon(id, 1) })));
  assert.deepEqual((await drained({ stores, log })).skipped, [1]);
  assert.notEqual((await stores.history.get({ profileId: "p-c", titleId: "film" })).bookmark, undefined);
  assert.equal((await stores.history.get({ profileId: "p-bad", titleId: "film" })).bookmark, undefined);
  assert.equal(await stores.playback.offset(consumerGroup({})), 3);
});

test("[CO15] while the database is away nothing is skipped, and nothing is lost after", async () => {
  const [stores, log] = [memoryStores(), memoryLog()];
  await opened(stores, "a");
  await log.append([toRecord({ receivedMs: 1, beacon: beacon("a", 1) })]);
  stores.away = new Error("away");
  await assert.rejects(consumeBatch(portsOf({ stores, log }), 0), { message: "away" });
  await assert.rejects(beginAt(portsOf({ stores, log })), { message: "away" });
  stores.away = undefined;
  assert.deepEqual((await drained({ stores, log })).skipped, []);
  assert.notEqual((await stores.history.get({ profileId: "p-a", titleId: "film" })).bookmark, undefined);
});

test("[CO16] a log that is shorter than what was applied is read from its start", async () => {
  const [stores, log] = [memoryStores(), memoryLog()];
  await opened(stores, "a");
  await stores.playback.apply({ group: consumerGroup({}), offset: 100, summaries: [], bookmarks: [] });
  assert.deepEqual(await beginAt(portsOf({ stores, log })), { offset: 0, restarted: true });
  await log.append([toRecord({ receivedMs: 1, beacon: beacon("a", 1) })]);
  await drained({ stores, log });
  assert.deepEqual(await beginAt(portsOf({ stores, log })), { offset: 1, restarted: false });
});

test("[CO323] control planes that follow one another read each its own log to its end", async () => {
  const stores = memoryStores();
  await opened(stores, "a", "b");
  const first = { stores, log: memoryLog(), logName: "first" };
  const second = { stores, log: memoryLog(), logName: "second" };
  await first.log.append([1, 2, 3].map((seq) => toRecord({ receivedMs: seq, beacon: beacon("a", seq) })));
  await drained(first);
  // Acknowledged, and then the first was gone; the second has more records by the time that the first is back.
  await first.log.append([toRecord({ receivedMs: 4, beacon: beacon("a", 4) })]);
  await second.log.append([1, 2, 3, 4].map((seq) => toRecord({ receivedMs: seq, beacon: beacon("b", seq) })));
  assert.deepEqual(await beginAt(portsOf(second)), { offset: 0, restarted: false });
  await drained(second);
  assert.deepEqual(await beginAt(portsOf(first)), { offset: 3, restarted: false });
  await drained(first);
  const summaries = await stores.playback.summaries(["a", "b"]);
  assert.deepEqual(summaries.map(({ sessionId, lastSeq }) => [sessionId, lastSeq]).toSorted(), [
    ["a", 4],
    ["b", 4],
  ]);
});

test("[DA145] what cannot be read or stored becomes a dead letter with its reason, before the offset passes it", async () => {
  const [stores, log] = [memoryStores(), memoryLog()];
  await opened(stores, "a", "bad");
  stores.playbackFails = ({ sessionIds }) => (sessionIds.includes("bad") ? new Error("refused") : undefined);
  const poison = new TextEncoder().encode("poison");
  const refused = toRecord({ receivedMs: 1, beacon: beacon("bad", 1) });
  await log.append([poison, refused, toRecord({ receivedMs: 1, beacon: beacon("a", 1) })]);
  const letters: DeadLetter[] = [];
  const offsets: number[] = [];
  const keep = async (letter: DeadLetter): Promise<void> => {
    letters.push(letter);
    offsets.push(await stores.playback.offset(consumerGroup({})));
  };
  const dead = { keep, newest: async () => letters };
  assert.deepEqual((await drained({ stores, log, dead })).skipped, [0, 1]);
  const facts = { atMs: 7, consumer: "bookmarks", partition: 0 };
  const last = letters.slice(-2);
  assert.deepEqual(last, [
    { ...facts, offset: 0, because: "it is neither a beacon nor a report", value: poison, bytes: 6 },
    { ...facts, offset: 1, because: "refused", value: refused, bytes: refused.length },
  ]);
  assert.ok(
    offsets.every((offset, index) => offset <= (letters[index]?.offset ?? -1)),
    `${offsets}`,
  );
  assert.notEqual((await stores.history.get({ profileId: "p-a", titleId: "film" })).bookmark, undefined);
});

test("[DA145] a dead letter that cannot be kept holds up nobody", async () => {
  const [stores, log] = [memoryStores(), memoryLog()];
  await opened(stores, "a");
  await log.append([new TextEncoder().encode("poison"), toRecord({ receivedMs: 1, beacon: beacon("a", 1) })]);
  const dead = { keep: () => Promise.reject(new Error("full")), newest: async () => [] };
  const done = await consumeBatch(portsOf({ stores, log, dead }), 0);
  assert.deepEqual(done.skipped, [
    { offset: 0, because: "it is neither a beacon nor a report", isKept: false },
  ]);
  assert.equal(await stores.playback.offset(consumerGroup({})), 2);
});

test("[DA146] each partition of another log has an offset of its own, and this machine's log keeps the name that it had", () => {
  assert.equal(consumerGroup({}), "bookmarks");
  assert.equal(consumerGroup({ logName: "m" }, { log: undefined }), "bookmarks m");
  assert.equal(consumerGroup({ logName: "m" }, { log: "kafka x/3" }), "bookmarks kafka x/3");
});

test("[QO55] a word for codec or rule that is none is other, at the door and in the log; a player need not say either", () => {
  const { codec: _, rule: __, ...mute } = { codec: 0, rule: 0, ...beacon("s-1", 4) };
  const heard = (more: object): unknown => {
    const event = telemetryBody.parse({ sessionToken: "t", events: [{ ...mute, ...more }] }).events[0];
    const logged = new TextEncoder().encode(JSON.stringify({ v: 1, at: 1, beacon: { ...mute, ...more } }));
    assert.deepEqual(fromRecord(logged)?.beacon, event);
    return [event?.codec, event?.rule];
  };
  assert.deepEqual(heard({}), [undefined, undefined]);
  assert.deepEqual(heard({ codec: "av1", rule: "bola-e-u" }), ["av1", "bola-e-u"]);
  assert.deepEqual(heard({ codec: "avc1.640028", rule: "my own" }), ["other", "other"]);
  assert.deepEqual(heard({ codec: 7, rule: null }), ["other", "other"]);
});
