import { plainText } from "./plain-text.ts";

/** Rows as aligned text: the first row is the head, numbers stand right. */
export function textTable(given: readonly (readonly string[])[]): string {
  const rows = given.map((row) => row.map(plainText));
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? "").length)),
  );
  const isNumber = (text: string): boolean => /^[\d.–-]+(e[+-]\d+)?( [%\w/]+)?$/.test(text);
  const right = widths.map((_, column) => rows.slice(1).every((row) => isNumber(row[column] ?? "")));
  const line = (row: readonly string[]): string =>
    row
      .map((text, column) =>
        right[column] === true ? text.padStart(widths[column] ?? 0) : text.padEnd(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd();
  return rows.map(line).join("\n");
}
