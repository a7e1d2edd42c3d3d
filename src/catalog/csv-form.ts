// The catalogue as a table: a row for each work, a column for each fact, as docs/catalogue.md has it. Reading says what is wrong with
// which line and column; whether a value fits is its schema's to say.
import { CsvError, parse } from "csv-parse/sync";
import { stringify } from "csv-stringify/sync";
import type { Localized, Work } from "#model/work.ts";
import {
  type CellReading,
  readCredits,
  readList,
  readSeasons,
  readWindows,
  writeCredits,
  writeList,
  writeSeasons,
  writeWindows,
} from "./csv-cells.ts";

export interface CsvComplaint {
  /** From 1. */
  readonly line: number;
  readonly id: string;
  readonly field: string;
  readonly because: string;
}

export interface CsvRow {
  /** Where it begins, from 1. */
  readonly line: number;
  readonly id: string;
  /** A work in the form of an import in JSON. */
  readonly value: Readonly<Record<string, unknown>>;
}

export interface CsvReading {
  readonly rows: readonly CsvRow[];
  readonly complaints: readonly CsvComplaint[];
}

const numbers = ["year", "age", "season", "episode"] as const;
const plainColumns = [
  "id",
  "kind",
  "title",
  "series",
  "season",
  "episode",
  "language",
  "name",
  "synopsis",
  "year",
  "genres",
  "people",
  "age",
  "ratings",
  "windows",
  "seasons",
];
const perLanguage = /^(name|synopsis):([A-Za-z0-9-]+)$/;
const separators = [",", ";", "\t"];

export function readCsv(text: string): CsvReading {
  const separator = separatorOf(text);
  if (separator === undefined) {
    return {
      rows: [],
      complaints: [wrong(1, "", "", 'the first line must name the columns, "id" among them')],
    };
  }
  const table = tableOf(text, separator);
  if (table.kind === "refused") return { rows: [], complaints: [table.complaint] };
  const [header, ...records] = table.records;
  const columns = (header?.cells ?? []).map((name) => name.trim());
  const complaints = columnComplaints(columns);
  if (complaints.length > 0) return { rows: [], complaints };
  const rows: CsvRow[] = [];
  const all: CsvComplaint[] = [];
  for (const { line, cells } of records) {
    const id = cells[columns.indexOf("id")]?.trim() ?? "";
    if (cells.length !== columns.length) {
      all.push(
        wrong(line, id, "", `${cells.length} cells, while the first line names ${columns.length} columns`),
      );
      continue;
    }
    const { value, refused } = workIn(new Map(columns.map((name, at) => [name, cells[at] ?? ""])));
    all.push(...refused.map(([field, because]) => wrong(line, id, field, because)));
    rows.push({ line, id, value });
  }
  return { rows, complaints: all };
}

function wrong(line: number, id: string, field: string, because: string): CsvComplaint {
  return { line, id, field, because };
}

/** The one with which the first line names an "id". */
function separatorOf(text: string): string | undefined {
  const [first = ""] = text.split(/\r\n|\r|\n/, 1);
  const names = (separator: string): readonly string[] =>
    first.split(separator).map((cell) => cell.trim().replaceAll(/^"|"$/g, ""));
  return separators.find((one) => names(one).includes("id") && names(one).length > 1);
}

type Table =
  | {
      readonly kind: "table";
      readonly records: readonly { readonly line: number; readonly cells: readonly string[] }[];
    }
  | { readonly kind: "refused"; readonly complaint: CsvComplaint };

function tableOf(text: string, delimiter: string): Table {
  const records: { line: number; cells: readonly string[] }[] = [];
  try {
    parse(text, {
      ...{ bom: true, delimiter, relax_column_count: true, skip_empty_lines: true },
      on_record(cells: readonly string[], { lines }) {
        const within = cells.reduce((sum, cell) => sum + (cell.match(/\r\n|\r|\n/g)?.length ?? 0), 0);
        records.push({ line: lines - within, cells });
        return null;
      },
    });
    return { kind: "table", records };
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = "lines" in error && typeof error.lines === "number" ? error.lines : 1;
    return { kind: "refused", complaint: wrong(line, "", "", error.message) };
  }
}

