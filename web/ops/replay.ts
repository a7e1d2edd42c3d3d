// A session's timeline as its figures draw it: minutes since the start, and what the time that nothing is known of is.
import type { PlayTimeline } from "#draw/play-timeline.ts";
import { sourceColour } from "#web/player/colours.ts";
import type { OpsTimeline } from "#wire/ops-sessions.ts";
import type { ChartBand } from "./chart-canvas.ts";
import type { ChartLine } from "./chart-data.ts";
import type { SparkPoint } from "./spark-path.ts";

const minuteMs = 60_000;

export function sourcesOf({ beacons }: OpsTimeline): readonly string[] {
  return [...new Set(beacons.map(({ applianceId }) => applianceId))].filter((id) => id !== "");
}

/** Players report every few seconds: one that was silent for so long is gone, whatever it said last. */
const silentMs = 120_000;

export function isOver({ session, atMs }: Pick<OpsTimeline, "session" | "atMs">): boolean {
  return ["ended", "failed", "closed"].includes(session.state) || atMs - session.lastSeenMs > silentMs;
}

export function replayOf(timeline: OpsTimeline, picked: number): PlayTimeline {
  const { beacons, session, stalls, gaps, log } = timeline;
  const startMs = session.startedAtMs;
  const minutes = (atMs: number): number => Math.max(0, (atMs - startMs) / minuteMs);
  const lastMs = beacons.at(-1)?.atMs ?? startMs;
  const bySeq = new Map(beacons.map((one) => [one.seq, one.atMs]));
  let part = 0;
  const parts = beacons.map(({ seq }, at) => {
    if (seq > (beacons[at - 1]?.seq ?? seq) + 1) part += 1;
    return part;
  });
  const used = sourcesOf(timeline);
  const firstMs = beacons[0]?.atMs;
  const before =
    log.read === "begins-later" && firstMs !== undefined ? [{ from: 0, to: minutes(firstMs) }] : [];
  return {
    moments: beacons.map((one, at) => ({
      part: parts[at] ?? 0,
      minutes: minutes(one.atMs),
      bufferSeconds: one.bufferMs / 1000,
      ...{ bitrateBps: one.bitrateBps, throughputBps: one.throughputBps, source: one.applianceId },
    })),
    stalls: stalls.map(({ fromMs, untilMs }) => ({ from: minutes(fromMs), to: minutes(untilMs ?? lastMs) })),
    unknown: [
      ...before,
      ...gaps.map(({ afterSeq, beforeSeq }) => ({
        from: minutes(bySeq.get(afterSeq) ?? startMs),
        to: minutes(bySeq.get(beforeSeq) ?? lastMs),
      })),
    ],
    until: minutes(lastMs),
    at: minutes(beacons[picked]?.atMs ?? lastMs),
    colourOf: (source) => sourceColour(source, used),
  };
}

/** The buffer as a chart draws it, in milliseconds since the start: broken where nothing is known. */
export function bufferOf({ moments, stalls, unknown, until, at }: PlayTimeline) {
  const points = moments.flatMap(({ minutes, bufferSeconds, part }, index): readonly SparkPoint[] => {
    const before = moments[index - 1];
    const point = { atMs: minuteMs * minutes, value: bufferSeconds };
    const isBroken = before !== undefined && before.part !== part;
    return isBroken ? [{ atMs: minuteMs * before.minutes + 1, value: null }, point] : [point];
  });
  const bands = (spans: typeof stalls, colour: ChartBand["colour"]): readonly ChartBand[] =>
    spans.map(({ from, to }) => ({ fromMs: minuteMs * from, untilMs: minuteMs * to, colour }));
  return {
    lines: [{ name: "", colour: "buffer", points }] satisfies readonly ChartLine[],
    bands: [...bands(unknown, "line"), ...bands(stalls, "stall")],
    ...{ fromMs: 0, untilMs: minuteMs * until, markMs: minuteMs * at },
  };
}
