import assert from "node:assert/strict";
import { test } from "node:test";
import type { OpsTimeline } from "#wire/ops-sessions.ts";
import { type Group, sorted } from "./quality-figures.ts";
import { bufferOf, isOver, replayOf } from "./replay.ts";

const session: OpsTimeline["session"] = {
  ...{ sessionId: "s", titleId: "t", email: "e", viewpoint: "", region: "", network: "", device: "" },
  ...{
    startedAtMs: 60_000,
    lastSeenMs: 300_000,
    state: "playing",
    positionMs: 0,
    startupMs: 0,
    stallCount: 0,
  },
  ...{ stallMs: 0, switchCount: 0, bitrateBps: 0, height: 0, applianceId: "" },
};

const beacon = (seq: number, atMs: number, applianceId = "a1"): OpsTimeline["beacons"][number] => ({
  ...{
    seq,
    atMs,
    state: "playing",
    positionMs: 0,
    bufferMs: 4000,
    bitrateBps: 1,
    height: 1,
    throughputBps: 1,
  },
  ...{ stallCount: 0, stallMs: 0, switchCount: 0, startupMs: 0, applianceId, because: "" },
});

const timeline: OpsTimeline = {
  ...{ atMs: 400_000, session, durationMs: 1, leftOut: 0, gaps: [{ afterSeq: 2, beforeSeq: 5 }] },
  ...{ stallsLeftOut: 0, gapsLeftOut: 0 },
  beacons: [beacon(1, 60_000), beacon(2, 120_000), beacon(5, 300_000, "origin")],
  stalls: [{ fromMs: 120_000, untilMs: null, applianceId: "a1", cause: "unknown" }],
  log: { records: 3, read: "whole" },
};

test("[WE125] a timeline is drawn in minutes since the start, and nothing across a gap", () => {
  const play = replayOf(timeline, 1);
  assert.deepEqual(
    play.moments.map(({ minutes, part }) => [minutes, part]),
    [
      [0, 0],
      [1, 0],
      [4, 1],
    ],
  );
  assert.deepEqual([play.unknown, play.stalls], [[{ from: 1, to: 4 }], [{ from: 1, to: 4 }]]);
  assert.deepEqual([play.at, play.until, play.colourOf("origin")], [1, 4, "var(--appliance-origin)"]);
  const buffer = bufferOf(play);
  assert.deepEqual(
    buffer.lines[0]?.points.map(({ atMs, value }) => [atMs, value]),
    [
      [0, 4],
      [60_000, 4],
      [60_001, null],
      [240_000, 4],
    ],
  );
  assert.deepEqual(
    buffer.bands.map(({ fromMs, untilMs, colour }) => [fromMs, untilMs, colour]),
    [
      [60_000, 240_000, "line"],
      [60_000, 240_000, "stall"],
    ],
  );
  const later = replayOf({ ...timeline, log: { records: 3, read: "begins-later" }, gaps: [] }, 9);
  assert.deepEqual([later.unknown, later.at], [[{ from: 0, to: 0 }], 4]);
  const empty = replayOf({ ...timeline, beacons: [], stalls: [], gaps: [] }, -1);
  assert.deepEqual([empty.until, empty.at, empty.moments], [0, 0, []]);
});

test("[WE125] a session that ended, or was silent for over two minutes, is not asked for again", () => {
  assert.equal(isOver(timeline), false);
  assert.equal(isOver({ atMs: 300_000, session: { ...session, state: "failed" } }), true);
  assert.equal(isOver({ atMs: 420_000, session }), false);
  assert.equal(isOver({ atMs: 420_001, session }), true);
});

test("[WE127] groups stand in the order of a measure, and what has none stands last either way", () => {
  const group = (key: string, failureRatio: number | null): Group => ({
    ...{
      key,
      other: "",
      third: "",
      sessions: 1,
      plays: 1,
      stalled: 0,
      startFailureRatio: 0,
      exitRatio: 0,
      failureRatio,
    },
    ...{ stallRatio: 0, bitrate: 1, height: 1, startup: { median: 1, slow: 1 } },
    stallRatioOfSessions: { median: 0, slow: 0 },
    bitrateOfSessions: { median: 1, slow: 1 },
  });
  const groups = [group("a", 0.1), group("b", null), group("c", 0.3)];
  const keys = (direction: "up" | "down"): string =>
    sorted(groups, { id: "failures", direction })
      .map(({ key }) => key)
      .join("");
  assert.deepEqual([keys("up"), keys("down")], ["acb", "cab"]);
});
