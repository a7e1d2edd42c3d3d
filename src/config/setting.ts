// Settings are rows in tables: name, unit, range, default, one sentence. Help, docs/running.md and the reader
// come from the same rows. Read once in bin/, all complaints at once, then passed down as values.

export interface NumberSetting {
  readonly kind: "number";
  readonly name: string;
  readonly unit: string;
  readonly min: number;
  readonly max: number;
  readonly default: number;
  readonly sentence: string;
}

export interface TextSetting {
  readonly kind: "text";
  readonly name: string;
  readonly default: string;
  /** Values of a secret are never printed. */
  readonly secret: boolean;
  readonly sentence: string;
}

export interface ChoiceSetting {
  readonly kind: "choice";
  readonly name: string;
  readonly choices: readonly string[];
  readonly default: string;
  readonly sentence: string;
}

export type Setting = NumberSetting | TextSetting | ChoiceSetting;
export type SettingsTable = Readonly<Record<string, Setting>>;

/** The value type of a table: numbers for number rows, text for the rest. */
export type Values<T extends SettingsTable> = {
  readonly [K in keyof T]: T[K] extends NumberSetting ? number : string;
};

export type Reading<T extends SettingsTable> =
  | { readonly kind: "read"; readonly values: Values<T> }
  | { readonly kind: "refused"; readonly complaints: readonly string[] };

/**
 * Reads a table from the environment: the row `segmentSeconds` is `MILLRACE_SEGMENT_SECONDS`.
 *
 * A row's own `name` is that variable. Absent or empty means the default. Values of secrets never reach a complaint.
 */
export function readSettings<T extends SettingsTable>(
  table: T,
  environment: Readonly<Record<string, string | undefined>>,
): Reading<T> {
  const complaints: string[] = [];
  const values: Record<string, string | number> = {};
  for (const [key, row] of Object.entries(table)) {
    const given = environment[row.name];
    const text = given === undefined || given === "" ? undefined : given;
    const complaint = text === undefined ? undefined : complaintAbout(row, text);
    if (complaint !== undefined) complaints.push(complaint);
    values[key] = row.kind === "number" ? Number(text ?? row.default) : (text ?? row.default);
  }
  if (complaints.length > 0) return { kind: "refused", complaints };
  return { kind: "read", values: values as Values<T> };
}

/** Names that start with MILLRACE_ but stand in none of the tables: most likely a typing error. */
export function unknownNames(
  tables: readonly SettingsTable[],
  environment: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  const known = new Set(tables.flatMap((table) => Object.values(table).map((row) => row.name)));
  return Object.keys(environment).filter((name) => name.startsWith("MILLRACE_") && !known.has(name));
}

/** The same table with another default for one of its numbers; what the environment says still wins. */
export function withDefault<T extends SettingsTable, K extends keyof T>(table: T, key: K, value: number): T {
  return { ...table, [key]: { ...table[key], default: value } };
}

/** The defaults of a table as values: what tests and libraries start from. */
export function defaultsOf<T extends SettingsTable>(table: T): Values<T> {
  const entries = Object.entries(table).map(([key, row]) => [key, row.default]);
  return Object.fromEntries(entries) as Values<T>;
}

function complaintAbout(row: Setting, text: string): string | undefined {
  switch (row.kind) {
    case "text":
      return undefined;
    case "choice":
      return row.choices.includes(text)
        ? undefined
        : `${row.name}: wanted one of ${row.choices.join(", ")}, found "${text}"`;
    case "number": {
      const value = Number(text);
      const fits = Number.isFinite(value) && value >= row.min && value <= row.max;
      return fits ? undefined : `${row.name}: wanted ${row.min}…${row.max} ${row.unit}, found "${text}"`;
    }
  }
}
