// What an import would do to the catalogue, and what is wrong with it. All of a file counts, or nothing.
import { readCsv, writeCsv } from "#catalog/csv-form.ts";
import { decoded } from "#catalog/encoding.ts";
import { labelsOf, ratingSystems, yearsOf } from "#catalog/maturity.ts";
import { isSame } from "#catalog/same.ts";
import { isTerritory } from "#catalog/territory.ts";
import { type CatalogView, complaintsAfter } from "#catalog/view.ts";
import type { CatalogDelta, Work } from "#model/work.ts";
import {
  type GivenWork,
  givenWork,
  type ImportAnswer,
  type ImportComplaint,
  worksFile,
} from "#wire/catalog.ts";

export type ImportForm = "csv" | "json";

export interface ImportOrder {
  readonly view: CatalogView;
  readonly bytes: Uint8Array;
  readonly form: ImportForm;
  /** As the sender named it; undefined: the bytes say it, or it is UTF-8. */
  readonly charset: string | undefined;
  /** "merge": works that the file does not name stay; "replace": they go. */
  readonly mode: "merge" | "replace";
}

export interface ImportPlan {
  readonly delta: CatalogDelta;
  readonly counts: Pick<ImportAnswer, "works" | "added" | "changed" | "unchanged" | "removed">;
  readonly complaints: readonly ImportComplaint[];
}

/** Complaints that are looked for at most: a file with one wrong column has as many as it has lines. */
const mostComplaints = 10_000;

export function planImport(order: ImportOrder): ImportPlan {
  const { view, mode } = order;
  const { rows, complaints: unread } = rowsOf(order);
  const complaints = [...unread];
  const put = new Map<string, { readonly line: number; readonly work: Work }>();
  for (const row of rows) {
    if (complaints.length >= mostComplaints) break;
    const { work, wrong } = workOf(row, view);
    complaints.push(...wrong);
    if (work === undefined) continue;
    const twin = put.get(work.id);
    if (twin !== undefined)
      complaints.push({
        line: row.line,
        id: work.id,
        field: "id",
        because: `is in line ${twin.line} already`,
      });
    put.set(work.id, { line: row.line, work });
  }
  const works = [...put.values()].map(({ work }) => work);
  const changed = works.filter((work) => !isSame(work, view.works.get(work.id)));
  const remove = mode === "replace" ? [...view.works.keys()].filter((id) => !put.has(id)) : [];
  const delta = { put: changed, remove };
  // What rows refer to can be told only when all of them were read.
  if (complaints.length === 0) {
    for (const { workId, field, because } of complaintsAfter(view, delta, mostComplaints)) {
      complaints.push({ line: put.get(workId)?.line ?? 0, id: workId, field, because });
    }
  }
  const added = changed.filter(({ id }) => !view.works.has(id)).length;
  const counts = {
    ...{ works: works.length, added, changed: changed.length - added },
    ...{ unchanged: works.length - changed.length, removed: remove.length },
  };
  return { delta, counts, complaints };
}

interface Row {
  readonly line: number;
  readonly id: string;
  readonly value: unknown;
}

function rowsOf({ bytes, form, charset }: ImportOrder): {
  readonly rows: readonly Row[];
  readonly complaints: readonly ImportComplaint[];
} {
  const whole = (line: number, because: string) => ({
    rows: [],
    complaints: [{ line, id: "", field: "", because }],
  });
  const decoding = decoded(bytes, charset);
  if (decoding.kind === "refused") return whole(decoding.line, decoding.because);
  if (form === "csv") return readCsv(decoding.text);
  let json: unknown;
  try {
    json = JSON.parse(decoding.text);
  } catch (error) {
    return whole(1, error instanceof Error ? error.message : "it is no JSON");
  }
  const file = worksFile.safeParse(json);
  if (!file.success) return whole(1, 'wanted {"works": […]}');
  return {
    rows: file.data.works.map((value, at) => ({ line: at + 1, id: idIn(value), value })),
    complaints: [],
  };
}

function idIn(value: unknown): string {
  const id = typeof value === "object" && value !== null && "id" in value ? value.id : "";
  return typeof id === "string" ? id : "";
}

function workOf(
  { line, id, value }: Row,
  view: CatalogView,
): { readonly work: Work | undefined; readonly wrong: readonly ImportComplaint[] } {
  const reading = givenWork.safeParse(value);
  if (!reading.success) {
    const wrong = reading.error.issues.map(({ path, message }) => ({
      ...{ line, id: id.slice(0, 64) },
      field: path.join("."),
      because: message,
    }));
    return { work: undefined, wrong };
  }
  const given = reading.data;
  const wrong = strangersIn(given).map(([field, because]) => ({ line, id: given.id, field, because }));
  return { work: { ...given, artwork: view.works.get(given.id)?.artwork ?? [] }, wrong };
}

/** Ratings and territories that nobody knows: a typing error there would show a film to whom it must not. */
function strangersIn({
  ratings,
  windows,
}: GivenWork): readonly (readonly [field: string, because: string])[] {
  const territories = new Set(windows.flatMap((window) => window.territories));
  return [
    ...ratings
      .filter((rating) => yearsOf(rating) === undefined)
      .map((rating) => ["ratings", unknownRating(rating)] as const),
    ...[...territories]
      .filter((code) => !isTerritory(code))
      .map((code) => ["windows", `there is no territory ${code} in ISO 3166-1`] as const),
  ];
}

function unknownRating(rating: string): string {
  const [system = ""] = rating.split(" ");
  const labels = labelsOf(system);
  return labels.length > 0
    ? `"${rating}": ${system} has ${labels.join(", ")}`
    : `"${rating}": wanted SYSTEM LABEL, with SYSTEM one of ${ratingSystems.join(", ")}`;
}

/** The catalogue in a form that can be imported again. Pictures are not part of it. */
export function exported(view: CatalogView, form: ImportForm): string {
  const works = [...view.works.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
  if (form === "csv") return writeCsv(works);
  const given = works.map(({ artwork: _, ...work }) => work);
  return `${JSON.stringify({ works: given }, null, 1)}\n`;
}
