// What makes a history unfit for a forecast: names that occur twice, and counts of a region nobody listed.
import type { DemandHistory } from "./demand.ts";

/** Every complaint, at most ten; none when the history can be used. */
export function historyComplaints(history: DemandHistory): readonly string[] {
  const regions = new Set(history.regions.map(({ id }) => id));
  const strange = (what: string, rows: Readonly<Record<string, unknown>> | undefined): string[] =>
    Object.keys(rows ?? {})
      .filter((id) => !regions.has(id))
      .map((id) => `${what} has counts in region ${id}, which is not listed`);
  const files = history.titles.flatMap((title) => title.files);
  const complaints = [
    ...repeated("region", history.regions),
    ...repeated(
      "title",
      history.titles.map(({ titleId }) => ({ id: titleId })),
    ),
    ...repeated("file", files),
    ...history.titles.flatMap((title) => strange(`title ${title.titleId}`, title.plays)),
    ...files.flatMap((file) => strange(`file ${file.id}`, file.plays)),
    ...history.events.flatMap(({ tag = "every title", regionIds = [], from, to }) => [
      ...regionIds
        .filter((id) => !regions.has(id))
        .map((id) => `the event for ${tag} is held in region ${id}, which is not listed`),
      ...(to < from ? [`the event for ${tag} ends before it begins`] : []),
    ]),
  ];
  return complaints.slice(0, 10);
}

function repeated(what: string, rows: readonly { readonly id: string }[]): string[] {
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const { id } of rows) {
    if (seen.has(id)) twice.add(id);
    seen.add(id);
  }
  return [...twice].map((id) => `${what} ${id} is listed twice`);
}
