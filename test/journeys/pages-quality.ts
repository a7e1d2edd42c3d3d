// What the console's pages about sessions and quality are answered.
import type { OpsMisses } from "#wire/misses.ts";
import type { OpsSessions } from "#wire/ops.ts";
import type { OpsTimeline } from "#wire/ops-sessions.ts";
import { type OpsQuality, type OpsQualityBreakdown, opsQualityBreakdown } from "#wire/quality.ts";
import { boxes, sessions } from "./pages-fixtures.ts";

const nowMs = Date.now();
const startMs = nowMs - 1_500_000;

type Moment = OpsTimeline["beacons"][number];

/** A beacon every ten seconds; a slow link in the middle, a change of source, and some that were never heard. */
function moment(seq: number): Moment {
  const [slow, other] = [seq > 60 && seq < 75, seq > 90];
  const isStalled = seq === 66 || seq === 91;
  return {
    ...{
      seq,
      atMs: startMs + 10_000 * seq,
      state: isStalled ? "stalled" : "playing",
      positionMs: 9800 * seq,
    },
    bufferMs: isStalled ? 0 : Math.round((slow ? 6000 : 22_000) + 5000 * Math.sin(seq / 3)),
    bitrateBps: slow && seq > 67 ? 420_000 : 2_400_000,
    height: slow && seq > 67 ? 270 : 720,
    throughputBps: Math.round((slow ? 0.9e6 : 9e6) * (1 + 0.3 * Math.sin(seq))),
    ...{ stallCount: seq > 90 ? 2 : Number(seq > 65), stallMs: seq > 65 ? 3100 : 0, switchCount: 2 },
    ...{ startupMs: 640, applianceId: (other ? boxes[1] : boxes[0]) ?? "" },
    because: slow
      ? "v270-2: the buffer of 4.1 s does not carry v720-4 over its dearest minute"
      : "v720-4: it fits",
  };
}

const session = sessions.sessions[0];

export function timelineOf(sessionId: string): OpsTimeline | undefined {
  if (session === undefined || sessionId !== session.sessionId) return undefined;
  const beacons = Array.from({ length: 140 }, (_, n) => moment(n + 1)).filter(
    ({ seq }) => seq < 110 || seq > 117,
  );
  const stall = (seq: number, cause: "slow" | "source") => ({
    ...{ fromMs: startMs + 10_000 * seq, untilMs: startMs + 10_000 * (seq + 1), cause },
    applianceId: boxes[0] ?? "",
  });
  return {
    atMs: session.lastSeenMs,
    session: { ...session, startedAtMs: startMs },
    ...{
      durationMs: 5_400_000,
      beacons,
      leftOut: 0,
      stallsLeftOut: 0,
      stalls: [stall(66, "slow"), stall(91, "source")],
    },
    gaps: [{ afterSeq: 109, beforeSeq: 118 }],
    gapsLeftOut: 0,
    log: { records: 8123, read: "whole" },
  };
}

/** Five hundred, as many as are asked for. */
export function sessionsFor(asked: URLSearchParams): OpsSessions {
  const title = asked.get("title");
  if (title !== "battle") {
    const state = asked.get("state");
    return { sessions: sessions.sessions.filter((one) => state === null || one.state === state) };
  }
  const many = Array.from({ length: Number(asked.get("limit") ?? 100) }, (_, n) => n);
  return {
    sessions: many.flatMap((n) => {
      const one = sessions.sessions[n % sessions.sessions.length];
      return one === undefined ? [] : [{ ...one, sessionId: `many${n}`, titleId: "battle" }];
    }),
  };
}

const dimensions = opsQualityBreakdown.shape.by.options;
const networks = ["AS64500", "AS64501", "AS64502", ""];
const devices = ["Firefox on Linux", "Chrome on Android", "Safari on iPhone"];
const labels: Readonly<Record<OpsQualityBreakdown["by"], readonly string[]>> = {
  network: networks,
  device: devices,
  appliance: boxes.slice(0, 3),
  title: ["battle"],
  codec: ["h264", "av1"],
  rule: ["default", "mpc", ""],
};

function named(name: string | null): OpsQualityBreakdown["and"] {
  return dimensions.find((one) => one === name) ?? null;
}

