// The published titles as requests want them: read when one is published, not at each request. Encode reports, which are
// large, are read once for what a card says of them and left in the database.
import { type CatalogTitle, catalogTitle } from "#catalog/card.ts";
import type { StoredTitle } from "#data/ports.ts";
import { fileId } from "#model/package.ts";
import { type EncodeReport, keptReport } from "#wire/encode-report.ts";

/** A title without its encode report. */
export type PublishedTitle = Omit<StoredTitle, "report">;

/** What making a title cost, and what it saves at each play against plainer ways of encoding it. */
export interface EncodeCost {
  readonly cpuSeconds: number;
  /** False: an earlier run had made a part of it, and it cost more than this. */
  readonly isWhole: boolean;
  readonly against: readonly {
    readonly name: string;
    readonly label: string;
    readonly bytesPerPlay: number;
    readonly baselineBytesPerPlay: number;
    /** null: not measured. */
    readonly baselineCpuSeconds: number | null;
  }[];
}

export interface Catalogue {
  /** Newest first. */
  readonly titles: ReadonlyMap<string, PublishedTitle>;
  readonly cards: ReadonlyMap<string, CatalogTitle>;
  /** What each title's encode report says of its cost. */
  readonly costs: ReadonlyMap<string, EncodeCost>;
  /** Every "title/rendition" that was published. */
  readonly files: ReadonlySet<string>;
}

export function catalogueOf(stored: readonly StoredTitle[]): Catalogue {
  const titles = stored.map(({ report, ...title }) => title);
  const files = titles.flatMap((title) =>
    title.package.renditions.map((rendition) => fileId(title.id, rendition.id)),
  );
  const read = stored.map((title) => [title, reportOf(title)] as const);
  return {
    titles: new Map(titles.map((title) => [title.id, title])),
    cards: new Map(read.map(([title, report]) => [title.id, cardFacts(title, report)])),
    costs: new Map(read.flatMap(([{ id }, report]) => (report === undefined ? [] : [[id, costOf(report)]]))),
    files: new Set(files),
  };
}

function reportOf({ report }: StoredTitle): EncodeReport | undefined {
  return keptReport.safeParse(report).data;
}

function cardFacts(title: StoredTitle, report: EncodeReport | undefined): CatalogTitle {
  const facts =
    report === undefined
      ? { shots: 0, bdRatePercent: null }
      : { shots: report.shots.length, bdRatePercent: report.bdRatePercent.fixedLadder };
  return catalogTitle({ ...title, report: facts });
}

function costOf({ economics, cpuSeconds, encodesReused }: EncodeReport): EncodeCost {
  return {
    cpuSeconds: economics?.encodeCpuSeconds ?? cpuSeconds,
    isWhole: economics?.isWhole ?? encodesReused === 0,
    against: (economics?.against ?? []).map(
      ({ name, label, bytesPerPlay, baselineBytesPerPlay, ...more }) => ({
        ...{ name, label, bytesPerPlay, baselineBytesPerPlay },
        baselineCpuSeconds: more.baselineCpuSeconds ?? null,
      }),
    ),
  };
}
