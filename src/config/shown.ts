// Every setting of a program as it is now, for whoever runs it: the row, the value, and where the value came from. Never a secret.
import { readSettings, type Setting, type SettingsTable } from "./setting.ts";

export interface ShownSetting {
  readonly name: string;
  readonly kind: Setting["kind"];
  readonly unit?: string;
  readonly min?: number;
  readonly max?: number;
  readonly choices?: string[];
  readonly default: number | string;
  readonly secret: boolean;
  /** null: a secret. */
  readonly value: number | string | null;
  readonly isSet: boolean;
  readonly from: "environment" | "program" | "default";
  readonly sentence: string;
}

export interface ShownGroup {
  readonly name: string;
  readonly settings: ShownSetting[];
}

const hidden = "***";

type Given = Readonly<Record<string, string | undefined>>;

/** `starts`: other defaults than the tables', by name, where a program has its own. */
export function shownSettings(
  tables: Readonly<Record<string, SettingsTable>>,
  environment: Given,
  starts: Readonly<Record<string, number>> = {},
): ShownGroup[] {
  return Object.entries(tables).map(([name, table]) => ({
    name,
    settings: Object.values(table).map((row) => shown(row, environment, starts)),
  }));
}

function shown(row: Setting, environment: Given, starts: Readonly<Record<string, number>>): ShownSetting {
  const isGiven = (environment[row.name] ?? "") !== "";
  const start = starts[row.name];
  const reading = readSettings({ row }, environment);
  const read = reading.kind === "read" ? reading.values.row : row.default;
  const value = isGiven || start === undefined ? read : start;
  const secret = row.kind === "text" && row.secret;
  return {
    ...{ name: row.name, kind: row.kind, default: row.default, sentence: row.sentence, secret },
    ...(row.kind === "number" ? { unit: row.unit, min: row.min, max: row.max } : {}),
    ...(row.kind === "choice" ? { choices: [...row.choices] } : {}),
    value: secret ? null : withoutKeys(value),
    isSet: value !== "",
    from: isGiven ? "environment" : start === undefined ? "default" : "program",
  };
}

/** Of addresses, not who asks nor what they ask with: providers take their keys there. */
function withoutKeys(value: number | string): number | string {
  if (typeof value === "number") return value;
  return value
    .split(/(?<=[,;\s])(?=[a-z][a-z0-9+.-]*:\/\/)/iu)
    .map(bare)
    .join("");
}

/** Not by `URL`, which refuses a list of hosts. */
function bare(value: string): string {
  const parts = /^\s*([a-z][a-z0-9+.-]*:\/\/)([^/?#]*)([^?#]*)(\?[^#]*)?(#.*)?$/isu.exec(value);
  if (parts === null) return value;
  const [, scheme = "", authority = "", path = "", query = "", fragment = ""] = parts;
  const host = authority.slice(authority.lastIndexOf("@") + 1);
  const asked = query.slice(1).split("&").map(withoutValue).join("&");
  return [
    ...[scheme, host === authority ? "" : `${hidden}@`, host, path],
    ...[query.length > 1 ? `?${asked}` : query, fragment === "" ? "" : `#${hidden}`],
  ].join("");
}

function withoutValue(pair: string): string {
  const at = pair.indexOf("=");
  return at < 0 ? hidden : `${pair.slice(0, at)}=${hidden}`;
}