function columnComplaints(columns: readonly string[]): readonly CsvComplaint[] {
  const unknown = columns.filter((name) => !plainColumns.includes(name) && !perLanguage.test(name));
  const twice = columns.filter((name, at) => columns.indexOf(name) !== at);
  const missing = ["id", "kind"].filter((name) => !columns.includes(name));
  return [
    ...unknown.map((name) =>
      wrong(1, "", name, `is no column; there are ${plainColumns.join(", ")}, name:TAG, synopsis:TAG`),
    ),
    ...twice.map((name) => wrong(1, "", name, "is there twice")),
    ...missing.map((name) => wrong(1, "", name, "is missing")),
  ];
}

function workIn(cells: ReadonlyMap<string, string>): {
  readonly value: Readonly<Record<string, unknown>>;
  readonly refused: readonly (readonly [field: string, because: string])[];
} {
  const cell = (name: string): string => cells.get(name)?.trim() ?? "";
  const refused: [string, string][] = [];
  const read = <T>(name: string, reader: (text: string) => CellReading<T>): T | undefined => {
    const reading = reader(cell(name));
    if (reading.kind === "read") return reading.value;
    refused.push([name, reading.because]);
    return undefined;
  };
  const [year, age, season, episode] = numbers.map((name) => read(name, numberOf));
  const language = cell("language") || "en";
  const common = {
    kind: cell("kind").toLowerCase(),
    id: cell("id"),
    language,
    names: textsOf(cells, "name", language),
    synopses: textsOf(cells, "synopsis", language),
    year,
    genres: readList(cell("genres")),
    credits: read("people", readCredits),
    age,
    ratings: readList(cell("ratings")),
    windows: read("windows", readWindows),
  };
  const titleId = cell("title") === "" ? null : cell("title");
  switch (common.kind) {
    case "series":
      return { value: { ...common, seasons: read("seasons", readSeasons) }, refused };
    case "episode":
      return { value: { ...common, seriesId: cell("series"), season, number: episode, titleId }, refused };
    default:
      return { value: { ...common, titleId }, refused };
  }
}

function numberOf(text: string): CellReading<number | null> {
  if (text === "") return { kind: "read", value: null };
  if (/^-?\d{1,9}$/.test(text)) return { kind: "read", value: Number(text) };
  return { kind: "refused", because: `"${text}" is no whole number` };
}

/** The column without a tag is in the work's own language. */
function textsOf(cells: ReadonlyMap<string, string>, field: string, language: string): Localized {
  const texts: Record<string, string> = {};
  for (const [column, cell] of cells) {
    const tag = column === field ? language : perLanguage.exec(column)?.[2];
    const isOwn = column === field || column.startsWith(`${field}:`);
    if (tag !== undefined && isOwn && cell.trim() !== "") texts[tag] = cell.trim();
  }
  return texts;
}

/** The same form, with a byte order mark, by which spreadsheets know the letters. */
export function writeCsv(works: readonly Work[]): string {
  const tags = (of: (work: Work) => Localized): readonly string[] =>
    [...new Set(works.flatMap((work) => Object.keys(of(work))))].toSorted();
  const nameTags = tags((work) => work.names);
  const synopsisTags = tags((work) => work.synopses);
  const columns = [
    ...plainColumns.filter((name) => name !== "name" && name !== "synopsis"),
    ...nameTags.map((tag) => `name:${tag}`),
    ...synopsisTags.map((tag) => `synopsis:${tag}`),
  ];
  const rows = works.map((work) => {
    const cells = cellsOf(work);
    return columns.map((name) => cells.get(name) ?? "");
  });
  return `\ufeff${stringify([columns, ...rows], { record_delimiter: "windows" })}`;
}

function cellsOf(work: Work): ReadonlyMap<string, string> {
  const cells = new Map<string, string>([
    ["id", work.id],
    ["kind", work.kind],
    ["language", work.language],
    ["year", `${work.year ?? ""}`],
    ["genres", writeList(work.genres)],
    ["people", writeCredits(work.credits)],
    ["age", `${work.age ?? ""}`],
    ["ratings", writeList(work.ratings)],
    ["windows", writeWindows(work.windows)],
  ]);
  for (const [tag, name] of Object.entries(work.names)) cells.set(`name:${tag}`, name);
  for (const [tag, text] of Object.entries(work.synopses)) cells.set(`synopsis:${tag}`, text);
  if (work.kind === "series") cells.set("seasons", writeSeasons(work.seasons));
  else cells.set("title", work.titleId ?? "");
  if (work.kind === "episode") {
    cells.set("series", work.seriesId).set("season", `${work.season}`).set("episode", `${work.number}`);
  }
  return cells;
}
