// A title as the home page speaks of it, before anything was signed or looked up for a viewer.
import type { TitlePackage } from "#model/package.ts";

export interface CatalogTitle {
  readonly id: string;
  readonly name: string;
  readonly durationMs: number;
  /** Of the highest video rung. */
  readonly height: number;
  /** Steps of the ladder. */
  readonly rungs: number;
  readonly shots: number;
  /** Against the fixed ladder at equal quality; null when there was no comparison. */
  readonly bitsSavedPercent: number | null;
  readonly publishedAtMs: number;
}

/** What a card needs of an encode report. */
export interface ReportFacts {
  readonly shots: number;
  /** BD-rate against the fixed ladder, percent: negative is fewer bits at equal quality. */
  readonly bdRatePercent: number | null;
}

export function catalogTitle(order: {
  readonly id: string;
  readonly name: string;
  readonly package: TitlePackage;
  readonly publishedAtMs: number;
  readonly report: ReportFacts;
}): CatalogTitle {
  const { report } = order;
  const rungs = order.package.renditions.filter((rendition) => rendition.kind === "video");
  return {
    id: order.id,
    name: order.name,
    durationMs: Math.round(order.package.duration * 1000),
    height: Math.max(0, ...rungs.map((rung) => rung.height)),
    rungs: rungs.length,
    shots: report.shots,
    bitsSavedPercent: report.bdRatePercent === null ? null : 0 - report.bdRatePercent,
    publishedAtMs: order.publishedAtMs,
  };
}
