// What a load met, as rows of `bench -- playstart`.
import type { LoadResult } from "#test/fixtures/http-load.ts";

export type Row = Record<string, string | number>;

export type Statuses = Readonly<Record<number, number>>;

export function succeeded({
  perSecond,
  statuses,
}: {
  readonly perSecond: number;
  readonly statuses: Statuses;
}): number {
  const all = Object.values(statuses).reduce((sum, count) => sum + count, 0);
  return (perSecond * (statuses[200] ?? 0)) / Math.max(1, all);
}

/** "none", or how many of how many were not answered with success. */
export function refusedOf(all: readonly Statuses[]): string {
  const entries = all.flatMap((statuses) => Object.entries(statuses));
  const count = entries.reduce((sum, [, n]) => sum + n, 0);
  const bad = entries.filter(([status]) => !/^20[04]$/.test(status)).reduce((sum, [, n]) => sum + n, 0);
  return bad === 0 ? "none" : `${bad} of ${count}`;
}

export function told({ perSecond, p50, p99, statuses, busy }: LoadResult): Row {
  return {
    perSecond: Math.round(perSecond),
    ...{ p50Ms: p50.toFixed(1), p99Ms: p99.toFixed(1) },
    ...{ refused: refusedOf([statuses]), loadBusy: busy.toFixed(2) },
  };
}

/** "99.950 %" of answers that were a success. */
export function begun(statuses: Statuses): string {
  const all = Object.values(statuses).reduce((sum, count) => sum + count, 0);
  return `${((100 * (statuses[200] ?? 0)) / Math.max(1, all)).toFixed(3)} %`;
}

/** "telemetry 200: 12, …": how many of each answer. */
export function byStatus(statuses: Statuses): string {
  return Object.entries(statuses)
    .map(([status, count]) => `${status}: ${count}`)
    .join(", ");
}
