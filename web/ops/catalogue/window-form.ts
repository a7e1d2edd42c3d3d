// Rights windows between their form and the wire: territories as words, moments as UTC days.
import type { GivenWork } from "#wire/catalog.ts";

type RightsWindow = GivenWork["windows"][number];

/** As the fields hold it: "DE AT", "2026-01-31"; empty: all, or no bound. */
export interface WindowFields {
  /** Of the row, for the page alone. */
  readonly key: string;
  readonly territories: string;
  readonly from: string;
  readonly until: string;
}

const dayMs = 86_400_000;

export function fieldsOf(windows: readonly RightsWindow[]): readonly WindowFields[] {
  return windows.map(({ territories, fromMs, untilMs }, index) => ({
    key: `w${index}`,
    territories: territories.join(" "),
    from: dayOf(fromMs),
    until: dayOf(untilMs),
  }));
}

/** A moment that is no midnight stays as it is while its day is not touched. */
export function windowsOf(
  fields: readonly WindowFields[],
  before: readonly RightsWindow[],
): readonly RightsWindow[] {
  return fields.map(({ key, territories, from, until }) => {
    const was = key.startsWith("w") ? before[Number(key.slice(1))] : undefined;
    return {
      territories: territories
        .toUpperCase()
        .split(/[\s,]+/)
        .filter((code) => code !== ""),
      fromMs: momentOf(from, was?.fromMs ?? null),
      untilMs: momentOf(until, was?.untilMs ?? null),
    };
  });
}

function dayOf(ms: number | null): string {
  return ms === null ? "" : new Date(ms).toISOString().slice(0, 10);
}

function momentOf(day: string, was: number | null): number | null {
  if (day === "") return null;
  const ms = Date.parse(`${day}T00:00:00Z`);
  if (was !== null && was >= ms && was < ms + dayMs) return was;
  return Number.isNaN(ms) ? null : ms;
}
