// What the instruments count, over HTTP: refusals, losses, and what players say.
import assert from "node:assert/strict";
import { test } from "node:test";
import { whyRefused } from "#control/screens.ts";
import { dataFaults } from "#data/faults.ts";
import { beganMs, film, openScreenRig } from "#test/fixtures/screen-rig.ts";
import { goodReport } from "#test/fixtures/small-network.ts";
import { type Client, client } from "#test/journeys/control-client.ts";
import { eventually } from "#test/journeys/control-plane.ts";
import { Fault } from "#units/fault.ts";
import { openMeters } from "./meters.ts";

/** A line of Prometheus text: the name with its labels, as it stands there. 0 when it is not there. */
async function figure(who: Client, line: string): Promise<number> {
  const text = String((await who.get("/metrics")).body);
  const found = text.split("\n").find((one) => one.startsWith(`${line} `));
  return Number(found?.slice(line.length) ?? 0);
}

test("[CO342] screens that are refused, and beacons that the log does not take, are counted by why and what", async (t) => {
  let isFull = false;
  const full = new Fault(dataFaults.logFull, { reason: "disk", setting: "x" });
  const rig = await openScreenRig(t, {}, (log) => ({
    ...log,
    append: (values) => (isFull ? Promise.reject(full) : log.append(values)),
  }));
  const account = await rig.account("ada@example.org", { screens: 1 });
  const [tv, phone] = [await rig.device(account), await rig.device(account)];
  const play = await tv.play(film);
  assert.equal((await phone.post("/v1/play", { titleId: film })).code, "screens-full");
  rig.pass(3_600_000);
  const beat = { sessionToken: play.sessionToken, generation: play.lease.generation, seq: 1 };
  assert.equal((await tv.post(play.beatUrl, beat)).code, "screen-lost");
  isFull = true;
  const { sessionToken } = play;
  const events = [tv.beacon(play, 1), tv.beacon(play, 2)];
  assert.equal((await tv.post("/v1/telemetry", { sessionToken, events })).status, 429);
  const of = (because: string): Promise<number> =>
    figure(tv, `millrace_lease_refusals_total{because="${because}"}`);
  assert.deepEqual([await of("full"), await of("lost"), await of("none")], [1, 1, 0]);
  assert.equal(whyRefused({ kind: "standing", standing: "suspended" }), "suspended");
  assert.equal(whyRefused({ kind: "paused", leftMs: 1 }), "paused");
  assert.equal(await figure(tv, 'millrace_lost_total{class="beacon"}'), 2);
  const last = { sessionToken, generation: play.lease.generation, events };
  assert.equal((await tv.post(play.releaseUrl, last)).status, 503);
  assert.equal(await figure(tv, 'millrace_lost_total{class="beacon"}'), 4);
  assert.equal(await figure(tv, 'millrace_beacons_total{result="failed"}'), 4);
});

test("[CO343] start-up, stalls and failures are counted once from what was folded, however often it is said", async (t) => {
  const rig = await openScreenRig(t);
  const ada = await rig.device(await rig.account("ada@example.org"));
  const play = await ada.play(film);
  const say = async (...events: readonly unknown[]): Promise<void> => {
    const said = await ada.post("/v1/telemetry", { sessionToken: play.sessionToken, events });
    assert.equal(said.status, 204);
  };
  const picture = ada.beacon(play, 1, { startupMs: 1200, stallCount: 0, stallMs: 0, positionMs: 0 });
  await say(picture);
  const consumed = (count: number): Promise<void> =>
    eventually("the log was read", async () => {
      return (await figure(ada, 'millrace_consumed_records_total{result="stored"}')) >= count;
    });
  await consumed(1);
  rig.pass(10_000);
  const stalled = ada.beacon(play, 2, { startupMs: 1200, stallCount: 2, stallMs: 3000, positionMs: 7000 });
  const failed = ada.beacon(play, 3, { ...stalled, seq: 3, state: "failed" });
  await say(stalled, failed);
  await say(picture, stalled, failed);
  await consumed(6);
  for (const [line, wanted] of [
    ["millrace_startup_seconds_count", 1],
    ["millrace_startup_seconds_sum", 1.2],
    ["millrace_stalls_total", 2],
    ["millrace_stalled_seconds_total", 3],
    ["millrace_played_seconds_total", 7],
    ['millrace_play_failures_total{when="in-play"}', 1],
  ] as const) {
    assert.equal(await figure(ada, line), wanted, line);
  }
  assert.ok((await figure(ada, "millrace_log_bytes")) > 0);
  assert.ok(rig.nowMs() > beganMs);
});

test("[CO345] a box that is heard has the figures of its last report, and one that falls silent has none", async (t) => {
  const rig = await openScreenRig(t);
  const anyone = client(rig.control.url);
  const sent = async (): Promise<string> => {
    const text = String((await anyone.get("/metrics")).body);
    return /^millrace_appliance_sent_bits_per_second\{.*$/m.exec(text)?.[0] ?? "";
  };
  assert.equal(await sent(), "");
  const report = {
    ...goodReport("http://127.0.1.11:8181", []),
    load: { bitsPerSecond: 5e6, connections: 2, requests: 9, errors: 0 },
  };
  const token = { authorization: `Bearer ${"a".repeat(32)}` };
  assert.equal((await anyone.post("/v1/appliances/a1/report", report, token)).status, 200);
  assert.equal(await sent(), 'millrace_appliance_sent_bits_per_second{appliance="a1"} 5000000');
  rig.pass(3_600_000);
  assert.equal(await sent(), "");
});

test("[SE6] instruments are read as figures: buckets each alone, and the largest value since the last look", async () => {
  const meters = openMeters();
  meters.requests.observe({ method: "GET", route: "/x", status: 200 }, 0.003);
  meters.requests.observe({ method: "GET", route: "/x", status: 200 }, 7);
  meters.plays.inc({ source: "origin" }, 2);
  const read = async (name: string) => (await meters.figures()).find((one) => one.name === name);
  const first = await read("millrace_http_request_duration_seconds");
  assert.ok(first?.kind === "distribution");
  assert.deepEqual([first.counts.length, first.count, first.max], [first.bounds.length + 1, 2, 7]);
  assert.equal(
    first.counts.reduce((a, b) => a + b, 0),
    2,
  );
  assert.deepEqual(
    [...first.labels],
    [
      ["method", "GET"],
      ["route", "/x"],
      ["status", "200"],
    ],
  );
  const again = await read("millrace_http_request_duration_seconds");
  assert.ok(again?.kind === "distribution" && again.max === undefined);
  const plays = await read("millrace_play_starts_total");
  assert.ok(plays?.kind === "counter" && plays.total === 2 && plays.unit === "plays");
});
