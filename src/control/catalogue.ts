// The published titles as requests want them: read when one is published, not at each request. Encode reports, which are
// large, are read once for what a card says of them and left in the database.
import { type CatalogTitle, catalogTitle } from "#catalog/card.ts";
import type { StoredTitle } from "#data/ports.ts";
import { fileId } from "#model/package.ts";
import { keptReport } from "#wire/encode-report.ts";

/** A title without its encode report. */
export type PublishedTitle = Omit<StoredTitle, "report">;

export interface Catalogue {
  /** Newest first. */
  readonly titles: ReadonlyMap<string, PublishedTitle>;
  readonly cards: ReadonlyMap<string, CatalogTitle>;
  /** Every "title/rendition" that was published. */
  readonly files: ReadonlySet<string>;
}

export function catalogueOf(stored: readonly StoredTitle[]): Catalogue {
  const titles = stored.map(({ report, ...title }) => title);
  const files = titles.flatMap((title) =>
    title.package.renditions.map((rendition) => fileId(title.id, rendition.id)),
  );
  return {
    titles: new Map(titles.map((title) => [title.id, title])),
    cards: new Map(stored.map((title) => [title.id, cardFacts(title)])),
    files: new Set(files),
  };
}

function cardFacts(title: StoredTitle): CatalogTitle {
  const report = keptReport.safeParse(title.report);
  const facts = report.success
    ? { shots: report.data.shots.length, bdRatePercent: report.data.bdRatePercent.fixedLadder }
    : { shots: 0, bdRatePercent: null };
  return catalogTitle({ ...title, report: facts });
}
