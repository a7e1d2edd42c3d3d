// The measures of the quality page: by which definition each goes, how it is written, and in which order groups stand.
import { digits, formatDuration, formatPercent, formatRate } from "#web/format.ts";
import type { OpsQualityBreakdown } from "#wire/quality.ts";

export type Group = OpsQualityBreakdown["groups"][number];

export interface Measure {
  /** Of a column; also the message that names it. */
  readonly id: MeasureId;
  /** As /v1/ops/qoe/definitions calls what it is made of. */
  readonly definition: string;
  readonly of: (group: Group) => number | null;
  readonly write: (value: number) => string;
}

type MeasureId =
  | "plays"
  | "startupMedian"
  | "startupSlow"
  | "startFailures"
  | "exits"
  | "failures"
  | "stallRatio"
  | "stallSlow"
  | "stalled"
  | "bitrate"
  | "bitrateMedian"
  | "bitrateSlow"
  | "height";

const percent = (ratio: number): string => formatPercent(100 * ratio);

export const measures: readonly Measure[] = [
  { id: "plays", definition: "plays", of: (one) => one.plays, write: String },
  {
    id: "startupMedian",
    definition: "startupMedian",
    of: (one) => one.startup.median,
    write: formatDuration,
  },
  { id: "startupSlow", definition: "startupSlow", of: (one) => one.startup.slow, write: formatDuration },
  {
    id: "startFailures",
    definition: "startFailureRatio",
    of: (one) => one.startFailureRatio,
    write: percent,
  },
  { id: "exits", definition: "exitRatio", of: (one) => one.exitRatio, write: percent },
  { id: "failures", definition: "failureRatio", of: (one) => one.failureRatio, write: percent },
  { id: "stallRatio", definition: "stallRatio", of: (one) => one.stallRatio, write: percent },
  { id: "stallSlow", definition: "stallRatio", of: (one) => one.stallRatioOfSessions.slow, write: percent },
  {
    id: "stalled",
    definition: "stalls",
    of: (one) => (one.sessions === 0 ? null : one.stalled / one.sessions),
    write: percent,
  },
  { id: "bitrate", definition: "bitrate", of: (one) => one.bitrate, write: formatRate },
  {
    id: "bitrateMedian",
    definition: "bitrate",
    of: (one) => one.bitrateOfSessions.median,
    write: formatRate,
  },
  { id: "bitrateSlow", definition: "bitrate", of: (one) => one.bitrateOfSessions.slow, write: formatRate },
  { id: "height", definition: "height", of: (one) => one.height, write: (lines) => `${digits(lines)}p` },
];

export interface Order {
  readonly id: Measure["id"];
  readonly direction: "up" | "down";
}

/** What has no value stands last, whichever way. */
export function sorted(groups: readonly Group[], { id, direction }: Order): readonly Group[] {
  const measure = measures.find((one) => one.id === id);
  if (measure === undefined) return groups;
  const sign = direction === "up" ? 1 : -1;
  return groups.toSorted((a, b) => {
    const [x, y] = [measure.of(a), measure.of(b)];
    if (x === null || y === null) return Number(x === null) - Number(y === null);
    return sign * (x - y);
  });
}

/** When a span of so many hours begins: at a whole sixtieth of it, since each question is one more answer that is kept. */
export function spanFrom(nowMs: number, hours: number): number {
  const stepMs = hours * 60_000;
  return Math.floor((nowMs - hours * 3_600_000) / stepMs) * stepMs;
}
