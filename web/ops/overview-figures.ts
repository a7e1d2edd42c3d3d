// The figures of the overview, taken from what was counted over the last hour: sums first, quotients last.
import type { OpsMisses } from "#wire/misses.ts";
import type { OpsQuality } from "#wire/quality.ts";
import type { SeriesAnswer } from "#wire/series.ts";
import type { SparkPoint } from "./spark-path.ts";

export const hourMs = 3_600_000;

export interface Measured {
  /** Over the hour; null: nothing to divide by. */
  readonly whole: number | null;
  readonly points: readonly SparkPoint[];
}

export interface QualityHour {
  readonly plays: number;
  readonly startFailures: number;
  readonly failures: number;
  readonly stalls: number;
  readonly stall: Measured;
  readonly failed: Measured;
}

type Sums = Pick<
  OpsQuality["groups"][number]["windows"][number],
  "plays" | "startFailures" | "failures" | "stallMs" | "playMs" | "stalls"
>;

/** All groups of the last hour together: a mean of their ratios would weigh one viewer like a thousand. */
export function qualityHour({ groups, untilMs, stepMs }: OpsQuality): QualityHour {
  const firstMs = untilMs - hourMs;
  const all = groups.flatMap(({ windows }) => windows).filter(({ startMs }) => startMs >= firstMs);
  const byWindow = Map.groupBy(all, ({ startMs }) => startMs);
  const starts = Array.from({ length: Math.round(hourMs / stepMs) }, (_, at) => firstMs + at * stepMs);
  const line = (of: (sums: Sums) => number | null): Measured => ({
    whole: of(sumOf(all)),
    points: starts.map((startMs) => ({
      atMs: startMs + stepMs,
      value: of(sumOf(byWindow.get(startMs) ?? [])),
    })),
  });
  const { plays, startFailures, failures, stalls } = sumOf(all);
  return {
    ...{ plays, startFailures, failures, stalls },
    stall: line(({ stallMs, playMs }) => over(stallMs, stallMs + playMs)),
    failed: line((sums) => over(sums.startFailures + sums.failures, sums.plays)),
  };
}

function sumOf(windows: readonly Sums[]): Sums {
  const sum = { plays: 0, startFailures: 0, failures: 0, stallMs: 0, playMs: 0, stalls: 0 };
  for (const one of windows) {
    sum.plays += one.plays;
    sum.startFailures += one.startFailures;
    sum.failures += one.failures;
    sum.stallMs += one.stallMs;
    sum.playMs += one.playMs;
    sum.stalls += one.stalls;
  }
  return sum;
}

export interface Line {
  readonly label: string;
  readonly points: readonly SparkPoint[];
  /** The last one that has data; null: none has. */
  readonly last: { readonly atMs: number; readonly value: number } | null;
}

export function linesOf({ lines, firstMs, stepMs }: SeriesAnswer): readonly Line[] {
  return lines.map(({ label, values }) => {
    const points = values.map((value, at) => ({ atMs: firstMs + at * stepMs, value }));
    const last = points.findLast((point) => point.value !== null);
    return {
      label,
      points,
      last: last === undefined ? null : { atMs: last.atMs, value: last.value ?? 0 },
    };
  });
}

export interface Offload {
  readonly bytes: number;
  readonly share: Measured;
  /** Bytes that the best-placed did not serve, by what kept them from it. */
  readonly missed: { readonly content: number; readonly health: number; readonly other: number };
}

/** Of the bytes of the last hour, those that the origin was spared; at one site, or at all of them. */
export function offloadOf({ sites, untilMs, stepMs }: OpsMisses, site?: string): Offload {
  const firstMs = untilMs - hourMs;
  const all = sites
    .filter((one) => site === undefined || one.site === site)
    .flatMap(({ windows }) => windows)
    .filter(({ startMs }) => startMs >= firstMs);
  const byWindow = Map.groupBy(all, ({ startMs }) => startMs);
  const shareOf = (windows: typeof all): number | null =>
    over(
      windows.reduce((sum, { offloaded }) => sum + offloaded, 0),
      windows.reduce((sum, one) => sum + one.all, 0),
    );
  const missedBy = (reason: keyof Offload["missed"]): number =>
    all.reduce((sum, { misses }) => sum + misses[reason].bytes, 0);
  return {
    bytes: all.reduce((sum, one) => sum + one.all, 0),
    missed: { content: missedBy("content"), health: missedBy("health"), other: missedBy("other") },
    share: {
      whole: shareOf(all),
      points: Array.from({ length: Math.round(hourMs / stepMs) }, (_, at) => {
        const startMs = firstMs + at * stepMs;
        return { atMs: startMs + stepMs, value: shareOf(byWindow.get(startMs) ?? []) };
      }),
    },
  };
}

function over(part: number, whole: number): number | null {
  return whole > 0 ? part / whole : null;
}