export function breakdownFor(asked: URLSearchParams): OpsQualityBreakdown {
  const [by, and, also] = [
    named(asked.get("by")) ?? "network",
    named(asked.get("and")),
    named(asked.get("also")),
  ];
  const pairs = (and === null ? [""] : labels[and]).flatMap((other) =>
    (also === null ? [""] : labels[also]).map((third) => ({ other, third })),
  );
  const groups = labels[by].flatMap((key, a) =>
    pairs.map((pair, b) => ({
      ...{ key, ...pair, sessions: 40 - 9 * a + b, plays: 40 - 9 * a + b, stalled: a + b },
      ...{ startFailureRatio: 0.01 * a, exitRatio: 0.02, failureRatio: a === 3 ? null : 0.004 * b },
      ...{ stallRatio: 0.002 * (a + b), bitrate: 2.4e6 / (a + 1), height: 720 / (a + 1) },
      startup: { median: 420 + 100 * a + 30 * b, slow: 1300 + 600 * ((a * 5 + b) % 4) },
      stallRatioOfSessions: { median: 0, slow: 0.01 * (a + b) },
      bitrateOfSessions: { median: 2.2e6 / (a + 1), slow: 0.6e6 },
    })),
  );
  return {
    ...{ by, and, also },
    ...{ fromMs: Number(asked.get("from") ?? 0), untilMs: nowMs, groups, leftOut: 3 },
  };
}

const none = {
  estimates: 0,
  startFailures: 0,
  exits: 0,
  failures: 0,
  stalls: 1,
  switches: 4,
  playMs: 9e5,
  stallMs: 3000,
};
const minuteMs = 60_000;
const untilMs = Math.ceil(nowMs / minuteMs) * minuteMs;
const fromMs = untilMs - 360 * minuteMs;

export const quality: OpsQuality = {
  ...{
    by: "appliance",
    fromMs,
    untilMs,
    stepMs: minuteMs,
    settledUntilMs: untilMs - 4 * minuteMs,
    heardUntilMs: nowMs - 3000,
    waitingFor: "Windows wait two minutes for what is late.",
    leftOut: 0,
  },
  groups: boxes.map((key, at) => {
    const figures = (n: number) => ({
      ...{
        ...none,
        plays: 12 - at,
        startupMedian: 400 + 90 * at + 60 * Math.sin(n / 9 + at),
        startupSlow: 1500,
      },
      ...{ startFailureRatio: 0.01, failureRatio: 0, stallRatio: 0.003, bitrate: 2e6, height: 700 },
      ...{ atEnd: 3, watchedMs: 9e5 },
    });
    const minutes = Array.from({ length: 359 }, (_, n) => n).filter((n) => at !== 2 || n < 100 || n > 160);
    return {
      ...{ key, whole: figures(0) },
      windows: minutes.map((n) => ({ startMs: fromMs + n * minuteMs, soFar: n >= 356, ...figures(n) })),
    };
  }),
};

const missed = {
  ...{ all: 9_120_000_000, offloaded: 8_900_000_000, offload: 0.9759, best: 8_700_000_000, missRatio: 0.046 },
  misses: {
    content: { bytes: 300_000_000, share: 7143 },
    health: { bytes: 80_000_000, share: 1905, forWantOfRoom: 20_000_000 },
    other: { bytes: 40_000_000, share: 952 },
  },
  unjoined: 0,
};

export const misses: OpsMisses = {
  ...{
    fromMs,
    untilMs,
    stepMs: minuteMs,
    whole: missed,
    leftOut: 0,
    completeUntilMs: untilMs - 3 * minuteMs,
  },
  sites: ["isp-a", "isp-b"].map((site) => ({ site, whole: missed, windows: [] })),
};

const interval = (value: number, reach: number) => ({ value, low: value - reach, high: value + reach });
const arm = {
  ...{ sessions: 412, pending: 3, notReached: 9, survived: 398, lost: 2 },
  ...{ survival: interval(0.98, 0.01), stalled: interval(0.06, 0.02), stallCount: interval(0.08, 0.03) },
  ...{ stallMs: interval(210, 80), switchCount: interval(2.2, 0.4) },
};

const experiment = {
  id: "x0a1b2c3d",
  createdAtMs: nowMs - 9e6,
  order: {
    ...{
      share: 0.1,
      segment: 5,
      damages: ["bit-flip" as const],
      stallMs: 3000,
      mostSessions: 500,
      limitMs: 36e5,
    },
    ...{ looks: 5, falseAlarm: 0.01, margin: 0.02, leastPerArm: 50 },
  },
  state: { kind: "running" as const, startedAtMs: nowMs - 6e5, endsAtMs: nowMs + 3e6, look: 1 },
};

export const experimentList = { experiments: [experiment] };
export const experimentResult = {
  ...{ experiment, underWay: 20, confidence: 0.95, treatment: arm, control: arm },
  difference: {
    ...{ survival: interval(-0.001, 0.004), stalled: interval(0.03, 0.01), stallCount: interval(0.01, 0.02) },
    ...{ stallMs: interval(-90, 40), switchCount: null },
  },
  byDamage: [{ damage: "bit-flip" as const, survived: 398, lost: 2, survival: interval(0.99, 0.01) }],
};
