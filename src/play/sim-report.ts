// Simulated sessions as rows: for programs, for tables, and summed up per rule.
import type { SessionMetrics } from "./sim-metrics.ts";

export interface Simulated {
  readonly rule: string;
  readonly trace: string;
  readonly metrics: SessionMetrics;
}

/** One session as it leaves the program: units are in the names. */
export interface SessionRow {
  readonly rule: string;
  readonly trace: string;
  readonly startupMs: number;
  readonly rebufferSeconds: number;
  readonly rebufferRatio: number;
  readonly rebufferEvents: number;
  readonly meanBitrateBps: number;
  readonly bitrateChangeBps: number;
  /** Mean VMAF over the time it was shown; null when the film was not scored with VMAF. */
  readonly meanQuality: number | null;
  readonly switches: number;
  readonly utility: number;
  readonly score: number;
  /** Linear QoE, kbit/s per segment. */
  readonly qoe: number;
  readonly rampupSeconds: number;
  readonly reactionSeconds: number;
  readonly totalSeconds: number;
  readonly requests: number;
  readonly abandoned: number;
}

export function rowOf({ rule, trace, metrics }: Simulated): SessionRow {
  return {
    rule,
    trace,
    startupMs: metrics.startupMs,
    rebufferSeconds: metrics.stallMs / 1000,
    rebufferRatio: metrics.rebufferRatio,
    rebufferEvents: metrics.stalls,
    meanBitrateBps: metrics.meanKbps * 1000,
    bitrateChangeBps: metrics.changeKbps * 1000,
    meanQuality: metrics.meanQuality ?? null,
    switches: metrics.switches,
    utility: metrics.utility,
    score: metrics.score,
    qoe: metrics.qoeKbps,
    rampupSeconds: metrics.rampupMs / 1000,
    reactionSeconds: metrics.reactionMs / 1000,
    totalSeconds: metrics.totalMs / 1000,
    requests: metrics.requests,
    abandoned: metrics.abandoned,
  };
}

/** RFC 4180, with a head; undefined quality is an empty cell. */
export function csvOf(rows: readonly SessionRow[]): string {
  const lines = rows.map((row) => Object.values(row).map(cellOf).join(","));
  const head = rows[0] === undefined ? [] : [Object.keys(rows[0]).join(",")];
  return `${[...head, ...lines].join("\r\n")}\r\n`;
}

function cellOf(value: string | number | null): string {
  if (value === null) return "";
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** What a rule came to over all its traces: means of sessions, unless said otherwise. */
export interface RuleSummary {
  readonly rule: string;
  readonly sessions: number;
  readonly kbps: number;
  readonly rebufferRatio: number;
  /** Σ stalls / Σ time: sessions count by their length. */
  readonly pooledRebufferRatio: number;
  readonly stallsPerHour: number;
  readonly changeKbps: number;
  readonly utility: number;
  readonly score: number;
  readonly qoeKbps: number;
  readonly rampupMs: number;
  readonly startupMs: number;
  readonly quality: number | undefined;
}

export function summaries(sessions: readonly Simulated[]): RuleSummary[] {
  const groups = Map.groupBy(sessions, (session) => session.rule);
  return [...groups].map(([rule, members]) => {
    const all = members.map((member) => member.metrics);
    const sum = (of: (metrics: SessionMetrics) => number): number =>
      all.reduce((total, one) => total + of(one), 0);
    const mean = (of: (metrics: SessionMetrics) => number): number => sum(of) / all.length;
    const totalMs = sum((one) => one.totalMs);
    return {
      rule,
      sessions: all.length,
      kbps: mean((one) => one.meanKbps),
      rebufferRatio: mean((one) => one.rebufferRatio),
      pooledRebufferRatio: sum((one) => one.stallMs) / totalMs,
      stallsPerHour: sum((one) => one.stalls) / (totalMs / 3_600_000),
      changeKbps: mean((one) => one.changeKbps),
      utility: mean((one) => one.utility),
      score: mean((one) => one.score),
      qoeKbps: mean((one) => one.qoeKbps),
      rampupMs: mean((one) => one.rampupMs),
      startupMs: mean((one) => one.startupMs),
      quality: all.some((one) => one.meanQuality === undefined)
        ? undefined
        : mean((one) => one.meanQuality ?? 0),
    };
  });
}

/** Head and rows of a table that a person reads. */
export function summaryTable(sessions: readonly Simulated[]): string[][] {
  const scored = sessions.every((session) => session.metrics.meanQuality !== undefined);
  const head = [
    "rule",
    "sessions",
    "kbit/s",
    "stalled %",
    "pooled %",
    "stalls/h",
    "change",
    "utility",
    "score",
    "QoE",
    "ramp-up s",
    "start-up ms",
  ];
  const rows = summaries(sessions).map((one) => [
    one.rule,
    `${one.sessions}`,
    one.kbps.toFixed(1),
    (100 * one.rebufferRatio).toFixed(4),
    (100 * one.pooledRebufferRatio).toFixed(4),
    one.stallsPerHour.toFixed(2),
    one.changeKbps.toFixed(2),
    one.utility.toFixed(4),
    one.score.toFixed(4),
    one.qoeKbps.toFixed(1),
    (one.rampupMs / 1000).toFixed(2),
    one.startupMs.toFixed(0),
    ...(scored ? [(one.quality ?? 0).toFixed(2)] : []),
  ]);
  return [scored ? [...head, "VMAF"] : head, ...rows];
}
