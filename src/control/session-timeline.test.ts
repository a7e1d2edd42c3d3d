import assert from "node:assert/strict";
import { test } from "node:test";
import type { Beacon } from "#model/beacon.ts";
import type { LoggedBeacon } from "#model/playback.ts";
import { memoryLog } from "#test/fixtures/memory-stores.ts";
import { tickRecord } from "./log-record.ts";
import type { RecentSession } from "./ops.ts";
import { wordsOf } from "./session-log.ts";
import { stallsOf, timelineOf } from "./session-timeline.ts";
import { toRecord } from "./telemetry.ts";

const startedAtMs = 10_000_000;
const session: RecentSession = {
  ...{ id: "s-1", accountId: "a", profileId: "p", titleId: "film", generation: 1, viewpoint: "" },
  ...{ startedAtMs, email: "ada@example.org", network: "AS7", summary: undefined },
};

function beacon(seq: number, more: Partial<Beacon> = {}): Beacon {
  return {
    ...{
      sessionId: "s-1",
      seq,
      state: "playing",
      positionMs: 1000 * seq,
      durationMs: 60_000,
      bufferMs: 8000,
    },
    ...{ bitrateBps: 2e6, height: 360, throughputBps: 5e6, stallCount: 0, stallMs: 0, switchCount: 0 },
    ...{ startupMs: 300, applianceId: "a1", because: "it fits", ...more },
  };
}

const logged = (atMs: number, said: Beacon, more: Partial<LoggedBeacon> = {}): LoggedBeacon => ({
  ...{ receivedMs: startedAtMs + atMs, beacon: said, ...more },
});

function timeline(beacons: readonly LoggedBeacon[], read: "whole" | "begins-later" = "whole") {
  return timelineOf(session, { beacons, records: beacons.length, read }, startedAtMs + 60_000);
}

test("[CO443] each beacon stands once, by number, at the moment when it was made", () => {
  const late = logged(9000, beacon(2, { madeMs: 500 }), { sentMs: 4500 });
  const { beacons, gaps, session: of } = timeline([late, logged(1000, beacon(1)), late]);
  assert.deepEqual(
    beacons.map(({ seq, atMs }) => [seq, atMs - startedAtMs]),
    [
      [1, 1000],
      [2, 5000],
    ],
  );
  assert.deepEqual([gaps, of.network], [[], "AS7"]);
  assert.deepEqual(
    timeline([logged(5000, beacon(1)), logged(4000, beacon(2))]).beacons.map(
      ({ atMs }) => atMs - startedAtMs,
    ),
    [5000, 5000],
    "what is said later is not drawn before",
  );
});

test("[CO444] numbers that lack are gaps; the first ones too, but where the log begins later", () => {
  const some = [logged(0, beacon(3)), logged(1, beacon(4)), logged(2, beacon(9))];
  assert.deepEqual(timeline(some).gaps, [
    { afterSeq: 0, beforeSeq: 3 },
    { afterSeq: 4, beforeSeq: 9 },
  ]);
  assert.deepEqual(timeline(some, "begins-later").gaps, [{ afterSeq: 4, beforeSeq: 9 }]);
  const many = Array.from({ length: 4100 }, (_, n) => logged(n, beacon(n + 1)));
  const { beacons, leftOut } = timeline(many);
  assert.deepEqual(
    [beacons.length, leftOut, beacons.at(-1)?.seq, beacons[2000]?.seq],
    [4000, 100, 4100, 2101],
  );
});

test("[CO445] a stall is slow, its source's, or unknown, and open while nothing was heard since", () => {
  const stalled = { state: "stalled" } as const;
  const { stalls } = timeline([
    logged(0, beacon(1)),
    logged(10, beacon(2, { ...stalled, throughputBps: 1e6 })),
    logged(15, beacon(3, { ...stalled, throughputBps: 1e6 })),
    logged(20, beacon(4)),
    logged(30, beacon(5, stalled)),
    logged(40, beacon(6, { applianceId: "a2" })),
    logged(50, beacon(7, { ...stalled, applianceId: "a2" })),
  ]);
  assert.deepEqual(
    stalls.map(({ fromMs, untilMs, cause }) => [
      fromMs - startedAtMs,
      untilMs === null ? null : untilMs - startedAtMs,
      cause,
    ]),
    [
      [10, 20, "slow"],
      [30, 40, "source"],
      [50, null, "unknown"],
    ],
  );
});

test("[CO444] a hundred thousand beacons that stall in turn are looked at a few times each, and their stalls and gaps cut", () => {
  const most = 100_000;
  let looked = 0;
  const { sessionId: _, durationMs: __, ...said } = beacon(1);
  const moments = Array.from({ length: most }, (___, n) => ({
    ...{ ...said, seq: n + 1, atMs: n },
    get state() {
      looked++;
      return n % 2 === 0 ? ("playing" as const) : ("stalled" as const);
    },
  }));
  assert.equal(stallsOf(moments).length, most / 2);
  assert.ok(looked <= 5 * most, `it looked ${looked} times at ${most} moments`);
  const turns = moments.map((one, n) =>
    logged(
      n,
      beacon(2 * n + 1, { state: n % 2 === 0 ? "playing" : "stalled", applianceId: one.applianceId }),
    ),
  );
  const { stalls, stallsLeftOut, gaps, gapsLeftOut } = timeline(turns);
  assert.deepEqual([stalls.length, stallsLeftOut], [1000, most / 2 - 1000]);
  assert.deepEqual([gaps.length, gapsLeftOut], [1000, most - 1 - 1000]);
  assert.deepEqual([stalls[0]?.fromMs, stalls.at(-1)?.untilMs], [startedAtMs + 1, null]);
});

test("[CO443] [CO444] its beacons are found among others', within a bound, and a log that begins later says so", async () => {
  const log = memoryLog();
  const others = Array.from({ length: 300 }, (_, n) =>
    toRecord({ receivedMs: startedAtMs - 900_000 + 1000 * n, beacon: beacon(n + 1, { sessionId: "other" }) }),
  );
  await log.append([...others, new TextEncoder().encode("poison"), tickRecord(startedAtMs - 100)]);
  for (let n = 0; n < 50; n++) {
    const own = toRecord(logged(1000 * n, beacon(n + 1)));
    await log.append([own, tickRecord(startedAtMs + 1000 * n)]);
  }
  await log.append([toRecord({ receivedMs: startedAtMs + 9e6, beacon: beacon(99) })]);
  const search = { log, sessionId: "s-1", startedAtMs, untilMs: startedAtMs + 60_000, most: 100_000 };
  const whole = await wordsOf(search);
  assert.deepEqual([whole.read, whole.beacons.length], ["whole", 51]);
  assert.ok(whole.records < 110, `it read ${whole.records} records of ${log.end()}`);
  const few = await wordsOf({ ...search, most: 40 });
  assert.deepEqual([few.read, few.records], ["too-many", 40]);
  const cut = { ...log, first: () => 340 };
  assert.equal((await wordsOf({ ...search, log: cut })).read, "begins-later");
  const empty = memoryLog();
  assert.deepEqual(await wordsOf({ ...search, log: empty }), { beacons: [], records: 0, read: "whole" });
});
