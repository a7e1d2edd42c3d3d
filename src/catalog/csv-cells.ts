// Cells of the catalogue's CSV form that hold more than one thing. Things stand one after the other with "|" between them; a "|",
// "=" or "\" that belongs to a name has a "\" before it.
import { type Credit, jobs, type RightsWindow, type Season } from "#model/work.ts";
import { readMoment, writeMoment } from "./moment.ts";

export type CellReading<T> =
  | { readonly kind: "read"; readonly value: T }
  | { readonly kind: "refused"; readonly because: string };

export function readList(cell: string): readonly string[] {
  return split(cell, "|")
    .map(plain)
    .filter((part) => part !== "");
}

export function writeList(items: readonly string[]): string {
  return items.map(escaped).join("|");
}

/** "cast: Keanu Reeves = Neo|director: Lana Wachowski" */
export function readCredits(cell: string): CellReading<readonly Credit[]> {
  const credits: Credit[] = [];
  for (const item of split(cell, "|")) {
    if (item.trim() === "") continue;
    const [, word = "", rest = ""] = /^\s*(\w+)\s*:([\s\S]*)$/.exec(item) ?? [];
    const job = jobs.find((one) => one === word.toLowerCase());
    if (job === undefined) {
      return refused(
        `"${item.trim()}": wanted JOB: NAME, or cast: NAME = ROLE, with JOB one of ${jobs.join(", ")}`,
      );
    }
    const [name = "", role = "", ...more] = split(rest, "=").map(plain);
    if (name === "") return refused(`"${item.trim()}" names nobody`);
    if (more.length > 0) return refused(`"${item.trim()}" has two roles; a "=" in a name is written "\\="`);
    credits.push({ name, job, role: role === "" ? null : role });
  }
  return { kind: "read", value: credits };
}

export function writeCredits(credits: readonly Credit[]): string {
  return credits
    .map(({ job, name, role }) => `${job}: ${escaped(name)}${role === null ? "" : ` = ${escaped(role)}`}`)
    .join("|");
}

/** "DE AT 2026-01-01..2026-12-31|* 2027-01-01.." */
export function readWindows(cell: string): CellReading<readonly RightsWindow[]> {
  const windows: RightsWindow[] = [];
  for (const item of cell.split("|").map((part) => part.trim())) {
    if (item === "") continue;
    const parts = item.split(/\s+/);
    const [from, until, ...more] = (parts.at(-1) ?? "").split("..");
    if (parts.length < 2 || from === undefined || until === undefined || more.length > 0) {
      return refused(
        `"${item}": wanted TERRITORIES FROM..UNTIL, such as "DE AT 2026-01-01.." or "* ..2026-12-31"`,
      );
    }
    const ends = [from, until].map((text) => (text === "" ? null : readMoment(text)));
    const [fromMs, untilMs] = ends;
    if (fromMs === undefined || untilMs === undefined) {
      return refused(`"${item}": wanted moments in UTC such as 2026-01-31 or 2026-01-31T18:30Z`);
    }
    const territories = parts.slice(0, -1).map((code) => code.toUpperCase());
    windows.push({ territories: territories.join() === "*" ? [] : territories, fromMs, untilMs });
  }
  return { kind: "read", value: windows };
}

export function writeWindows(windows: readonly RightsWindow[]): string {
  const end = (ms: number | null): string => (ms === null ? "" : writeMoment(ms));
  return windows
    .map(({ territories, fromMs, untilMs }) => {
      const where = territories.length === 0 ? "*" : territories.join(" ");
      return `${where} ${end(fromMs)}..${end(untilMs)}`;
    })
    .join("|");
}

/** "1 en = Winter|1 de = Der Winter|2 en = Spring" */
export function readSeasons(cell: string): CellReading<readonly Season[]> {
  const seasons = new Map<number, Record<string, string>>();
  for (const item of split(cell, "|")) {
    if (item.trim() === "") continue;
    const [left = "", ...right] = split(item, "=").map(plain);
    const [, number = "", tag = ""] = /^(\d{1,6})\s+(\S+)$/.exec(left) ?? [];
    const [name = ""] = right;
    if (number === "" || name === "" || right.length > 1) {
      return refused(`"${item.trim()}": wanted NUMBER LANGUAGE = NAME, such as "1 en = Winter"`);
    }
    seasons.set(Number(number), { ...seasons.get(Number(number)), [tag]: name });
  }
  return { kind: "read", value: [...seasons].map(([number, names]) => ({ number, names })) };
}

export function writeSeasons(seasons: readonly Season[]): string {
  return seasons
    .flatMap(({ number, names }) =>
      Object.entries(names).map(([tag, name]) => `${number} ${tag} = ${escaped(name)}`),
    )
    .join("|");
}

function refused(because: string): { readonly kind: "refused"; readonly because: string } {
  return { kind: "refused", because };
}

/** At each separator that no "\" stands before; the "\" stay. */
function split(text: string, separator: string): readonly string[] {
  const parts: string[] = [];
  let part = "";
  for (let at = 0; at < text.length; at++) {
    const letter = text[at] ?? "";
    if (letter === "\\") {
      part += letter + (text[at + 1] ?? "");
      at++;
    } else if (letter === separator) {
      parts.push(part);
      part = "";
    } else part += letter;
  }
  return [...parts, part];
}

function plain(text: string): string {
  return text.trim().replaceAll(/\\([\s\S])/g, "$1");
}

function escaped(text: string): string {
  return text.replaceAll(/[\\|=]/g, "\\$&");
}
